/* Documents by group and version, and the absence of them. */
#include "app-controller/live/live_schema.h"
#include "common/value/value.h"
#include "tests/lib/check.h"

static void what_is_known_is_found(void **state UNUSED)
{
    struct live_schemas *schemas = live_schemas_new();
    AUTO(doc) struct doc *doc = doc_copy_of(&VALUE_EMPTY_MAP);
    struct doc *found = NULL;
    assert_false(live_schemas_find(schemas, STR("apps"), STR("v1"), &found));
    live_schemas_set(schemas, STR("apps"), STR("v1"), doc);
    live_schemas_set(schemas, STR(""), STR("v1"), NULL);
    assert_true(live_schemas_find(schemas, STR("apps"), STR("v1"), &found));
    assert_ptr_equal(found, doc);
    assert_true(live_schemas_find(schemas, STR(""), STR("v1"), &found));
    assert_null(found);
    live_schemas_clear(schemas);
    assert_false(live_schemas_find(schemas, STR("apps"), STR("v1"), &found));
    live_schemas_free(schemas);
    live_schemas_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_known_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
