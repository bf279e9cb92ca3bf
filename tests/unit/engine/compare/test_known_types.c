/* Fields of custom resources with types of Kubernetes' own. */
#include "engine/compare/known_types.h"
#include "tests/lib/parse.h"

#define THING(spec) "{apiVersion: x.io/v1, kind: Thing, spec: " spec "}"

static const struct {
    const char *path;
    const char *type;
    const char *obj;
    const char *want; /* NULL = the same */
} CASES[] = {
    {"spec.size", "core/Quantity", THING("{size: 1024Mi}"), THING("{size: 1Gi}")},
    {"spec.limits", "core/v1/ResourceList", THING("{limits: {cpu: 1000m}}"),
     THING("{limits: {cpu: '1'}}")},
    {"spec.res", "core/v1/ResourceRequirements", THING("{res: {limits: {cpu: 0.1}}}"),
     THING("{res: {limits: {cpu: 100m}}}")},
    {"spec.l.q", "core/Quantity", THING("{l: [{q: 1000m}, {}, 7]}"),
     THING("{l: [{q: '1'}, {}, 7]}")},
    {"spec.l", "core/Quantity", THING("{l: [1000m, 2]}"), THING("{l: ['1', '2']}")},
    {"spec.size", "core/v1/Nobody", THING("{size: 1024Mi}"), NULL},
    {"spec.size", "core/Quantity", "{apiVersion: y.io/v1, kind: Thing, spec: {size: 1024Mi}}",
     NULL},
    {"spec.gone.x", "core/Quantity", THING("{size: 1024Mi}"), NULL},
    {"", "core/Quantity", THING("{size: 1024Mi}"), NULL},
};

static void cases(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct known_field field = {STR("x.io"), STR("Thing"), str_from(CASES[i].path),
                                          str_from(CASES[i].type)};
        const struct value *obj = parse_yaml(arena, CASES[i].obj);
        const struct value *form = known_types_apply(arena, (struct known_fields){&field, 1}, obj);
        if (CASES[i].want == NULL) {
            assert_ptr_equal(form, obj);
        } else {
            assert_yaml(arena, form, CASES[i].want);
        }
    }
    assert_null(known_types_apply(NULL, (struct known_fields){NULL, 0}, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
