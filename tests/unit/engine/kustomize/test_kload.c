/* Directories and files that a kustomization may reach. */
#include "common/base/budget.h"
#include "common/base/limits.h"
#include "engine/kustomize/kload.h"
#include "tests/lib/check.h"
#include "tests/lib/mem_tree.h"

static const struct mem_file FILES[] = {
    {"apps/base/kustomization.yaml", "k"},
    {"apps/base/a.yaml", "text"},
    {"apps/prod/kustomization.yaml", "k"},
    {"apps/prod/sub/b.yaml", "b"},
    {"shared/c.yaml", "c"},
    {NULL, NULL},
};

static const struct mem_file REMOTE_FILES[] = {{"deploy/d.yaml", "d"}, {NULL, NULL}};
static struct mem_tree remote_tree;

static int on_remote(struct engine_env *env UNUSED,
                     const struct engine_remote *what,
                     struct engine_remote_result *ret,
                     struct err *err)
{
    if (str_eq_c(what->url, "https://git.example.com/a/gone.yaml")) {
        int rc = err_set(err, ERR_NOT_FOUND, "no");
        err->system_code = 404;
        return rc;
    }
    if (str_eq_c(what->url, "https://git.example.com/gone.yaml")) {
        int rc = err_set(err, ERR_NOT_FOUND, "no");
        err->system_code = 404;
        return rc;
    }
    *ret = (struct engine_remote_result){.files = &remote_tree.files, .bytes = STR("remote")};
    return 0;
}

struct fixture {
    struct arena *arena;
    struct budget budget;
    struct mem_tree tree;
    struct engine_env env;
    struct kload top;
};

static void setup(struct fixture *f, const char *dir, enum kload_restriction restriction)
{
    struct err err;
    f->arena = arena_new();
    f->budget = budget_unlimited();
    f->tree = mem_tree_of(FILES);
    remote_tree = mem_tree_of(REMOTE_FILES);
    f->env = (struct engine_env){
        .arena = f->arena, .budget = &f->budget, .files = &f->tree.files, .remote = on_remote};
    ASSERT_OK(kload_init(&f->top, &f->env, str_from(dir), restriction, &err));
}

