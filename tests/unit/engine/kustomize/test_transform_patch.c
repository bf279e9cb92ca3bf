/* Patches for named and for selected objects. */
#include "engine/kustomize/transform.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {
    {"kustomization.yaml", ""},
    {"sm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: file}\n"},
    {"op.json", "[{\"op\": \"add\", \"path\": \"/data/j\", \"value\": \"1\"}]"},
    {"empty.yaml", "# nothing\n"},
    {NULL, NULL},
};

#define OBJECTS                                                                                    \
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {l: x, m: y}}\ndata: {x: '1'}\n" \
    "---\n"                                                                                        \
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, labels: {l: z}}\ndata: {x: '2'}\n"       \
    "---\n"                                                                                        \
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"

#define A(rest) "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {l: x, m: y}}\n" rest
#define B(rest) "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, labels: {l: z}}\n" rest
#define S       "---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"

static void patches_apply(void **state UNUSED)
{
    static const struct {
        struct patch_config config;
        const char *want;
    } CASES[] = {
        {{.path = {"sm.yaml", 7}}, A("data: {x: file}\n") B("data: {x: '2'}\n") S},
        {{.patch = STR("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n$patch: delete")},
         B("data: {x: '2'}\n") S},
        {{.patch = STR("apiVersion: v1\nkind: X\nmetadata: {name: q, labels: {l: null}}\n"
                       "data: {x: null}"),
          .has_target = true,
          .target = {.id = {.gvk = {.kind = STR("Config.*")}, .name = STR("b|c")}}},
         A("data: {x: '1'}\n") "---\napiVersion: v1\nkind: ConfigMap\n"
                               "metadata: {name: b, labels: {l: 'null'}}\ndata: {}\n" S},
        {{.path = {"op.json", 7},
          .has_target = true,
          .target = {.label_selector = STR("l in (x,z),!n")}},
         A("data: {x: '1', j: '1'}\n") B("data: {x: '2', j: '1'}\n") S},
        {{.patch = STR("- {op: add, path: /metadata/annotations, value: {k: 1}}"),
          .has_target = true,
          .target = {.id = {.gvk = {.kind = STR("Secret")}, .namespace = STR("default")}}},
         A("data: {x: '1'}\n")
             B("data: {x: '2'}\n") "---\napiVersion: v1\nkind: Secret\n"
                                   "metadata: {name: a, annotations: {k: '1'}}\n"},
        {{.patch = STR("apiVersion: v1\nkind: Secret\nmetadata: {name: c}"),
          .has_target = true,
          .allow_name_change = true,
          .target = {.id = {.gvk = {.kind = STR("Secret")}}}},
         A("data: {x: '1'}\n")
             B("data: {x: '2'}\n") "---\napiVersion: v1\nkind: Secret\nmetadata: {name: c}\n"},
        {{.path = {"empty.yaml", 10}}, A("data: {x: '1'}\n") B("data: {x: '2'}\n") S},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        kustomize_fixture_init(&f, FILES);
        kustomize_fixture_add(&f, OBJECTS);
        ASSERT_OK(transform_patch(&f.layer, f.m, &CASES[i].config, &err));
        resmap_drop_empty(f.m);
        kustomize_fixture_expect(&f, CASES[i].want);
        kustomize_fixture_done(&f);
    }
}

