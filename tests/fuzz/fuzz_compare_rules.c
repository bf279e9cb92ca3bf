/* argocd-cm as somebody wrote it: what it says about comparing, watching and refreshing is read or refused, and is
 * applied to an object. */
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/compare/ignore.h"
#include "engine/compare/known_types.h"
#include "engine/compare/rules.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static const char OBJECT[] = "{apiVersion: x/v1, kind: K, metadata: {name: n, managedFields: "
                             "[{manager: m, operation: Apply, "
                             "fieldsV1: {'f:spec': {'f:a': {}}}}]}, spec: {a: 1, b: [{name: c, v: "
                             "'1000m'}], t: {containers: "
                             "[{name: c, resources: {limits: {cpu: 1000m}}}]}}}";

static void
ignore(struct arena *arena, const struct app_ignore_differences *list, const struct value *obj)
{
    struct err err;
    const struct value *rest = NULL;
    const struct value *restored = NULL;
    if (list == NULL || ignore_check(list, &err) < 0) {
        return;
    }
    struct ignore_rules rules = ignore_rules_for(arena, NULL, list, obj);
    FUZZ_CHECK(rules.n <= list->n);
    if (ignore_apply(arena, rules, NULL, obj, obj, &rest, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_UNSUPPORTED || err.code == ERR_INVALID);
        return;
    }
    if (ignore_restore(arena, rules, NULL, obj, obj, &restored, &err) == 0) {
        FUZZ_CHECK(value_equal(restored, obj)); /* what is ignored is what it was */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    const struct value *config = NULL;
    const struct value *obj = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(compare_rules) struct compare_rules *rules = NULL;
    if (value_from_yaml(arena, str_of((const char *)data, size), NULL, &config, &err) < 0 ||
        compare_rules_new(config, &rules, &err) < 0) {
        return 0;
    }
    FUZZ_OK(value_from_yaml(arena, str_from(OBJECT), NULL, &obj, &err));
    FUZZ_CHECK(compare_rules_same(rules, rules));
    FUZZ_CHECK(compare_rules_excluded(rules, STR("events.k8s.io"), STR("Event"), STR("https://s")));
    (void)compare_rules_excluded(rules, STR("x"), STR("K"), STR("https://s"));
    (void)compare_rules_keep_status(rules, STR("x"), STR("K"));
    (void)compare_rules_masked(rules);
    ignore(arena, compare_rules_ignore(rules), obj);
    ignore(arena, compare_rules_updates(rules), obj);
    const struct value *known = known_types_apply(arena, compare_rules_known(rules), obj);
    FUZZ_CHECK(value_equal(known_types_apply(arena, compare_rules_known(rules), known), known));
    return 0;
}
