/* Which pods of a tree are meant. */
#include "api-server/rest/log_pods.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "tests/lib/check.h"
#include "tests/lib/parse.h"

static const char TREE[] =
    "{nodes: ["
    " {group: apps, kind: Deployment, namespace: shop, name: web, uid: d},"
    " {group: apps, kind: ReplicaSet, namespace: shop, name: web-1, uid: r, parentRefs: [{uid: "
    "d}]},"
    " {kind: Pod, namespace: shop, name: web-1-a, uid: p1, parentRefs: [{uid: r}]},"
    " {kind: Pod, namespace: shop, name: web-1-b, uid: p2, parentRefs: [{uid: r}]},"
    " {group: batch, kind: Job, namespace: shop, name: migrate, uid: j},"
    " {kind: Pod, namespace: shop, name: migrate-x, uid: p3, parentRefs: [{uid: j}]},"
    " {kind: Pod, namespace: other, name: lone, uid: p4},"
    " {kind: Pod, namespace: other, name: loop, uid: p5, parentRefs: [{uid: p5}]},"
    " {group: example.org, kind: Pod, namespace: other, name: no-pod, uid: x}]}";

static const struct {
    const char *group, *kind, *namespace, *name, *want;
} CASES[] = {
    {"", "", "", "", "web-1-a web-1-b migrate-x lone loop "},
    {"apps", "Deployment", "", "web", "web-1-a web-1-b "},
    {"", "ReplicaSet", "shop", "", "web-1-a web-1-b "},
    {"", "Job", "shop", "migrate", "migrate-x "},
    {"", "Pod", "", "web-1-b", "web-1-b "},
    {"", "Pod", "other", "web-1-b", ""},
    {"", "Pod", "other", "", "lone loop "},
    {"example.org", "Pod", "", "", ""},
    {"", "Deployment", "", "nope", ""},
};

static void selects(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *tree = parse_yaml(arena, TREE);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct log_selection selection = {str_from(CASES[i].group), str_from(CASES[i].kind),
                                                str_from(CASES[i].namespace),
                                                str_from(CASES[i].name)};
        struct log_pods pods = log_pods_of(arena, tree, &selection);
        AUTO(buf) struct buf out;
        buf_init(&out, 1024);
        buf_put_c(&out, "");
        for (size_t k = 0; k < pods.n; k++) {
            buf_printf(&out, STR_FMT " ", STR_ARG(pods.items[k].name));
        }
        assert_string_equal(out.p, CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
