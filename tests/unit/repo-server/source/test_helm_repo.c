/* From a repository, a chart and a version to an archive. */
#include "repo-server/source/chart_download.h"
#include "repo-server/source/helm_index.h"
#include "repo-server/source/helm_repo.h"
#include "tests/lib/chart_fixture.h"

struct fixture {
    struct chart_fixture *chart;
    struct helm_repo *repo;
    bool idle;
    const char *digest; /* of the archive */
};

struct outcome {
    bool done;
    struct err err;
    char version[64];
    char digest[DIGEST_SHA256_HEX_BYTES];
    bool has_archive;
    size_t n_charts;
};

static void on_done(const struct helm_repo_chart_result *result, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    o->err.code = ERR_OK;
    (void)snprintf(o->version, sizeof(o->version), STR_FMT, STR_ARG(result->version));
    (void)snprintf(o->digest, sizeof(o->digest), STR_FMT, STR_ARG(result->digest));
    o->has_archive = result->archive != NULL &&
                     str_eq(chart_archive_bytes(result->archive), CHART_FIXTURE_ARCHIVE);
    struct str name;
    size_t at = 0;
    while (result->index != NULL && helm_index_next(result->index, &at, &name)) {
        o->n_charts++;
    }
}

static struct helm_repo_call *start(struct fixture *f,
                                    const char *url,
                                    const char *chart,
                                    const char *version,
                                    const struct helm_repo_chart_options *more,
                                    struct outcome *o)
{
    Belay__Repository repo = chart_fixture_repo(url, "u", "p");
    struct helm_repo_chart_options options = *more;
    repo.insecure_oci_force_http = true;
    options.repo = &repo;
    options.chart = str_from(chart);
    options.version = str_from(version);
    *o = (struct outcome){0};
    return helm_repo_chart(f->repo, &options, on_done, o);
}

static const struct helm_repo_chart_options ARCHIVE = {.goal = HELM_REPO_ARCHIVE};
static const struct helm_repo_chart_options ARCHIVE_NOW = {.goal = HELM_REPO_ARCHIVE,
                                                           .freshness = HELM_REPO_NOW};
static const struct helm_repo_chart_options VERSION = {.goal = HELM_REPO_VERSION};

static struct outcome run(struct fixture *f,
                          struct str url,
                          const char *chart,
                          const char *version,
                          const struct helm_repo_chart_options *more)
{
    struct outcome o;
    (void)start(f, url.p, chart, version, more, &o);
    assert_false(o.done);
    chart_fixture_wait(f->chart, &o.done);
    return o;
}

