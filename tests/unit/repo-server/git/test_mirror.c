/* The cache directory: one owner, leftovers, eviction by last use. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repo-server/git/mirror.h"
#include "tests/lib/repo_fixture.h"

static char dir[64];
static char path[256];

static int setup(void **state UNUSED)
{
    memcpy(dir, "/tmp/belay-test-mirror.XXXXXX", sizeof("/tmp/belay-test-mirror.XXXXXX"));
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static int teardown(void **state UNUSED)
{
    struct err err;
    return fs_remove_tree(dir, &err);
}

static const char *below(const char *name)
{
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void write_file(const char *name, size_t bytes)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    char *text = arena_bytes(arena, bytes);
    memset(text, 'x', bytes);
    ASSERT_OK(fs_write_atomic(below(name), str_of(text, bytes), 0600, &err));
}

static void has_one_owner(void **state UNUSED)
{
    AUTO(mirror_store) struct mirror_store *store = NULL;
    struct mirror_store *second = NULL;
    struct err err;
    ASSERT_OK(mirror_store_open(dir, &store, &err));
    ASSERT_ERR(mirror_store_open(dir, &second, &err), ERR_CONFLICT, "locked by another process");
    mirror_store_close(TAKE(store));
    ASSERT_OK(mirror_store_open(dir, &store, &err));
}

static void empties_its_temporary_directory_at_start(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(mirror_store) struct mirror_store *store = NULL;
    struct str home;
    struct err err;
    ASSERT_OK(mirror_store_open(dir, &store, &err));
    ASSERT_OK(mirror_temp_dir(store, arena, &home, &err));
    assert_int_equal(access(home.p, F_OK), 0);
    mirror_store_close(TAKE(store));
    ASSERT_OK(mirror_store_open(dir, &store, &err));
    assert_int_not_equal(access(home.p, F_OK), 0);
    ASSERT_STR(mirror_path(store, arena, "k"), arena_printf(arena, "%s/git/k.git", dir).p);
}

static void sweeps_what_a_killed_fetch_leaves(void **state UNUSED)
{
    struct err err;
    ASSERT_OK(fs_make_dirs(below("m.git/refs/heads/deep"), 0700, &err));
    ASSERT_OK(fs_make_dirs(below("m.git/objects/pack"), 0700, &err));
    write_file("m.git/refs/heads/deep/x.lock", 1);
    write_file("m.git/refs/heads/deep/x", 1);
    write_file("m.git/packed-refs.lock", 1);
    write_file("m.git/objects/pack/pack_git2_a1b2c3", 1);
    write_file("m.git/objects/pack/pack-1.pack", 1);
    ASSERT_OK(mirror_sweep(below("m.git"), &err));
    assert_int_not_equal(access(below("m.git/refs/heads/deep/x.lock"), F_OK), 0);
    assert_int_not_equal(access(below("m.git/packed-refs.lock"), F_OK), 0);
    assert_int_not_equal(access(below("m.git/objects/pack/pack_git2_a1b2c3"), F_OK), 0);
    assert_int_equal(access(below("m.git/refs/heads/deep/x"), F_OK), 0);
    assert_int_equal(access(below("m.git/objects/pack/pack-1.pack"), F_OK), 0);
    ASSERT_OK(mirror_sweep(below("none.git"), &err));
}

static void set_used(const char *name, time_t when)
{
    const struct timespec times[2] = {{when, 0}, {when, 0}};
    assert_int_equal(utimensat(AT_FDCWD, below(name), times, 0), 0);
}

static void evicts_the_least_recently_used(void **state UNUSED)
{
    AUTO(mirror_store) struct mirror_store *store = NULL;
    static const char *const BUSY[] = {"b", NULL};
    struct err err;
    uint64_t bytes;
    ASSERT_OK(mirror_store_open(dir, &store, &err));
    static const char *const NAMES[] = {"git/a.git", "git/b.git", "git/c.git", "git/d.git"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        char file[64];
        (void)snprintf(file, sizeof(file), "%s/pack", NAMES[i]);
        ASSERT_OK(fs_make_dirs(below(NAMES[i]), 0700, &err));
        write_file(file, 100 * 1000);
        set_used(NAMES[i], 1000 + (time_t)i);
    }
    mirror_touch(below("git/a.git"));
    mirror_touch(below("git/none.git"));
    ASSERT_OK(mirror_evict(dir, 350 * 1000, BUSY, &bytes, &err));
    assert_int_not_equal(access(below("git/c.git"), F_OK), 0);
    assert_int_equal(access(below("git/a.git"), F_OK), 0);
    assert_int_equal(access(below("git/b.git"), F_OK), 0);
    assert_int_equal(access(below("git/d.git"), F_OK), 0);
    assert_true(bytes <= 350 * 1000);
    ASSERT_OK(mirror_evict(dir, 0, BUSY, &bytes, &err));
    assert_int_equal(access(below("git/b.git"), F_OK), 0);
    assert_int_not_equal(access(below("git/a.git"), F_OK), 0);
}

static void locks_a_mirror(void **state UNUSED)
{
    AUTO_FD fd = -1;
    struct err err;
    ASSERT_OK(mirror_lock(below("m.git"), &fd, &err));
    assert_int_equal(access(below("m.git.lock"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_one_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(empties_its_temporary_directory_at_start, setup, teardown),
        cmocka_unit_test_setup_teardown(sweeps_what_a_killed_fetch_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(evicts_the_least_recently_used, setup, teardown),
        cmocka_unit_test_setup_teardown(locks_a_mirror, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
