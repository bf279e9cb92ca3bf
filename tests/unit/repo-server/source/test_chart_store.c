/* Charts on disk: written whole, checked when read, the oldest removed. */
#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/digest.h"
#include "common/base/fs.h"
#include "repo-server/source/chart_store.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

struct fixture {
    char dir[TMP_DIR_BYTES];
    struct chart_store *store;
    struct arena *arena;
};

static int setup(void **state)
{
    static struct fixture f;
    struct err err;
    tmp_dir_new(f.dir);
    ASSERT_OK(chart_store_open(f.dir, &f.store, &err));
    f.arena = arena_new();
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    struct err err;
    chart_store_close(f->store);
    ASSERT_OK(fs_remove_tree(f->dir, &err));
    arena_free(f->arena);
    return 0;
}

static void keeps_an_index_with_its_validators(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct chart_stored_index in = {STR("\"e 1\""), STR("Mon, 01 Jan"), STR("a\nb\n")};
    struct chart_stored_index out;
    ASSERT_ERR(chart_store_read_index(f->store, f->arena, STR("k"), &out, &err), ERR_NOT_FOUND,
               "k");
    ASSERT_OK(chart_store_write_index(f->store, STR("k"), &in, &err));
    ASSERT_OK(chart_store_read_index(f->store, f->arena, STR("k"), &out, &err));
    ASSERT_STR(out.etag, "\"e 1\"");
    ASSERT_STR(out.last_modified, "Mon, 01 Jan");
    ASSERT_STR(out.yaml, "a\nb\n");
    const char *path = arena_printf(f->arena, "%s/charts/index/k", f->dir).p;
    ASSERT_OK(fs_write_atomic(path, STR("belay-index 1\ncut"), 0600, &err));
    ASSERT_ERR(chart_store_read_index(f->store, f->arena, STR("k"), &out, &err), ERR_NOT_FOUND,
               "cannot be used");
}

static void gives_only_undamaged_archives(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct str out;
    char hex[DIGEST_SHA256_HEX_BYTES];
    digest_sha256_hex(STR("bytes"), hex);
    ASSERT_OK(chart_store_write_archive(f->store, STR("k"), STR("bytes"), &err));
    ASSERT_OK(chart_store_read_archive(f->store, f->arena, STR("k"), str_from(hex), &out, &err));
    ASSERT_STR(out, "bytes");
    ASSERT_OK(chart_store_write_archive(f->store, STR("k"), STR("others"), &err));
    ASSERT_ERR(chart_store_read_archive(f->store, f->arena, STR("k"), str_from(hex), &out, &err),
               ERR_NOT_FOUND, "damaged");
    ASSERT_OK(chart_store_read_archive(f->store, f->arena, STR("k"), STR(""), &out, &err));
    ASSERT_STR(out, "others");
}

static void removes_what_was_not_used_for_longest(void **state)
{
    struct fixture *f = *state;
    struct err err;
    struct str out;
    uint64_t bytes;
    static const char *const KEYS[] = {"a", "b", "c"};
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        struct timespec times[2] = {{.tv_sec = 1000 + (long)i}, {.tv_sec = 1000 + (long)i}};
        ASSERT_OK(chart_store_write_archive(f->store, str_from(KEYS[i]), STR("1234567890"), &err));
        const char *path = arena_printf(f->arena, "%s/charts/archive/%s", f->dir, KEYS[i]).p;
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    ASSERT_OK(chart_store_read_archive(f->store, f->arena, STR("a"), STR(""), &out, &err));
    ASSERT_OK(chart_store_evict(f->store, 25, &bytes, &err));
    assert_int_equal(bytes, 20);
    ASSERT_ERR(chart_store_read_archive(f->store, f->arena, STR("b"), STR(""), &out, &err),
               ERR_NOT_FOUND, "");
    ASSERT_OK(chart_store_read_archive(f->store, f->arena, STR("a"), STR(""), &out, &err));
    ASSERT_OK(chart_store_evict(f->store, 0, &bytes, &err));
    assert_int_equal(bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_an_index_with_its_validators, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_only_undamaged_archives, setup, teardown),
        cmocka_unit_test_setup_teardown(removes_what_was_not_used_for_longest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
