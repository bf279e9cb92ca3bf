/* Archives: checked, kept on disk, with credentials for the right server alone. */
#include "repo-server/source/chart_download.h"
#include "tests/lib/chart_fixture.h"

#define LOGIN "Basic dTpw"

struct outcome {
    bool done;
    struct chart_archive *archive;
    struct err err;
};

struct request {
    struct str url;
    const char *digest;
    const char *name;
    bool pass_credentials;
    enum chart_download_from from;
    bool cancel;
};

static void on_done(struct chart_archive *archive, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    o->archive = chart_archive_ref(archive);
}

static struct outcome download(struct chart_fixture *f, const struct request *r)
{
    struct outcome o = {0};
    struct url url;
    struct err err;
    Belay__Repository repo = chart_fixture_repo(f->url.p, "u", "p");
    AUTO(chart_remote) struct chart_remote *remote = chart_fixture_remote(&repo);
    ASSERT_OK(url_parse(f->arena, r->url, &url, &err));
    struct chart_download_options options = {
        .env = &f->env,
        .remote = remote,
        .url = &url,
        .name = str_from(r->name),
        .digest = str_from(r->digest),
        .pass_credentials = r->pass_credentials,
        .from = r->from,
    };
    struct chart_download *d = chart_download_start(&options, on_done, &o);
    assert_false(o.done);
    if (r->cancel) {
        chart_download_cancel(d);
    }
    chart_fixture_wait(f, &o.done);
    return o;
}

static void check_archive(struct outcome o)
{
    struct err err = o.err;
    ASSERT_OK(o.archive != NULL ? 0 : -1);
    assert_true(str_eq(chart_archive_bytes(o.archive), CHART_FIXTURE_ARCHIVE));
    chart_archive_unref(o.archive);
}

static struct str at(struct chart_fixture *f, struct str server, const char *path)
{
    return arena_printf(f->arena, STR_FMT "%s", STR_ARG(server), path);
}

static int setup(void **state)
{
    struct chart_fixture *f = chart_fixture_new();
    chart_fixture_page(f, &(struct chart_page){.path = "/a.tgz", .body = CHART_FIXTURE_ARCHIVE});
    chart_fixture_page(f, &(struct chart_page){.path = "/text", .body = STR("<html>")});
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    chart_fixture_free(*state);
    return 0;
}

static void downloads_once(void **state)
{
    struct chart_fixture *f = *state;
    struct request r = {.url = at(f, f->url, "/a.tgz"),
                        .digest = chart_fixture_digest(f, CHART_FIXTURE_ARCHIVE)};
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f), "/a.tgz " LOGIN "\n");
    check_archive(download(f, &r));
    r.from = CHART_DOWNLOAD_SERVER;
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f), "");
    r = (struct request){.url = at(f, f->url, "/a.tgz")};
    check_archive(download(f, &r));
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f), "/a.tgz " LOGIN "\n");
    r.from = CHART_DOWNLOAD_SERVER;
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f), "/a.tgz " LOGIN "\n");
}

static void keeps_credentials_from_other_servers(void **state)
{
    struct chart_fixture *f = *state;
    struct request r = {.url = at(f, f->other_url, "/a.tgz")};
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f), ":/a.tgz\n");
    r.from = CHART_DOWNLOAD_SERVER;
    r.pass_credentials = true;
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f), ":/a.tgz " LOGIN "\n");
}

static void takes_blobs_of_registries(void **state)
{
    struct chart_fixture *f = *state;
    const char *digest = chart_fixture_digest(f, CHART_FIXTURE_ARCHIVE);
    char *path = arena_strdup(f->arena, arena_printf(f->arena, "/v2/c/blobs/sha256:%s", digest).p);
    struct chart_page page = {.path = path,
                              .status = 307,
                              .authorization = LOGIN,
                              .challenge = "Basic realm=\"r\"",
                              .header = {STR("Location"), at(f, f->other_url, "/a.tgz")}};
    chart_fixture_page(f, &page);
    struct request r = {.url = at(f, f->url, path), .digest = digest, .name = "c"};
    check_archive(download(f, &r));
    assert_string_equal(chart_fixture_log(f),
                        arena_printf(f->arena, "%s\n%s " LOGIN "\n:/a.tgz\n", path, path).p);
}

static void refuses_what_is_not_meant(void **state)
{
    struct chart_fixture *f = *state;
    struct request r = {.url = at(f, f->url, "/a.tgz"),
                        .digest = chart_fixture_digest(f, STR("other"))};
    struct outcome o = download(f, &r);
    assert_null(o.archive);
    check_contains(&o.err, "but should be");
    r = (struct request){.url = at(f, f->url, "/text")};
    o = download(f, &r);
    check_contains(&o.err, "is no chart archive");
    r = (struct request){.url = at(f, f->url, "/none")};
    o = download(f, &r);
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    assert_null(strstr(o.err.message, "nothing here"));
    r.cancel = true;
    o = download(f, &r);
    assert_int_equal(o.err.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(downloads_once, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_credentials_from_other_servers, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_blobs_of_registries, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_meant, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
