/* Paths of fieldspecs: what they reach, what they create, and what they refuse. */
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/kustomize/fieldspec.h"
#include "tests/lib/kustom_fixture.h"

/* A scalar becomes "X", a map has x: X added, an item of a list is added. */
static int mark(const struct fieldspec_visit *visit,
                const struct value *leaf,
                const struct value **ret,
                struct err *err)
{
    const struct value *x = value_new_str(visit->env->arena, STR("X"));
    if (leaf->type == VALUE_MAP) {
        *ret = value_map_set(visit->env->arena, leaf, STR("x"), x);
        return 0;
    }
    if (leaf->type == VALUE_LIST && visit->create == FIELDSPEC_CREATE_LIST) {
        *ret = value_list_append(visit->env->arena, leaf, x);
        return 0;
    }
    return fieldspec_set_scalar(visit, leaf, x, ret, err);
}

struct path_case {
    const char *name;
    const char *path;
    enum fieldspec_create create; /* of the visitor; the spec creates when it is not NONE */
    const char *object;
    const char *want;
    const char *want_error;
};

static void run(const struct path_case *c)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct fieldspec_visit visit = {
        .env = &env, .create = c->create, .set = mark, .file = STR("f.yaml")};
    struct fieldspec spec = {.path = str_from(c->path),
                             .create = c->create != FIELDSPEC_CREATE_NONE};
    const struct value *object = kustom_parse(arena, c->object).items[0].value;
    const struct value *after = NULL;
    struct err err;
    int rc = fieldspec_apply(&visit, &spec, object, &after, &err);
    if (c->want_error != NULL) {
        if (rc == 0) {
            fail_msg("%s: no error", c->name);
        }
        check_contains(&err, c->want_error);
        return;
    }
    ASSERT_OK(rc);
    if (!value_equal(after, kustom_parse(arena, c->want).items[0].value)) {
        fail_msg("%s: " STR_FMT, c->name, STR_ARG(print_json(arena, after, NULL)));
    }
    if (str_eq_c(str_from(c->object), c->want) && after != object) {
        fail_msg("%s: copied though nothing changed", c->name);
    }
}

static void reaches(void **state UNUSED)
{
    static const struct path_case CASES[] = {
        {"a field", "a/b", 0, "{a: {b: 1, c: 2}}", "{a: {b: X, c: 2}}", NULL},
        {"a slash first", "/a", 0, "{a: 1}", "{a: X}", NULL},
        {"slashes in keys", "a\\/b/c\\/d\\/e", 0, "{a/b: {c/d/e: 1}}", "{a/b: {c/d/e: X}}", NULL},
        {"lists without a step", "a/b", 0, "{a: [{b: 1}, {c: 2}, [{b: 3}], null]}",
         "{a: [{b: X}, {c: 2}, [{b: X}], null]}", NULL},
        {"lists with a step", "a[]/b", 0, "{a: [{b: 1}]}", "{a: [{b: X}]}", NULL},
        {"a step of a list may be a map", "a[]/b", 0, "{a: {b: 1}}", "{a: {b: X}}", NULL},
        {"nothing there", "a/b/c", 0, "{a: {d: 1}}", "{a: {d: 1}}", NULL},
        {"null on the way", "a/b/c", 0, "{a: null}", "{a: null}", NULL},
        {"null at the end", "a/b", 0, "{a: {b: null}}", "{a: {b: X}}", NULL},
        {"a null list", "a[]/b", 0, "{a: null}", "{a: []}", NULL},
        {"a map", "a", 0, "{a: {}}", "{a: {x: X}}", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i]);
    }
}

static void creates(void **state UNUSED)
{
    static const struct path_case CASES[] = {
        {"a scalar", "a/b", FIELDSPEC_CREATE_SCALAR, "{}", "{a: {b: X}}", NULL},
        {"a map", "a/b", FIELDSPEC_CREATE_MAP, "{c: 1}", "{c: 1, a: {b: {x: X}}}", NULL},
        {"a list", "a", FIELDSPEC_CREATE_LIST, "{}", "{a: [X]}", NULL},
        {"in place of null", "a/b/c", FIELDSPEC_CREATE_MAP, "{a: null}", "{a: {b: {c: {x: X}}}}",
         NULL},
        {"a leaf in place of null", "a", FIELDSPEC_CREATE_MAP, "{a: null}", "{a: {x: X}}", NULL},
        {"no lists", "a[]/b", FIELDSPEC_CREATE_SCALAR, "{c: 1}", "{c: 1}", NULL},
        {"below items of lists", "a[]/b/c", FIELDSPEC_CREATE_SCALAR, "{a: [{}, {b: {c: 1}}]}",
         "{a: [{b: {c: X}}, {b: {c: X}}]}", NULL},
        {"not in null items", "a/b", FIELDSPEC_CREATE_SCALAR, "{a: [null]}", "{a: [null]}", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i]);
    }
}

