/* Applications from flags, new ones and changed ones. */
#include "cli/app_spec.h"
#include "common/base/arena.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

static void assert_app(const char *base, const struct app_spec_flags *flags, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *from = NULL;
    const struct value *app = NULL;
    struct str yaml;
    struct err err;
    if (base != NULL) {
        ASSERT_OK(value_from_yaml(arena, str_from(base), NULL, &from, &err));
    }
    ASSERT_OK(app_spec_apply(arena, from, flags, &app, &err));
    ASSERT_OK(value_to_yaml_in(arena, app, NULL, &yaml, &err));
    ASSERT_STR(yaml, want);
}

static void flags_make_an_application(void **state UNUSED)
{
    const char *options[] = {"CreateNamespace=true"};
    const char *labels[] = {"team=a", "tier=b=c"};
    const char *annotations[] = {"note="};
    const struct app_spec_flags flags = {
        .name = "shop",
        .namespace = "team",
        .repo = "https://git.example/shop.git",
        .path = "deploy",
        .revision = "main",
        .dest_server = "https://kubernetes.default.svc",
        .dest_namespace = "shop",
        .sync_policy = "auto",
        .directory_exclude = "*.txt",
        .sync_options = {options, 1},
        .labels = {labels, 2},
        .annotations = {annotations, 1},
        .history_limit = 3,
        .auto_prune = true,
        .self_heal = true,
        .allow_empty = true,
        .directory_recurse = true,
        .set_finalizer = true,
    };
    assert_app(NULL, &flags,
               "apiVersion: argoproj.io/v1alpha1\n"
               "kind: Application\n"
               "metadata:\n"
               "  annotations:\n    note: \"\"\n"
               "  finalizers:\n  - resources-finalizer.argocd.argoproj.io\n"
               "  labels:\n    team: a\n    tier: b=c\n"
               "  name: shop\n"
               "  namespace: team\n"
               "spec:\n"
               "  destination:\n    namespace: shop\n    server: https://kubernetes.default.svc\n"
               "  project: default\n"
               "  revisionHistoryLimit: 3\n"
               "  source:\n"
               "    directory:\n      exclude: '*.txt'\n      recurse: true\n"
               "    path: deploy\n"
               "    repoURL: https://git.example/shop.git\n"
               "    targetRevision: main\n"
               "  syncPolicy:\n"
               "    automated:\n      allowEmpty: true\n      prune: true\n      selfHeal: true\n"
               "    syncOptions:\n    - CreateNamespace=true\n");
}

#define BASE                                                                    \
    "apiVersion: argoproj.io/v1alpha1\n"                                        \
    "kind: Application\n"                                                       \
    "metadata:\n  finalizers:\n  - resources-finalizer.argocd.argoproj.io\n"    \
    "  name: shop\n"                                                            \
    "spec:\n  project: other\n  source:\n    path: deploy\n    unknown: kept\n" \
    "  syncPolicy:\n    automated:\n      prune: true\n"

static void nothing_given_changes_nothing(void **state UNUSED)
{
    const struct app_spec_flags flags = {.history_limit = -1, .set_finalizer = true};
    assert_app(BASE, &flags, BASE);
}

static void flags_win_over_the_file(void **state UNUSED)
{
    const struct app_spec_flags flags = {
        .history_limit = -1, .path = "new", .sync_policy = "none", .project = "mine"};
    assert_app(BASE, &flags,
               "apiVersion: argoproj.io/v1alpha1\n"
               "kind: Application\n"
               "metadata:\n  finalizers:\n  - resources-finalizer.argocd.argoproj.io\n"
               "  name: shop\n"
               "spec:\n  project: mine\n  source:\n    path: new\n    unknown: kept\n"
               "  syncPolicy: {}\n");
}

static void contradictions_are_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const char *labels[] = {"team"};
    const struct value *app = NULL;
    struct err err;
    struct app_spec_flags flags = {.history_limit = -1, .self_heal = true};
    ASSERT_ERR(app_spec_apply(arena, NULL, &flags, &app, &err), ERR_INVALID,
               "--self-heal needs --sync-policy automated");
    flags = (struct app_spec_flags){.history_limit = -1, .labels = {labels, 1}};
    ASSERT_ERR(app_spec_apply(arena, NULL, &flags, &app, &err), ERR_INVALID,
               "labels: 'team' is not KEY=VALUE");
}

static void it_is_known_whether_anything_was_given(void **state UNUSED)
{
    assert_false(
        app_spec_any(&(struct app_spec_flags){.name = "a", .namespace = "b", .history_limit = -1}));
    assert_true(app_spec_any(&(struct app_spec_flags){.history_limit = 0}));
    assert_true(app_spec_any(&(struct app_spec_flags){.history_limit = -1, .path = "x"}));
    assert_true(app_spec_any(&(struct app_spec_flags){.history_limit = -1, .self_heal = true}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_make_an_application),
        cmocka_unit_test(nothing_given_changes_nothing),
        cmocka_unit_test(flags_win_over_the_file),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(it_is_known_whether_anything_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
