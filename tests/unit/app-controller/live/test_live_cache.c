/* The watches of a cluster, against a fake API server. */
#include "engine/health/health.h"
#include "engine/lua/customize.h"
#include "tests/unit/app-controller/live/cache_fixture.h"

#define MAP(name, more)                                                               \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: ns" more \
    "}, data: {x: y}}"
#define TRACKED(name) \
    ", annotations: {argocd.argoproj.io/tracking-id: 'web:/ConfigMap:ns/" name "'}"

/* A cache that has seen ConfigMap a. */
static void init_with_a(struct cache_fixture *f)
{
    cache_fixture_init(f);
    fake_cluster_put(f->world.cluster, MAP("a", ""));
    cache_fixture_start(f, NULL);
    cache_fixture_until_synced(f);
}

static bool has_a(void *data)
{
    return cache_fixture_find(data, "", "ConfigMap", "a") != NULL;
}

static bool has_no_a(void *data)
{
    return cache_fixture_find(data, "", "ConfigMap", "a") == NULL;
}

static bool has_full_a(void *data)
{
    struct live_obj *a = cache_fixture_find(data, "", "ConfigMap", "a");
    return a != NULL && live_obj_is_full(a);
}

static bool is_ready(void *data)
{
    struct cache_fixture *f = data;
    return live_cache_want_full(f->cache, STR(""), STR("ConfigMap"), STR("v1")) == LIVE_READY;
}

static void objects_come_and_go(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    cache_fixture_start(&f, NULL);
    assert_false(live_cache_synced(f.cache));
    assert_int_equal(live_cache_want_full(f.cache, STR(""), STR("Pod"), STR("")), LIVE_NOT_YET);
    cache_fixture_until_synced(&f);
    assert_null(live_cache_error(f.cache));
    ASSERT_STR(live_cache_server(f.cache), "https://cluster.test");
    ASSERT_STR(live_cache_name(f.cache), "test");
    fake_cluster_put(f.world.cluster, MAP("a", TRACKED("a")));
    fake_world_wait(&f.world, has_a, &f);
    fake_world_wait(&f.world, has_full_a, &f); /* somebody tracks it: the kind is watched in full */
    fake_cluster_put(f.world.cluster, MAP("a", ", annotations: {}"));
    unsigned n = f.n_changes;
    fake_cluster_remove(f.world.cluster, "ConfigMap", "ns", "a");
    fake_world_wait(&f.world, has_no_a, &f);
    assert_true(f.n_changes > n);
    assert_int_equal(f.n_deleted, 1);
    cache_fixture_done(&f);
}

static void a_kind_becomes_full_when_somebody_wants_it(void **state UNUSED)
{
    struct cache_fixture f;
    struct live_interest in = {0};
    init_with_a(&f);
    assert_false(has_full_a(&f));
    live_interest_begin(&in, live_cache_kind(f.cache, STR(""), STR("ConfigMap")), STR("ns"),
                        STR("a"), &f);
    fake_world_wait(&f.world, is_ready, &f);
    assert_true(has_full_a(&f));
    assert_int_equal(live_cache_want_full(f.cache, STR("no"), STR("Such"), STR("")),
                     LIVE_NO_SUCH_KIND);
    live_interest_end(&in);
    cache_fixture_done(&f);
}

/* Known by its metadata when somebody becomes interested: read by itself. */
static void a_single_object_is_fetched(void **state UNUSED)
{
    struct cache_fixture f;
    struct live_interest in = {0};
    init_with_a(&f);
    fake_world_wait(&f.world, is_ready, &f);
    live_interest_begin(&in, live_cache_kind(f.cache, STR(""), STR("ConfigMap")), STR("ns"),
                        STR("a"), &f);
    assert_false(has_full_a(&f)); /* nobody wanted it when it came */
    fake_cluster_forget_log(f.world.cluster);
    live_cache_fetch(f.cache, in.obj);
    live_cache_fetch(f.cache, in.obj);
    fake_world_wait(&f.world, has_full_a, &f);
    assert_int_equal(fake_cluster_count(f.world.cluster, "GET ", ""), 1);
    live_interest_end(&in);
    cache_fixture_done(&f);
}

static bool has_asked(void *data)
{
    struct cache_fixture *f = data;
    return fake_cluster_count(f->world.cluster, "GET /api/v1/namespaces/ns/configmaps/a", "") > 0;
}

