/* Whole builds against what the real kustomize made of them: tests/data/kustomize, recorded by record.py there. */
#include <stdio.h>

#include "cli/local_tree.h"
#include "common/base/fs.h"
#include "engine/kustomize/kustomize.h"
#include "tests/lib/cases.h"
#include "tests/lib/kustomize_build.h"

static struct str read_or_empty(struct arena *arena, const char *dir, const char *name)
{
    struct err err;
    struct str text;
    const char *path = arena_printf(arena, "%s/%s", dir, name).p;
    return fs_read_file(arena, path, LIMIT_MIB, &text, &err) == 0 ? text : STR_EMPTY;
}

/* part.txt: of messages with texts of Go's own in them, the part that says what is wrong. */
static void check_error(struct arena *arena, const char *dir, struct str got)
{
    struct str part = str_trim(read_or_empty(arena, dir, "part.txt"));
    struct str want = str_trim(read_or_empty(arena, dir, "want_error.txt"));
    bool good = part.n > 0 ? str_find(got, part) != STR_NONE : str_eq(got, want);
    if (!good) {
        fail_msg("%s: error is:\n" STR_FMT "\nwanted:\n" STR_FMT, dir, STR_ARG(got),
                 STR_ARG(part.n > 0 ? part : want));
    }
}

static void run_case(struct arena *arena, const char *dir, const char *name)
{
    struct err err;
    struct str error_text = STR_EMPTY;
    struct str text = STR_EMPTY;
    AUTO(local_tree) struct local_tree *tree = NULL;
    struct budget budget = budget_unlimited();
    struct kustomize_result result;
    struct kustomize_options options = {
        .enable_helm = strcmp(name, "error_helm_not_enabled") != 0,
        .error_text = &error_text,
    };
    budget.depth = LIMIT_TEMPLATE_DEPTH;
    ASSERT_OK(local_tree_open(arena_printf(arena, "%s/in", dir).p, &tree, &err));
    struct engine_env env = {.arena = arena, .budget = &budget, .files = local_tree_files(tree)};
    int rc = kustomize_build(&env, str_trim(read_or_empty(arena, dir, "target")), &options, &result,
                             &err);
    if (strncmp(name, "error_", 6) == 0) {
        assert_true(rc < 0);
        check_error(arena, dir, error_text);
        return;
    }
    if (rc < 0) {
        fail_msg("%s: " STR_FMT, name, STR_ARG(error_text));
    }
    ASSERT_OK(kustomize_print(&env, &result, &text, &err));
    struct str want = read_or_empty(arena, dir, "want.yaml");
    if (!str_eq(text, want)) {
        fail_msg("%s is:\n" STR_FMT "\nwanted:\n" STR_FMT, name, STR_ARG(text), STR_ARG(want));
    }
}

static void prints_what_kustomize_prints(void **state UNUSED)
{
    cases_run("kustomize", run_case);
}

static const struct mem_file ONE[] = {
    {"d/kustomization.yaml", "resources: [a.yaml]\n"},
    {"d/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"},
    {NULL, NULL},
};

static const struct value *edited;

static int on_edit(struct engine_env *env UNUSED,
                   const struct value *kustomization,
                   const struct value **ret,
                   void *data UNUSED,
                   struct err *err UNUSED)
{
    edited = kustomization;
    *ret = kustomization;
    return 0;
}

static void takes_options(void **state UNUSED)
{
    struct kustomize_fixture f;
    struct err err;
    struct kustomize_result result;
    kustomize_fixture_init(&f, ONE);
    f.options.managed_by_label = true;
    f.options.order = KUSTOMIZE_ORDER_FIFO;
    f.options.edit = on_edit;
    ASSERT_OK(kustomize_fixture_build(&f, "d", &err));
    assert_true(str_find(f.text, STR("app.kubernetes.io/managed-by: kustomize-v5.8.0")) !=
                STR_NONE);
    assert_non_null(edited);
    ASSERT_OK(kustomize_build(&f.env, STR("d"), &f.options, &result, &err));
    assert_int_equal(result.n, 1);
    ASSERT_STR(result.objects[0].file, "d/a.yaml");
    assert_int_equal(result.objects[0].line, 1);
    kustomize_fixture_done(&f);
}

static void errors_have_a_place(void **state UNUSED)
{
    static const struct mem_file FILES[] = {
        {"over/kustomization.yaml", "resources: [../base]\n"},
        {"base/kustomization.yaml", "resources: [a.yaml]\nlabels: [{pairs: {a: 1}}]\n"},
        {NULL, NULL},
    };
    struct kustomize_fixture f;
    struct err err;
    kustomize_fixture_init(&f, FILES);
    ASSERT_ERR(kustomize_fixture_build(&f, "over", &err), ERR_INVALID,
               "base '../base': base/kustomization.yaml:2:22: json: cannot unmarshal number");
    ASSERT_STR(f.error_text,
               "accumulating resources: accumulation err='accumulating resources from '../base': "
               "'/base' must resolve to a file': couldn't make target for path '/base': invalid "
               "Kustomization: json: cannot unmarshal number into Go struct field "
               "Label.labels.pairs of type string");
    kustomize_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_what_kustomize_prints),
        cmocka_unit_test(takes_options),
        cmocka_unit_test(errors_have_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
