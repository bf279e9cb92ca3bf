/* What renders need from elsewhere: noted, loaded, found again; from which repository, with whose credentials. */
#include "common/base/limits.h"
#include "repo-server/assets.h"
#include "tests/lib/helm_repo_fixture.h"

struct fixture {
    struct helm_repo_fixture charts;
    Belay__GenerateManifestsRequest request;
    Belay__Repository repos[3];
    Belay__Repository *repo_list[3];
    struct assets *assets;
    bool done;
    struct err err;
};

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    helm_repo_fixture_init(&f.charts);
    helm_repo_fixture_chart(&f.charts, "db");
    helm_repo_fixture_add(&f.charts, "db", "1.0.0", "");
    helm_repo_fixture_add(&f.charts, "db", "1.2.0", "");
    chart_fixture_page(f.charts.chart,
                       &(struct chart_page){.path = "/values.yaml", .body = STR("a: 1\n")});
    belay__generate_manifests_request__init(&f.request);
    f.request.helm_repos = f.repo_list;
    for (size_t i = 0; i < ARRAY_LEN(f.repos); i++) {
        f.repos[i] = chart_fixture_repo("https://nobody", NULL, NULL);
        f.repo_list[i] = &f.repos[i];
    }
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    assets_free(f->assets);
    helm_repo_fixture_done(&f->charts);
    return 0;
}

static void begin(struct fixture *f)
{
    struct assets_options options = {
        .loop = f->charts.chart->http->loop,
        .helm_repo = f->charts.repo,
        .request = &f->request,
    };
    assets_free(f->assets);
    f->assets = assets_new(&options);
}

static void on_loaded(const struct err *err, void *data)
{
    struct fixture *f = data;
    assert_false(f->done);
    f->done = true;
    f->err.code = ERR_OK;
    if (err != NULL) {
        f->err = *err;
    }
}

static void load(struct fixture *f)
{
    f->done = false;
    assets_load(f->assets, on_loaded, f);
    assert_false(f->done);
    chart_fixture_wait(f->charts.chart, &f->done);
}

static struct engine_remote chart_at(struct str url)
{
    return (struct engine_remote){
        .type = ENGINE_REMOTE_CHART, .url = url, .name = STR("db"), .version = STR("1.x")};
}

/* Wants it and loads it; the log of the server. */
static const char *get(struct fixture *f, const struct engine_remote *what)
{
    struct engine_remote_result result;
    struct err err;
    begin(f);
    (void)chart_fixture_log(f->charts.chart);
    assert_int_equal(assets_find(f->assets, what, &result, &err), 0);
    assert_true(assets_awaited(f->assets));
    load(f);
    assert_int_equal(assets_awaited(f->assets), f->err.code != ERR_OK);
    return chart_fixture_log(f->charts.chart);
}

static void are_found_when_they_were_loaded(void **state)
{
    struct fixture *f = *state;
    struct engine_remote chart = chart_at(f->charts.url);
    struct engine_remote file = {
        .type = ENGINE_REMOTE_FILE,
        .url = arena_printf(f->charts.chart->arena, "%s/values.yaml", f->charts.chart->url.p)};
    struct engine_remote_result result;
    struct manifest_inputs used = {0};
    struct err err;
    begin(f);
    assert_int_equal(assets_find(f->assets, &chart, &result, &err), 0);
    assert_int_equal(assets_find(f->assets, &file, &result, &err), 0);
    load(f);
    assert_int_equal(f->err.code, ERR_OK);
    assets_begin(f->assets);
    assert_int_equal(assets_find(f->assets, &file, &result, &err), 1);
    ASSERT_STR(result.bytes, "a: 1\n");
    assets_used(f->assets, f->charts.chart->arena, &used);
    assert_int_equal(used.n_assets, 1);
    ASSERT_STR(used.assets[0].asset.url, file.url.p);
    assert_int_equal(assets_find(f->assets, &chart, &result, &err), 1);
    ASSERT_STR(result.revision, "1.2.0");
    struct manifest_asset known = used.assets[0];
    assert_int_equal(assets_holds(f->assets, &known, &err), 1);
    known.digest[0] = known.digest[0] == '0' ? '1' : '0';
    assert_int_equal(assets_holds(f->assets, &known, &err), 0);
    assert_false(assets_awaited(f->assets));
    known.asset.version = STR("1.0.0");
    known.asset.type = ENGINE_REMOTE_CHART;
    assert_int_equal(assets_holds(f->assets, &known, &err), 0);
    assert_true(assets_awaited(f->assets));
}

