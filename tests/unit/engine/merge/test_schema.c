/* The schema tables are consistent, and say what Kubernetes' API says. */
#include "engine/merge/schema.h"
#include "tests/lib/check.h"

static void fields_are_consistent(void **state UNUSED)
{
    for (int t = 0; t < SCHEMA_TYPE_COUNT; t++) {
        size_t n;
        const struct schema_field *fields = schema_fields((enum schema_type)t, &n);
        for (size_t i = 0; i < n; i++) {
            bool keyed = fields[i].shape == SCHEMA_SHAPE_LIST_MAP;
            if (keyed != (fields[i].keys != NULL)) {
                fail_msg("%s.%s: keys", schema_type_name((enum schema_type)t), fields[i].name);
            }
            for (size_t k = 0; k < i; k++) {
                if (strcmp(fields[i].name, fields[k].name) == 0) {
                    fail_msg("%s.%s twice", schema_type_name((enum schema_type)t), fields[i].name);
                }
            }
        }
    }
}

static void kinds_are_found_by_group(void **state UNUSED)
{
    assert_int_equal(schema_kind_find(STR("apps"), STR("Deployment"))->type,
                     SCHEMA_TYPE_DEPLOYMENT);
    assert_null(schema_kind_find(STR("x.example.com"), STR("Deployment")));
    assert_true(schema_kind_find(STR("argoproj.io"), STR("Rollout"))->custom);
}

static void merge_keys_of_containers(void **state UNUSED)
{
    static const struct {
        enum schema_type type;
        const char *field;
        const char *keys[2];
    } CASES[] = {
        {SCHEMA_TYPE_POD_SPEC, "containers", {"name", NULL}},
        {SCHEMA_TYPE_POD_SPEC, "volumes", {"name", NULL}},
        {SCHEMA_TYPE_POD_SPEC, "hostAliases", {"ip", NULL}},
        {SCHEMA_TYPE_POD_SPEC, "topologySpreadConstraints", {"topologyKey", "whenUnsatisfiable"}},
        {SCHEMA_TYPE_CONTAINER, "ports", {"containerPort", "protocol"}},
        {SCHEMA_TYPE_CONTAINER, "volumeMounts", {"mountPath", NULL}},
        {SCHEMA_TYPE_CONTAINER, "volumeDevices", {"devicePath", NULL}},
        {SCHEMA_TYPE_SERVICE_SPEC, "ports", {"port", "protocol"}},
        {SCHEMA_TYPE_OBJECT_META, "ownerReferences", {"uid", NULL}},
        {SCHEMA_TYPE_MUTATING_WEBHOOKS, "webhooks", {"name", NULL}},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct schema_field *field =
            schema_field_find(CASES[i].type, str_from(CASES[i].field));
        assert_int_equal(field->shape, SCHEMA_SHAPE_LIST_MAP);
        assert_string_equal(field->keys->key[0].name, CASES[i].keys[0]);
        if (CASES[i].keys[1] != NULL) {
            assert_string_equal(field->keys->key[1].name, CASES[i].keys[1]);
        }
    }
}

static void what_is_not_listed(void **state UNUSED)
{
    assert_null(schema_field_find(SCHEMA_TYPE_NONE, STR("a")));
    assert_int_equal(schema_field_find(SCHEMA_TYPE_POD_SPEC, STR("a"))->shape,
                     SCHEMA_SHAPE_UNLISTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_consistent),
        cmocka_unit_test(kinds_are_found_by_group),
        cmocka_unit_test(merge_keys_of_containers),
        cmocka_unit_test(what_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
