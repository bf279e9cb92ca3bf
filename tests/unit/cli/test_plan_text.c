/* Plans for people. */
#include "cli/plan_text.h"
#include "tests/lib/parse.h"

#define PLAN                                                                                      \
    "tasks:\n"                                                                                    \
    "- {phase: PreSync, wave: 0, action: create, group: batch, kind: Job, namespace: ns, name: "  \
    "h, hook: true}\n"                                                                            \
    "- {phase: Sync, wave: -1, action: unchanged, kind: ConfigMap, namespace: ns, name: same}\n"  \
    "- {phase: Sync, wave: -1, action: prune, kind: Pod, namespace: ns, name: p, overBudget: "    \
    "true}\n"                                                                                     \
    "- phase: Sync\n"                                                                             \
    "  wave: 2\n"                                                                                 \
    "  action: replace\n"                                                                         \
    "  group: apps\n"                                                                             \
    "  kind: Deployment\n"                                                                        \
    "  namespace: ns\n"                                                                           \
    "  name: web\n"                                                                               \
    "  changes:\n"                                                                                \
    "  - {path: /spec/replicas, live: 5, wanted: 2, manager: kubectl, time: '2026-01-01'}\n"      \
    "  - {path: /spec/paused, live: true}\n"                                                      \
    "- {phase: Sync, wave: 2, action: skip-prune, kind: Namespace, name: x, refused: not ours}\n" \
    "counts: {create: 1, replace: 1, prune: 1, unchanged: 1, skip-prune: 1}\n"                    \
    "deletionBudget: too many\n"                                                                  \
    "refused: not valid\n"

#define SUMMARY                                                                                 \
    "1 to create, 1 to replace, 1 to delete, 1 not in the source any more, kept, 1 unchanged\n" \
    "needs confirmation: too many\n"                                                            \
    "would fail: not valid\n"

static void assert_text(const char *plan, enum plan_text_detail detail, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 64 * 1024);
    plan_text(arena, parse_yaml(arena, plan), detail, &out);
    assert_string_equal(out.p, want);
}

static void phases_waves_and_fields(void **state UNUSED)
{
    assert_text(PLAN, PLAN_TEXT_CHANGES,
                "PreSync\n"
                "  wave 0\n"
                "    + batch/Job ns/h  (hook)\n"
                "Sync\n"
                "  wave -1\n"
                "    - Pod ns/p  (over budget)\n"
                "  wave 2\n"
                "    ~ apps/Deployment ns/web  (replace)\n"
                "          /spec/replicas: 5 -> 2  (set by kubectl, 2026-01-01)\n"
                "          /spec/paused: true -> (none)\n"
                "    ! Namespace x  (refused: not ours)\n" SUMMARY);
    assert_text("{tasks: [{phase: Sync, wave: 0, action: unchanged, kind: A, name: b}], counts: "
                "{unchanged: 1}}",
                PLAN_TEXT_ALL, "Sync\n  wave 0\n    = A b\n1 unchanged\n");
    assert_text("{tasks: []}", PLAN_TEXT_CHANGES, "nothing to do\n");
}

static void hooks_alone_are_no_work(void **state UNUSED)
{
    static const struct {
        const char *task;
        bool work;
    } CASES[] = {
        {"{action: create, hook: true}", false}, {"{action: create}", true},
        {"{action: unchanged}", false},          {"{action: confirm-prune}", true},
        {"{action: skip-prune}", false},         {"{action: none}", false},
        {"{action: something-new}", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str yaml = arena_printf(arena, "{tasks: [%s]}", CASES[i].task);
        assert_int_equal(plan_text_has_work(parse_yaml(arena, yaml.p)), CASES[i].work);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_waves_and_fields),
        cmocka_unit_test(hooks_alone_are_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
