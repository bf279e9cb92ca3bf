/* Replacements; what is wanted is what kustomize prints. */
#include <stdio.h>

#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/kustomize/replacement.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {
    {"kustomization.yaml", ""},
    {"one.yaml",
     "source: {kind: A, fieldPath: d.w}\ntargets: [{select: {kind: B}, fieldPaths: [d.s]}]\n"},
    {"two.yaml",
     "- {source: {kind: A, fieldPath: d.w}, targets: [{select: {kind: B}, fieldPaths: [d.s]}]}\n"
     "- {source: {kind: A, fieldPath: d.i}, targets: [{select: {kind: B}, fieldPaths: [d.i]}]}\n"},
    {"text.yaml", "nothing\n"},
    {NULL, NULL},
};

#define A \
    "{kind: A, metadata: {name: a}, d: {w: word, q: '8080', i: 5, m: {k: v}, p: a:b:c, e: {}}}\n"
#define B                                                                            \
    "{kind: B, metadata: {name: b}, d: {s: old, i: 7, m: {x: 1}, p: 'x:y', f: 1.5, " \
    "l: [{id: p, v: 1}, {id: q, v: 2}]}}\n"
#define C "{kind: C, metadata: {name: c, labels: {t: u}}, d: {s: old}}\n"

static void run(const char *yaml, struct kustomize_fixture *f, int *ret_rc, struct err *err)
{
    kustomize_fixture_init(f, FILES);
    kustomize_fixture_add(f, A "---\n" B "---\n" C);
    *ret_rc = transform_replacements(&f->layer, f->m, parse_yaml(f->arena, yaml), err);
}

static void fields_are_replaced(void **state UNUSED)
{
    static const struct {
        const char *replacement;
        const char *b; /* d of B and C afterwards; NULL = as it was */
        const char *c;
    } CASES[] = {
        {"{source: {kind: A, fieldPath: d.w}, targets: [{select: {kind: B}, fieldPaths: [d.s]}]}",
         "{s: word}", NULL},
        {"{source: {kind: A, fieldPath: d.i}, targets: [{select: {kind: B}, fieldPaths: [d.s]}]}",
         "{s: '5'}", NULL},
        {"{source: {kind: A, fieldPath: d.q}, targets: [{select: {kind: B}, fieldPaths: [d.i]}]}",
         "{i: 8080}", NULL},
        {"{source: {kind: A, fieldPath: d.i}, targets: [{select: {kind: B}, fieldPaths: [d.f]}]}",
         "{f: 5}", NULL},
        {"{source: {kind: A, fieldPath: d.m}, targets: [{select: {kind: B}, fieldPaths: [d.s, "
         "d.m]}]}",
         "{s: '', m: {k: v}}", NULL},
        {"{source: {kind: A, fieldPath: d.w}, targets: [{select: {kind: B}, fieldPaths: [d.m]}]}",
         "{m: word}", NULL},
        {"{source: {kind: A, fieldPath: d.q}, targets: [{select: {kind: B}, fieldPaths: [d.new.x], "
         "options: {create: true}}]}",
         "{new: {x: 8080}}", NULL},
        {"{source: {kind: A, fieldPath: d.i}, targets: [{select: {kind: B}, fieldPaths: "
         "['d.l.*.v']}]}",
         "{l: [{id: p, v: 5}, {id: q, v: 5}]}", NULL},
        {"{source: {kind: A, fieldPath: d.p, options: {delimiter: ':', index: 1}}, "
         "targets: [{select: {kind: B}, fieldPaths: [d.p], options: {delimiter: ':', index: 0}}]}",
         "{p: 'b:y'}", NULL},
        {"{sourceValue: z, targets: [{select: {kind: B}, fieldPaths: [d.p], "
         "options: {delimiter: ':', index: -1}}]}",
         "{p: 'z:x:y'}", NULL},
        {"{sourceValue: z, targets: [{select: {kind: B}, fieldPaths: [d.p], "
         "options: {delimiter: ':', index: 9}}]}",
         "{p: 'x:y:z'}", NULL},
        {"{sourceValue: '7', targets: [{select: {kind: B}, fieldPaths: [d.m]}]}", "{m: 7}", NULL},
        {"{sourceValue: z, targets: [{select: {kind: 'B|C'}, fieldPaths: [d.s]}]}", "{s: z}",
         "{s: z}"},
        {"{sourceValue: z, targets: [{select: {labelSelector: t=u}, fieldPaths: [d.s]}]}", NULL,
         "{s: z}"},
        {"{sourceValue: z, targets: [{select: {kind: '[BC]'}, reject: [{name: c}], "
         "fieldPaths: [d.s]}]}",
         "{s: z}", NULL},
        {"{sourceValue: z, targets: [{select: {kind: '[BC]'}, reject: [{labelSelector: t}], "
         "fieldPaths: [d.s]}]}",
         "{s: z}", NULL},
        {"{path: one.yaml}", "{s: word}", NULL},
        {"{path: two.yaml}", "{s: word, i: 5}", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        int rc = 0;
        char list[1024];
        (void)snprintf(list, sizeof(list), "[%s]", CASES[i].replacement);
        run(list, &f, &rc, &err);
        ASSERT_OK(rc);
        const char *want[] = {CASES[i].b, CASES[i].c};
        for (size_t j = 0; j < ARRAY_LEN(want); j++) {
            const struct value *fields =
                want[j] != NULL ? parse_yaml(f.arena, want[j]) : parse_yaml(f.arena, "{s: old}");
            VALUE_MAP_FOREACH(fields, e)
            {
                const struct value *d = value_dig(resmap_at(f.m, j + 1)->object, "d");
                if (!value_equal(value_find(d, e->key), &e->value)) {
                    fail_msg("%s\n  gives " STR_FMT, CASES[i].replacement,
                             STR_ARG(print_json(f.arena, d, NULL)));
                }
            }
        }
        kustomize_fixture_done(&f);
    }
}

static void replacements_are_refused(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"{}", "replacements must specify a source and at least one target"},
        {"{source: {kind: Z}, targets: [{select: {kind: B}}]}",
         "nothing selected by Z.[noVer].[noGrp]/[noName].[noNs]"},
        {"{source: {}, targets: [{select: {kind: B}}]}", "multiple matches for selector"},
        {"{source: {kind: A, fieldPath: d.gone}, targets: [{select: {kind: B}}]}",
         "fieldPath `d.gone` is missing for replacement source A.[noVer].[noGrp]/[noName].[noNs]"},
        {"{source: {kind: A, fieldPath: d.e}, targets: [{select: {kind: B}}]}",
         "fieldPath `d.e` is missing"},
        {"{source: {kind: A}, sourceValue: x, targets: [{select: {kind: B}}]}",
         "value and resource selectors are mutually exclusive"},
        {"{sourceValue: x, targets: [{fieldPaths: [a]}]}",
         "target must specify resources to select"},
        {"{sourceValue: x, targets: [{select: {kind: B}, fieldPaths: [d.gone]}]}",
         "unable to find field \"d.gone\" in replacement target"},
        {"{sourceValue: x, targets: [{select: {kind: B}, fieldPaths: [d.l.9.v], "
         "options: {create: true}}]}",
         "unable to find or create field \"d.l.9.v\" in replacement target: index 9 specified but "
         "only 2 elements found"},
        {"{sourceValue: x, targets: [{select: {kind: B}, fieldPaths: [d.i]}]}",
         "cannot decode !!str `x` as a !!int"},
        {"{sourceValue: x, targets: [{select: {kind: B}, fieldPaths: [d.m], "
         "options: {delimiter: ':'}}]}",
         "delimiter option can only be used with scalar nodes"},
        {"{source: {kind: A, fieldPath: d.p, options: {delimiter: ':', index: 5}}, "
         "targets: [{select: {kind: B}}]}",
         "options.index 5 is out of bounds for value a:b:c"},
        {"{sourceValue: x, targets: [{select: {kind: '('}}]}", "error creating target selector"},
        {"{path: one.yaml, source: {kind: A}}", "cannot specify both path and inline replacement"},
        {"{path: text.yaml}", "unsupported replacement type"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err = {0};
        struct kustomize_fixture f;
        int rc = 0;
        char list[1024];
        (void)snprintf(list, sizeof(list), "[%s]", CASES[i][0]);
        run(list, &f, &rc, &err);
        assert_true(rc < 0);
        struct str text = kbuild_take_error(&f.build, &err);
        if (str_find(text, str_from(CASES[i][1])) == STR_NONE) {
            fail_msg("'" STR_FMT "' does not contain '%s'", STR_ARG(text), CASES[i][1]);
        }
        kustomize_fixture_done(&f);
    }
}

