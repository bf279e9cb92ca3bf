/* Hook annotations of both kinds, delete policies, names of instances. */
#include "common/kube/kube_object.h"
#include "engine/sync/hooks.h"
#include "tests/lib/parse.h"

#define OBJ(annotations)                                                                          \
    "{apiVersion: batch/v1, kind: Job, metadata: {generateName: job-, annotations: {" annotations \
    "}}}"

static void phases_of_annotations(void **state UNUSED)
{
    static const struct {
        const char *annotations;
        bool is_hook;
        bool skip;
        unsigned phases;
    } CASES[] = {
        {"", false, false, 0},
        {"a: b", false, false, 0},
        {"argocd.argoproj.io/hook: PreSync", true, false, 1 << SYNC_PHASE_PRE_SYNC},
        {"argocd.argoproj.io/hook: 'Sync, PostSync'", true, false,
         1 << SYNC_PHASE_SYNC | 1 << SYNC_PHASE_POST_SYNC},
        {"argocd.argoproj.io/hook: Skip", false, true, 0},
        {"argocd.argoproj.io/hook: 'Skip,SyncFail'", true, false, 1 << SYNC_PHASE_SYNC_FAIL},
        {"argocd.argoproj.io/hook: Other", true, false, 0},
        {"argocd.argoproj.io/hook: Other, helm.sh/hook: pre-install", true, false,
         1 << SYNC_PHASE_PRE_SYNC},
        {"argocd.argoproj.io/hook: Sync, helm.sh/hook: pre-install", true, false,
         1 << SYNC_PHASE_SYNC},
        {"helm.sh/hook: 'pre-upgrade,post-install'", true, false,
         1 << SYNC_PHASE_PRE_SYNC | 1 << SYNC_PHASE_POST_SYNC},
        {"helm.sh/hook: crd-install", false, false, 0},
        {"helm.sh/hook: test", true, false, 0},
        {"helm.sh/hook: pre-rollback", true, false, 0},
        {"helm.sh/hook: post-delete", true, false, 1 << SYNC_PHASE_POST_DELETE},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const char *text = arena_printf(arena, OBJ("%s"), CASES[i].annotations).p;
        struct hook hook = hook_of(parse_yaml(arena, text));
        if (hook.is_hook != CASES[i].is_hook || hook.skip != CASES[i].skip ||
            hook.phases != CASES[i].phases) {
            fail_msg("%s: %d %d %x", CASES[i].annotations, hook.is_hook, hook.skip, hook.phases);
        }
    }
}

static void sync_and_delete_phases(void **state UNUSED)
{
    struct hook hook = {true, false, 1 << SYNC_PHASE_PRE_DELETE};
    assert_true(hook_only_delete(hook));
    assert_false(hook_in_sync(hook));
    hook.phases |= 1 << SYNC_PHASE_SYNC;
    assert_false(hook_only_delete(hook));
    assert_true(hook_in_sync(hook));
    assert_true(hook_has_phase(hook, SYNC_PHASE_SYNC));
}

static unsigned policies(const char *annotations)
{
    AUTO(arena) struct arena *arena = arena_new();
    return hook_delete_policies(parse_yaml(arena, arena_printf(arena, OBJ("%s"), annotations).p));
}

static void delete_policies(void **state UNUSED)
{
    assert_int_equal(policies(""), HOOK_DELETE_BEFORE_CREATION);
    assert_int_equal(policies("argocd.argoproj.io/hook-delete-policy: 'HookSucceeded, HookFailed'"),
                     HOOK_DELETE_SUCCEEDED | HOOK_DELETE_FAILED);
    assert_int_equal(policies("helm.sh/hook-delete-policy: hook-failed"), HOOK_DELETE_FAILED);
    assert_int_equal(policies("argocd.argoproj.io/hook-delete-policy: Never"),
                     HOOK_DELETE_BEFORE_CREATION);
}

static void instances_have_names_and_the_finalizer(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = hook_instance(arena, parse_yaml(arena, OBJ("")), SYNC_PHASE_POST_SYNC,
                                            STR("0123456789abcdef"), 1700000000123);
    ASSERT_STR(kube_name(obj), "job-0123456-postsync-1700000000");
    assert_true(kube_has_finalizer(obj, STR(HOOK_FINALIZER)));
    const struct value *again = hook_instance(arena, obj, SYNC_PHASE_SYNC, STR("x"), 0);
    assert_ptr_equal(again, obj);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_of_annotations),
        cmocka_unit_test(sync_and_delete_phases),
        cmocka_unit_test(delete_policies),
        cmocka_unit_test(instances_have_names_and_the_finalizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
