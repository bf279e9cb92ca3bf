/* Status: what is read is written back the same; what we do not know stays. */
#include "common/model/application_status.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static const char FULL[] =
    "conditions:\n"
    "- {type: SyncError, message: m, lastTransitionTime: '2026-01-01T00:00:00Z'}\n"
    "controllerNamespace: argocd\n"
    "health: {status: Degraded, message: bad, lastTransitionTime: '2026-01-01T00:00:01Z'}\n"
    "history:\n"
    "- {id: 0, revision: aaa, source: {repoURL: r, path: p}, deployStartedAt: a, deployedAt: b,\n"
    "   initiatedBy: {username: ann}}\n"
    "- {id: 1, revisions: [xx, zz], sources: [{repoURL: r}, {repoURL: s}], deployedAt: c,\n"
    "   initiatedBy: {automated: true}}\n"
    "observedAt: kept\n"
    "operationState:\n"
    "  operation: {sync: {revision: aaa}}\n"
    "  phase: Running\n"
    "  message: waiting\n"
    "  startedAt: s\n"
    "  retryCount: 1\n"
    "  syncResult:\n"
    "    revision: aaa\n"
    "    source: {repoURL: r}\n"
    "    resources:\n"
    "    - {group: apps, version: v1, kind: Deployment, namespace: ns, name: d, status: Synced,\n"
    "       message: ok, hookPhase: Running, syncPhase: Sync, images: ['i:1']}\n"
    "    - {group: '', version: v1, kind: Pod, namespace: ns, name: h, hookType: PreSync}\n"
    "reconciledAt: r\n"
    "resourceHealthSource: appTree\n"
    "resources:\n"
    "- {group: apps, version: v1, kind: Deployment, namespace: ns, name: d, status: OutOfSync,\n"
    "   health: {status: Progressing, message: slow}, requiresPruning: true, syncWave: -1}\n"
    "- {version: v1, kind: Pod, name: h, hook: true}\n"
    "sourceHydrator: {lastComparedDryRevision: kept}\n"
    "sourceType: Directory\n"
    "summary: {images: ['i:1'], externalURLs: ['http://x'], isAppOfApps: true}\n"
    "sync:\n"
    "  status: OutOfSync\n"
    "  revision: aaa\n"
    "  comparedTo: {destination: {server: s, namespace: ns}, source: {repoURL: r}}\n";

static const struct value *decode(struct arena *arena, const char *text, struct app_status *ret)
{
    struct err err;
    const struct value *tree = parse_yaml(arena, text);
    ASSERT_OK(app_status_decode(arena, tree, ret, &err));
    return tree;
}

static void a_full_status_survives_the_round_trip(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct app_status status;
    const struct value *tree = decode(arena, FULL, &status);
    assert_json(arena, app_status_to_value(arena, &status, tree), print_json(arena, tree, NULL).p);
}

static void enumerations_are_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct app_status status;
    (void)decode(arena, FULL, &status);
    assert_int_equal(status.sync.status, SYNC_STATUS_OUT_OF_SYNC);
    assert_int_equal(status.health.status, HEALTH_STATUS_DEGRADED);
    assert_int_equal(status.source_type, SOURCE_TYPE_DIRECTORY);
    assert_int_equal(status.resources.items[0].status, SYNC_STATUS_OUT_OF_SYNC);
    assert_int_equal(status.resources.items[0].health.status, HEALTH_STATUS_PROGRESSING);
    assert_int_equal(status.resources.items[0].sync_wave, -1);
    assert_int_equal(status.resources.items[1].status, SYNC_STATUS_NONE);
    assert_true(status.resources.items[1].hook);
    const struct app_operation_state *state_now = &status.operation_state;
    assert_int_equal(state_now->phase, OPERATION_PHASE_RUNNING);
    assert_int_equal(state_now->result.resources.items[0].status, SYNC_RESULT_SYNCED);
    assert_int_equal(state_now->result.resources.items[0].sync_phase, SYNC_PHASE_SYNC);
    assert_int_equal(state_now->result.resources.items[1].sync_phase, SYNC_PHASE_COUNT);
    ASSERT_STR(state_now->operation.revision, "aaa");
    assert_true(status.history.items[1].multi_source);
    assert_int_equal(status.history.items[1].sources.n, 2);
    assert_true(status.history.items[1].initiated_automated);
}

static void an_empty_status_is_empty(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct app_status status;
    (void)decode(arena, "{}", &status);
    assert_int_equal(status.operation_state.phase, OPERATION_PHASE_NONE);
    assert_null(app_operation_state_to_value(arena, &status.operation_state));
    assert_int_equal(value_len(app_status_to_value(arena, &status, NULL)), 0);
}

static void what_became_empty_is_removed(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct app_status status;
    const struct value *tree = decode(arena, FULL, &status);
    status.conditions = (struct conditions){0};
    status.operation_state.phase = OPERATION_PHASE_NONE;
    const struct value *fresh = app_status_to_value(arena, &status, tree);
    assert_null(value_dig(fresh, "conditions"));
    assert_null(value_dig(fresh, "operationState"));
    ASSERT_STR(value_dig_str(fresh, "observedAt"), "kept");
}

static void wrong_types_are_named(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_status status;
    const struct value *tree = parse_yaml(arena, "history: [{id: x, deployedAt: y}]");
    ASSERT_ERR(app_status_decode(arena, tree, &status, &err), ERR_INVALID, "status.history[0].id");
}

static void source_types_have_names(void **state UNUSED)
{
    for (int i = SOURCE_TYPE_NONE; i < SOURCE_TYPE_COUNT; i++) {
        assert_int_equal(source_type_parse(str_from(source_type_name((enum source_type)i))), i);
    }
    assert_int_equal(source_type_parse(STR("Ksonnet")), SOURCE_TYPE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_status_survives_the_round_trip),
        cmocka_unit_test(enumerations_are_read),
        cmocka_unit_test(an_empty_status_is_empty),
        cmocka_unit_test(what_became_empty_is_removed),
        cmocka_unit_test(wrong_types_are_named),
        cmocka_unit_test(source_types_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
