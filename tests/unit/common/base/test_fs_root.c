/* A directory whose root no path and no link leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/fs_root.h"
#include "tests/lib/check.h"

static char dir[64];

static int setup(void **state UNUSED)
{
    memcpy(dir, "/tmp/belay-test-root.XXXXXX", sizeof("/tmp/belay-test-root.XXXXXX"));
    if (mkdtemp(dir) == NULL || chdir(dir) < 0) {
        return -1;
    }
    struct err err;
    bool ok = fs_make_dirs("root/d/e", 0700, &err) == 0 &&
              fs_write_atomic("root/d/b.txt", STR("b"), 0600, &err) == 0 &&
              fs_write_atomic("root/d/a.txt", STR("a"), 0600, &err) == 0 &&
              fs_write_atomic("secret", STR("s"), 0600, &err) == 0 &&
              symlink("d", "root/link") == 0 && symlink("../secret", "root/out") == 0 &&
              symlink("e/nothing", "root/d/dangling") == 0 && mkfifo("root/fifo", 0600) == 0;
    return ok ? 0 : -1;
}

static int teardown(void **state UNUSED)
{
    struct err err;
    return chdir("/") == 0 ? fs_remove_tree(dir, &err) : -1;
}

static void lists_in_order_without_following(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(fs_root) struct fs_root *root = NULL;
    struct err err;
    struct fs_listing l;
    ASSERT_OK(fs_root_open("root", &root, &err));
    ASSERT_OK(fs_root_list(root, arena, STR("link"), &l, &err));
    assert_int_equal(l.n, 4);
    ASSERT_STR(l.items[0].name, "a.txt");
    ASSERT_STR(l.items[1].name, "b.txt");
    assert_int_equal(l.items[2].type, FS_LINK);
    assert_int_equal(l.items[3].type, FS_DIR);
    ASSERT_ERR(fs_root_list(root, arena, STR("none"), &l, &err), ERR_NOT_FOUND, "none");
    for (int i = 0; i < 2; i++) {
        ASSERT_OK(fs_root_list(root, arena, STR(""), &l, &err));
        assert_int_equal(l.n, 4);
    }
}

static void reads_files_through_links_inside_only(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(fs_root) struct fs_root *root = NULL;
    struct err err;
    struct str text;
    ASSERT_OK(fs_root_open("root", &root, &err));
    ASSERT_OK(fs_root_read(root, arena, STR("link/a.txt"), 10, &text, &err));
    ASSERT_STR(text, "a");
    ASSERT_ERR(fs_root_read(root, arena, STR("out"), 10, &text, &err), ERR_DENIED, "lead outside");
    ASSERT_ERR(fs_root_read(root, arena, STR("fifo"), 10, &text, &err), ERR_INVALID, "not a file");
    ASSERT_ERR(fs_root_read(root, arena, STR("d"), 10, &text, &err), ERR_INVALID, "not a file");
    ASSERT_ERR(fs_root_read(root, arena, STR("d/x"), 10, &text, &err), ERR_NOT_FOUND, "d/x");
}

static void tells_types(void **state UNUSED)
{
    static const struct {
        const char *path;
        enum fs_type want;
    } CASES[] = {
        {"", FS_DIR},         {"d", FS_DIR},
        {"link", FS_DIR},     {"link/a.txt", FS_FILE},
        {"none", FS_MISSING}, {"d/a.txt/x", FS_MISSING},
        {"fifo", FS_OTHER},   {"d/dangling", FS_MISSING},
    };
    AUTO(fs_root) struct fs_root *root = NULL;
    struct err err;
    ASSERT_OK(fs_root_open("root", &root, &err));
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        enum fs_type got;
        ASSERT_OK(fs_root_type(root, str_from(CASES[i].path), &got, &err));
        assert_int_equal(got, CASES[i].want);
    }
}

static void resolves_links(void **state UNUSED)
{
    static const struct {
        const char *path;
        const char *want;
    } CASES[] = {
        {"", ""},
        {"link/a.txt", "d/a.txt"},
        {"link/dangling", "d/e/nothing"},
        {"none/x", "none/x"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(fs_root) struct fs_root *root = NULL;
    struct err err;
    struct str got;
    ASSERT_OK(fs_root_open("root", &root, &err));
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_OK(fs_root_resolve(root, arena, str_from(CASES[i].path), &got, &err));
        ASSERT_STR(got, CASES[i].want);
    }
    ASSERT_ERR(fs_root_resolve(root, arena, STR("out"), &got, &err), ERR_DENIED, "lead outside");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_in_order_without_following),
        cmocka_unit_test(reads_files_through_links_inside_only),
        cmocka_unit_test(tells_types),
        cmocka_unit_test(resolves_links),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
