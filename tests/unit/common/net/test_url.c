/* URLs: parts, git forms, resolving, escapes, segments, queries; and what is refused. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/net/url.h"
#include "tests/lib/check.h"

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static struct str format(struct arena *arena, const struct url *url)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 4096);
    url_format(url, &text);
    return buf_to_arena(&text, arena);
}

static void copies_what_is_there(void **state)
{
    struct err err;
    struct url url;
    struct url copy;
    ASSERT_OK(url_parse(*state, STR("https://me@h:1/a?x"), &url, &err));
    url_copy(*state, &url, &copy);
    assert_ptr_not_equal(copy.host.p, url.host.p);
    ASSERT_STR(format(*state, &copy), "https://me@h:1/a?x");
    assert_null(copy.password.p);
    assert_null(copy.fragment.p);
}

static void takes_a_full_url_apart(void **state)
{
    struct err err;
    struct url url;
    ASSERT_OK(url_parse(*state, STR("HTTPS://me:p%40ss@Git.Example.COM:8443/a%2Fb/c?x=1&y#top"),
                        &url, &err));
    ASSERT_STR(url.scheme, "https");
    ASSERT_STR(url.user, "me");
    ASSERT_STR(url.password, "p@ss");
    ASSERT_STR(url.host, "git.example.com");
    assert_int_equal(url.port, 8443);
    ASSERT_STR(url.path, "/a%2Fb/c");
    ASSERT_STR(url.query, "x=1&y");
    ASSERT_STR(url.fragment, "top");
    ASSERT_STR(format(*state, &url), "https://me:p%40ss@git.example.com:8443/a%2Fb/c?x=1&y#top");
}

static void tells_absent_parts_from_empty_ones(void **state)
{
    struct err err;
    struct url url;
    ASSERT_OK(url_parse(*state, STR("https://h?"), &url, &err));
    assert_null(url.user.p);
    assert_null(url.fragment.p);
    assert_non_null(url.query.p);
    assert_int_equal(url.query.n, 0);
    assert_int_equal(url.path.n, 0);
    assert_int_equal(url_port(&url), 443);
    ASSERT_STR(format(*state, &url), "https://h?");
}

static void keeps_brackets_of_ipv6_addresses(void **state)
{
    struct err err;
    struct url url;
    ASSERT_OK(url_parse(*state, STR("http://[2001:DB8::1]:80/x"), &url, &err));
    ASSERT_STR(url.host, "2001:db8::1");
    assert_int_equal(url.port, 80);
    ASSERT_STR(format(*state, &url), "http://[2001:db8::1]:80/x");
}

static void public_form_hides_credentials(void **state)
{
    struct err err;
    struct url url;
    AUTO(buf) struct buf text;
    buf_init(&text, 4096);
    ASSERT_OK(url_parse(*state, STR("https://u:secret@h/x"), &url, &err));
    url_format_public(&url, &text);
    ASSERT_STR(buf_str(&text), "https://h/x");
}

static void refuses_what_is_no_url(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } rows[] = {
        {"", "scheme"},
        {"example.com/x", "scheme"},
        {"https:/x", "scheme"},
        {"1http://x", "scheme"},
        {"https://", "no host"},
        {"https:///x", "no host"},
        {"https://:80/x", "no host"},
        {"https://h:99999/", "invalid port"},
        {"https://h:0/", "invalid port"},
        {"https://h:8a/", "invalid port"},
        {"https://[::1/", "IPv6"},
        {"https://[::1]x/", "IPv6"},
        {"https://[2001]/", "IPv6"},
        {"https://[fe80::1%25eth0]/", "invalid character"},
        {"https://a b/", "blank"},
        {"https://a/\n", "blank"},
        {"https://a\\b/", "invalid character"},
        {"https://u:secret%zz@h/", "user part"},
        {"https://a/%00\x01", "blank or control"},
    };
    struct err err;
    struct url url;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ASSERT_ERR(url_parse(*state, str_from(rows[i].text), &url, &err), ERR_INVALID,
                   rows[i].part);
        assert_null(strstr(err.message, "secret"));
    }
}

static void refuses_urls_over_the_limit(void **state)
{
    struct err err;
    struct url url;
    char *text = arena_bytes(*state, LIMIT_HTTP_URL_BYTES + 2);
    memset(text, 'a', LIMIT_HTTP_URL_BYTES + 1);
    memcpy(text, "http://h/", 9);
    ASSERT_OK(url_parse(*state, str_of(text, LIMIT_HTTP_URL_BYTES), &url, &err));
    ASSERT_ERR(url_parse(*state, str_of(text, LIMIT_HTTP_URL_BYTES + 1), &url, &err), ERR_LIMIT,
               "longer");
}

static void reads_git_forms(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"git@github.com:org/repo.git", "ssh://git@github.com/org/repo.git"},
        {"host:/abs/repo", "ssh://host/abs/repo"},
        {"host:repo", "ssh://host/repo"},
        {"git@h:a?b#c%2F", "ssh://git@h/a%3Fb%23c%2F"},
        {"/srv/a?b%20", "file:///srv/a%3Fb%2520"},
        {"[::1]:repo", NULL},
        {"ssh://git@host:2222/x", "ssh://git@host:2222/x"},
        {"https://h/x.git", "https://h/x.git"},
        {"/srv/git/x", "file:///srv/git/x"},
        {"file:///srv/git/x", "file:///srv/git/x"},
        {"./x:y", NULL},
        {"relative", NULL},
        {"host:", NULL},
        {":path", NULL},
    };
    struct err err;
    struct url url;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int rc = url_parse_git(*state, str_from(rows[i].text), &url, &err);
        if (rows[i].want == NULL) {
            assert_int_equal(rc, -ERR_INVALID);
        } else {
            ASSERT_OK(rc);
            ASSERT_STR(format(*state, &url), rows[i].want);
        }
    }
}

/* RFC 3986 section 5.4, without the forms that need an opaque base. */
static void resolves_references(void **state)
{
    static const struct {
        const char *reference;
        const char *want;
    } rows[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"https://x/y", "https://x/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"a%2F../b", "http://a/b/c/a%2F../b"},
    };
    struct err err;
    struct url base;
    struct url url;
    ASSERT_OK(url_parse(*state, STR("http://a/b/c/d;p?q"), &base, &err));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ASSERT_OK(url_resolve(*state, &base, str_from(rows[i].reference), &url, &err));
        ASSERT_STR(format(*state, &url), rows[i].want);
    }
}

