/* What renders need from elsewhere: noted, loaded, found again; from which repository, with whose credentials. */
#include "common/base/limits.h"
#include "repo-server/assets.h"
#include "tests/lib/helm_repo_fixture.h"
#include "tests/lib/helper_fixture.h"

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
    struct assets_found result;
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
    struct assets_found result;
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
    struct assets_found result;
    struct err err;
    static char *schemes[] = {(char *)(uintptr_t) "https"};
    struct engine_remote file = {.type = ENGINE_REMOTE_FILE, .url = STR("s3://b/v.yaml")};
    struct engine_remote git = {.type = ENGINE_REMOTE_GIT, .url = STR("https://h/r.git")};
    begin(f);
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_DENIED, "scheme 's3'");
    ASSERT_ERR(assets_find(f->assets, &git, &result, &err), ERR_UNSUPPORTED, "here");
    file.url = STR("ftp://h/x.yaml");
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_DENIED, "scheme 'ftp'");
    f->request.value_file_schemes = schemes;
    f->request.n_value_file_schemes = 1;
    begin(f);
    file.url = STR("http://h/v.yaml");
    assert_int_equal(assets_find(f->assets, &file, &result, &err), 0); /* nobody's values */
    begin(f);
    file.values = true;
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_DENIED, "helm.valuesFileSchemes");
    for (int i = 0; i < LIMIT_RENDER_ASSETS; i++) {
        struct engine_remote chart =
            chart_at(arena_printf(f->charts.chart->arena, "https://h%d", i));
        assert_int_equal(assets_find(f->assets, &chart, &result, &err), 0);
    }
    struct engine_remote chart = chart_at(STR("https://more"));
    ASSERT_ERR(assets_find(f->assets, &chart, &result, &err), ERR_LIMIT, "more than");
}

static void a_file_may_be_refused(void **state)
{
    struct fixture *f = *state;
    struct assets_found result;
    struct manifest_inputs used = {0};
    struct err err;
    struct engine_remote file = {
        .type = ENGINE_REMOTE_FILE,
        .url = arena_printf(f->charts.chart->arena, "%s/none.yaml", f->charts.chart->url.p)};
    (void)get(f, &file);
    assert_int_equal(f->err.code, ERR_OK);
    assert_false(assets_awaited(f->assets));
    assert_false(assets_may_mend(f->assets));
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_NOT_FOUND, "HTTP status 404");
    assert_int_equal(err.system_code, 404);
    assert_true(assets_may_mend(f->assets));
    assets_used(f->assets, f->charts.chart->arena, &used);
    assert_int_equal(assets_holds(f->assets, &used.assets[0], &err), 1);
    file.url = STR("http://[::");
    (void)get(f, &file);
    assert_int_equal(f->err.code, ERR_OK);
    ASSERT_ERR(assets_find(f->assets, &file, &result, &err), ERR_INVALID, "file at a URL");
    assert_int_equal(assets_holds(f->assets, &used.assets[0], &err),
                     0); /* not asked for again yet */
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

/* ---- commits of other repositories ---- */

struct commits {
    struct helper_fixture helper;
    struct fetcher *fetcher;
    Belay__GenerateManifestsRequest request;
    struct assets *assets;
    size_t n_fetches;
    bool done;
    bool idle;
    struct err err;
};

static void on_commits_run(const struct flight_run *run, void *data)
{
    struct commits *f = data;
    f->n_fetches += run->op == BELAY__GIT_WORKER_OP__GIT_WORKER_FETCH;
}

static void on_commits_idle(void *data)
{
    ((struct commits *)data)->idle = true;
}

static bool commits_idle(void *data)
{
    return ((struct commits *)data)->idle;
}

static void commits_begin(struct commits *f)
{
    struct assets_options options = {
        .loop = f->helper.loop, .fetcher = f->fetcher, .request = &f->request};
    assets_free(f->assets);
    f->assets = assets_new(&options);
}

static int commits_setup(void **state)
{
    static struct commits f;
    memset(&f, 0, sizeof(f));
    helper_fixture_init(&f.helper);
    struct fetcher_options options = helper_fixture_fetcher(&f.helper);
    options.on_run = on_commits_run;
    options.data = &f;
    f.fetcher = fetcher_new(&options);
    belay__generate_manifests_request__init(&f.request);
    commits_begin(&f);
    *state = &f;
    return 0;
}

static int commits_teardown(void **state)
{
    struct commits *f = *state;
    assets_free(f->assets);
    fetcher_stop(f->fetcher, on_commits_idle, f);
    helper_fixture_wait(&f->helper, commits_idle, f);
    fetcher_free(f->fetcher);
    helper_fixture_done(&f->helper);
    return 0;
}

static void on_commits_loaded(const struct err *err, void *data)
{
    struct commits *f = data;
    f->done = true;
    f->err.code = ERR_OK;
    if (err != NULL) {
        f->err = *err;
    }
}

static bool commits_done(void *data)
{
    return ((struct commits *)data)->done;
}

static void commits_load(struct commits *f)
{
    f->done = false;
    assets_load(f->assets, on_commits_loaded, f);
    assert_false(f->done);
    helper_fixture_wait(&f->helper, commits_done, f);
}

static struct engine_remote commit_at(struct commits *f, const char *version)
{
    return (struct engine_remote){.type = ENGINE_REMOTE_GIT,
                                  .url = str_from(f->helper.repo.url),
                                  .version = str_from(version),
                                  .timeout_ms = 1};
}

static struct assets_found commits_get(struct commits *f, const struct engine_remote *what)
{
    struct assets_found found;
    struct err err;
    commits_begin(f);
    assert_int_equal(assets_find(f->assets, what, &found, &err), 0);
    commits_load(f);
    assert_int_equal(f->err.code, ERR_OK);
    assert_int_equal(assets_find(f->assets, what, &found, &err), 1);
    return found;
}