static void a_fetched_object_may_be_gone(void **state UNUSED)
{
    struct cache_fixture f;
    init_with_a(&f);
    fake_world_wait(&f.world, is_ready, &f);
    fake_cluster_fail(f.world.cluster, "configmaps/a", 1, 404, "NotFound");
    live_cache_fetch(f.cache, cache_fixture_find(&f, "", "ConfigMap", "a"));
    fake_world_wait(&f.world, has_no_a, &f); /* before the watch tells */
    assert_int_equal(f.n_deleted, 1);
    cache_fixture_done(&f);
}

static bool has_states(void *data)
{
    const struct cache_fixture *f = data;
    return f->n_states >= f->wanted_states;
}

static void a_record_may_go_while_it_is_fetched(void **state UNUSED)
{
    struct cache_fixture f;
    init_with_a(&f);
    fake_world_wait(&f.world, is_ready, &f);
    unsigned n = f.n_states;
    live_cache_fetch(f.cache, cache_fixture_find(&f, "", "ConfigMap", "a"));
    live_store_remove(cache_fixture_find(&f, "", "ConfigMap", "a")); /* as its deletion would */
    fake_world_wait(&f.world, has_asked, &f);
    f.wanted_states = n + 1;
    fake_world_wait(&f.world, has_states, &f);
    cache_fixture_done(&f);
}

static void the_cache_may_go_while_something_is_fetched(void **state UNUSED)
{
    struct cache_fixture f;
    init_with_a(&f);
    live_cache_fetch(f.cache, cache_fixture_find(&f, "", "ConfigMap", "a"));
    cache_fixture_done(&f);
    assert_true(f.freed);
}

static void answers_to_our_writes_count_unless_older(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct cache_fixture f;
    init_with_a(&f);
    fake_world_wait(&f.world, is_ready, &f);
    live_cache_put(f.cache, parse_yaml(arena, MAP("a", ", resourceVersion: '1'")));
    ASSERT_STR(live_obj_resource_version(cache_fixture_find(&f, "", "ConfigMap", "a")), "102");
    live_cache_put(f.cache, parse_yaml(arena, MAP("a", ", resourceVersion: '900'")));
    ASSERT_STR(live_obj_resource_version(cache_fixture_find(&f, "", "ConfigMap", "a")), "900");
    live_cache_put(f.cache, parse_yaml(arena, "{apiVersion: no/v1, kind: Such, metadata: {}}"));
    cache_fixture_done(&f);
}

static void answers_to_deletions_bring_nothing_back(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const char *going =
        MAP("a", ", resourceVersion: '900', deletionTimestamp: '2026-01-02T00:00:00Z'");
    struct cache_fixture f;
    init_with_a(&f);
    fake_world_wait(&f.world, is_ready, &f);
    live_cache_put_deleted(f.cache, parse_yaml(arena, MAP("a", ", resourceVersion: '900'")));
    ASSERT_STR(live_obj_resource_version(cache_fixture_find(&f, "", "ConfigMap", "a")), "102");
    live_cache_put_deleted(
        f.cache, parse_yaml(arena, MAP("gone", ", deletionTimestamp: '2026-01-02T00:00:00Z'")));
    assert_null(cache_fixture_find(&f, "", "ConfigMap", "gone"));
    live_cache_put_deleted(f.cache, parse_yaml(arena, going));
    ASSERT_STR(live_obj_resource_version(cache_fixture_find(&f, "", "ConfigMap", "a")), "900");
    cache_fixture_done(&f);
}

static void only_some_namespaces_may_be_watched(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    fake_cluster_put(f.world.cluster, MAP("a", ""));
    fake_cluster_put(f.world.cluster,
                     "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}");
    cache_fixture_start(&f, "ns");
    cache_fixture_until_synced(&f);
    assert_true(has_a(&f));
    struct live_kind *maps = live_cache_kind(f.cache, STR(""), STR("ConfigMap"));
    assert_null(live_obj_find(maps, STR("other"), STR("a")));
    assert_null(live_cache_kind(f.cache, STR(""), STR("Namespace"))); /* cluster-scoped */
    assert_int_equal(fake_cluster_count(f.world.cluster, "GET /api/v1/configmaps", ""), 0);
    cache_fixture_done(&f);
}

static bool has_widgets(void *data)
{
    struct cache_fixture *f = data;
    return live_cache_kind(f->cache, STR("example.org"), STR("Widget")) != NULL &&
           live_cache_synced(f->cache);
}

static bool has_no_widgets(void *data)
{
    struct cache_fixture *f = data;
    return live_cache_kind(f->cache, STR("example.org"), STR("Widget")) == NULL;
}