static void escapes_and_back(void **state)
{
    struct err err;
    struct str back;
    AUTO(buf) struct buf text;
    buf_init(&text, 4096);
    url_escape(&text, STR("https://h/a b+\xc3\xa9~"));
    ASSERT_STR(buf_str(&text), "https%3A%2F%2Fh%2Fa%20b%2B%C3%A9~");
    ASSERT_OK(url_unescape(*state, buf_str(&text), &back, &err));
    ASSERT_STR(back, "https://h/a b+\xc3\xa9~");
    buf_reset(&text);
    url_escape_path(&text, STR("a/b c"));
    ASSERT_STR(buf_str(&text), "a/b%20c");
    ASSERT_ERR(url_unescape(*state, STR("a%2"), &back, &err), ERR_INVALID, "'%2'");
    ASSERT_ERR(url_unescape(*state, STR("a%g0"), &back, &err), ERR_INVALID, "'%g0'");
    ASSERT_ERR(url_unescape(*state, STR("%00"), &back, &err), ERR_INVALID, "%00");
}

static void escaped_slashes_stay_in_their_segment(void **state)
{
    struct err err;
    struct url_segments segments;
    ASSERT_OK(url_path_segments(*state, STR("/api/v1/clusters/https%3A%2F%2Fk8s.local/x"),
                                &segments, &err));
    assert_int_equal(segments.n, 5);
    ASSERT_STR(segments.items[3], "https://k8s.local");
    ASSERT_STR(segments.items[4], "x");
}

static void counts_segments(void **state)
{
    static const struct {
        const char *path;
        size_t n;
    } rows[] = {{"", 0}, {"/", 0}, {"/a", 1}, {"/a/", 2}, {"//", 2}, {"/a//b", 3}, {"a/b", 2}};
    struct err err;
    struct url_segments segments;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ASSERT_OK(url_path_segments(*state, str_from(rows[i].path), &segments, &err));
        assert_int_equal(segments.n, rows[i].n);
    }
    ASSERT_ERR(url_path_segments(*state, STR("/a/%2e%2E/b"), &segments, &err), ERR_INVALID, "'..'");
    ASSERT_ERR(url_path_segments(*state, STR("/./b"), &segments, &err), ERR_INVALID, "'.'");
    ASSERT_ERR(url_path_segments(*state, STR("/a%zz"), &segments, &err), ERR_INVALID, "%zz");
}

static void reads_queries(void **state)
{
    struct err err;
    struct url_params params;
    ASSERT_OK(url_query_parse(*state, STR("a=1&b=x+y%2B&&c&a=2&=v"), &params, &err));
    assert_int_equal(params.n, 5);
    ASSERT_STR(url_query_find(params, STR("a")), "1");
    ASSERT_STR(url_query_find(params, STR("b")), "x y+");
    ASSERT_STR(url_query_find(params, STR("c")), "");
    assert_null(url_query_find(params, STR("d")).p);
    ASSERT_OK(url_query_parse(*state, str_of(NULL, 0), &params, &err));
    assert_int_equal(params.n, 0);
    ASSERT_ERR(url_query_parse(*state, STR("a=%"), &params, &err), ERR_INVALID, "escape");
}

static void writes_queries(void **state UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 100);
    buf_put_c(&text, "/x?");
    url_query_put(&text, STR("labelSelector"), STR("a=b,c!=d"));
    url_query_put(&text, STR("limit"), STR("500"));
    ASSERT_STR(buf_str(&text), "/x?labelSelector=a%3Db%2Cc%21%3Dd&limit=500");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_full_url_apart),
        cmocka_unit_test(copies_what_is_there),
        cmocka_unit_test(tells_absent_parts_from_empty_ones),
        cmocka_unit_test(keeps_brackets_of_ipv6_addresses),
        cmocka_unit_test(public_form_hides_credentials),
        cmocka_unit_test(refuses_what_is_no_url),
        cmocka_unit_test(refuses_urls_over_the_limit),
        cmocka_unit_test(reads_git_forms),
        cmocka_unit_test(resolves_references),
        cmocka_unit_test(escapes_and_back),
        cmocka_unit_test(escaped_slashes_stay_in_their_segment),
        cmocka_unit_test(counts_segments),
        cmocka_unit_test(reads_queries),
        cmocka_unit_test(writes_queries),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
