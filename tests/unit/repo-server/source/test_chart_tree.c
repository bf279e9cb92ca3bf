/* Chart archives as file trees. */
#include "repo-server/source/chart_tree.h"
#include "tests/lib/archive.h"
#include "tests/lib/check.h"

static struct str pack(struct arena *arena, const char *const *names)
{
    AUTO(buf) struct buf tar;
    buf_init(&tar, 1 << 20);
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t n = strlen(names[i]);
        char type = names[i][n - 1] == '/' ? '5' : names[i][n - 1] == '@' ? '2' : '0';
        archive_put(&tar, type, names[i], type == '0' ? str_from(names[i]) : STR_EMPTY);
    }
    archive_end(&tar);
    return archive_gzip(arena, buf_str(&tar));
}

static struct str listed(struct arena *arena, struct engine_files *files, const char *path)
{
    AUTO(buf) struct buf text;
    struct engine_listing listing;
    struct err err;
    buf_init(&text, 1000);
    ASSERT_OK(files->list(files, arena, str_from(path), &listing, &err));
    for (size_t i = 0; i < listing.n; i++) {
        buf_put(&text, listing.items[i].name);
        buf_put_c(&text, listing.items[i].type == ENGINE_FILE_DIR ? "/ " : " ");
    }
    return buf_to_arena(&text, arena);
}

static void is_a_tree(void **state UNUSED)
{
    static const char *const NAMES[] = {"web/",
                                        "web/Chart.yaml",
                                        "web/templates/b.yaml",
                                        "web/x.d/y",
                                        "web/templates/a",
                                        "web/templates.txt",
                                        "web/x/y/z",
                                        "web/link@",
                                        "web/templates/b.yaml",
                                        "web/./x/y/./w",
                                        NULL};
    static const struct {
        const char *path;
        enum engine_file_type type;
    } TYPES[] = {
        {"", ENGINE_FILE_DIR},          {"Chart.yaml", ENGINE_FILE_REGULAR},
        {"templates", ENGINE_FILE_DIR}, {"templ", ENGINE_FILE_MISSING},
        {"x/y", ENGINE_FILE_DIR},       {"x/y/w", ENGINE_FILE_REGULAR},
        {"link@", ENGINE_FILE_MISSING}, {"Chart.yaml/a", ENGINE_FILE_MISSING},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_files *files;
    struct engine_listing listing;
    struct str text;
    struct err err;
    ASSERT_OK(chart_tree_new(arena, pack(arena, NAMES), &files, &err));
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        enum engine_file_type type;
        ASSERT_OK(files->type(files, str_from(TYPES[i].path), &type, &err));
        assert_int_equal(type, TYPES[i].type);
    }
    ASSERT_STR(listed(arena, files, ""), "Chart.yaml templates/ templates.txt x/ x.d/ ");
    ASSERT_STR(listed(arena, files, "templates"), "a b.yaml ");
    ASSERT_STR(listed(arena, files, "x"), "y/ ");
    ASSERT_OK(files->read(files, arena, STR("x/y/z"), 100, &text, &err));
    ASSERT_STR(text, "web/x/y/z");
    ASSERT_OK(files->resolve(files, arena, STR("x/y"), &text, &err));
    ASSERT_STR(text, "x/y");
    ASSERT_ERR(files->read(files, arena, STR("x/y/z"), 3, &text, &err), ERR_LIMIT, "larger");
    ASSERT_ERR(files->read(files, arena, STR("x/y"), 3, &text, &err), ERR_INVALID, "not a file");
    ASSERT_ERR(files->read(files, arena, STR("q"), 3, &text, &err), ERR_NOT_FOUND, "missing");
    ASSERT_ERR(files->list(files, arena, STR("q"), &listing, &err), ERR_NOT_FOUND, "missing");
    ASSERT_ERR(files->list(files, arena, STR("Chart.yaml"), &listing, &err), ERR_INVALID,
               "not a directory");
}

static void refuses(void **state UNUSED)
{
    static const struct {
        const char *name;
        const char *text;
    } CASES[] = {
        {"Chart.yaml", "in no directory"},
        {"web/../../etc/passwd", "etc/passwd"},
        {"web//etc/passwd", "no relative path"},
        {"web/.", "no relative path"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct engine_files *files;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const char *names[] = {CASES[i].name, NULL};
        ASSERT_ERR(chart_tree_new(arena, pack(arena, names), &files, &err), ERR_INVALID,
                   CASES[i].text);
    }
    ASSERT_ERR(chart_tree_new(arena, STR("no gzip"), &files, &err), ERR_INVALID, "chart archive");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_tree),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