static void reads_files(void **state UNUSED)
{
    static const struct {
        const char *path;
        enum kload_restriction restriction;
        const char *want;
        const char *error;
    } CASES[] = {
        {"sub/b.yaml", KLOAD_ROOT_ONLY, "b", NULL},
        {"/apps/prod/sub/b.yaml", KLOAD_ROOT_ONLY, "b", NULL},
        {"../base/a.yaml", KLOAD_ROOT_ONLY, NULL,
         "security; file '/apps/base/a.yaml' is not in or below '/apps/prod'"},
        {"../base/a.yaml", KLOAD_NONE, "text", NULL},
        {"../../../x", KLOAD_NONE, NULL, "leads out of the source"},
        {"sub", KLOAD_ROOT_ONLY, NULL, "'/apps/prod/sub' must resolve to a file"},
        {"sub", KLOAD_NONE, NULL, "read /apps/prod/sub: is a directory"},
        {"no/x.yaml", KLOAD_ROOT_ONLY, NULL,
         "evalsymlink failure on '/apps/prod/no/x.yaml' : lstat /apps/prod/no: no such file or "
         "directory"},
        {"sub/b.yaml/x", KLOAD_ROOT_ONLY, NULL, "not a directory"},
        {"https://git.example.com/x.yaml", KLOAD_ROOT_ONLY, "remote", NULL},
        {"https://git.example.com/gone.yaml", KLOAD_ROOT_ONLY, NULL,
         "HTTP Error: status code 404 (Not Found)"},
        {"https://git.example.com/a/gone.yaml", KLOAD_ROOT_ONLY, NULL, "URL is a git repository"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        struct err err;
        struct str text;
        setup(&f, "apps/prod", CASES[i].restriction);
        int rc = kload_file(&f.top, str_from(CASES[i].path), &text, &err);
        if (CASES[i].want != NULL) {
            ASSERT_OK(rc);
            ASSERT_STR(text, CASES[i].want);
        } else {
            assert_true(rc < 0);
            check_contains(&err, CASES[i].error);
        }
        arena_free(f.arena);
    }
}

static void enters_directories(void **state UNUSED)
{
    static const struct {
        const char *entry;
        const char *want;
        const char *error;
    } CASES[] = {
        {"../base", "apps/base", NULL},
        {"sub/", "apps/prod/sub", NULL},
        {".", NULL, "cycle detected: candidate root '/apps/prod' contains visited root"},
        {"..", NULL, "cycle detected: candidate root '/apps' contains visited root '/apps/prod'"},
        {"", NULL, "new root cannot be empty"},
        {"/apps/base", NULL, "new root '/apps/base' cannot be absolute"},
        {"../../..", NULL, "leads out of the source"},
        {"sub/b.yaml", NULL,
         "must build at directory: '/apps/prod/sub/b.yaml': file is not directory"},
        {"none", NULL, "must build at directory: not a valid directory: evalsymlink failure"},
        {"https://git.example.com/a/b/deploy?ref=x", "deploy", NULL},
        {"https://git.example.com/a/b/deploy/d.yaml", NULL, "expecting directory"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fixture f;
        struct err err;
        struct kload next;
        setup(&f, "apps/prod", KLOAD_ROOT_ONLY);
        int rc = kload_enter(&f.top, str_from(CASES[i].entry), &next, &err);
        if (CASES[i].want != NULL) {
            ASSERT_OK(rc);
            ASSERT_STR(next.dir, CASES[i].want);
        } else {
            assert_true(rc < 0);
            check_contains(&err, CASES[i].error);
        }
        arena_free(f.arena);
    }
}

static void finds_circles(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct kload base;
    struct kload next;
    struct kload remote;
    setup(&f, "apps/prod", KLOAD_NONE);
    ASSERT_OK(kload_enter(&f.top, STR("../base"), &base, &err));
    ASSERT_ERR(kload_enter(&base, STR("../prod"), &next, &err), ERR_INVALID, "cycle detected");
    ASSERT_OK(kload_enter(&base, STR("https://git.example.com/a/b//deploy"), &remote, &err));
    assert_int_equal(remote.restriction, KLOAD_ROOT_ONLY);
    ASSERT_ERR(kload_enter(&remote, STR("https://git.example.com/a/b"), &next, &err), ERR_INVALID,
               "cycle detected: URI 'https://git.example.com/a/b' referenced by previous URI");
    ASSERT_STR(kload_path(&remote, STR("d.yaml")),
               "https://git.example.com/a/b//deploy:/deploy/d.yaml");
    ASSERT_STR(kload_path(&base, STR("../x")), "apps/x");
    f.env.remote = NULL;
    ASSERT_ERR(kload_enter(&base, STR("https://git.example.com/c/d"), &next, &err), ERR_UNSUPPORTED,
               "no access");
    arena_free(f.arena);
}

static void needs_a_directory_to_begin(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct kload load;
    setup(&f, "", KLOAD_ROOT_ONLY);
    ASSERT_ERR(kload_init(&load, &f.env, STR("none"), KLOAD_NONE, &err), ERR_NOT_FOUND,
               "must build at directory: not a valid directory");
    ASSERT_ERR(kload_init(&load, &f.env, STR("shared/c.yaml"), KLOAD_NONE, &err), ERR_INVALID,
               "file is not directory");
    arena_free(f.arena);
}

static void counts_what_is_asked_of_the_network(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct str text;
    size_t n_remotes = LIMIT_KUSTOMIZE_REMOTES - 1;
    setup(&f, "", KLOAD_ROOT_ONLY);
    f.top.n_remotes = &n_remotes;
    ASSERT_OK(kload_file(&f.top, STR("https://git.example.com/x.yaml"), &text, &err));
    ASSERT_ERR(kload_file(&f.top, STR("https://git.example.com/x.yaml"), &text, &err), ERR_LIMIT,
               "more than 500 files, charts and repositories");
    arena_free(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_files),
        cmocka_unit_test(enters_directories),
        cmocka_unit_test(finds_circles),
        cmocka_unit_test(needs_a_directory_to_begin),
        cmocka_unit_test(counts_what_is_asked_of_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
