/* Charts from directories and archives, good ones and hostile ones. */
#include "common/base/limits.h"
#include "engine/helm/chart.h"
#include "engine/helm/chart_load.h"
#include "tests/lib/archive.h"
#include "tests/lib/check.h"
#include "tests/lib/mem_tree.h"
#include "tests/lib/tval_yaml.h"

#define META "name: web\nversion: 1.0.0\n"

static int load_tree(struct arena *arena,
                     const struct mem_file *files,
                     const char *path,
                     struct chart **ret,
                     struct err *err)
{
    struct mem_tree tree = mem_tree_of(files);
    struct budget budget = budget_unlimited();
    budget.depth = 50;
    struct engine_env env = {.arena = arena, .budget = &budget, .files = &tree.files};
    return chart_load(&env, env.arena, str_from(path), ret, err);
}

static int load_archive(struct arena *arena, struct str bytes, struct chart **ret, struct err *err)
{
    struct budget budget = budget_unlimited();
    budget.depth = 50;
    struct engine_env env = {.arena = arena, .budget = &budget};
    return chart_load_archive(&env, env.arena, bytes, ret, err);
}

static struct str names_of(struct arena *arena, const struct chart_files *files)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < files->n; i++) {
        buf_put_c(&out, i > 0 ? " " : "");
        buf_put(&out, files->items[i].name);
    }
    return buf_to_arena(&out, arena);
}

