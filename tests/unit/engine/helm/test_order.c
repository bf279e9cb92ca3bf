/* From rendered files to sorted manifests and hooks. */
#include "common/base/buf.h"
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

static struct str kinds(struct arena *arena, const struct order_manifest *items, size_t n)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&out, "%s" STR_FMT ":" STR_FMT, i > 0 ? " " : "", STR_ARG(items[i].file),
                   STR_ARG(items[i].kind));
    }
    return buf_to_arena(&out, arena);
}

static void manifests_are_sorted_by_kind(void **state UNUSED)
{
    static const struct order_file FILES[] = {
        {{"t/z", 3}, {"kind: Zeta\n---\nkind: Alpha\n---\n# only a comment\n", 46}},
        {{"t/b", 3}, {"kind: Service\n---\nkind: Deployment\n---\nkind: Alpha\n", 50}},
        {{"t/a", 3}, {"kind: Deployment\n---\nkind: Namespace\n", 37}},
        {{"t/_p", 4}, {"{{ broken", 9}},
        {{"t/blank", 7}, {" \n", 2}},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct order_result r;
    struct err err;
    ASSERT_OK(order_manifests(arena, NULL, FILES, ARRAY_LEN(FILES), &r, &err));
    ASSERT_STR(kinds(arena, r.manifests, r.n_manifests),
               "t/a:Namespace t/b:Service t/a:Deployment t/b:Deployment t/z: t/b:Alpha t/z:Alpha "
               "t/z:Zeta");
    assert_int_equal(r.n_hooks, 0);
}

#define HOOK(kind, events) "kind: " kind "\nmetadata: {annotations: {helm.sh/hook: '" events "'}}\n"

static void hooks_are_apart(void **state UNUSED)
{
    struct order_file files[] = {
        {STR("t/a"), str_from(HOOK("Job", "pre-install, POST-upgrade") "---\n" HOOK(
                         "Secret", "test-success") "---\n" HOOK("Pod", "crd-install"))},
        {STR("t/b"), str_from("kind: Job\nmetadata: {annotations: {other: 1}}\n")},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct order_result r;
    struct err err;
    ASSERT_OK(order_manifests(arena, NULL, files, ARRAY_LEN(files), &r, &err));
    ASSERT_STR(kinds(arena, r.hooks, r.n_hooks), "t/a:Secret t/a:Job");
    assert_int_equal(r.hooks[0].events, ORDER_TEST);
    assert_int_equal(r.hooks[1].events, ORDER_PRE_INSTALL | ORDER_POST_UPGRADE);
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
        struct order_file file = {STR("chart/templates/x.yaml"), str_from(WRONG[i])};
        struct order_result r;
        struct err err;
        ASSERT_ERR(order_manifests(arena, NULL, &file, 1, &r, &err), ERR_INVALID,
                   "YAML parse error on chart/templates/x.yaml");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_documents),
        cmocka_unit_test(manifests_are_sorted_by_kind),
        cmocka_unit_test(hooks_are_apart),
        cmocka_unit_test(broken_heads_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
