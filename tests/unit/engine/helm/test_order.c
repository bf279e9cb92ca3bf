/* From rendered files to sorted manifests and hooks. */
#include "common/base/buf.h"
#include "common/base/crew.h"
#include "engine/helm/order.h"
#include "tests/lib/check.h"

static const struct {
    const char *text;
    const char *want[4]; /* documents */
    uint32_t lines[4];
} SPLITS[] = {
    {"", {NULL}, {0}},
    {" \n\n", {NULL}, {0}},
    {"a: 1\n", {"a: 1\n"}, {1}},
    {"\n\n---\na: 1\n\n", {"a: 1\n\n"}, {4}},
    {"a: 1\n---\n\n  b: 1\n", {"a: 1\n", "b: 1\n"}, {1, 4}},
    {"a: 1\n---   \nb: 1", {"a: 1\n", "b: 1"}, {1, 3}},
    {"---a: 1\n---b: 1\n", {"a: 1\n", "b: 1\n"}, {1, 2}},
    {"a: 1\n--- # note\nb: 1\n", {"a: 1\n", "# note\nb: 1\n"}, {1, 2}},
    {"a: |\n  ---\nb: 1\n", {"a: |\n  ---\nb: 1\n"}, {1}},
    {"--- --- a\n", {"--- a\n"}, {1}},
    {"---\n---\n--\n", {"--\n"}, {3}},
    {"a: 1\n---", {"a: 1\n"}, {1}},
};

static void splits_documents(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(SPLITS); i++) {
        struct order_parts parts;
        size_t n = 0;
        order_split(arena, str_from(SPLITS[i].text), &parts);
        for (; SPLITS[i].want[n] != NULL; n++) {
            if (n >= parts.n || !str_eq_c(parts.items[n].text, SPLITS[i].want[n]) ||
                parts.items[n].line != SPLITS[i].lines[n]) {
                fail_msg("'%s': document %zu is not '%s' in line %u", SPLITS[i].text, n,
                         SPLITS[i].want[n], SPLITS[i].lines[n]);
            }
        }
        assert_int_equal(parts.n, n);
    }
}

struct file {
    struct str name;
    struct str text;
};

static int order_files(struct arena *arena,
                       struct crew *crew,
                       const struct file *files,
                       size_t n,
                       struct order_result *ret,
                       struct err *err)
{
    struct order *order = order_new(arena, crew, ORDER_KEEP_DOCUMENTS);
    for (size_t i = 0; i < n; i++) {
        order_add(order, files[i].name, files[i].text);
    }
    return order_finish(order, ret, err);
}

static struct str kinds(struct arena *arena, const struct order_manifest *const *items, size_t n)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&out, "%s" STR_FMT ":" STR_FMT, i > 0 ? " " : "", STR_ARG(items[i]->file),
                   STR_ARG(items[i]->kind));
    }
    return buf_to_arena(&out, arena);
}

static void manifests_are_sorted_by_kind(void **state UNUSED)
{
    static const struct file FILES[] = {
        {{"t/z", 3}, {"kind: Zeta\n---\nkind: Alpha\n---\n# only a comment\n", 46}},
        {{"t/b", 3}, {"kind: Service\n---\nkind: Deployment\n---\nkind: Alpha\n", 50}},
        {{"t/a", 3}, {"kind: Deployment\n---\nkind: Namespace\n", 37}},
        {{"t/_p", 4}, {"{{ broken", 9}},
        {{"t/blank", 7}, {" \n", 2}},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct order_result r;
    struct err err;
    ASSERT_OK(order_files(arena, NULL, FILES, ARRAY_LEN(FILES), &r, &err));
    ASSERT_STR(kinds(arena, r.manifests, r.n_manifests),
               "t/a:Namespace t/b:Service t/a:Deployment t/b:Deployment t/z: t/b:Alpha t/z:Alpha "
               "t/z:Zeta");
    assert_int_equal(r.n_hooks, 0);
}

#define HOOK(kind, events) "kind: " kind "\nmetadata: {annotations: {helm.sh/hook: '" events "'}}\n"

static void hooks_are_apart(void **state UNUSED)
{
    struct file files[] = {
        {STR("t/a"), str_from(HOOK("Job", "pre-install, POST-upgrade") "---\n" HOOK(
                         "Secret", "test-success") "---\n" HOOK("Pod", "crd-install"))},
        {STR("t/b"), str_from("kind: Job\nmetadata: {annotations: {other: 1}}\n")},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct order_result r;
    struct err err;
    ASSERT_OK(order_files(arena, NULL, files, ARRAY_LEN(files), &r, &err));
    ASSERT_STR(kinds(arena, r.hooks, r.n_hooks), "t/a:Secret t/a:Job");
    assert_int_equal(r.hooks[0]->events, ORDER_TEST);
    assert_int_equal(r.hooks[1]->events, ORDER_PRE_INSTALL | ORDER_POST_UPGRADE);
    ASSERT_STR(kinds(arena, r.manifests, r.n_manifests), "t/b:Job");
}

static void broken_heads_are_errors(void **state UNUSED)
{
    static const char *const WRONG[] = {
        "a: {",
        "- list",
        "kind: [a]",
        "apiVersion: {a: b}",
        "metadata: text",
        "metadata: {name: [a]}",
        "metadata: {annotations: [a]}",
        "metadata: {annotations: {a: [b]}}",
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        struct file file = {STR("chart/templates/x.yaml"), str_from(WRONG[i])};
        struct order_result r;
        struct err err;
        ASSERT_ERR(order_files(arena, NULL, &file, 1, &r, &err), ERR_INVALID,
                   "YAML parse error on chart/templates/x.yaml");
    }
}

/* Files in any order, helpers in any state: the first file by name has the word. */
static void the_first_wrong_file_is_told(void **state UNUSED)
{
    enum { N_FILES = 64 };
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(crew) struct crew *crew = crew_new(2);
    struct file files[N_FILES];
    struct order_result r;
    struct err err;
    for (size_t i = 0; i < N_FILES; i++) {
        struct str name = arena_printf(arena, "t/%02zu", N_FILES - 1 - i);
        files[i] = (struct file){name, STR("kind: Service\n---\nkind: Deployment\n")};
    }
    ASSERT_OK(order_files(arena, crew, files, N_FILES, &r, &err));
    assert_int_equal(r.n_manifests, 2 * N_FILES);
    ASSERT_STR(r.manifests[0]->file, "t/00");
    ASSERT_STR(r.manifests[N_FILES]->kind, "Deployment");
    files[20].text = STR("- list");
    files[40].text = STR("a: {");
    ASSERT_ERR(order_files(arena, crew, files, N_FILES, &r, &err), ERR_INVALID,
               "YAML parse error on t/23");
}

static void documents_may_be_forgotten(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct order *order = order_new(arena, NULL, ORDER_FORGET_DOCUMENTS);
    struct order_result r;
    struct err err;
    order_add(order, STR("t/a"), STR("kind: Service\n"));
    ASSERT_OK(order_finish(order, &r, &err));
    ASSERT_STR(r.manifests[0]->kind, "Service");
    assert_null(r.manifests[0]->value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_documents),
        cmocka_unit_test(manifests_are_sorted_by_kind),
        cmocka_unit_test(hooks_are_apart),
        cmocka_unit_test(broken_heads_are_errors),
        cmocka_unit_test(the_first_wrong_file_is_told),
        cmocka_unit_test(documents_may_be_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
