/* Automated sync: when one is started, put off or refused. */
#include "app-controller/sync/auto_sync.h"
#include "tests/lib/parse.h"

static const int64_t FINISHED_MS = 1767323045000; /* 2026-01-02T03:04:05Z */

struct fixture {
    struct app_spec spec;
    struct app_operation_state last;
    struct compare_resource resources[2];
    struct compare_result compare;
    struct str revision;
    struct auto_sync_input in;
    struct auto_sync_decision decision;
    struct app_source source;
};

/* Out of sync: one changed ConfigMap and one in order; never synced; automated with prune. */
static void begin(struct fixture *f, struct arena *arena)
{
    *f = (struct fixture){.revision = STR("abc")};
    f->source.tree = parse_yaml(arena, "{repoURL: https://git.example.com/x, path: a}");
    f->spec.sources = (struct app_sources){&f->source, 1};
    f->spec.sync_policy = (struct app_sync_policy){.automated = true, .prune = true};
    f->resources[0] = (struct compare_resource){
        .key = {STR_EMPTY, STR("ConfigMap"), STR("ns"), STR("a")},
        .status = SYNC_STATUS_OUT_OF_SYNC,
    };
    f->resources[1] = (struct compare_resource){.status = SYNC_STATUS_SYNCED};
    f->compare = (struct compare_result){
        .status = SYNC_STATUS_OUT_OF_SYNC, .resources = f->resources, .n_resources = 2};
    f->in = (struct auto_sync_input){
        .spec = &f->spec,
        .last = &f->last,
        .compare = &f->compare,
        .revisions = {&f->revision, 1},
        .revision_may_change = true,
        .heal = {.timeout_ms = 2000, .factor = 3, .cap_ms = 300000},
        .now_ms = FINISHED_MS,
    };
}

/* The last operation synced just what is wanted now. */
static void attempted(struct fixture *f, enum operation_phase phase)
{
    f->last = (struct app_operation_state){
        .phase = phase,
        .message = STR("it broke"),
        .finished_at = STR("2026-01-02T03:04:05Z"),
        .has_result = true,
        .result = {.revision = STR("abc"), .sources = f->spec.sources},
    };
}

static enum auto_sync_action decide(struct fixture *f, struct arena *arena)
{
    auto_sync_decide(arena, &f->in, &f->decision);
    return f->decision.action;
}

static void a_new_revision_is_synced(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    const struct str options[] = {STR("CreateNamespace=true")};
    f.spec.sync_policy.sync_options = (struct app_strs){options, 1};
    assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
    const struct value *op = f.decision.operation;
    ASSERT_STR(value_dig_str(op, "sync", "revision"), "abc");
    assert_true(value_bool(value_dig(op, "sync", "prune"), false));
    assert_true(value_bool(value_dig(op, "initiatedBy", "automated"), false));
    assert_int_equal(value_int(value_dig(op, "retry", "limit"), 0), APP_RETRY_LIMIT_DEFAULT);
    ASSERT_STR(value_str(value_at(value_dig(op, "sync", "syncOptions"), 0)),
               "CreateNamespace=true");
    assert_null(value_dig(op, "sync", "resources"));
    assert_int_equal(f.decision.condition.n, 0);
}

static void reasons_to_do_nothing(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    f.spec.sync_policy.automated = false;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    begin(&f, arena);
    f.in.operation_pending = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    begin(&f, arena);
    f.in.deleting = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    begin(&f, arena);
    f.compare.status = SYNC_STATUS_UNKNOWN;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    begin(&f, arena);
    f.spec.sync_policy.prune = false;
    f.resources[0].requires_pruning = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
}

static void a_failed_revision_is_not_tried_again(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    attempted(&f, OPERATION_PHASE_FAILED);
    f.spec.sync_policy.self_heal = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    ASSERT_STR(f.decision.condition, "Failed last sync attempt to [abc]: it broke");
    f.last.result.revision = STR("older");
    assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
}

static void changed_sources_are_synced_at_the_same_revision(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    attempted(&f, OPERATION_PHASE_SUCCEEDED);
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    const struct app_source other = {.tree = parse_yaml(arena, "{repoURL: x, path: b}")};
    f.last.result.sources = (struct app_sources){&other, 1};
    assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
}

static void revisions_that_cannot_change_do_not_count(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    attempted(&f, OPERATION_PHASE_SUCCEEDED);
    f.last.result.revision = STR("other");
    f.in.revision_may_change = false;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
}