static void text_in_strings_is_edited(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *path;
        const char *want;
    } CASES[] = {
        {"{\"b\":1,\"a\":{\"x\":\"<old>\"}}", "a.x", "{\"a\":{\"x\":\"new\"},\"b\":1}"},
        {"{\n    \"a\": {\"x\": 1},\n    \"b\": \"o\"\n}", "b",
         "{\n  \"a\": {\n    \"x\": 1\n  },\n  \"b\": \"new\"\n}"},
        {"z: 1\na:\n    - k: \"v\"\n      x: old\n    - k: 'w'\n", "a.[k=w].k",
         "z: 1\na:\n- k: \"v\"\n  x: old\n- k: 'new'"},
        {"a: {x: old, l: [1, \"2\"]}\nb: |\n  one\n  two\nc: {}\n", "a.x",
         "a: {x: new, l: [1, \"2\"]}\nb: |\n  one\n  two\nc: {}"},
        {"- a\n- - b\n  - c\n", "1.0", "- a\n- - new\n  - c"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        kustomize_fixture_init(&f, FILES);
        struct str text = str_from(CASES[i].text);
        kustomize_fixture_add(&f, "{kind: T, metadata: {name: t}}");
        struct kres *res = resmap_at(f.m, 0);
        kres_set(res, value_map_set(f.arena, res->object, STR("t"), value_new_str(f.arena, text)));
        struct str list = arena_printf(
            f.arena, "[{sourceValue: new, targets: [{select: {kind: T}, fieldPaths: ['t.%s']}]}]",
            CASES[i].path);
        ASSERT_OK(transform_replacements(&f.layer, f.m, parse_yaml(f.arena, list.p), &err));
        ASSERT_STR(value_dig_str(res->object, "t"), CASES[i].want);
        kustomize_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_replaced),
        cmocka_unit_test(replacements_are_refused),
        cmocka_unit_test(text_in_strings_is_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
