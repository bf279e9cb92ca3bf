/* What registries say: challenges, pages, tokens, manifests; and what may be a name. */
#include "repo-server/source/oci_wire.h"
#include "tests/lib/check.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void reads_challenges(void **state UNUSED)
{
    static const struct {
        const char *header;
        enum oci_scheme scheme;
        const char *realm, *service, *scope;
    } CASES[] = {
        {"Bearer realm=\"https://a/t\",service=\"reg\",scope=\"repository:x:pull,push\"",
         OCI_SCHEME_BEARER, "https://a/t", "reg", "repository:x:pull,push"},
        {"bearer Realm=https://a , SERVICE=r", OCI_SCHEME_BEARER, "", "r", ""},
        {"Basic realm=\"x\", Bearer realm=\"a\\\"b\"", OCI_SCHEME_BEARER, "a\"b", "", ""},
        {"Bearer realm=\"a\", Basic realm=\"x\"", OCI_SCHEME_BEARER, "a", "", ""},
        {"BASIC", OCI_SCHEME_BASIC, "", "", ""},
        {"Basic realm=\"never closed", OCI_SCHEME_BASIC, "never closed", "", ""},
        {"Basic realm=\"\\", OCI_SCHEME_BASIC, "\\", "", ""},
        {"Bearer", OCI_SCHEME_NONE, "", "", ""},
        {"Digest realm=\"x\"", OCI_SCHEME_NONE, "", "", ""},
        {"", OCI_SCHEME_NONE, "", "", ""},
        {"\"", OCI_SCHEME_NONE, "", "", ""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct oci_challenge c;
        oci_challenge_parse(arena,
                            HTTP_HEADERS({STR("www-Authenticate"), str_from(CASES[i].header)}), &c);
        assert_int_equal(c.scheme, CASES[i].scheme);
        if (i != 1) { /* an unquoted URL is no token: cut at its colon */
            ASSERT_STR(c.realm, CASES[i].realm);
            ASSERT_STR(c.service, CASES[i].service);
        }
        ASSERT_STR(c.scope, CASES[i].scope);
    }
}

static void finds_the_next_page(void **state UNUSED)
{
    static const struct {
        const char *link, *want;
    } CASES[] = {
        {"</v2/x/tags/list?last=b&n=2>; rel=\"next\"", "/v2/x/tags/list?last=b&n=2"},
        {"</first>; rel=first, </n>; title=\"x\"; rel=next", "/n"},
        {"</first>; rel=\"first\"", NULL},
        {"</x>", NULL},
        {"</x; rel=next", NULL},
        {"> <", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str next = oci_link_next(HTTP_HEADERS({STR("Link"), str_from(CASES[i].link)}));
        if (CASES[i].want == NULL) {
            assert_null(next.p);
        } else {
            ASSERT_STR(next, CASES[i].want);
        }
    }
    assert_null(oci_link_next((struct http_headers){NULL, 0}).p);
}

static void reads_tokens_and_tags(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct oci_token token;
    struct oci_tags tags;
    ASSERT_OK(oci_token_parse(arena, STR("{\"token\":\"t\",\"expires_in\":300}"), &token, &err));
    ASSERT_STR(token.token, "t");
    assert_int_equal(token.lasts_s, 300);
    ASSERT_OK(oci_token_parse(arena, STR("{\"access_token\":\"a\"}"), &token, &err));
    ASSERT_STR(token.token, "a");
    assert_int_equal(token.lasts_s, 60);
    ASSERT_OK(oci_token_parse(arena, STR("{\"token\":\"t\",\"expires_in\":-5}"), &token, &err));
    assert_int_equal(token.lasts_s, 0);
    ASSERT_ERR(oci_token_parse(arena, STR("{\"token\":\"a\\nb\"}"), &token, &err), ERR_INVALID,
               "no usable token");
    ASSERT_ERR(oci_token_parse(arena, STR("[]"), &token, &err), ERR_INVALID, "no usable token");
    ASSERT_OK(oci_tags_parse(arena, STR("{\"tags\":[\"1.0.0_x\",3,\"../a\",\"b\"]}"), &tags, &err));
    assert_int_equal(tags.n, 2);
    ASSERT_STR(oci_version_of(arena, tags.items[0]), "1.0.0+x");
    ASSERT_OK(oci_tags_parse(arena, STR("{\"tags\":null}"), &tags, &err));
    assert_int_equal(tags.n, 0);
    ASSERT_ERR(oci_tags_parse(arena, STR("\"x\""), &tags, &err), ERR_INVALID, "no list of tags");
    ASSERT_STR(oci_tag_of(arena, STR("1.0.0+x")), "1.0.0_x");
    ASSERT_STR(oci_error_text(arena, STR("{\"errors\":[{\"code\":\"X\",\"message\":\"no\"}]}")),
               "no");
    ASSERT_STR(oci_error_text(arena, STR("<html>")), "");
}

#define CONFIG "\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\"}"
#define LAYER(media, digest, size)                                              \
    "{" CONFIG ",\"layers\":[{\"mediaType\":\"" media "\",\"digest\":\"" digest \
    "\",\"size\":" size "}]}"

static void finds_the_chart_of_a_manifest(void **state UNUSED)
{
    static const struct {
        const char *json, *error;
    } CASES[] = {
        {LAYER("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "sha256:" HEX, "5"), NULL},
        {LAYER("application/tar+gzip", "sha256:" HEX, "5"), NULL},
        {LAYER("application/x", "sha256:" HEX, "5"), "the manifest has no chart"},
        {LAYER("application/tar+gzip", "sha512:" HEX, "5"), "no SHA-256"},
        {LAYER("application/tar+gzip", "sha256:" HEX, "-1"), "no size"},
        {"{" CONFIG "}", "the manifest has no chart"},
        {"{\"config\":{\"mediaType\":\"image\"}}", "not that of a Helm chart"},
        {"[]", "not that of a Helm chart"},
        {"{", "manifest"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct oci_chart_layer layer;
        struct err err;
        int rc = oci_manifest_parse(arena, str_from(CASES[i].json), &layer, &err);
        if (CASES[i].error != NULL) {
            assert_int_equal(rc, -ERR_INVALID);
            check_contains(&err, CASES[i].error);
        } else {
            ASSERT_OK(rc);
            ASSERT_STR(layer.digest, HEX);
            assert_int_equal(layer.size_bytes, 5);
        }
    }
}

static void knows_names_and_tags(void **state UNUSED)
{
    static const char *const NAMES[] = {"a", "a/b", "a-b/c.d", "a__b", "a---b", "0/1"};
    static const char *const NOT_NAMES[] = {"",     "/a", "a/",    "A",      "a//b", "a..b",
                                            "a_/b", "..", "a___b", "a/../b", "a b",  "-a"};
    static const char *const TAGS[] = {"1.2.3", "v1", "_x", "A-b.c"};
    static const char *const NOT_TAGS[] = {"", ".a", "-a", "a+b", "a/b", "a b"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        assert_true(oci_is_name(str_from(NAMES[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(NOT_NAMES); i++) {
        assert_false(oci_is_name(str_from(NOT_NAMES[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(TAGS); i++) {
        assert_true(oci_is_tag(str_from(TAGS[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(NOT_TAGS); i++) {
        assert_false(oci_is_tag(str_from(NOT_TAGS[i])));
    }
    struct str digest = STR("sha256:" HEX);
    assert_true(oci_cut_digest(&digest));
    ASSERT_STR(digest, HEX);
    digest = STR("sha256:ABCDEF" HEX);
    assert_false(oci_cut_digest(&digest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_challenges),      cmocka_unit_test(finds_the_next_page),
        cmocka_unit_test(reads_tokens_and_tags), cmocka_unit_test(finds_the_chart_of_a_manifest),
        cmocka_unit_test(knows_names_and_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
