/* Renders of charts: one for all, rounds of loading, results that are right only with the same charts. */
#include "repo-server/assets.h"
#include "repo-server/renders.h"
#include "tests/lib/helm_repo_fixture.h"

struct fixture {
    struct helm_repo_fixture charts;
    struct manifest_cache *cache;
    struct renders *renders;
    Belay__Repository repo;
    Belay__GenerateManifestsRequest request;
};

struct outcome {
    struct renders_waiter waiter;
    bool done;
    bool rendered;
    struct str json;
    struct err err;
    struct arena *arena;
};

static void on_done(struct renders_waiter *waiter, const struct renders_outcome *result)
{
    struct outcome *o = CONTAINER_OF(waiter, struct outcome, waiter);
    AUTO(buf) struct buf all;
    buf_init(&all, LIMIT_MIB);
    o->done = true;
    o->rendered = result->rendered;
    o->err.code = ERR_OK;
    if (result->err != NULL) {
        o->err = *result->err;
        return;
    }
    for (size_t i = 0; i < result->entry->set.n; i++) {
        buf_put(&all, result->entry->set.items[i].json);
    }
    o->json = buf_to_arena(&all, o->arena);
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    helm_repo_fixture_init(&f.charts);
    helm_repo_fixture_chart(&f.charts, "web");
    helm_repo_fixture_add(
        &f.charts, "web", "1.0.0",
        arena_printf(f.charts.chart->arena,
                     "dependencies: [{name: db, version: ^1, repository: '" STR_FMT "'}]\n",
                     STR_ARG(f.charts.url))
            .p);
    helm_repo_fixture_chart(&f.charts, "db");
    helm_repo_fixture_add(&f.charts, "db", "1.0.0", "");
    f.cache = manifest_cache_new(&(struct manifest_cache_options){.max_bytes = LIMIT_MIB});
    struct renders_options options = {
        .loop = f.charts.chart->http->loop,
        .work = f.charts.chart->work,
        .helm_repo = f.charts.repo,
        .cache = f.cache,
        .max_source_bytes = LIMIT_MIB,
    };
    f.renders = renders_new(&options);
    f.repo = chart_fixture_repo(f.charts.url.p, NULL, NULL);
    belay__generate_manifests_request__init(&f.request);
    f.request.repo = &f.repo;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(renders_active(f->renders), 0);
    renders_free(f->renders);
    manifest_cache_free(f->cache);
    helm_repo_fixture_done(&f->charts);
    return 0;
}

static void join(struct fixture *f, const char *id, struct outcome *o)
{
    static const struct engine_remote CHART = {
        .type = ENGINE_REMOTE_CHART, .url = {"r", 1}, .name = {"web", 3}, .version = {"1.0.0", 5}};
    static char source[] = "{\"chart\":\"web\"}";
    struct renders_tree tree = {.tree = {.id = str_from(id), .chart = &CHART}, .repo = &f->repo};
    struct renders_want want = {.key = STR("key"),
                                .id = str_from(id),
                                .revision = STR("1.0.0"),
                                .trees = &tree,
                                .n_trees = 1,
                                .request = &f->request};
    f->request.source = (ProtobufCBinaryData){sizeof(source) - 1, (uint8_t *)source};
    *o = (struct outcome){.arena = f->charts.chart->arena, .waiter.done = on_done};
    renders_join(f->renders, &want, &o->waiter);
}

static bool is_done(void *data)
{
    return ((struct outcome *)data)->done;
}

static struct outcome run(struct fixture *f, const char *id)
{
    struct outcome o;
    join(f, id, &o);
    assert_false(o.done);
    http_fixture_wait(f->charts.chart->http, is_done, &o);
    return o;
}

static void one_for_all_with_dependencies(void **state)
{
    struct fixture *f = *state;
    struct outcome a;
    struct outcome b;
    join(f, "id", &a);
    join(f, "id", &b);
    assert_int_equal(renders_active(f->renders), 1);
    http_fixture_wait(f->charts.chart->http, is_done, &b);
    assert_true(a.done);
    struct err err = a.err;
    ASSERT_OK(a.err.code == ERR_OK ? 0 : -1);
    assert_true(a.rendered);
    ASSERT_STR(a.json,
               "{\"apiVersion\":\"v1\",\"kind\":\"X\",\"metadata\":{\"name\":\"db-1.0.0\"}}"
               "{\"apiVersion\":\"v1\",\"kind\":\"X\",\"metadata\":{\"name\":\"web-1.0.0\"}}");
    assert_int_equal(f->charts.n_runs, 3); /* the index and two archives */
    assert_non_null(manifest_cache_find(f->cache, STR("key"), STR("id")));
}

static void a_result_holds_with_the_same_charts(void **state)
{
    struct fixture *f = *state;
    assert_true(run(f, "id").rendered);
    assert_false(run(f, "id").rendered); /* proved: the same tree, and the dependency is the same */
    f->request.no_cache = true;
    assert_true(run(f, "id").rendered);
    f->request.no_cache = false;
    helm_repo_fixture_add(&f->charts, "db", "1.5.0", "");
    assert_false(run(f, "id").rendered); /* the index is used for a while */
    f->request.no_cache = true;
    struct outcome o = run(f, "id");
    assert_true(o.rendered);
    assert_true(str_find(o.json, STR("db-1.5.0")) != STR_NONE);
    f->request.no_cache = false;
    assert_true(run(f, "other").rendered);
}

static void errors_of_repositories_are_not_kept(void **state)
{
    struct fixture *f = *state;
    struct err kept;
    f->repo.url = arena_strdup(f->charts.chart->arena,
                               arena_printf(f->charts.chart->arena, "%sx", f->charts.url.p).p);
    struct outcome o = run(f, "id");
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    assert_false(manifest_cache_failure(f->cache, STR("key"), STR("id"), 0, &kept));
}

static void one_may_leave(void **state)
{
    struct fixture *f = *state;
    struct outcome a;
    struct outcome b;
    join(f, "id", &a);
    join(f, "id", &b);
    renders_leave(&a.waiter);
    http_fixture_wait(f->charts.chart->http, is_done, &b);
    assert_false(a.done);
}

static void ends_when_loading_does(void **state)
{
    struct fixture *f = *state;
    struct outcome at_once;
    struct outcome later;
    join(f, "id", &at_once);
    helm_repo_fixture_stop(&f->charts);
    http_fixture_wait(f->charts.chart->http, is_done, &at_once);
    assert_int_equal(at_once.err.code, ERR_CANCELED);
    join(f, "id", &later);
    http_fixture_wait(f->charts.chart->http, is_done, &later);
    assert_int_equal(later.err.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_for_all_with_dependencies, setup, teardown),
        cmocka_unit_test_setup_teardown(a_result_holds_with_the_same_charts, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_of_repositories_are_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(one_may_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(ends_when_loading_does, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