static void patches_are_refused(void **state UNUSED)
{
    static const struct {
        struct patch_config config;
        const char *want;
    } CASES[] = {
        {{.patch = {NULL, 0}}, "must specify one of patch and path"},
        {{.path = STR("a"), .patch = STR("b")}, "patch and path can't be set at the same time"},
        {{.path = STR("gone.yaml")}, "failed to get the patch file from path(gone.yaml)"},
        {{.patch = STR("text")}, "unable to parse SM or JSON patch from [patch: \"text\"]"},
        {{.patch = STR("- {op: remove, path: /a}")}, "must specify a target for JSON patch"},
        {{.patch = STR("apiVersion: v1\nkind: Secret\nmetadata: {name: z}")},
         "no resource matches strategic merge patch \"Secret.v1.[noGrp]/z.[noNs]\": no matches for "
         "Id Secret.v1.[noGrp]/z.[noNs]; failed to find unique target for patch "
         "Secret.v1.[noGrp]/z.[noNs]"},
        {{.patch = STR("{apiVersion: v1, kind: A, metadata: {name: z}}\n---\n"
                       "{apiVersion: v1, kind: A, metadata: {name: y}}"),
          .has_target = true},
         "Multiple Strategic-Merge Patches in one `patches` entry"},
        {{.path = STR("op.json"), .has_target = true, .target = {.id = {.name = STR("(")}}},
         "error parsing regexp"},
        {{.path = STR("op.json"), .has_target = true, .target = {.label_selector = STR("a b")}},
         "expected: '=', '!=', '==', 'in', notin'"},
        {{.path = STR("op.json"),
          .has_target = true,
          .target = {.id = {.gvk = {.kind = STR("Secret")}}}},
         "doc is missing path: \"/data/j\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err = {0};
        struct kustomize_fixture f;
        kustomize_fixture_init(&f, FILES);
        kustomize_fixture_add(&f, OBJECTS);
        assert_true(transform_patch(&f.layer, f.m, &CASES[i].config, &err) < 0);
        struct str text = kbuild_take_error(&f.build, &err);
        if (str_find(text, str_from(CASES[i].want)) == STR_NONE) {
            fail_msg("'" STR_FMT "' does not contain '%s'", STR_ARG(text), CASES[i].want);
        }
        kustomize_fixture_done(&f);
    }
}

static void earlier_identities_are_found(void **state UNUSED)
{
    struct err err;
    struct kustomize_fixture f;
    struct patch_config sm = {.path = STR("sm.yaml")};
    struct patch_config json = {
        .path = STR("op.json"), .has_target = true, .target = {.id = {.name = STR("a")}}};
    kustomize_fixture_init(&f, FILES);
    kustomize_fixture_add(&f, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {}}");
    struct kres *res = resmap_at(f.m, 0);
    kres_remember(f.arena, res);
    kres_set(res, parse_yaml(f.arena,
                             "{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a}, data: {}}"));
    ASSERT_OK(transform_patch(&f.layer, f.m, &sm, &err));
    ASSERT_OK(transform_patch(&f.layer, f.m, &json, &err));
    kustomize_fixture_expect(
        &f, "{apiVersion: v1, kind: ConfigMap, metadata: {name: p-a}, data: {x: file, j: '1'}}");
    kustomize_fixture_done(&f);
}

static void old_fields_apply(void **state UNUSED)
{
    struct err err = {0};
    struct kustomize_fixture f;
    const struct str paths[] = {
        STR("sm.yaml"),
        STR("{apiVersion: v1, kind: Secret, metadata: {name: a}, $patch: delete}"),
    };
    struct patch_strategic_config strategic = {
        .paths = paths,
        .n_paths = 2,
        .patches = STR("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {y: z}}"),
    };
    struct patch_json6902_config json = {.path = STR("op.json"),
                                         .target = {.id = {.name = STR("[ab]")}}};
    kustomize_fixture_init(&f, FILES);
    kustomize_fixture_add(&f, OBJECTS);
    ASSERT_OK(transform_patch_strategic(&f.layer, f.m, &strategic, &err));
    ASSERT_OK(transform_patch_json6902(&f.layer, f.m, &json, &err));
    kustomize_fixture_expect(&f,
                             A("data: {x: file, j: '1'}\n") B("data: {x: '2', y: z, j: '1'}\n"));
    json.json_op = STR("[]");
    ASSERT_ERR(transform_patch_json6902(&f.layer, f.m, &json, &err), ERR_INVALID, "not both");
    json.path = STR_EMPTY;
    ASSERT_ERR(transform_patch_json6902(&f.layer, f.m, &json, &err), ERR_INVALID,
               "patch appears to be empty");
    strategic = (struct patch_strategic_config){0};
    ASSERT_ERR(transform_patch_strategic(&f.layer, f.m, &strategic, &err), ERR_INVALID,
               "empty file path and empty patch content");
    kustomize_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_apply),
        cmocka_unit_test(patches_are_refused),
        cmocka_unit_test(earlier_identities_are_found),
        cmocka_unit_test(old_fields_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