static void come_from_the_repositories_of_the_project(void **state)
{
    struct fixture *f = *state;
    struct chart_fixture *c = f->charts.chart;
    struct engine_remote plain = chart_at(f->charts.url);
    struct engine_remote named = chart_at(STR("@mine"));
    struct engine_remote slash = chart_at(arena_printf(c->arena, "%s/", f->charts.url.p));
    assert_null(strstr(get(f, &plain), "Basic"));
    f->request.n_helm_repos = 3;
    f->repos[1] = chart_fixture_repo(c->url.p, "any", "one");
    f->repos[1].is_prefix = true;
    assert_non_null(strstr(get(f, &plain), "Basic YW55Om9uZQ=="));
    f->repos[2] = chart_fixture_repo(f->charts.url.p, "the", "one");
    f->repos[2].name = (char *)(uintptr_t) "mine";
    assert_non_null(strstr(get(f, &plain), "Basic dGhlOm9uZQ=="));
    assert_non_null(strstr(get(f, &slash), "Basic dGhlOm9uZQ=="));
    (void)get(f, &named);
    assert_int_equal(f->err.code, ERR_OK);
    named.url = STR("alias:mine");
    (void)get(f, &named);
    assert_int_equal(f->err.code, ERR_OK);
    named.url = STR("@yours");
    (void)get(f, &named);
    check_contains(&f->err, "dependency 'db'");
    check_contains(&f->err, "no Helm repository named 'yours'");
}

static void are_refused(void **state)
{
    struct fixture *f = *state;
    struct engine_remote_result result;
    struct err err;
    static char *schemes[] = {(char *)(uintptr_t) "https"};
    struct engine_remote file = {.type = ENGINE_REMOTE_FILE, .url = STR("s3://b/v.yaml")};
    struct engine_remote git = {.type = ENGINE_REMOTE_GIT, .url = STR("https://h/r.git")};
    begin(f);
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_DENIED, "scheme 's3'");
    ASSERT_ERR(assets_find(f->assets, &git, &result, &err), ERR_UNSUPPORTED, "not supported");
    f->request.value_file_schemes = schemes;
    f->request.n_value_file_schemes = 1;
    begin(f);
    file.url = STR("http://h/v.yaml");
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_DENIED, "helm.valuesFileSchemes");
    for (int i = 0; i < LIMIT_RENDER_ASSETS; i++) {
        struct engine_remote chart =
            chart_at(arena_printf(f->charts.chart->arena, "https://h%d", i));
        assert_int_equal(assets_find(f->assets, &chart, &result, &err), 0);
    }
    struct engine_remote chart = chart_at(STR("https://more"));
    ASSERT_ERR(assets_find(f->assets, &chart, &result, &err), ERR_LIMIT, "more than");
}

static void may_come_from_a_given_repository(void **state)
{
    struct fixture *f = *state;
    struct engine_remote chart = chart_at(STR("whatever"));
    Belay__Repository repo = chart_fixture_repo(f->charts.url.p, "u", "p");
    begin(f);
    assets_want(f->assets, &chart, &repo);
    repo.url = (char *)(uintptr_t) "gone";
    load(f);
    assert_int_equal(f->err.code, ERR_OK);
    assert_non_null(strstr(chart_fixture_log(f->charts.chart), "Basic dTpw"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(are_found_when_they_were_loaded, setup, teardown),
        cmocka_unit_test_setup_teardown(come_from_the_repositories_of_the_project, setup, teardown),
        cmocka_unit_test_setup_teardown(are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(may_come_from_a_given_repository, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
