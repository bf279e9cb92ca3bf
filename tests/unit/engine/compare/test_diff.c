/* Differences, by cases: tests/data/diff/rules for the rules, synced_* for objects a real API server
 * stored and that must not differ from what they were made of. */
#include "common/base/vec.h"
#include "engine/compare/diff.h"
#include "tests/lib/cases.h"
#include "tests/lib/check.h"

static struct app_strs strings(struct arena *arena, const struct value *list)
{
    VEC(struct str) items = {0};
    VALUE_FOREACH(list, it) {
        vec_push_in(arena, &items, value_str(it));
    }
    return (struct app_strs){items.items, items.n};
}

static struct app_ignore_differences rules_of(struct arena *arena, const struct value *list)
{
    VEC(struct app_ignore_difference) rules = {0};
    VALUE_FOREACH(list, it) {
        struct app_ignore_difference rule = {
            .group = value_dig_str(it, "group"),
            .kind = value_dig_str(it, "kind"),
            .name = value_dig_str(it, "name"),
            .namespace = value_dig_str(it, "namespace"),
            .json_pointers = strings(arena, value_dig(it, "jsonPointers")),
            .managed_fields_managers = strings(arena, value_dig(it, "managedFieldsManagers")),
        };
        vec_push_in(arena, &rules, rule);
    }
    return (struct app_ignore_differences){rules.items, rules.n};
}

/* Every field of `want` is in `is`, with that value. */
static void assert_contains(const char *dir, const struct value *is, const struct value *want)
{
    if (!value_is(want, VALUE_MAP)) {
        if (value_is(want, VALUE_LIST) && value_len(is) == value_len(want)) {
            for (size_t i = 0; i < value_len(want); i++) {
                assert_contains(dir, value_at(is, i), value_at(want, i));
            }
            return;
        }
        cases_assert_equal(dir, is, want);
        return;
    }
    VALUE_MAP_FOREACH(want, entry)
    {
        assert_contains(dir, value_find(is, entry->key), &entry->value);
    }
}

static void diff_case(struct arena *arena, const char *dir, const char *name UNUSED)
{
    struct err err;
    const struct value *opts = cases_yaml(arena, dir, "opts.yaml");
    const struct value *want = cases_yaml(arena, dir, "want.yaml");
    struct app_ignore_differences ignore = rules_of(arena, value_dig(opts, "ignoreDifferences"));
    struct diff_opts options = {
        .answer = cases_yaml(arena, dir, "answer.yaml"),
        .keep_mutations = value_bool(value_dig(opts, "keepMutations"), false),
        .normalize = {.ignore_aggregated_roles =
                          value_bool(value_dig(opts, "ignoreAggregatedRoles"), false),
                      .keep_status = value_bool(value_dig(opts, "keepStatus"), false)},
        .ignore = &ignore,
    };
    struct diff_result diff = {0};
    if (value_dig(opts, "mode") != NULL) {
        ASSERT_OK(diff_mode_parse(value_dig_str(opts, "mode"), &options.mode, &err));
    }
    int rc = diff_objects(arena, cases_yaml(arena, dir, "target.yaml"),
                          cases_yaml(arena, dir, "live.yaml"), &options, &diff, &err);
    if (value_dig(want, "error") != NULL) {
        ASSERT_ERR(rc, ERR_INVALID, value_dig_str(want, "error").p);
        return;
    }
    ASSERT_OK(rc);
    if (diff.modified != value_bool(value_dig(want, "modified"), false)) {
        cases_assert_equal(dir, diff.predicted_live, diff.normalized_live);
        fail_msg("%s: modified is %d", dir, diff.modified);
    }
    assert_contains(dir, diff.predicted_live,
                    value_is(value_dig(want, "predicted"), VALUE_MAP) ? value_dig(want, "predicted")
                                                                      : &VALUE_EMPTY_MAP);
}

static void rules(void **state UNUSED)
{
    cases_run("diff/rules", diff_case);
}

static void modes_have_names(void **state UNUSED)
{
    struct err err;
    enum diff_mode mode = DIFF_SERVER_SIDE;
    ASSERT_OK(diff_mode_parse(str_from(diff_mode_name(DIFF_THREE_WAY)), &mode, &err));
    assert_int_equal(mode, DIFF_THREE_WAY);
    ASSERT_ERR(diff_mode_parse(STR("two-way"), &mode, &err), ERR_INVALID, "'two-way'");
}

static void synced_with_kubernetes_1_20(void **state UNUSED)
{
    cases_run("diff/synced_1.20", diff_case);
}

static void synced_with_kubernetes_1_37(void **state UNUSED)
{
    cases_run("diff/synced_1.37", diff_case);
}

static void unmodified_objects_share_with_live(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const char *dir = "tests/data/diff/synced_1.37/service_ext";
    struct diff_result diff = {0};
    ASSERT_OK(diff_objects(arena, cases_yaml(arena, dir, "target.yaml"),
                           cases_yaml(arena, dir, "live.yaml"), NULL, &diff, &err));
    assert_ptr_equal(diff.normalized_live, diff.predicted_live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(modes_have_names),
        cmocka_unit_test(synced_with_kubernetes_1_20),
        cmocka_unit_test(synced_with_kubernetes_1_37),
        cmocka_unit_test(unmodified_objects_share_with_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
