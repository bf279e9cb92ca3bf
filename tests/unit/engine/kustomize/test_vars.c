/* Vars: what they are bound to, and what becomes of $(NAME). */
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/transform.h"
#include "engine/kustomize/vars.h"
#include "tests/lib/kustom_fixture.h"

#define VARS(object, path) "[{name: V, objref: {" object "}, fieldref: {fieldPath: '" path "'}}]"
#define OF_CM(path)        VARS("kind: ConfigMap, apiVersion: v1, name: c", path)
#define CM(data)           "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: " data "}\n"
#define ANNOTATED(text)    "{apiVersion: v1, kind: X, metadata: {name: x, annotations: " text "}}\n"

static int expand(struct kustom *f, const char *list, struct vars *vars, struct err *err)
{
    struct vars own;
    TRY(vars_from_value(&f->layer, parse_yaml(f->arena, list), &own, err));
    TRY(vars_merge(&f->layer, f->m, vars, own, err));
    return vars_expand(&f->layer, f->m, vars, err);
}

static void replaces(void **state UNUSED)
{
    static const struct {
        const char *data; /* of the config map */
        const char *path;
        const char *in;
        const char *want;
    } CASES[] = {
        {"{k: v}", "data.k", "{a: $(V)}", "{a: v}"},
        {"{k: v}", "data.k", "{a: x$(V)$(V)y, n: 1}", "{a: xvvy, n: 1}"},
        {"{k: v}", "data.k", "{a: $$(V) $$$(V) $(W) $V $(V}", "{a: $(V) $v $(W) $V $(V}"},
        {"{k: v}", "data.k", "{a: $, b: \"$(\", c: $()}", "{a: $, b: \"$(\", c: $()}"},
        {"{k: 5}", "data.k", "{a: $(V), b: -$(V)}", "{a: 5, b: \"-5\"}"},
        {"{k: 0x1f}", "data.k", "{a: $(V), b: -$(V)}", "{a: \"0x1f\", b: \"-0x1f\"}"},
        {"{k: 1.5}", "data.k", "{a: $(V), b: -$(V)}", "{a: 1.5, b: \"-1.5\"}"},
        {"{k: 1000000.0}", "data.k", "{b: -$(V)}", "{b: \"-1e+06\"}"},
        {"{k: true}", "data.k", "{a: $(V), b: -$(V)}", "{a: true, b: -true}"},
        {"{k: \"5\"}", "data.k", "{a: $(V)}", "{a: \"5\"}"},
        {"{k: null}", "data.k", "{a: $(V)}", "{a: \"null\"}"},
        {"{k: {m: 1}}", "data.k", "{a: $(V)}", "{a: $(V)}"},
        {"{k: [{m: 1}, {m: two}]}", "data.k[1].m", "{a: $(V)}", "{a: two}"},
        {"{k: [{m: 1}, {m: two}]}", "data.k.1.m", "{a: $(V)}", "{a: two}"},
        {"{k: [{m: 1, n: x}, {m: two, n: y}]}", "data.k.[n=y].m", "{a: $(V)}", "{a: two}"},
        {"{k.l: v}", "data.k\\.l", "{a: $(V)}", "{a: v}"},
        {"{k.l: v}", "data.[k.l]", "{a: $(V)}", "{a: v}"},
        {"{k: $(V)}", "data.k", "{a: =$(V)}", "{a: =$(V)}"},
        {"{}", "", "{a: $(V)}", "{a: c}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustom f;
        struct vars vars = {0};
        struct err err;
        AUTO(arena) struct arena *arena = arena_new();
        kustom_setup(
            &f,
            arena_printf(arena, CM("%s") "---\n" ANNOTATED("%s"), CASES[i].data, CASES[i].in).p);
        int rc = expand(&f, arena_printf(f.arena, OF_CM("%s"), CASES[i].path).p, &vars, &err);
        kustom_check(
            &f, CASES[i].in, rc, &err,
            arena_printf(f.arena, CM("%s") "---\n" ANNOTATED("%s"), CASES[i].data, CASES[i].want).p,
            NULL);
        kustom_done(&f);
    }
}

static void refuses(void **state UNUSED)
{
    static const struct {
        const char *list;
        const char *want_error;
    } CASES[] = {
        {VARS("kind: ConfigMap, apiVersion: v1, name: d", "data.k"),
         "var '{V ConfigMap.v1.[noGrp] {data.k}}' cannot be mapped to a field in the set of known "
         "resources"},
        {VARS("kind: ConfigMap, name: c", "data.k"), "cannot be mapped"}, /* the version counts */
        {OF_CM("data.z"), "field specified in var '{V ConfigMap.v1.[noGrp] {data.z}}' not found"},
        {OF_CM("data.k.0"), "not found in corresponding resource"},
        {OF_CM("data.l[1][0]"), "not found in corresponding resource"}, /* as in kustomize */
        {OF_CM("data.l[9]"), "not found in corresponding resource"},
        {VARS("kind: Secret, apiVersion: v1, name: s", "data.k"),
         "found 2 resId matches for var V (unable to disambiguate)"},
        {"[{name: V}, {name: V}]", "var 'V' already encountered"},
        {"[{name: 5}]", "vars[0]: "},
        {"{name: V}", "vars must be a list, not a map"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustom f;
        struct vars vars = {0};
        struct err err;
        kustom_setup(&f, CM("{k: v, l: [[1], [2]]}") "---\n"
                                                     "{apiVersion: v1, kind: Secret, metadata: "
                                                     "{name: s, namespace: a}}\n---\n"
                                                     "{apiVersion: v1, kind: Secret, metadata: "
                                                     "{name: s, namespace: b}}\n");
        ASSERT_ERR(expand(&f, CASES[i].list, &vars, &err), ERR_INVALID, CASES[i].want_error);
        kustom_done(&f);
    }
}

static void binds_by_namespace_and_earlier_names(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct vars vars = {0};
    struct affix_config prefix = {STR("p-"), kconfig_default()->fields[KCONFIG_NAME_PREFIX]};
    kustom_setup(&f, "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: a}}\n---\n"
                     "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: b}}\n---\n"
                     "{apiVersion: v1, kind: X, metadata: {name: x}, list: [$(V), a]}\n");
    ASSERT_OK(transform_prefix(&f.layer, f.m, &prefix, &err));
    const struct kconfig *config = NULL;
    ASSERT_OK(kconfig_from_value(f.arena, parse_yaml(f.arena, "varReference: [{path: list}]"),
                                 &config, &err));
    f.layer.config = config;
    ASSERT_OK(expand(&f, VARS("kind: Secret, version: v1, name: s, namespace: b", "metadata.name"),
                     &vars, &err));
    assert_ptr_equal(vars.items[0].bound, resmap_at(f.m, 1));
    kustom_assert(&f, "list",
                  "{apiVersion: v1, kind: Secret, metadata: {name: p-s, namespace: a}}\n---\n"
                  "{apiVersion: v1, kind: Secret, metadata: {name: p-s, namespace: b}}\n---\n"
                  "{apiVersion: v1, kind: X, metadata: {name: p-x}, list: [p-s, a]}\n");
    kustom_done(&f);
}

static void lists_hold_only_text(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct vars vars = {0};
    kustom_setup(&f, CM("{k: v}") "---\n{apiVersion: v1, kind: Pod, metadata: {name: x}, "
                                  "spec: {containers: [{args: [1]}]}}");
    ASSERT_ERR(expand(&f, OF_CM("data.k"), &vars, &err), ERR_INVALID,
               "r.yaml:3:78: invalid value type expect a string");
    kustom_done(&f);
}

static void bases_keep_what_is_bound(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct vars all = {0};
    struct vars base = {0};
    kustom_setup(&f, CM("{k: v}"));
    ASSERT_OK(vars_from_value(&f.layer, parse_yaml(f.arena, OF_CM("data.k")), &base, &err));
    ASSERT_OK(vars_add(&f.layer, &all, base, &err));
    assert_int_equal(all.n, 1);
    assert_null(all.items[0].bound);
    ASSERT_ERR(vars_add(&f.layer, &all, base, &err), ERR_INVALID, "already encountered");
    ASSERT_OK(vars_from_value(&f.layer, NULL, &base, &err));
    ASSERT_OK(vars_add(&f.layer, &all, base, &err));
    kustom_done(&f);
}

static void collect_warning(struct str text, void *data)
{
    struct buf *b = data;
    buf_put(b, text);
}

static void unused_ones_are_told(void **state UNUSED)
{
    AUTO(buf) struct buf warnings;
    struct kustom f;
    struct err err;
    struct vars vars = {0};
    buf_init(&warnings, 1000);
    struct kustomize_options options = {.warn = collect_warning, .warn_data = &warnings};
    kustom_setup(&f, CM("{k: v}") "---\n" ANNOTATED("{a: $(B)}"));
    f.build.options = &options;
    ASSERT_OK(expand(&f,
                     "[{name: C, objref: {kind: ConfigMap, version: v1, name: c}},\n"
                     " {name: B, objref: {kind: ConfigMap, version: v1, name: c}},\n"
                     " {name: A, objref: {kind: ConfigMap, version: v1, name: c}}]",
                     &vars, &err));
    assert_string_equal(warnings.p, "well-defined vars that were never replaced: A,C");
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces),
        cmocka_unit_test(refuses),
        cmocka_unit_test(binds_by_namespace_and_earlier_names),
        cmocka_unit_test(lists_hold_only_text),
        cmocka_unit_test(bases_keep_what_is_bound),
        cmocka_unit_test(unused_ones_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