static void any_revision_is_a_commit_of_a_mirror(void **state)
{
    struct commits *f = *state;
    char first[GIT_OID_HEXSZ + 1];
    memcpy(first, f->helper.repo.head, sizeof(first));
    repo_fixture_file(&f->helper.repo, "b.yaml", "b: 1\n");
    const char *second = repo_fixture_commit(&f->helper.repo, "refs/heads/next");
    const struct {
        const char *version;
        const char *expected;
    } cases[] = {{"", first}, {"main", first}, {"next", second}, {first, first}, {second, second}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct engine_remote what = commit_at(f, cases[i].version);
        struct assets_found found = commits_get(f, &what);
        ASSERT_STR(found.revision, cases[i].expected);
        AUTO(objects) struct objects *objects = NULL;
        struct object_commit commit;
        struct err err;
        ASSERT_OK(objects_open(found.mirror.p, &objects, &err));
        ASSERT_OK(objects_commit(objects, f->helper.repo.arena, found.revision, &commit, &err));
        assert_int_equal(assets_may_mend(f->assets), strlen(cases[i].version) < GIT_OID_HEXSZ);
    }
}

static void what_a_branch_means_is_asked_by_each_render(void **state)
{
    struct commits *f = *state;
    struct engine_remote what = commit_at(f, "main");
    struct manifest_inputs used = {0};
    struct assets_found found;
    struct err err;
    (void)commits_get(f, &what);
    assets_used(f->assets, f->helper.repo.arena, &used);
    assert_int_equal(used.n_assets, 1);
    assert_string_equal(used.assets[0].digest, f->helper.repo.head);
    commits_begin(f);
    assert_int_equal(assets_holds(f->assets, &used.assets[0], &err), 0);
    commits_load(f);
    assert_int_equal(assets_holds(f->assets, &used.assets[0], &err), 1);
    assert_int_equal(f->n_fetches, 1);
    repo_fixture_file(&f->helper.repo, "b.yaml", "b: 1\n");
    const char *head = repo_fixture_commit(&f->helper.repo, "refs/heads/main");
    commits_begin(f);
    assert_int_equal(assets_holds(f->assets, &used.assets[0], &err), 0);
    commits_load(f);
    assert_int_equal(assets_holds(f->assets, &used.assets[0], &err), 0);
    assert_int_equal(assets_find(f->assets, &what, &found, &err), 1);
    ASSERT_STR(found.revision, head);
}

static void a_spoiled_mirror_is_made_anew(void **state)
{
    struct commits *f = *state;
    struct engine_remote what = commit_at(f, "main");
    struct assets_found found = commits_get(f, &what);
    assert_false(assets_tell_spoiled(f->assets));
    assets_spoil(f->assets, found.asset);
    assert_true(assets_tell_spoiled(f->assets));
    assert_int_equal(f->n_fetches, 1);
    (void)commits_get(f, &what);
    assert_int_equal(f->n_fetches, 2);
}

static void errors_are_those_of_the_repository(void **state)
{
    struct commits *f = *state;
    struct engine_remote what = commit_at(f, "no-such-branch");
    struct assets_found found;
    struct err err;
    assert_int_equal(assets_find(f->assets, &what, &found, &err), 0);
    commits_load(f);
    assert_int_equal(f->err.code, ERR_NOT_FOUND);
    check_contains(&f->err, "unable to resolve 'no-such-branch'");
    assert_true(assets_awaited(f->assets));
    commits_begin(f);
    what.url = STR("ftp://h/x");
    assert_int_equal(assets_find(f->assets, &what, &found, &err), 0);
    commits_load(f);
    assert_int_equal(f->err.code, ERR_UNSUPPORTED);
}

static void files_of_this_machine_are_for_those_who_may(void **state)
{
    struct commits *f = *state;
    struct fetcher_options options = helper_fixture_fetcher(&f->helper);
    options.allow_file_urls = false;
    struct fetcher *strict = fetcher_new(&options);
    struct fetcher *open = f->fetcher;
    struct engine_remote what = commit_at(f, "main");
    struct assets_found found;
    struct err err;
    f->fetcher = strict;
    commits_begin(f);
    assert_int_equal(assets_find(f->assets, &what, &found, &err), 0);
    commits_load(f);
    assert_int_equal(f->err.code, ERR_DENIED);
    fetcher_stop(strict, on_commits_idle, f);
    helper_fixture_wait(&f->helper, commits_idle, f);
    fetcher_free(strict);
    f->idle = false;
    f->fetcher = open;
}

int main(int argc, char **argv)
{
    helper_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(are_found_when_they_were_loaded, setup, teardown),
        cmocka_unit_test_setup_teardown(come_from_the_repositories_of_the_project, setup, teardown),
        cmocka_unit_test_setup_teardown(are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_may_be_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(may_come_from_a_given_repository, setup, teardown),
        cmocka_unit_test_setup_teardown(any_revision_is_a_commit_of_a_mirror, commits_setup,
                                        commits_teardown),
        cmocka_unit_test_setup_teardown(what_a_branch_means_is_asked_by_each_render, commits_setup,
                                        commits_teardown),
        cmocka_unit_test_setup_teardown(a_spoiled_mirror_is_made_anew, commits_setup,
                                        commits_teardown),
        cmocka_unit_test_setup_teardown(errors_are_those_of_the_repository, commits_setup,
                                        commits_teardown),
        cmocka_unit_test_setup_teardown(files_of_this_machine_are_for_those_who_may, commits_setup,
                                        commits_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
