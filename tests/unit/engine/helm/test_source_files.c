/* Files a `helm` block names: in the tree, of other sources, at URLs. */
#include "common/base/budget.h"
#include "common/value/value_yaml.h"
#include "engine/helm/source_files.h"
#include "tests/lib/check.h"
#include "tests/lib/mem_tree.h"
#include "tests/lib/remote_fixture.h"

static const struct mem_file OWN[] = {
    {"app/Chart.yaml", "c"}, {"app/a.yaml", "a"},    {"app/env/x.yaml", "x"},
    {"app/env/y.yaml", "y"}, {"common.yaml", "com"}, {NULL, NULL},
};
static const struct mem_file OTHER[] = {
    {"prod/a.yaml", "other a"}, {"prod/b.yaml", "other b"}, {"my/c.yaml", "c"}, {NULL, NULL}};
static const struct remote_item REMOTE[] = {{"https://h/v.yaml", NULL, NULL, "from afar"},
                                            {NULL, NULL, NULL, NULL}};

/* want: "shown=text ..."; NULL: an error with text. */
static const struct {
    const char *helm;
    const char *want;
    const char *text;
} CASES[] = {
    {"{}", "", NULL},
    {"{valueFiles: [a.yaml, /common.yaml, ../common.yaml]}",
     "app/a.yaml=a common.yaml=com common.yaml=com ", NULL},
    {"{valueFiles: [env/y.yaml, 'env/*.yaml', a.yaml]}",
     "app/env/y.yaml=y app/env/x.yaml=x app/a.yaml=a ", NULL},
    {"{valueFiles: [$values/prod/a.yaml, a.yaml]}", "$values/prod/a.yaml=other a app/a.yaml=a ",
     NULL},
    {"{valueFiles: ['$values/prod/*.yaml', $values//prod/a.yaml]}",
     "$values/prod/b.yaml=other b $values/prod/a.yaml=other a ", NULL},
    {"{valueFiles: ['$values/$ARGOCD_APP_NAME/c.yaml']}", "$values/my/c.yaml=c ", NULL},
    {"{valueFiles: ['https://h/v.yaml', 'https://h/*.yaml']}", NULL, "nothing at"},
    {"{valueFiles: ['https://h/v.yaml']}", "https://h/v.yaml=from afar ", NULL},
    {"{valueFiles: [$values/none.yaml], ignoreMissingValueFiles: true}", "", NULL},
    {"{valueFiles: [$values/none.yaml]}", NULL, "'$values/none.yaml' does not exist"},
    {"{valueFiles: [$vales/a.yaml]}", NULL, "no source of the application has such a ref"},
    {"{valueFiles: [$values/../../a.yaml]}", NULL, "a.yaml"},
    {"{valueFiles: ['$values/q*.yaml']}", NULL, "no value file matches '$values/q*.yaml'"},
};

static struct str read_all(struct engine_env *env, const struct value *helm, struct err *err)
{
    AUTO(buf) struct buf out;
    struct source_file_list files = {0};
    buf_init(&out, 1000);
    if (source_file_values(env, STR("app"), helm, &files, err) < 0) {
        return (struct str){NULL, 0};
    }
    for (size_t i = 0; i < files.n; i++) {
        struct str text = STR_EMPTY;
        int here = source_file_read(env, &files.items[i], &text, err);
        if (here < 0) {
            return (struct str){NULL, 0};
        }
        buf_printf(&out, STR_FMT "=" STR_FMT " ", STR_ARG(files.items[i].shown), STR_ARG(text));
    }
    return buf_to_arena(&out, env->arena);
}

static void finds_files(void **state UNUSED)
{
    struct mem_tree own = mem_tree_of(OWN);
    struct mem_tree other = mem_tree_of(OTHER);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct remote_fixture remote = {.items = REMOTE, .ref = &other.files};
        struct budget budget = budget_unlimited();
        struct engine_env env = {.arena = arena,
                                 .budget = &budget,
                                 .files = &own.files,
                                 .app.name = STR("my"),
                                 .ref = remote_ref,
                                 .remote = remote_get,
                                 .data = &remote};
        const struct value *helm;
        struct err err;
        ASSERT_OK(value_from_yaml(arena, str_from(CASES[i].helm), NULL, &helm, &err));
        struct str got = read_all(&env, helm, &err);
        if (CASES[i].want == NULL) {
            assert_null(got.p);
            ASSERT_ERR(-(int)err.code, err.code, CASES[i].text);
        } else {
            ASSERT_STR(got, CASES[i].want);
        }
    }
}

static void waits_for_what_is_not_here(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct remote_fixture remote = {.items = REMOTE, .awaited = true};
    struct engine_env env = {.arena = arena, .remote = remote_get, .data = &remote};
    struct source_file file = {.path = STR("https://h/v.yaml")};
    struct str text;
    struct err err;
    assert_int_equal(source_file_read(&env, &file, &text, &err), 0);
    env.remote = NULL;
    ASSERT_ERR(source_file_read(&env, &file, &text, &err), ERR_UNSUPPORTED, "remote files");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_files),
        cmocka_unit_test(waits_for_what_is_not_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
