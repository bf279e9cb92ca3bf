/* Selectors of patches and replacements. */
#include "engine/kustomize/selector.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {{"kustomization.yaml", ""}, {NULL, NULL}};

static const char OBJECTS[] =
    "{apiVersion: v1, kind: Secret, metadata: {name: web, labels: {a: b}}}\n---\n"
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: ns}}\n---\n"
    "{apiVersion: v1, kind: Namespace, metadata: {name: x.y, annotations: {c: d}}}\n";

static void rename_first(struct kustomize_fixture *f)
{
    struct kres *res = resmap_at(f->m, 0);
    kres_remember(f->arena, res);
    kres_set(res, parse_yaml(f->arena, "{apiVersion: v1, kind: Secret, metadata: "
                                       "{name: p-web, namespace: late, labels: {a: b}}}"));
}

#define KIND(k)                  \
    {                            \
        .gvk = {.kind = STR(k) } \
    }
#define NAME(n)        \
    {                  \
        .name = STR(n) \
    }
#define NAMESPACE(n)        \
    {                       \
        .namespace = STR(n) \
    }

static void selects_and_matches(void **state UNUSED)
{
    static const struct {
        struct selector selector;
        const char *selected; /* positions */
        const char *matched;
    } CASES[] = {
        {{.id = {.name = {NULL, 0}}}, "012", "012"},
        {{.id = NAME("web")}, "01", "01"},
        {{.id = NAME("p-web")}, "0", "0"},
        {{.id = NAME("we")}, "", ""},
        {{.id = NAME("w.b")}, "01", "01"},
        {{.id = NAME("x.y")}, "2", "2"},
        {{.id = NAME("web|x.y")}, "012", "012"},
        {{.id = KIND("Secret|Namespace")}, "02", "02"},
        {{.id = {.gvk = {.group = STR("apps"), .version = STR("v[12]")}}}, "1", "1"},
        {{.id = NAMESPACE("default")}, "0", "0"},
        {{.id = NAMESPACE("late")}, "0", "0"},
        {{.id = NAMESPACE("ns")}, "1", "1"},
        {{.id = NAMESPACE(".+")}, "012", "01"},
        {{.id = KIND("Secret"), .label_selector = STR("a=b")}, "0", "0"},
        {{.annotation_selector = STR("c in (d)")}, "2", "012"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        struct selector_match *match = NULL;
        struct kres_list list;
        struct str selected = STR_EMPTY;
        struct str matched = STR_EMPTY;
        kustomize_fixture_init(&f, FILES);
        kustomize_fixture_add(&f, OBJECTS);
        rename_first(&f);
        ASSERT_OK(selector_compile(&f.env, &CASES[i].selector, &match, &err));
        ASSERT_OK(selector_select(match, f.build.schema, f.m, &list, &err));
        for (size_t j = 0; j < list.n; j++) {
            selected = arena_printf(f.arena, STR_FMT "%zu", STR_ARG(selected), list.items[j]->at);
        }
        for (size_t j = 0; j < resmap_len(f.m); j++) {
            if (selector_matches_id(match, f.build.schema, resmap_at(f.m, j), &err) > 0) {
                matched = arena_printf(f.arena, STR_FMT "%zu", STR_ARG(matched), j);
            }
        }
        ASSERT_STR(selected, CASES[i].selected);
        ASSERT_STR(matched, CASES[i].matched);
        kustomize_fixture_done(&f);
    }
}

static void refuses(void **state UNUSED)
{
    static const struct selector CASES[] = {
        {.id = NAME("(")},
        {.id = NAMESPACE("[")},
        {.label_selector = STR("a b")},
        {.annotation_selector = STR("a=b c")},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        struct selector_match *match = NULL;
        kustomize_fixture_init(&f, FILES);
        assert_int_equal(selector_compile(&f.env, &CASES[i], &match, &err), -ERR_INVALID);
        kustomize_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects_and_matches),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
