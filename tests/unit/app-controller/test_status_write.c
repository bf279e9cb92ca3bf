/* What a pass writes of its findings, and when it writes nothing. */
#include <stdio.h>

#include "app-controller/app.h"
#include "app-controller/status_write.h"
#include "tests/lib/parse.h"

#define APPLICATION(metadata, status)                                                           \
    "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: web, namespace: "   \
    "argocd, resourceVersion: '7'" metadata "}, spec: {project: default, source: {repoURL: u, " \
    "path: p}, destination: {server: s, namespace: ns}}" status "}"

struct fixture {
    struct pass pass;
    struct app app;
    struct doc *doc;
};

static void begin(struct fixture *f, const char *yaml)
{
    struct err err;
    *f = (struct fixture){0};
    f->pass.arena = arena_new();
    f->doc = doc_copy_of(parse_yaml(f->pass.arena, yaml));
    f->pass.object = f->doc;
    f->pass.app = &f->app;
    f->app.object = f->doc;
    (void)snprintf(f->pass.now, sizeof(f->pass.now), "2026-01-01T00:00:00Z");
    ASSERT_OK(application_decode(f->pass.arena, doc_root(f->doc), &f->pass.model, &err));
}

static void end(struct fixture *f)
{
    doc_unref(f->doc);
    arena_free(f->pass.arena);
}

static void find(struct fixture *f, enum condition_type type, const char *message)
{
    const struct condition c = {.type = type, .message = str_from(message)};
    vec_push_in(f->pass.arena, &f->pass.conditions, c);
}

static void nothing_new_writes_nothing(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION("", ", status: {sync: {status: Synced}, reconciledAt: "
                              "'2025-01-01T00:00:00Z'}"));
    struct status_change change = status_write_unchanged(&f.pass);
    change.status.reconciled_at = str_from(f.pass.now); /* alone is no reason */
    assert_null(status_write_patch(&f.pass, &change));
    end(&f);
}

/* Others wait for it: `argocd app wait`, Kargo. */
static void the_first_comparison_after_an_operation_is_told(void **state UNUSED)
{
    static const struct {
        const char *reconciled;
        const char *dry_run;
        bool written;
    } CASES[] = {
        {"2025-01-01T00:00:09Z", "false", true},
        {"2025-01-01T00:00:10Z", "false", false},
        {"2025-01-01T00:00:11Z", "false", false},
        {"2025-01-01T00:00:09Z", "true", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        char text[512];
        (void)snprintf(text, sizeof(text),
                       APPLICATION("", ", status: {sync: {status: Synced}, reconciledAt: '%s', "
                                       "operationState: {operation: {sync: {dryRun: %s}}, phase: "
                                       "Failed, startedAt: '2025-01-01T00:00:00Z', finishedAt: "
                                       "'2025-01-01T00:00:10Z'}}"),
                       CASES[i].reconciled, CASES[i].dry_run);
        begin(&f, text);
        struct status_change change = status_write_unchanged(&f.pass);
        assert_null(status_write_patch(&f.pass, &change));
        change.status.reconciled_at = STR("2025-01-01T00:00:12Z");
        assert_int_equal(status_write_patch(&f.pass, &change) != NULL, CASES[i].written);
        end(&f);
    }
}

static void the_patch_holds_only_what_changed(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION("", ", status: {sync: {status: Synced, revision: r1}, future: {a: b}}"));
    struct status_change change = status_write_unchanged(&f.pass);
    change.status.sync.status = SYNC_STATUS_OUT_OF_SYNC;
    assert_yaml(f.pass.arena, status_write_patch(&f.pass, &change),
                "{status: {sync: {status: OutOfSync}}}");
    end(&f);
}

static void an_answered_refresh_is_removed(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION(", annotations: {argocd.argoproj.io/refresh: hard, other: stays}",
                          ", status: {sync: {status: Synced}}"));
    struct status_change change = status_write_unchanged(&f.pass);
    assert_yaml(f.pass.arena, status_write_patch(&f.pass, &change),
                "{status: {}, metadata: {annotations: {argocd.argoproj.io/refresh: null}}}");
    end(&f);
}