/* A CRD that appears or vanishes is the sign to look for kinds again. */
static void kinds_come_and_go_with_their_definitions(void **state UNUSED)
{
    struct cache_fixture f;
    struct live_interest in = {0};
    cache_fixture_init(&f);
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    fake_cluster_set_widgets(f.world.cluster, true);
    fake_cluster_put(f.world.cluster, "{apiVersion: apiextensions.k8s.io/v1, kind: "
                                      "CustomResourceDefinition, metadata: {name: w}}");
    fake_cluster_put(f.world.cluster, "{apiVersion: example.org/v1, kind: Widget, metadata: {name: "
                                      "w, namespace: ns}}");
    fake_world_wait(&f.world, has_widgets, &f);
    assert_non_null(cache_fixture_find(&f, "example.org", "Widget", "w"));
    live_interest_begin(&in, live_cache_kind(f.cache, STR("example.org"), STR("Widget")), STR("ns"),
                        STR("w"), &f);
    fake_cluster_set_widgets(f.world.cluster, false);
    fake_cluster_remove(f.world.cluster, "CustomResourceDefinition", "", "w");
    fake_world_wait(&f.world, has_no_widgets, &f);
    assert_int_equal(f.n_deleted, 2); /* the widget and the definition */
    live_interest_end(&in);           /* of a kind that is gone */
    cache_fixture_done(&f);
}

static bool has_kind_error(void *data)
{
    struct cache_fixture *f = data;
    return live_cache_kind_error(f->cache, STR(""), STR("Secret")) != NULL;
}

static bool is_complete(void *data)
{
    return live_cache_complete(((struct cache_fixture *)data)->cache);
}

static void a_forbidden_kind_does_not_hold_up_the_others(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    fake_cluster_fail(f.world.cluster, "GET /api/v1/secrets?", 1000, 403, "Forbidden");
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    fake_world_wait(&f.world, has_kind_error, &f);
    assert_int_equal(live_cache_kind_error(f.cache, STR(""), STR("Secret"))->code, ERR_DENIED);
    assert_null(live_cache_error(f.cache));
    cache_fixture_done(&f);
}

/* As with an aggregated API whose server is down. */
static void a_failing_kind_does_not_hold_up_the_others(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    fake_cluster_fail(f.world.cluster, "GET /api/v1/secrets?", 1000, 503, "ServiceUnavailable");
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    fake_world_wait(&f.world, has_kind_error, &f);
    assert_int_equal(live_cache_kind_error(f.cache, STR(""), STR("Secret"))->code, ERR_UNAVAILABLE);
    assert_null(live_cache_error(f.cache));
    assert_false(live_cache_complete(f.cache)); /* it may hold objects nobody has seen */
    fake_cluster_fail(f.world.cluster, "", 0, 0, "");
    fake_world_wait(&f.world, is_complete, &f);
    cache_fixture_done(&f);
}

static bool has_error(void *data)
{
    return live_cache_error(((struct cache_fixture *)data)->cache) != NULL;
}

static void trouble_is_state_and_passes(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    fake_cluster_fail(f.world.cluster, "GET ", 1000, 503, "ServiceUnavailable");
    cache_fixture_start(&f, NULL);
    fake_world_wait(&f.world, has_error, &f);
    assert_false(live_cache_synced(f.cache));
    assert_null(live_cache_api(f.cache));
    fake_cluster_fail(f.world.cluster, "", 0, 0, "");
    cache_fixture_until_synced(&f);
    assert_null(live_cache_error(f.cache));
    cache_fixture_done(&f);
}

static void everything_can_be_listed_again(void **state UNUSED)
{
    struct cache_fixture f;
    init_with_a(&f);
    struct live_obj *a = cache_fixture_find(&f, "", "ConfigMap", "a");
    fake_cluster_forget_log(f.world.cluster);
    live_cache_relist(f.cache);
    assert_false(live_cache_synced(f.cache));
    assert_ptr_equal(cache_fixture_find(&f, "", "ConfigMap", "a"), a); /* known all the time */
    cache_fixture_until_synced(&f);
    assert_int_equal(fake_cluster_count(f.world.cluster, "GET /api/v1/configmaps?", ""), 1);
    assert_int_equal(f.n_deleted, 0);
    cache_fixture_done(&f);
}

static void who_uses_it_keeps_it(void **state UNUSED)
{
    struct cache_fixture f;
    init_with_a(&f);
    struct live_cache *cache = f.cache;
    live_cache_use(cache);
    live_cache_free(cache, fake_world_set, &f.freed);
    assert_false(loop_run_until(f.world.loop, fake_world_is_set, &f.freed, 100));
    assert_int_equal(live_cache_error(cache)->code, ERR_CANCELED);
    assert_true(live_store_n_objects(live_cache_store(cache)) >= 2); /* still to be read */
    live_cache_release(cache);
    fake_world_wait(&f.world, fake_world_is_set, &f.freed);
    f.cache = NULL;
    cache_fixture_done(&f);
}

