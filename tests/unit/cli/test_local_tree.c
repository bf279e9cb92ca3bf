/* A directory as an engine sees it. */
#include <stdlib.h>
#include <unistd.h>

#include "cli/local_tree.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "tests/lib/check.h"

static void shows_a_directory_to_engines(void **state UNUSED)
{
    char dir[] = "/tmp/belay-test-tree.XXXXXX";
    struct err err;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    ASSERT_OK(fs_make_dirs("t/sub", 0700, &err));
    ASSERT_OK(fs_write_atomic("t/a.yaml", STR("a"), 0600, &err));
    assert_int_equal(symlink("a.yaml", "t/b.yaml"), 0);
    assert_int_equal(symlink("/etc/passwd", "t/out"), 0);

    AUTO(arena) struct arena *arena = arena_new();
    AUTO(local_tree) struct local_tree *tree = NULL;
    struct engine_listing l;
    struct str text;
    enum engine_file_type type;
    ASSERT_OK(local_tree_open("t", &tree, &err));
    struct engine_files *files = local_tree_files(tree);
    ASSERT_OK(files->list(files, arena, STR(""), &l, &err));
    assert_int_equal(l.n, 4);
    assert_int_equal(l.items[0].type, ENGINE_FILE_REGULAR);
    assert_int_equal(l.items[1].type, ENGINE_FILE_LINK);
    assert_int_equal(l.items[3].type, ENGINE_FILE_DIR);
    ASSERT_OK(files->read(files, arena, STR("b.yaml"), 10, &text, &err));
    ASSERT_STR(text, "a");
    ASSERT_OK(files->resolve(files, arena, STR("b.yaml"), &text, &err));
    ASSERT_STR(text, "a.yaml");
    ASSERT_OK(files->type(files, STR("none"), &type, &err));
    assert_int_equal(type, ENGINE_FILE_MISSING);
    ASSERT_ERR(files->type(files, STR("out"), &type, &err), ERR_DENIED, "outside");

    assert_int_equal(chdir("/"), 0);
    ASSERT_OK(fs_remove_tree(dir, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shows_a_directory_to_engines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