static void self_heal_syncs_what_drifted(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    attempted(&f, OPERATION_PHASE_SUCCEEDED);
    f.spec.sync_policy.self_heal = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
    const struct value *sync = value_dig(f.decision.operation, "sync");
    assert_int_equal(value_int(value_dig(sync, "autoHealAttemptsCount"), 0), 1);
    assert_int_equal(value_len(value_dig(sync, "resources")), 1);
    ASSERT_STR(value_dig_str(value_at(value_dig(sync, "resources"), 0), "name"), "a");
}

static void self_heal_backs_off(void **state UNUSED)
{
    static const int64_t WAITS_MS[] = {0, 2000, 6000, 18000, 54000, 162000, 300000, 300000};
    for (int64_t n = 0; n < (int64_t)ARRAY_LEN(WAITS_MS); n++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct fixture f;
        begin(&f, arena);
        attempted(&f, OPERATION_PHASE_SUCCEEDED);
        f.spec.sync_policy.self_heal = true;
        f.last.operation.auto_heal_attempts = n;
        f.in.now_ms = FINISHED_MS + WAITS_MS[n] - 1;
        assert_int_equal(decide(&f, arena), AUTO_SYNC_LATER);
        assert_int_equal(f.decision.retry_at_ms, FINISHED_MS + WAITS_MS[n]);
        f.in.now_ms = FINISHED_MS + WAITS_MS[n];
        assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
    }
}

/* How long after the last sync self-heal waits with the settings, as the n-th attempt. */
static void self_heal_follows_its_settings(void **state UNUSED)
{
    static const struct {
        struct auto_sync_heal heal;
        int64_t attempts;
        int64_t wait_ms;
    } CASES[] = {
        {{.fixed_ms = 5000}, 0, 5000},
        {{.fixed_ms = 5000}, 9, 5000},
        {{.fixed_ms = 5000, .timeout_ms = 1000, .factor = 2}, 0, 0},
        {{.timeout_ms = 1000, .factor = 2}, 11, 1024000},
        {{.timeout_ms = 1000, .factor = 1, .cap_ms = 9000}, 7, 1000},
        {{.timeout_ms = 1000, .factor = 0, .cap_ms = 9000}, 7, 1000},
        {{.timeout_ms = 1000, .factor = 10, .cap_ms = 9000}, 7, 9000},
        {{.timeout_ms = 1000, .factor = 1000}, INT64_MAX, INT64_C(31536000000)},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct fixture f;
        begin(&f, arena);
        attempted(&f, OPERATION_PHASE_SUCCEEDED);
        f.spec.sync_policy.self_heal = true;
        f.in.heal = CASES[i].heal;
        f.last.operation.auto_heal_attempts = CASES[i].attempts;
        f.in.now_ms = FINISHED_MS - 1;
        assert_int_equal(decide(&f, arena), AUTO_SYNC_LATER);
        assert_int_equal(f.decision.retry_at_ms, FINISHED_MS + CASES[i].wait_ms);
    }
}

static void everything_is_not_deleted(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    f.compare.n_resources = 1;
    f.resources[0].requires_pruning = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    ASSERT_STR(f.decision.condition,
               "Skipping sync attempt to [abc]: auto-sync will wipe out all resources");
    f.spec.sync_policy.allow_empty = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
}

static void several_sources_have_several_revisions(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    const struct str revisions[] = {STR("a"), STR("b")};
    f.in.revisions = (struct app_strs){revisions, 2};
    f.spec.multi_source = true;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_START);
    assert_int_equal(value_len(value_dig(f.decision.operation, "sync", "revisions")), 2);
    assert_int_equal(value_len(value_dig(f.decision.operation, "sync", "sources")), 1);
    attempted(&f, OPERATION_PHASE_ERROR);
    f.last.result.revisions = f.in.revisions;
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    ASSERT_STR(f.decision.condition, "Failed last sync attempt to [a b]: it broke");
}

static void operations_without_result_count_when_completed(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    f.last = (struct app_operation_state){.phase = OPERATION_PHASE_ERROR, .message = STR("x")};
    assert_int_equal(decide(&f, arena), AUTO_SYNC_NONE);
    assert_true(f.decision.condition.n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_revision_is_synced),
        cmocka_unit_test(reasons_to_do_nothing),
        cmocka_unit_test(a_failed_revision_is_not_tried_again),
        cmocka_unit_test(changed_sources_are_synced_at_the_same_revision),
        cmocka_unit_test(revisions_that_cannot_change_do_not_count),
        cmocka_unit_test(self_heal_syncs_what_drifted),
        cmocka_unit_test(self_heal_backs_off),
        cmocka_unit_test(self_heal_follows_its_settings),
        cmocka_unit_test(everything_is_not_deleted),
        cmocka_unit_test(several_sources_have_several_revisions),
        cmocka_unit_test(operations_without_result_count_when_completed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
