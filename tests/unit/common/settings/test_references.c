/* References to secrets in texts and trees. */
#include "common/settings/references.h"
#include "common/value/value_mask.h"
#include "tests/lib/parse.h"

static bool find(
    void *data UNUSED, struct arena *arena UNUSED, struct str name, struct str key, struct str *ret)
{
    static const struct {
        const char *name;
        const char *key;
        const char *value;
    } SECRETS[] = {
        {"", "plain", "own"},       {"", "padded", " own\n"}, {"", "again", "$plain"},
        {"other", "key", "theirs"}, {"other", "empty", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(SECRETS); i++) {
        if (str_eq_c(name, SECRETS[i].name) && str_eq_c(key, SECRETS[i].key)) {
            *ret = str_from(SECRETS[i].value);
            return true;
        }
    }
    return false;
}

static const struct references_source SOURCE = {find, NULL};

static void a_whole_text_is_a_reference(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
        size_t n_missing;
    } CASES[] = {
        {"", "", 0},
        {"text", "text", 0},
        {"a$plain", "a$plain", 0},
        {"$plain", "own", 0},
        {"$padded", "own", 0},
        {"$again", "$plain", 0}, /* once only */
        {"$other:key", "theirs", 0},
        {"$other:empty", "", 0},
        {"$", "$", 1},
        {"$key", "$key", 1},
        {"$:plain", "$:plain", 1},
        {"$none:key", "$none:key", 1},
        {"$other:key:more", "$other:key:more", 1},
        {"$plain ", "$plain ", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        references_missing missing = {0};
        ASSERT_STR(references_resolve(arena, &SOURCE, str_from(CASES[i].text), &missing),
                   CASES[i].want);
        assert_int_equal(missing.n, CASES[i].n_missing);
    }
}

static void trees_keep_their_shape(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    references_missing missing = {0};
    const struct value *tree = parse_yaml(
        arena, "{id: $plain, n: 1, list: [$other:key, {x: $none, $plain: true}], z: null}");
    const struct value *out = references_resolve_tree(arena, &SOURCE, tree, &missing);
    assert_yaml(arena, out, "{id: own, n: 1, list: [theirs, {x: $none, $plain: true}], z: null}");
    assert_int_equal(missing.n, 1);
    ASSERT_STR(missing.items[0], "$none");
    assert_yaml(arena, value_masked(arena, out),
                "{id: '********', n: 1, list: ['********', {x: $none, $plain: true}], z: null}");
    assert_true(value_is(references_resolve_tree(arena, &SOURCE, NULL, &missing), VALUE_NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_text_is_a_reference),
        cmocka_unit_test(trees_keep_their_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
