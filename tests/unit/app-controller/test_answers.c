/* Answers of dry runs are kept for one state of a pair. */
#include "app-controller/answers.h"
#include "common/value/value_build.h"
#include "tests/lib/parse.h"

static void put(struct answers *answers, const char *key, const char *version, uint64_t hash, int n)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(doc) struct doc *doc = doc_copy_of(value_new_int(arena, n));
    const struct answer answer = {str_from(key), str_from(version), hash, doc};
    answers_put(answers, &answer);
}

static const struct value *
find(struct answer_list list, const char *key, const char *version, uint64_t hash)
{
    const struct answer wanted = {str_from(key), str_from(version), hash, NULL};
    return answer_list_find(list, &wanted);
}

static void an_answer_is_for_one_state(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(answers) struct answers *answers = answers_new();
    put(answers, "b", "1", 7, 1);
    put(answers, "a", "1", 7, 2);
    put(answers, "b", "2", 7, 3);
    struct answer_list list = answers_list(answers, arena);
    answers_keep(answers, NULL, 0);
    assert_int_equal(answers_count(answers), 0);
    assert_int_equal(list.n, 2); /* has references of its own */
    assert_int_equal(value_int(find(list, "b", "2", 7), 0), 3);
    assert_int_equal(value_int(find(list, "a", "1", 7), 0), 2);
    assert_null(find(list, "b", "1", 7));
    assert_null(find(list, "b", "2", 8));
    assert_null(find(list, "c", "2", 7));
}

static void what_is_gone_is_forgotten(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(answers) struct answers *answers = answers_new();
    const struct str keys[] = {STR("a"), STR("c")};
    put(answers, "a", "1", 7, 1);
    put(answers, "b", "1", 7, 1);
    answers_keep(answers, keys, 2);
    assert_int_equal(answers_count(answers), 1);
    assert_non_null(find(answers_list(answers, arena), "a", "1", 7));
    assert_int_equal(answers_list(NULL, arena).n, 0);
    answers_unref(answers_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_for_one_state),
        cmocka_unit_test(what_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
