/* Origins. */
#include "engine/engine_env.h"
#include "engine/kustomize/korigin.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "tests/lib/parse.h"

static void follows_paths(void **state UNUSED)
{
    static const struct {
        const char *base;
        const char *entry;
        const char *want;
    } CASES[] = {
        {"", "a.yaml", "path: a.yaml\n"},
        {"../base", "./sub/../a.yaml", "path: ../base/a.yaml\n"},
        {"../base", "../../x", "path: ../../x\n"},
        {"", "https://git.example.com/a/b/c?ref=x",
         "path: c\nrepo: https://git.example.com/a/b\nref: x\n"},
        {"", "https://git.example.com/a/b", "path: notCloned\nrepo: https://git.example.com/a/b\n"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct str text;
        struct korigin base = {.path = str_from(CASES[i].base)};
        ASSERT_OK(korigin_to_text(arena, korigin_append(arena, &base, str_from(CASES[i].entry)),
                                  &text, &err));
        ASSERT_STR(text, CASES[i].want);
    }
    assert_null(korigin_append(arena, NULL, STR("x")));
    assert_null(korigin_field(arena, NULL, STR("x"), "y"));
}

static void notes_transformers(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str text;
    struct engine_env env = {.arena = arena};
    struct resmap *m = resmap_new(&env, kschema_builtin());
    struct kres *res = kres_new(
        arena,
        parse_yaml(arena, "{apiVersion: a/v1, kind: K, metadata: {name: nm, namespace: s}}"));
    struct korigin here = {.path = STR("d")};
    ASSERT_OK(resmap_append(m, res, &err));
    korigin_mark_transformed(arena, m, NULL);
    assert_null(res->origin);
    korigin_mark_generated(m, &here);
    korigin_mark_generated(m, NULL);
    korigin_mark_transformed(arena, m, korigin_field(arena, &here, STR("k.yaml"), "T"));
    korigin_mark_transformed(arena, m, korigin_plugin(arena, res));
    ASSERT_OK(korigin_transformations_to_text(arena, res, &text, &err));
    ASSERT_STR(text, "- configuredIn: d/k.yaml\n"
                     "  configuredBy:\n"
                     "    apiVersion: builtin\n"
                     "    kind: T\n"
                     "- configuredIn: d\n"
                     "  configuredBy:\n"
                     "    apiVersion: a/v1\n"
                     "    kind: K\n"
                     "    name: nm\n"
                     "    namespace: s\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_paths),
        cmocka_unit_test(notes_transformers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
