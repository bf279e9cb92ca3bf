/* Kustomization files. */
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/check.h"
#include "tests/lib/mem_tree.h"

struct fixture {
    struct arena *arena;
    struct budget budget;
    struct mem_tree tree;
    struct engine_env env;
    struct kustomize_options options;
    struct kbuild build;
    struct kload load;
    struct buf warnings;
};

static void on_warn(struct str text, void *data)
{
    buf_printf(data, STR_FMT "\n", STR_ARG(text));
}

static void setup(struct fixture *f, const struct mem_file *files)
{
    struct err err;
    f->arena = arena_new();
    f->budget = budget_unlimited();
    f->tree = mem_tree_of(files);
    f->env = (struct engine_env){.arena = f->arena, .budget = &f->budget, .files = &f->tree.files};
    buf_init(&f->warnings, 10000);
    f->options = (struct kustomize_options){.warn = on_warn, .warn_data = &f->warnings};
    f->build = (struct kbuild){.env = &f->env, .options = &f->options, .schema = kschema_builtin()};
    ASSERT_OK(kload_init(&f->load, &f->env, STR("d"), KLOAD_ROOT_ONLY, &err));
}

static void finish(struct fixture *f)
{
    buf_done(&f->warnings);
    arena_free(f->arena);
}

static int load_text(struct fixture *f,
                     const char *text,
                     struct kustomization *ret,
                     struct str *ret_error,
                     struct err *err)
{
    static struct mem_file files[] = {{"d/kustomization.yaml", NULL}, {NULL, NULL}};
    files[0].text = text;
    setup(f, files);
    int rc = kustomization_load(&f->build, &f->load, ret, err);
    *ret_error = rc < 0 ? kbuild_take_error(&f->build, err) : STR_EMPTY;
    return rc;
}

static void folds_old_fields(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct str error;
    struct kustomization k;
    ASSERT_OK(load_text(&f,
                        "resources: [a]\nbases: [b]\nimages: [{name: x}]\nimageTags: [{name: z}]\n"
                        "vars: [{name: V}]\nconfigMapGenerator: [{name: c, envs: [e], env: f}]\n"
                        "helmChartInflationGenerator: [{chartName: h, chartHome: ch}]\n",
                        &k, &error, &err));
    assert_int_equal(k.resources.n, 2);
    ASSERT_STR(k.resources.items[1], "b");
    assert_int_equal(k.images.n, 2);
    const struct pairs_source *c = k.config_map_generator.items;
    assert_int_equal(c->envs.n, 2);
    ASSERT_STR(c->envs.items[1], "f");
    ASSERT_STR(((const struct helm_chart *)k.helm_charts.items)->name, "h");
    ASSERT_STR(k.helm_globals.chart_home, "ch");
    ASSERT_STR(k.kind, "Kustomization");
    assert_string_equal(
        f.warnings.p,
        "# Warning: 'bases' is deprecated. Please use 'resources' instead. Run 'kustomize edit "
        "fix' to update your Kustomization automatically.\n"
        "# Warning: 'imageTags' is deprecated. Please use 'images' instead. Run 'kustomize edit "
        "fix' to update your Kustomization automatically.\n"
        "# Warning: 'vars' is deprecated. Please use 'replacements' instead. [EXPERIMENTAL] Run "
        "'kustomize edit fix' to update your Kustomization automatically.\n");
    finish(&f);
}

static void decodes_patches(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct str error;
    struct kustomization k;
    ASSERT_OK(
        load_text(&f,
                  "kind: Component\npatches:\n- path: p\n  target: {kind: K, labelSelector: l}\n"
                  "  options: {allowNameChange: true}\n- patch: x\n",
                  &k, &error, &err));
    assert_true(kustomization_is_component(&k));
    const struct patch_config *p = k.patches.items;
    assert_true(p[0].has_target && p[0].allow_name_change && !p[0].allow_kind_change);
    ASSERT_STR(p[0].target.id.gvk.kind, "K");
    ASSERT_STR(p[0].target.label_selector, "l");
    assert_false(p[1].has_target);
    finish(&f);
}

static void says_what_is_wrong(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"", "kustomization.yaml is empty"},
        {"kind: Kustomization\nnamePrefix: ''\nbases: []\n", "kustomization.yaml is empty"},
        {"what: 1\n", "invalid Kustomization: json: unknown field \"what\""},
        {"commonLabels: {a: 1}\n",
         "invalid Kustomization: json: cannot unmarshal number into Go struct field "
         "Kustomization.commonLabels of type string"},
        {"a: b\n c: d\n",
         "invalid Kustomization: yaml: line 2: mapping values are not allowed in this context"},
        {"kind: X\napiVersion: v1\nnamePrefix: a\n",
         "Failed to read kustomization file under /d:\nkind should be Kustomization or "
         "Component\napiVersion for X should be kustomize.config.k8s.io/v1beta1"},
        {"kind: Component\napiVersion: v1\nnamePrefix: a\n",
         "Failed to read kustomization file under /d:\napiVersion for Component should be "
         "kustomize.config.k8s.io/v1alpha1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        struct err err;
        struct str error;
        struct kustomization k;
        assert_int_equal(load_text(&f, CASES[i].text, &k, &error, &err), -ERR_INVALID);
        ASSERT_STR(error, CASES[i].want);
        assert_string_equal(err.pos.file, "d/kustomization.yaml");
        finish(&f);
    }
}

static void wants_one_file(void **state UNUSED)
{
    static const struct mem_file NONE[] = {{"d/x", ""}, {NULL, NULL}};
    static const struct mem_file TWO[] = {
        {"d/kustomization.yml", ""}, {"d/Kustomization", ""}, {NULL, NULL}};
    struct fixture f;
    struct err err;
    struct kustomization k;
    setup(&f, NONE);
    ASSERT_ERR(kustomization_load(&f.build, &f.load, &k, &err), ERR_NOT_FOUND,
               "unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
               "'Kustomization' in directory '/d'");
    finish(&f);
    setup(&f, TWO);
    ASSERT_ERR(kustomization_load(&f.build, &f.load, &k, &err), ERR_INVALID,
               "Found multiple kustomization files under: /d");
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_old_fields),
        cmocka_unit_test(decodes_patches),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(wants_one_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