static struct customizations *degraded_by(struct arena *arena, const char *text)
{
    struct customizations *scripts = NULL;
    struct err err;
    const char *config =
        arena_printf(arena,
                     "{resource.customizations.health.ConfigMap: \"return {status = 'Degraded', "
                     "message = '%s'}\"}",
                     text)
            .p;
    ASSERT_OK(customizations_new(parse_yaml(arena, config), &scripts, &err));
    return scripts;
}

static bool has_info(void *data)
{
    struct cache_fixture *f = data;
    const struct live_obj *a = cache_fixture_find(f, "", "ConfigMap", "a");
    const char *info = a != NULL && a->ext != NULL ? a->ext->info : NULL;
    return f->wanted_info != NULL ? info != NULL && strstr(info, f->wanted_info) != NULL
                                  : a != NULL && info == NULL;
}

static void wait_info(struct cache_fixture *f, const char *info)
{
    f->wanted_info = info;
    fake_world_wait(&f->world, has_info, f);
}

static void health_scripts_come_and_go(void **state UNUSED)
{
    struct cache_fixture f;
    cache_fixture_init(&f);
    fake_cluster_put(f.world.cluster, MAP("a", TRACKED("a")));
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    fake_world_wait(&f.world, has_full_a, &f);
    AUTO(customizations) struct customizations *one = degraded_by(f.world.arena, "one");
    AUTO(customizations) struct customizations *two = degraded_by(f.world.arena, "two");
    live_cache_set_scripts(f.cache, one);
    wait_info(&f, "one");
    live_cache_set_scripts(f.cache, two);
    wait_info(&f, "two");
    fake_cluster_put(f.world.cluster, MAP("a", TRACKED("a")));
    wait_info(&f, "two");
    unsigned n = f.n_changes;
    live_cache_set_scripts(f.cache, NULL);
    wait_info(&f, NULL);
    assert_true(f.n_changes > n);
    cache_fixture_done(&f);
}

static bool is_judged(void *data)
{
    struct cache_fixture *f = data;
    struct live_obj *a = cache_fixture_find(f, "", "ConfigMap", "a");
    struct health health;
    enum live_verdict verdict =
        a != NULL ? live_cache_verdict(f->cache, f->world.arena, a, &health) : LIVE_NO_SCRIPT;
    return verdict == LIVE_JUDGED && str_eq_c(health.message, f->wanted_info);
}

static void a_script_judges_objects_nobody_manages(void **state UNUSED)
{
    struct cache_fixture f;
    struct health health;
    init_with_a(&f);
    struct live_obj *a = cache_fixture_find(&f, "", "ConfigMap", "a");
    assert_int_equal(live_cache_verdict(f.cache, f.world.arena, a, &health), LIVE_NO_SCRIPT);
    AUTO(customizations) struct customizations *one = degraded_by(f.world.arena, "one");
    live_cache_set_scripts(f.cache, one);
    f.wanted_info = "one";
    fake_world_wait(&f.world, is_judged, &f);
    unsigned n = f.n_changes;
    fake_cluster_put(f.world.cluster, MAP("a", ", labels: {x: y}"));
    fake_world_wait(&f.world, is_judged, &f); /* of this state, too; who waited is told */
    assert_true(f.n_changes >= n);
    cache_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_come_and_go),
        cmocka_unit_test(a_kind_becomes_full_when_somebody_wants_it),
        cmocka_unit_test(a_single_object_is_fetched),
        cmocka_unit_test(a_fetched_object_may_be_gone),
        cmocka_unit_test(a_record_may_go_while_it_is_fetched),
        cmocka_unit_test(the_cache_may_go_while_something_is_fetched),
        cmocka_unit_test(answers_to_our_writes_count_unless_older),
        cmocka_unit_test(answers_to_deletions_bring_nothing_back),
        cmocka_unit_test(only_some_namespaces_may_be_watched),
        cmocka_unit_test(kinds_come_and_go_with_their_definitions),
        cmocka_unit_test(a_forbidden_kind_does_not_hold_up_the_others),
        cmocka_unit_test(a_failing_kind_does_not_hold_up_the_others),
        cmocka_unit_test(trouble_is_state_and_passes),
        cmocka_unit_test(everything_can_be_listed_again),
        cmocka_unit_test(who_uses_it_keeps_it),
        cmocka_unit_test(health_scripts_come_and_go),
        cmocka_unit_test(a_script_judges_objects_nobody_manages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