#define REQUESTED(time)                                                \
    APPLICATION(", annotations: {argocd.argoproj.io/refresh: normal, " \
                "argocd.argoproj.io/refresh-timestamp: '" time "'}",   \
                ", status: {sync: {status: Synced}}")

static void a_refresh_asked_for_again_stays(void **state UNUSED)
{
    struct fixture f;
    begin(&f, REQUESTED("1"));
    struct status_change change = status_write_unchanged(&f.pass);
    assert_yaml(f.pass.arena, status_write_patch(&f.pass, &change),
                "{status: {}, metadata: {annotations: {argocd.argoproj.io/refresh: null, "
                "argocd.argoproj.io/refresh-timestamp: null}}}");
    AUTO(doc) struct doc *newer = doc_copy_of(parse_yaml(f.pass.arena, REQUESTED("2")));
    f.app.object = newer;
    assert_null(status_write_patch(&f.pass, &change));
    end(&f);
}

static void an_operation_begins_only_on_the_state_seen(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION("", ", status: {sync: {status: OutOfSync}}"));
    struct status_change change = status_write_unchanged(&f.pass);
    change.operation = parse_yaml(f.pass.arena, "{sync: {revision: r1}}");
    assert_yaml(
        f.pass.arena, status_write_patch(&f.pass, &change),
        "{status: {}, operation: {sync: {revision: r1}}, metadata: {resourceVersion: '7'}}");
    end(&f);
}

static void conditions_come_with_their_time_and_go(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION("", ", status: {conditions: [{type: InvalidSpecError, message: old, "
                              "lastTransitionTime: '2025-01-01T00:00:00Z'}, {type: DeletionError, "
                              "message: not ours to judge}]}"));
    struct status_change change = status_write_unchanged(&f.pass);
    find(&f, CONDITION_COMPARISON_ERROR, "new");
    const struct value *patch = status_write_patch(&f.pass, &change);
    assert_yaml(
        f.pass.arena, value_dig(patch, "status", "conditions"),
        "[{type: ComparisonError, message: new, lastTransitionTime: '2026-01-01T00:00:00Z'}, "
        "{type: DeletionError, message: not ours to judge}]");
    end(&f);
}

static void the_time_of_health_is_that_of_its_change(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION("", ", status: {health: {status: Healthy, lastTransitionTime: "
                              "'2025-01-01T00:00:00Z'}}"));
    struct status_change change = status_write_unchanged(&f.pass);
    status_write_health(&f.pass, &change, HEALTH_STATUS_HEALTHY, STR_EMPTY);
    ASSERT_STR(change.status.health.last_transition_time, "2025-01-01T00:00:00Z");
    status_write_health(&f.pass, &change, HEALTH_STATUS_DEGRADED, STR("why"));
    ASSERT_STR(change.status.health.last_transition_time, "2026-01-01T00:00:00Z");
    ASSERT_STR(change.status.health.message, "why");
    end(&f);
}

static void what_was_compared_is_told(void **state UNUSED)
{
    struct fixture f;
    begin(&f, APPLICATION("", ""));
    struct status_change change = status_write_unchanged(&f.pass);
    change.status.sync.status = SYNC_STATUS_SYNCED;
    status_write_compared_to(&f.pass, &change);
    const struct value *to =
        value_dig(status_write_patch(&f.pass, &change), "status", "sync", "comparedTo");
    ASSERT_STR(value_dig_str(to, "source", "repoURL"), "u");
    ASSERT_STR(value_dig_str(to, "destination", "namespace"), "ns");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_new_writes_nothing),
        cmocka_unit_test(the_first_comparison_after_an_operation_is_told),
        cmocka_unit_test(the_patch_holds_only_what_changed),
        cmocka_unit_test(an_answered_refresh_is_removed),
        cmocka_unit_test(a_refresh_asked_for_again_stays),
        cmocka_unit_test(an_operation_begins_only_on_the_state_seen),
        cmocka_unit_test(conditions_come_with_their_time_and_go),
        cmocka_unit_test(the_time_of_health_is_that_of_its_change),
        cmocka_unit_test(what_was_compared_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
