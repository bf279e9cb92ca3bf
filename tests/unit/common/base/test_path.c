/* Clean paths and symbolic links that may not leave the root. */
#include "common/base/arena.h"
#include "common/base/path.h"
#include "tests/lib/check.h"

static void joins_and_cleans(void **state UNUSED)
{
    static const struct {
        const char *base, *rel, *want;
    } CASES[] = {
        {"", "", ""},      {"", ".", ""},          {"", "a//b/./c/", "a/b/c"},
        {"x", "y", "x/y"}, {"x/y", "../z", "x/z"}, {"x", "/y", "y"},
        {"x", "..", ""},   {"x", "a/../b", "x/b"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str got;
        ASSERT_OK(
            path_join_safe(arena, str_from(CASES[i].base), str_from(CASES[i].rel), &got, &err));
        ASSERT_STR(got, CASES[i].want);
    }
    struct str got;
    ASSERT_ERR(path_join_safe(arena, STR("x"), STR("../.."), &got, &err), ERR_INVALID, "leaves");
    ASSERT_ERR(path_join_safe(arena, STR("x"), str_of("a\0b", 3), &got, &err), ERR_INVALID, "NUL");
}

static void takes_paths_apart(void **state UNUSED)
{
    ASSERT_STR(path_dir(STR("a/b/c")), "a/b");
    ASSERT_STR(path_dir(STR("a")), "");
    ASSERT_STR(path_base(STR("a/b/c")), "c");
    assert_true(path_is_below(STR("a/b"), STR("a")));
    assert_true(path_is_below(STR("a"), STR("")));
    assert_false(path_is_below(STR("ab"), STR("a")));
}

/* The links of a pretended tree. */
static int fake_readlink(void *data UNUSED,
                         struct arena *arena UNUSED,
                         struct str path,
                         struct str *ret,
                         struct err *err UNUSED)
{
    static const struct {
        const char *path, *target;
    } LINKS[] = {
        {"link", "dir/sub"},      {"dir/up", "../other"}, {"loop", "loop"},
        {"out", "../etc/passwd"}, {"abs", "/etc"},        {"chain", "link/x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(LINKS); i++) {
        if (str_eq_c(path, LINKS[i].path)) {
            *ret = str_from(LINKS[i].target);
            return 1;
        }
    }
    return 0;
}

static void resolves_links_inside_the_root(void **state UNUSED)
{
    static const struct {
        const char *path, *want;
    } CASES[] = {
        {"", ""},
        {"a/b", "a/b"},
        {"link", "dir/sub"},
        {"link/f", "dir/sub/f"},
        {"dir/up/f", "other/f"},
        {"chain/y", "dir/sub/x/y"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str got;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_OK(path_resolve(arena, str_from(CASES[i].path), fake_readlink, NULL, &got, &err));
        ASSERT_STR(got, CASES[i].want);
    }
    ASSERT_ERR(path_resolve(arena, STR("out"), fake_readlink, NULL, &got, &err), ERR_DENIED,
               "lead outside");
    ASSERT_ERR(path_resolve(arena, STR("abs/x"), fake_readlink, NULL, &got, &err), ERR_DENIED,
               "outside");
    ASSERT_ERR(path_resolve(arena, STR("loop"), fake_readlink, NULL, &got, &err), ERR_INVALID,
               "too many");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_and_cleans),
        cmocka_unit_test(takes_paths_apart),
        cmocka_unit_test(resolves_links_inside_the_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