static void refuses(void **state UNUSED)
{
    static const struct path_case CASES[] = {
        {"a scalar on the way", "a/b/c", 0, "{a: {b: 1}}", NULL,
         "expected sequence or mapping node"},
        {"names what and where", "a/b", 0, "{kind: K, apiVersion: g/v1, metadata: {name: n}, a: 1}",
         NULL, "considering field 'a/b' of object K.v1.g/n.[noNs]: f.yaml:1:"},
        {"an empty path", "", 0, "{a: 1}", NULL, "cannot set or create an empty field name"},
        {"an empty step", "a//b", 0, "{a: {b: 1}}", NULL,
         "cannot set or create an empty field name"},
        {"only brackets", "a/[]", 0, "{a: {b: 1}}", NULL,
         "cannot set or create an empty field name"},
        {"positions", "a/0", 0, "{a: {\"0\": 1}}", NULL,
         "fieldName: 0: f.yaml:1:5: wrong node kind: expected SequenceNode but got MappingNode"},
        {"the last position", "a/-", 0, "{a: {}}", NULL, "expected SequenceNode"},
        {"items by key", "a/[b=c]", 0, "{a: {}}", NULL, "expected SequenceNode"},
        {"a list where a scalar is set", "a", 0, "{a: []}", NULL,
         "wrong node kind: expected ScalarNode but got SequenceNode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i]);
    }
}

static void depth_is_limited(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    budget.depth = 3;
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct fieldspec_visit visit = {.env = &env, .create = FIELDSPEC_CREATE_SCALAR, .set = mark};
    struct fieldspec spec = {.path = STR("a/b/c"), .create = true};
    const struct value *after = NULL;
    struct err err;
    ASSERT_OK(fieldspec_apply(&visit, &spec, &VALUE_EMPTY_MAP, &after, &err));
    assert_int_equal(budget.depth, 3);
    spec.path = STR("a/b/c/d");
    ASSERT_ERR(fieldspec_apply(&visit, &spec, &VALUE_EMPTY_MAP, &after, &err), ERR_LIMIT,
               "a/b/c/d");
}

static void specs_select_by_kind(void **state UNUSED)
{
    static const struct fieldspec SPECS[] = {
        {.gvk = {.kind = {"Pod", 3}}, .path = {"a", 1}, .create = true},
        {.gvk = {.group = {"apps", 4}, .kind = {"Pod", 3}}, .path = {"b", 1}, .create = true},
        {.gvk = {.version = {"v1", 2}}, .path = {"c", 1}, .create = true},
        {.path = {"d", 1}, .create = true},
    };
    struct kustom f;
    struct err err;
    kustom_setup(&f, "{apiVersion: v1, kind: Pod, metadata: {name: n}}");
    struct fieldspec_visit visit = {.env = &f.env, .create = FIELDSPEC_CREATE_SCALAR, .set = mark};
    ASSERT_OK(fieldspecs_apply(&visit, (struct fieldspecs){SPECS, ARRAY_LEN(SPECS)},
                               resmap_at(f.m, 0), &err));
    kustom_assert(&f, "selected",
                  "{apiVersion: v1, kind: Pod, metadata: {name: n}, a: X, c: X, d: X}");
    kustom_done(&f);
}

static void edits_with_a_token_copy_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct fieldspec_visit visit = {.env = &env, .set = mark, .create = FIELDSPEC_CREATE_SCALAR};
    struct fieldspec first = {.path = STR("a/l/b"), .create = true};
    struct fieldspec second = {.path = STR("a/l/c"), .create = true};
    const struct value *object = kustom_parse(arena, "{a: {l: [{b: 1}, {b: 2}]}}").items[0].value;
    const struct value *once = NULL;
    const struct value *twice = NULL;
    struct err err;
    visit.token = 1;
    ASSERT_OK(fieldspec_apply(&visit, &first, object, &once, &err));
    ASSERT_OK(fieldspec_apply(&visit, &second, once, &twice, &err));
    assert_ptr_not_equal(once, object);
    assert_ptr_equal(twice, once);
    assert_yaml(arena, twice, "{a: {l: [{b: X, c: X}, {b: X, c: X}]}}");
    assert_yaml(arena, object, "{a: {l: [{b: 1}, {b: 2}]}}");
    visit.token = 2; /* another run */
    second.path = STR("a/d");
    ASSERT_OK(fieldspec_apply(&visit, &second, once, &twice, &err));
    assert_ptr_not_equal(twice, once);
    assert_yaml(arena, once, "{a: {l: [{b: X, c: X}, {b: X, c: X}]}}");
}

/* As in kustomize the text alone is replaced, and its type is what YAML makes of it unless there were quotes. */
static void text_decides_type(void **state UNUSED)
{
    static const struct {
        const char *leaf;
        const char *text;
        const char *want;
    } CASES[] = {
        {"a", "b", "\"b\""},       {"a", "0x1f", "31"},   {"\"a\"", "0x1f", "\"0x1f\""},
        {"1", "1.5", "1.5"},       {"a", "true", "true"}, {"a", "yes", "\"yes\""},
        {"a", "a: b", "\"a: b\""}, {"null", "5", "5"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct engine_env env = {.arena = arena, .budget = &budget};
    struct fieldspec_visit visit = {.env = &env};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct value *leaf = kustom_parse(arena, CASES[i].leaf).items[0].value;
        const struct value *after = NULL;
        struct err err;
        ASSERT_OK(fieldspec_set_text(&visit, leaf, str_from(CASES[i].text), &after, &err));
        assert_json(arena, after, CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches),
        cmocka_unit_test(creates),
        cmocka_unit_test(refuses),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(specs_select_by_kind),
        cmocka_unit_test(text_decides_type),
        cmocka_unit_test(edits_with_a_token_copy_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
