/* Shapes from the tables and from an OpenAPI document. */
#include "engine/compare/shape.h"
#include "tests/lib/parse.h"

static const char DOCUMENT[] =
    "components:\n"
    "  schemas:\n"
    "    x.Thing:\n"
    "      description: long\n"
    "      type: object\n"
    "      x-kubernetes-group-version-kind: [{group: x, version: v1, kind: Thing}]\n"
    "      properties:\n"
    "        spec: {allOf: [{$ref: '#/components/schemas/x.Spec'}], default: {}}\n"
    "    x.Spec:\n"
    "      properties:\n"
    "        ports: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [port, "
    "protocol],\n"
    "                items: {properties: {port: {type: integer}, protocol: {default: TCP}}}}\n"
    "        names: {type: array, x-kubernetes-list-type: set, items: {type: string}}\n"
    "        args: {type: array, items: {type: string}}\n"
    "        selector: {$ref: '#/components/schemas/x.Selector'}\n"
    "        free: {additionalProperties: {$ref: '#/components/schemas/x.Selector'}}\n"
    "        self: {$ref: '#/components/schemas/x.Spec'}\n"
    "        loop: {$ref: '#/components/schemas/x.Loop'}\n"
    "    x.Selector: {x-kubernetes-map-type: atomic}\n"
    "    x.Loop: {$ref: '#/components/schemas/x.Loop'}\n";

static struct shape dig(struct shape shape, const char *path)
{
    struct str rest = str_from(path);
    struct str part;
    while (str_next(&rest, '.', &part)) {
        shape = str_eq_c(part, "[]") ? shape_item(shape) : shape_member(shape, part);
    }
    return shape;
}

static void merging_is_known(void **state UNUSED)
{
    static const struct {
        const char *object;
        const char *path;
        enum shape_merge want;
    } CASES[] = {
        {"{apiVersion: x/v1, kind: Thing}", "spec", SHAPE_MERGE_PARTS},
        {"{apiVersion: x/v1, kind: Thing}", "spec.ports", SHAPE_MERGE_KEYS},
        {"{apiVersion: x/v1, kind: Thing}", "spec.self.self.ports", SHAPE_MERGE_KEYS},
        {"{apiVersion: x/v1, kind: Thing}", "spec.names", SHAPE_MERGE_SET},
        {"{apiVersion: x/v1, kind: Thing}", "spec.args", SHAPE_MERGE_PARTS},
        {"{apiVersion: x/v1, kind: Thing}", "spec.selector", SHAPE_MERGE_ATOMIC},
        {"{apiVersion: x/v1, kind: Thing}", "spec.free.any", SHAPE_MERGE_ATOMIC},
        {"{apiVersion: x/v1, kind: Thing}", "spec.loop.ports", SHAPE_MERGE_PARTS},
        {"{apiVersion: x/v2, kind: Thing}", "spec.ports", SHAPE_MERGE_PARTS},
        {"{apiVersion: x/v2, kind: Thing}", "metadata.finalizers", SHAPE_MERGE_SET},
        {"{apiVersion: v1, kind: Service}", "spec.ports", SHAPE_MERGE_KEYS},
        {"{apiVersion: v1, kind: Service}", "spec.selector", SHAPE_MERGE_ATOMIC},
        {"{apiVersion: v1, kind: Service}", "metadata.labels", SHAPE_MERGE_PARTS},
        {"{apiVersion: apps/v1, kind: Deployment}", "spec.selector", SHAPE_MERGE_ATOMIC},
        {"{apiVersion: apps/v1, kind: Deployment}", "spec.template.spec.containers.[].env",
         SHAPE_MERGE_KEYS},
        {"{apiVersion: apps/v1, kind: Deployment}", "spec.template.spec.containers.[].args",
         SHAPE_MERGE_PARTS},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *api = NULL;
    ASSERT_OK(
        shape_reduce_openapi(arena, parse_yaml(arena, DOCUMENT), SHAPE_KEEP_MERGING, &api, &err));
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct shape shape = dig(shape_of(api, parse_yaml(arena, CASES[i].object)), CASES[i].path);
        if (shape_merge(shape) != CASES[i].want) {
            fail_msg("%s %s: %d", CASES[i].object, CASES[i].path, shape_merge(shape));
        }
    }
}

static void keys_have_defaults(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *api = NULL;
    ASSERT_OK(
        shape_reduce_openapi(arena, parse_yaml(arena, DOCUMENT), SHAPE_KEEP_MERGING, &api, &err));
    static const char *const OBJECTS[] = {"{apiVersion: x/v1, kind: Thing}",
                                          "{apiVersion: v1, kind: Service}"};
    for (size_t i = 0; i < ARRAY_LEN(OBJECTS); i++) {
        struct shape shape = dig(shape_of(api, parse_yaml(arena, OBJECTS[i])), "spec.ports");
        struct fieldset_keys keys = shape_keys(arena, shape);
        assert_int_equal(keys.n, 2);
        ASSERT_STR(keys.names[0], "port");
        assert_null(keys.defaults[0]);
        ASSERT_STR(value_str(keys.defaults[1]), "TCP");
    }
}

static void what_is_no_document_is_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *api = NULL;
    ASSERT_ERR(
        shape_reduce_openapi(arena, parse_yaml(arena, "{a: 1}"), SHAPE_KEEP_MERGING, &api, &err),
        ERR_INVALID, "not an OpenAPI document");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merging_is_known),
        cmocka_unit_test(keys_have_defaults),
        cmocka_unit_test(what_is_no_document_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
