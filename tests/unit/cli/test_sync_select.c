/* Patterns of --resource. */
#include "cli/sync_select.h"
#include "tests/lib/parse.h"

#define APP                                                                               \
    "{status: {resources: [{kind: ConfigMap, namespace: ns, name: a}, {kind: ConfigMap, " \
    "namespace: other, name: a}, {group: apps, kind: Deployment, namespace: ns, name: web}]}}"
#define A       "{group: '', kind: ConfigMap, namespace: ns, name: a}"
#define OTHER_A "{group: '', kind: ConfigMap, namespace: other, name: a}"
#define WEB     "{group: apps, kind: Deployment, namespace: ns, name: web}"

static const struct {
    const char *selectors[3];
    bool pattern;
    const char *want; /* NULL = an error */
} CASES[] = {
    {{":Service:x"}, false, "[{group: '', kind: Service, name: x}]"},
    {{"apps:Deployment:ns/x"}, false, "[{group: apps, kind: Deployment, namespace: ns, name: x}]"},
    {{":ConfigMap:*"}, true, "[" A ", " OTHER_A "]"},
    {{"*:*:ns/*"}, true, "[" A ", " WEB "]"},
    {{"!:ConfigMap:*"}, true, "[" WEB "]"},
    {{"*:*:*", "!apps:*:web"}, true, "[" A ", " OTHER_A "]"},
    {{":ConfigMap:a", "!*:*:other/*"}, true, "[" A "]"},
    {{"apps:StatefulSet:*"}, true, NULL},
    {{"!*:*:*"}, true, NULL},
    {{"web"}, false, NULL},
    {{"apps:Deployment"}, false, NULL},
    {{"apps::web"}, false, NULL},
    {{"apps:Deployment:"}, false, NULL},
};

static void selectors_are_patterns(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct flag_list list = {(void *)(uintptr_t)CASES[i].selectors, 0};
        while (list.n < 3 && CASES[i].selectors[list.n] != NULL) {
            list.n++;
        }
        const struct value *ret = NULL;
        struct err err;
        print_message("%s\n", CASES[i].selectors[0]);
        assert_int_equal(sync_select_is_pattern(&list), CASES[i].pattern);
        int rc = sync_select(arena, &list, parse_yaml(arena, APP), &ret, &err);
        if (CASES[i].want == NULL) {
            assert_true(rc < 0);
        } else {
            assert_int_equal(rc, 0);
            assert_yaml(arena, ret, CASES[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors_are_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