static void a_directory_is_sorted_into_parts(void **state UNUSED)
{
    static const struct mem_file FILES[] = {
        {"in/web/Chart.yaml", "\xef\xbb\xbf" META "apiVersion: v2\n"},
        {"in/web/Chart.lock", ""},
        {"in/web/values.yaml", "a: 1\n---\nb: {c: 2}\n---\nb: {d: x}\n"},
        {"in/web/values.schema.json", "{}"},
        {"in/web/requirements.yaml", "dependencies: [{name: db, version: '*'}]\n"},
        {"in/web/templates/b.yaml", "b"},
        {"in/web/templates/_a.tpl", "a"},
        {"in/web/templates/.hidden", "h"},
        {"in/web/crds/x.yaml", "x"},
        {"in/web/README.md", "r"},
        {"in/web/notes.bak", "n"},
        {"in/web/.helmignore", "*.bak\nci/\n"},
        {"in/web/ci/values.yaml", ""},
        {"in/web/charts/db/Chart.yaml", "name: db\nversion: 2.0.0\n"},
        {"in/web/charts/db/templates/t.yaml", "t"},
        {"in/web/charts/_old/any", ""},
        {"in/web/charts/db.prov", "signature"},
        {NULL, NULL},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct chart *c = NULL;
    struct err err;
    ASSERT_OK(load_tree(arena, FILES, "in/web", &c, &err));
    ASSERT_STR(c->meta.name, "web");
    ASSERT_STR(c->meta.dependencies[0].name, "db");
    assert_tval(arena, tval_map(c->values), "{a: 1, b: {c: 2, d: x}}");
    ASSERT_STR(c->schema, "{}");
    ASSERT_STR(names_of(arena, &c->templates), "templates/_a.tpl templates/b.yaml");
    ASSERT_STR(names_of(arena, &c->files), ".helmignore README.md charts/db.prov crds/x.yaml");
    assert_int_equal(c->n_subcharts, 1);
    ASSERT_STR(c->subcharts[0]->meta.version, "2.0.0");
    assert_ptr_equal(c->subcharts[0]->parent, c);
    ASSERT_STR(names_of(arena, &c->subcharts[0]->templates), "templates/t.yaml");
}

static void errors_name_the_file(void **state UNUSED)
{
    static const struct {
        struct mem_file files[3];
        enum err_code code;
        const char *part;
    } WRONG[] = {
        {{{"values.yaml", ""}}, ERR_NOT_FOUND, "Chart.yaml file is missing"},
        {{{"Chart.yaml", "name: x"}}, ERR_INVALID, "version is required"},
        {{{"Chart.yaml", META}, {"values.yaml", "[a]"}}, ERR_INVALID, "values.yaml"},
        {{{"Chart.yaml", META}, {"values.yaml", "a: {"}}, ERR_INVALID, "values.yaml"},
        {{{"Chart.yaml", META}, {"requirements.yaml", "{"}}, ERR_INVALID, "requirements.yaml"},
        {{{"Chart.yaml", META}, {".helmignore", "**"}}, ERR_INVALID, ".helmignore:1"},
        {{{"Chart.yaml", META}, {"charts/sub/x", ""}}, ERR_NOT_FOUND, "subchart sub in web"},
        {{{"Chart.yaml", META}, {"charts/sub.tgz", "x"}}, ERR_INVALID, "subchart sub.tgz in web"},
        {{{"Chart.yaml", META}, {"charts/sub.tgz/x", ""}}, ERR_INVALID, "no archive"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct chart *c;
        struct err err;
        ASSERT_ERR(load_tree(arena, WRONG[i].files, "", &c, &err), WRONG[i].code, WRONG[i].part);
    }
}

/* ---- archives ---- */

static struct str pack(struct arena *arena, const struct mem_file *files)
{
    AUTO(buf) struct buf tar;
    buf_init(&tar, 16 * LIMIT_MIB);
    for (const struct mem_file *f = files; f->path != NULL; f++) {
        archive_put(&tar, '0', f->path, str_from(f->text));
    }
    archive_end(&tar);
    return archive_gzip(arena, buf_str(&tar));
}

static void archives_hold_archives(void **state UNUSED)
{
    static const struct mem_file INNER[] = {
        {"db/Chart.yaml", "name: db\nversion: 2.0.0\n"}, {"db/values.yaml", "a: 1"}, {NULL, NULL}};
    AUTO(arena) struct arena *arena = arena_new();
    struct chart *c = NULL;
    struct err err;
    AUTO(buf) struct buf tar;
    buf_init(&tar, LIMIT_MIB);
    archive_put(&tar, '5', "web/", STR_EMPTY);
    archive_put(&tar, '0', "web\\Chart.yaml", STR(META));
    archive_put(&tar, '0', "web/templates/a.yaml", STR("a"));
    archive_put(&tar, '0', "web/charts/db-2.0.0.tgz", pack(arena, INNER));
    archive_put(&tar, '2', "web/link", STR_EMPTY);
    ASSERT_OK(load_archive(arena, archive_gzip(arena, buf_str(&tar)), &c, &err));
    ASSERT_STR(names_of(arena, &c->templates), "templates/a.yaml");
    assert_int_equal(c->files.n, 0);
    ASSERT_STR(c->subcharts[0]->meta.name, "db");
    assert_tval(arena, tval_map(c->subcharts[0]->values), "{a: 1}");
}

static void archives_may_not_lead_out(void **state UNUSED)
{
    static const struct {
        const char *name;
        const char *part;
    } WRONG[] = {
        {"web/../../etc/passwd", "outside the base directory"},
        {"web/a/../../../b", "outside the base directory"},
        {"web/..", "outside the base directory"},
        {"web/.", "outside the base directory"},
        {"file", "outside the base directory"},
        {"web//etc/passwd", "absolute paths"},
        {"/etc/passwd", "absolute"},
        {"web/C:/x", "illegally named"},
        {"web\\..\\..\\x", "outside the base directory"},
        {"Chart.yaml", "not in base directory"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct mem_file files[] = {{"web/Chart.yaml", META}, {WRONG[i].name, "x"}, {NULL, NULL}};
        struct chart *c;
        struct err err;
        int rc = load_archive(arena, pack(arena, files), &c, &err);
        if (rc == 0 && strcmp(WRONG[i].name, "/etc/passwd") == 0) {
            continue; /* its first part is empty: the file is etc/passwd of the chart */
        }
        ASSERT_ERR(rc, ERR_INVALID, WRONG[i].part);
    }
}

static void archives_need_files(void **state UNUSED)
{
    static const struct mem_file NONE[] = {{NULL, NULL}};
    AUTO(arena) struct arena *arena = arena_new();
    struct chart *c;
    struct err err;
    ASSERT_ERR(load_archive(arena, pack(arena, NONE), &c, &err), ERR_INVALID, "no files");
    ASSERT_ERR(load_archive(arena, STR("text"), &c, &err), ERR_INVALID, "gzip");
}

static void files_have_a_limit(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart *c;
    struct err err;
    char *text = arena_bytes(arena, LIMIT_CHART_FILE_BYTES + 2);
    memset(text, '#', LIMIT_CHART_FILE_BYTES + 1);
    text[LIMIT_CHART_FILE_BYTES + 1] = '\0';
    struct mem_file files[] = {{"web/Chart.yaml", META}, {"web/x", text}, {NULL, NULL}};
    ASSERT_ERR(load_archive(arena, pack(arena, files), &c, &err), ERR_LIMIT, "'x' is larger");
    files[1].text = text + 1;
    ASSERT_OK(load_archive(arena, pack(arena, files), &c, &err));
}

static void archives_in_archives_count_together(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart *c;
    struct err err;
    char *text = arena_bytes(arena, 4 * LIMIT_MIB + 1);
    memset(text, '#', 4 * LIMIT_MIB);
    text[4 * LIMIT_MIB] = '\0';
    struct mem_file inner[] = {
        {"s/Chart.yaml", META}, {"s/1", text}, {"s/2", text}, {"s/3", text}, {NULL, NULL}};
    struct str packed = pack(arena, inner);
    AUTO(buf) struct buf tar;
    buf_init(&tar, 16 * LIMIT_MIB);
    archive_put(&tar, '0', "web/Chart.yaml", STR(META));
    for (int i = 0; i < 9; i++) { /* 9 * 12 MiB */
        char name[] = "web/charts/s0.tgz";
        name[12] = (char)('0' + i);
        archive_put(&tar, '0', name, packed);
    }
    ASSERT_ERR(load_archive(arena, archive_gzip(arena, buf_str(&tar)), &c, &err), ERR_LIMIT,
               "larger than");
}

static void nesting_is_bounded(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct chart *c;
    struct err err;
    struct mem_file leaf[] = {{"s/Chart.yaml", META}, {NULL, NULL}};
    struct str packed = pack(arena, leaf);
    for (int i = 0; i < 60; i++) {
        AUTO(buf) struct buf tar;
        buf_init(&tar, LIMIT_MIB);
        archive_put(&tar, '0', "s/Chart.yaml", STR(META));
        archive_put(&tar, '0', "s/charts/s.tgz", packed);
        packed = archive_gzip(arena, buf_str(&tar));
    }
    ASSERT_ERR(load_archive(arena, packed, &c, &err), ERR_LIMIT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_is_sorted_into_parts),
        cmocka_unit_test(errors_name_the_file),
        cmocka_unit_test(archives_hold_archives),
        cmocka_unit_test(archives_may_not_lead_out),
        cmocka_unit_test(archives_need_files),
        cmocka_unit_test(files_have_a_limit),
        cmocka_unit_test(archives_in_archives_count_together),
        cmocka_unit_test(nesting_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
