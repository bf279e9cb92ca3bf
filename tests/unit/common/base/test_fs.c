/* Files on disk: whole reads, atomic writes, trees removed without following links. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/mem.h"
#include "tests/lib/check.h"

struct fixture {
    char dir[64];
    char path[128];
    struct arena *arena;
};

static int setup(void **state)
{
    struct fixture *f = MEM_NEW(struct fixture);
    f->arena = arena_new();
    memcpy(f->dir, "/tmp/belay-test-fs.XXXXXX", sizeof("/tmp/belay-test-fs.XXXXXX"));
    *state = f;
    return mkdtemp(f->dir) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    struct err err;
    int rc = fs_remove_tree(f->dir, &err);
    arena_free(f->arena);
    mem_free(f);
    return rc;
}

static const char *in_dir(struct fixture *f, const char *name)
{
    (void)snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
    return f->path;
}

static void writes_and_reads(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct str text;
    ASSERT_OK(fs_make_dirs(in_dir(f, "a/b/c"), 0700, &err));
    ASSERT_OK(fs_make_dirs(in_dir(f, "a/b/c"), 0700, &err));
    ASSERT_OK(fs_write_atomic(in_dir(f, "a/b/c/x"), STR("first"), 0600, &err));
    ASSERT_OK(fs_write_atomic(in_dir(f, "a/b/c/x"), STR("second"), 0600, &err));
    ASSERT_OK(fs_read_file(f->arena, in_dir(f, "a/b/c/x"), 6, &text, &err));
    ASSERT_STR(text, "second");
    ASSERT_ERR(fs_read_file(f->arena, in_dir(f, "a/b/c/x"), 5, &text, &err), ERR_LIMIT, "larger");
    ASSERT_ERR(fs_read_file(f->arena, in_dir(f, "none"), 5, &text, &err), ERR_NOT_FOUND, "none");
    uint64_t bytes;
    ASSERT_OK(fs_tree_size(f->dir, &bytes, &err));
    assert_true(bytes > 0);
}

static void removes_a_tree_but_not_what_links_point_to(void **state)
{
    struct fixture *f = *state;
    struct err err;
    ASSERT_OK(fs_make_dirs(in_dir(f, "kept"), 0700, &err));
    ASSERT_OK(fs_write_atomic(in_dir(f, "kept/file"), STR("x"), 0600, &err));
    ASSERT_OK(fs_make_dirs(in_dir(f, "gone/deep"), 0700, &err));
    ASSERT_OK(fs_write_atomic(in_dir(f, "gone/deep/file"), STR("x"), 0400, &err));
    assert_int_equal(symlink("../kept", in_dir(f, "gone/link")), 0);
    ASSERT_OK(fs_remove_tree(in_dir(f, "gone"), &err));
    assert_int_not_equal(access(in_dir(f, "gone"), F_OK), 0);
    assert_int_equal(access(in_dir(f, "kept/file"), F_OK), 0);
    ASSERT_OK(fs_remove_tree(in_dir(f, "gone"), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_and_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(removes_a_tree_but_not_what_links_point_to, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