static void check_ok(struct outcome o, const char *version)
{
    struct err err = o.err;
    ASSERT_OK(err.code == ERR_OK ? 0 : -1);
    assert_string_equal(o.version, version);
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static void serve_charts(struct fixture *f)
{
    struct chart_fixture *c = f->chart;
    struct str rest = str_sub(c->other_url, 4, c->other_url.n);
    struct str index = arena_printf(c->arena,
                                    "apiVersion: v1\nentries:\n  web:\n"
                                    "  - {version: 1.0.0, urls: [charts/web.tgz], digest: %s}\n"
                                    "  - {version: 1.1.0, urls: ['" STR_FMT "/web.tgz']}\n"
                                    "  - {version: 2.0.0, urls: ['oci" STR_FMT "/c/web:2.0.0']}\n"
                                    "  - {version: 3.0.0}\n"
                                    "  - {version: 4.0.0, urls: ['ftp://h/x']}\n"
                                    "  - {version: 5.0.0, urls: [charts/web.tgz], digest: %s}\n",
                                    f->digest, STR_ARG(c->other_url), STR_ARG(rest),
                                    chart_fixture_digest(c, STR("other")));
    chart_fixture_page(c, &(struct chart_page){.path = "/r/index.yaml", .body = index});
    chart_fixture_page(
        c, &(struct chart_page){.path = "/r/charts/web.tgz", .body = CHART_FIXTURE_ARCHIVE});
    chart_fixture_page(c, &(struct chart_page){.path = "/web.tgz", .body = CHART_FIXTURE_ARCHIVE});
}

static void serve_registry(struct fixture *f)
{
    struct chart_fixture *c = f->chart;
    struct str manifest = chart_fixture_manifest(c, CHART_FIXTURE_ARCHIVE);
    const char *blob = arena_printf(c->arena, "/v2/c/web/blobs/sha256:%s", f->digest).p;
    chart_fixture_page(
        c, &(struct chart_page){.path = "/v2/c/web/tags/list?n=1000",
                                .body = STR("{\"tags\":[\"1.0.0\",\"2.0.0\",\"2.1.0-rc\"]}")});
    chart_fixture_page(c,
                       &(struct chart_page){.path = "/v2/c/web/manifests/2.0.0", .body = manifest});
    chart_fixture_page(c, &(struct chart_page){.path = blob, .body = CHART_FIXTURE_ARCHIVE});
}

static int setup(void **state)
{
    static struct fixture f;
    struct err err;
    f = (struct fixture){.chart = chart_fixture_new()};
    f.digest = chart_fixture_digest(f.chart, CHART_FIXTURE_ARCHIVE);
    struct helm_repo_options options = {
        .loop = f.chart->http->loop,
        .work = f.chart->work,
        .cache_dir = f.chart->dir,
        .index_ttl_ms = HTTP_FIXTURE_WAIT_MS,
        .request_timeout_ms = HTTP_FIXTURE_WAIT_MS,
        .download_timeout_ms = HTTP_FIXTURE_WAIT_MS,
        .max_running = 2,
        .max_index_bytes = LIMIT_MIB,
        .max_cache_bytes = LIMIT_MIB,
    };
    ASSERT_OK(helm_repo_new(&options, &f.repo, &err));
    serve_charts(&f);
    serve_registry(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    helm_repo_stop(f->repo, on_idle, f);
    chart_fixture_wait(f->chart, &f->idle);
    helm_repo_free(f->repo);
    chart_fixture_free(f->chart);
    return 0;
}

#define LOGIN " Basic dTpw"

static struct str repository(struct fixture *f)
{
    return arena_printf(f->chart->arena, "%s/r", f->chart->url.p);
}

static struct str registry(struct fixture *f)
{
    return arena_printf(f->chart->arena, "oci%s/c", f->chart->url.p + 4);
}

static void gets_charts_of_repositories(void **state)
{
    struct fixture *f = *state;
    struct outcome o = run(f, repository(f), "web", "1.0.*", &ARCHIVE);
    check_ok(o, "1.0.0");
    assert_true(o.has_archive);
    assert_string_equal(o.digest, f->digest);
    assert_string_equal(chart_fixture_log(f->chart),
                        "/r/index.yaml" LOGIN "\n/r/charts/web.tgz" LOGIN "\n");
    check_ok(run(f, repository(f), "web", "1.0.0", &ARCHIVE), "1.0.0");
    assert_string_equal(chart_fixture_log(f->chart), "");
    check_ok(run(f, repository(f), "web", "1.0.0", &ARCHIVE_NOW), "1.0.0");
    assert_string_equal(chart_fixture_log(f->chart), "/r/index.yaml" LOGIN "\n");
    o = run(f, repository(f), "web", "", &VERSION);
    check_ok(o, "5.0.0");
    assert_false(o.has_archive);
    o = run(f, repository(f), "web", "~1.1", &ARCHIVE);
    check_ok(o, "1.1.0");
    assert_string_equal(o.digest, f->digest);
    assert_string_equal(chart_fixture_log(f->chart), ":/web.tgz\n");
}

static void follows_an_index_into_a_registry(void **state)
{
    struct fixture *f = *state;
    struct outcome o = run(f, repository(f), "web", "2.x", &ARCHIVE);
    check_ok(o, "2.0.0");
    assert_true(o.has_archive);
    assert_string_equal(chart_fixture_log(f->chart),
                        arena_printf(f->chart->arena,
                                     "/r/index.yaml" LOGIN "\n:/v2/c/web/manifests/2.0.0\n"
                                     ":/v2/c/web/blobs/sha256:%s\n",
                                     f->digest)
                            .p);
}

static void gets_charts_of_registries(void **state)
{
    struct fixture *f = *state;
    struct outcome o = run(f, registry(f), "web", ">1", &ARCHIVE);
    check_ok(o, "2.0.0");
    assert_true(o.has_archive);
    assert_string_equal(o.digest, f->digest);
    (void)chart_fixture_log(f->chart);
    check_ok(run(f, registry(f), "web", "2.0.0", &ARCHIVE), "2.0.0");
    assert_string_equal(chart_fixture_log(f->chart), "");
    o = run(f, registry(f), "web", "2.0.0", &VERSION);
    check_ok(o, "2.0.0");
    assert_string_equal(o.digest, f->digest);
    struct str whole = arena_printf(f->chart->arena, STR_FMT "/web", STR_ARG(registry(f)));
    check_ok(run(f, whole, "", "2.0.0", &ARCHIVE), "2.0.0");
}

static void lists_charts_and_gets_files(void **state)
{
    struct fixture *f = *state;
    static const struct helm_repo_chart_options INDEX = {.goal = HELM_REPO_INDEX,
                                                         .freshness = HELM_REPO_NOW};
    static const struct helm_repo_chart_options FILE_NOW = {.goal = HELM_REPO_FILE,
                                                            .freshness = HELM_REPO_NOW};
    struct chart_fixture *c = f->chart;
    chart_fixture_page(c, &(struct chart_page){.path = "/v2/", .body = STR("{}")});
    chart_fixture_page(c,
                       &(struct chart_page){.path = "/v.yaml?k=1", .body = CHART_FIXTURE_ARCHIVE});
    struct outcome o = run(f, repository(f), "", "", &INDEX);
    check_ok(o, "");
    assert_int_equal(o.n_charts, 1);
    o = run(f, registry(f), "", "", &INDEX);
    check_ok(o, "");
    assert_int_equal(o.n_charts, 0);
    (void)chart_fixture_log(c);
    struct str url = arena_printf(c->arena, "%s/v.yaml?k=1", c->url.p);
    for (int i = 0; i < 2; i++) {
        o = run(f, url, "", "", &FILE_NOW);
        check_ok(o, "");
        assert_true(o.has_archive);
    }
    assert_string_equal(chart_fixture_log(c), "/v.yaml?k=1" LOGIN "\n/v.yaml?k=1" LOGIN "\n");
    o = run(f, arena_printf(c->arena, "%s/none", c->url.p), "", "", &FILE_NOW);
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    check_contains(&o.err, "/none'");
}

static void says_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    static const struct {
        bool oci;
        const char *chart, *version;
        enum err_code code;
        const char *text;
    } CASES[] = {
        {false, "none", "1.0.0", ERR_NOT_FOUND, "chart 'none' is not in the repository"},
        {false, "web", "7", ERR_NOT_FOUND, "no version matches '7'"},
        {false, "web", "main", ERR_INVALID, "improper constraint"},
        {false, "web", "3.0.0", ERR_INVALID, "has no URL"},
        {false, "web", "4.0.0", ERR_UNSUPPORTED, "scheme 'ftp'"},
        {false, "web", "5.0.0", ERR_INVALID, "but should be"},
        {true, "web", "9.0.0", ERR_NOT_FOUND, "version '9.0.0'"},
        {true, "web", "main", ERR_INVALID, "improper constraint"},
        {true, "web", "^7", ERR_NOT_FOUND, "no version matches '^7'"},
        {true, "Web", "1.0.0", ERR_INVALID, "cannot be a repository"},
        {true, "none", ">1", ERR_NOT_FOUND, "OCI repository 'c/none'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str url = CASES[i].oci ? registry(f) : repository(f);
        struct outcome o = run(f, url, CASES[i].chart, CASES[i].version, &ARCHIVE);
        assert_int_equal(o.err.code, CASES[i].code);
        check_contains(&o.err, CASES[i].text);
    }
    struct outcome o = run(f, STR("git@h:x"), "web", "1", &ARCHIVE);
    check_contains(&o.err, "chart repository URL");
}

static struct outcome run_tls(struct fixture *f, const char *ca, bool insecure)
{
    static struct outcome o;
    struct chart_fixture *c = f->chart;
    const char *url =
        arena_printf(c->arena, "https://127.0.0.1:%u/r", (unsigned)c->http->tls_port).p;
    Belay__Repository repo = chart_fixture_repo(url, NULL, NULL);
    struct helm_repo_chart_options options = {
        .repo = &repo, .chart = STR("web"), .version = STR("1.0.0"), .goal = HELM_REPO_ARCHIVE};
    repo.tls_ca = (char *)(uintptr_t)ca;
    repo.insecure = insecure;
    o = (struct outcome){0};
    (void)helm_repo_chart(f->repo, &options, on_done, &o);
    chart_fixture_wait(c, &o.done);
    return o;
}

static void trusts_whom_the_repository_names(void **state)
{
    struct fixture *f = *state;
    struct outcome o = run_tls(f, "", false);
    assert_int_equal(o.err.code, ERR_DENIED);
    check_contains(&o.err, "not trusted");
    check_ok(run_tls(f, f->chart->http->pem.cert.p, false), "1.0.0");
    check_ok(run_tls(f, "", true), "1.0.0");
}

static void can_be_cancelled_and_stopped(void **state)
{
    struct fixture *f = *state;
    static struct outcome o; /* outlive the test */
    static struct outcome other;
    helm_repo_cancel(start(f, repository(f).p, "web", "1.0.0", &ARCHIVE, &o));
    (void)start(f, repository(f).p, "web", "1.0.0", &ARCHIVE, &other);
    chart_fixture_wait(f->chart, &other.done);
    check_ok(other, "1.0.0");
    assert_int_equal(o.err.code, ERR_CANCELED);
    (void)start(f, repository(f).p, "web", "1.1.0", &ARCHIVE_NOW, &o);
    (void)start(f, registry(f).p, "web", "*", &ARCHIVE, &other);
    http_fixture_run(f->chart->http, 1); /* the teardown stops them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gets_charts_of_repositories, setup, teardown),
        cmocka_unit_test_setup_teardown(follows_an_index_into_a_registry, setup, teardown),
        cmocka_unit_test_setup_teardown(gets_charts_of_registries, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_charts_and_gets_files, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(trusts_whom_the_repository_names, setup, teardown),
        cmocka_unit_test_setup_teardown(can_be_cancelled_and_stopped, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
