/* Tar archives: names in all their forms, and headers that lie. */
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/tar.h"
#include "tests/lib/archive.h"
#include "tests/lib/check.h"

struct world {
    struct arena *arena;
    struct buf tar;
};

static int set_up(void **state)
{
    struct world *w = MEM_NEW(struct world);
    w->arena = arena_new();
    buf_init(&w->tar, 4 * LIMIT_MIB);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    buf_done(&w->tar);
    arena_free(w->arena);
    mem_free(w);
    return 0;
}

static void expect(struct tar_reader *tar, enum tar_type type, const char *name, const char *data)
{
    struct tar_entry e;
    struct err err;
    int rc = tar_next(tar, &e, &err);
    ASSERT_OK(rc);
    assert_int_equal(rc, 1);
    assert_int_equal(e.type, type);
    ASSERT_STR(e.name, name);
    ASSERT_STR(e.data, data);
}

static void reads_files_directories_and_links(void **state)
{
    struct world *w = *state;
    struct err err;
    struct tar_entry e;
    archive_put(&w->tar, '5', "c/", STR_EMPTY);
    archive_put(&w->tar, '0', "c/a", STR("text"));
    archive_put(&w->tar, '\0', "c/old", STR("1"));
    archive_put(&w->tar, '\0', "c/dir/", STR_EMPTY);
    archive_put(&w->tar, '2', "c/link", STR_EMPTY);
    archive_end(&w->tar);
    struct tar_reader tar = {.arena = w->arena, .rest = buf_str(&w->tar)};
    expect(&tar, TAR_DIR, "c/", "");
    expect(&tar, TAR_FILE, "c/a", "text");
    expect(&tar, TAR_FILE, "c/old", "1");
    expect(&tar, TAR_DIR, "c/dir/", "");
    expect(&tar, TAR_OTHER, "c/link", "");
    assert_int_equal(tar_next(&tar, &e, &err), 0);
}

static void long_names_come_first(void **state)
{
    struct world *w = *state;
    archive_put(&w->tar, 'L', "././@LongLink", STR("c/a-long-name\0"));
    archive_put(&w->tar, '0', "c/short", STR("1"));
    archive_put(&w->tar, 'g', "pax_global_header", STR("16 comment=none\n"));
    archive_put(&w->tar, 'x', "PaxHeader", STR("15 path=c/name\n10 size=2\n"));
    archive_put(&w->tar, '0', "c/short", STR("12"));
    archive_put(&w->tar, '0', "c/plain", STR("3"));
    archive_end(&w->tar);
    struct tar_reader tar = {.arena = w->arena, .rest = buf_str(&w->tar)};
    expect(&tar, TAR_FILE, "c/a-long-name", "1");
    expect(&tar, TAR_FILE, "c/name", "12");
    expect(&tar, TAR_FILE, "c/plain", "3");
}

static void a_prefix_is_part_of_the_name(void **state)
{
    struct world *w = *state;
    archive_put(&w->tar, '0', "b", STR("1"));
    memcpy(w->tar.p + 345, "dir/a", 5);
    archive_seal(w->tar.p);
    struct tar_reader tar = {.arena = w->arena, .rest = buf_str(&w->tar)};
    expect(&tar, TAR_FILE, "dir/a/b", "1");
}

static void sizes_may_be_binary(void **state)
{
    struct world *w = *state;
    archive_put(&w->tar, '0', "b", STR("123"));
    memset(w->tar.p + 124, 0, 12);
    w->tar.p[124] = (char)0x80;
    w->tar.p[135] = 3;
    archive_seal(w->tar.p);
    struct tar_reader tar = {.arena = w->arena, .rest = buf_str(&w->tar)};
    expect(&tar, TAR_FILE, "b", "123");
}

static void refuse(struct world *w, enum err_code code, const char *part)
{
    struct tar_reader tar = {.arena = w->arena, .rest = buf_str(&w->tar)};
    struct tar_entry e;
    struct err err;
    ASSERT_ERR(tar_next(&tar, &e, &err), code, part);
}

static void refuses_a_wrong_checksum(void **state)
{
    struct world *w = *state;
    archive_put(&w->tar, '0', "b", STR("123"));
    w->tar.p[0] = 'c';
    refuse(w, ERR_INVALID, "invalid header");
}

static void refuses_data_beyond_the_end(void **state)
{
    struct world *w = *state;
    archive_put(&w->tar, '0', "b", STR("123"));
    memcpy(w->tar.p + 124, "77777777777", 11);
    archive_seal(w->tar.p);
    refuse(w, ERR_INVALID, "unexpected end");
}

static void refuses_sparse_files(void **state)
{
    struct world *w = *state;
    archive_put(&w->tar, 'S', "b", STR("123"));
    refuse(w, ERR_UNSUPPORTED, "sparse");
}

static void refuses_broken_extended_headers(void **state)
{
    static const char *const TEXTS[] = {"x path=a\n", "99 path=a\n", "8 path=a",  "3 \n",
                                        "7 path\n",   "9 size=x\n",  "0 path=a\n"};
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        buf_reset(&w->tar);
        archive_put(&w->tar, 'x', "PaxHeader", str_from(TEXTS[i]));
        refuse(w, ERR_INVALID, "extended header");
    }
}

static void counts_entries(void **state)
{
    struct world *w = *state;
    struct tar_entry e;
    struct err err;
    archive_put(&w->tar, '0', "b", STR_EMPTY);
    struct tar_reader tar = {.arena = w->arena};
    for (size_t i = 0; i < LIMIT_ARCHIVE_ENTRIES; i++) {
        tar.rest = buf_str(&w->tar);
        assert_int_equal(tar_next(&tar, &e, &err), 1);
    }
    tar.rest = buf_str(&w->tar);
    ASSERT_ERR(tar_next(&tar, &e, &err), ERR_LIMIT, "entries");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_files_directories_and_links),
        TEST(long_names_come_first),
        TEST(a_prefix_is_part_of_the_name),
        TEST(sizes_may_be_binary),
        TEST(refuses_a_wrong_checksum),
        TEST(refuses_data_beyond_the_end),
        TEST(refuses_sparse_files),
        TEST(refuses_broken_extended_headers),
        TEST(counts_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
