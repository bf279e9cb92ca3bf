/* The set of templates: which definition of a name counts, and that pops and failures undo. */
#include "engine/template/ast.h"
#include "engine/template/template.h"
#include "tests/lib/check.h"

static void add(struct template_set *set, const char *name, const char *text)
{
    struct err err;
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    ASSERT_OK(template_parse(set, str_from(name), str_from(text), &budget, &err));
}

/* The definition's text, which in these tests is its only node; "" for a blank one. */
static void assert_text(const struct template_set *set, const char *name, const char *want)
{
    const struct tdef *def = template_find(set, str_from(name));
    if (want == NULL) {
        assert_null(def);
        return;
    }
    assert_non_null(def);
    ASSERT_STR(def->name, name);
    ASSERT_STR(def->body.n > 0 ? def->body.items[0].text : STR_EMPTY, want);
}

static void later_files_replace(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct template_set *set = template_set_new(arena);
    add(set, "one", "1{{define \"a\"}}a1{{end}}{{define \"b\"}}b1{{end}}");
    add(set, "two", "2{{define \"a\"}}a2{{end}}{{define \"b\"}} {{/* nothing */}}\n{{end}}");
    assert_text(set, "one", "1");
    assert_text(set, "two", "2");
    assert_text(set, "a", "a2");
    assert_text(set, "b", "b1");
    assert_text(set, "c", NULL);
    ASSERT_STR(template_find(set, STR("a"))->file, "two");
    ASSERT_STR(template_find(set, STR("b"))->file, "one");
}

static void blank_ones_exist_until_replaced(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct template_set *set = template_set_new(arena);
    add(set, "one", "{{define \"a\"}}{{end}}{{define \"a\"}}a1{{end}}{{define \"a\"}} {{end}}");
    assert_text(set, "one", "");
    assert_text(set, "a", "a1");
    add(set, "two", "{{define \"b\"}}{{end}}{{block \"one\" .}}x{{end}}");
    assert_text(set, "b", "");
    assert_text(set, "one", "x");
}

static void a_file_defines_a_name_once(void **state UNUSED)
{
    static const char *const TEXTS[] = {
        "new{{define \"a\"}}new{{end}}\n{{define \"b\"}}1{{end}}{{define \"b\"}}2{{end}}",
        "new{{define \"a\"}}new{{end}}\n{{block \"b\" .}}1{{end}}{{define \"b\"}}2{{end}}",
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct template_set *set = template_set_new(arena);
    add(set, "one", "1{{define \"a\"}}a1{{end}}");
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        struct err err;
        struct budget budget = budget_unlimited();
        ASSERT_ERR(template_parse(set, STR("two"), str_from(TEXTS[i]), &budget, &err), ERR_INVALID,
                   "two:2: template: multiple definition of template \"b\"");
        assert_text(set, "one", "1");
        assert_text(set, "two", NULL);
        assert_text(set, "a", "a1");
        assert_text(set, "b", NULL);
    }
}

static void pops_undo(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct template_set *set = template_set_new(arena);
    add(set, "one", "1{{define \"a\"}}a1{{end}}");
    for (int round = 0; round < 3; round++) {
        template_push(set);
        add(set, "text", "2{{define \"a\"}}a2{{end}}{{define \"b\"}}b2{{end}}");
        template_push(set);
        add(set, "text", "3{{define \"b\"}}b3{{end}}{{define \"c\"}}c3{{end}}");
        assert_text(set, "text", "3");
        assert_text(set, "a", "a2");
        assert_text(set, "b", "b3");
        assert_text(set, "c", "c3");
        template_pop(set);
        assert_text(set, "text", "2");
        assert_text(set, "b", "b2");
        assert_text(set, "c", NULL);
        template_pop(set);
        assert_text(set, "one", "1");
        assert_text(set, "text", NULL);
        assert_text(set, "a", "a1");
        assert_text(set, "b", NULL);
    }
}

static void a_blank_text_can_be_run(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct budget budget = budget_unlimited();
    struct template_set *set = template_set_new(arena);
    const struct tdef *def = NULL;
    add(set, "text", "1");
    ASSERT_OK(template_parse_main(set, STR("text"), STR("{{/* */}}"), &budget, &def, &err));
    assert_true(def->blank);
    assert_int_equal(def->body.n, 0);
    assert_text(set, "text", "1");
}

static void functions_are_those_of_the_tables(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct budget budget = budget_unlimited();
    struct template_set *set = template_set_new(arena);
    ASSERT_ERR(template_parse(set, STR("one"), STR("{{noSuchThing}}"), &budget, &err), ERR_INVALID,
               "one:1: function \"noSuchThing\" not defined");
}

static const struct tdef *get(struct template_set *set, const char *name)
{
    const struct tdef *def = NULL;
    struct err err;
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    ASSERT_OK(template_get(set, str_from(name), &budget, &def, &err));
    return def;
}

static void some_are_parsed_when_they_are_run(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(arena) struct arena *scratch = arena_new();
    struct template_set *set = template_set_new(arena);
    struct err err;
    struct budget budget = budget_unlimited();
    budget.depth = 100;
    add(set, "two", "{{define \"b\"}}b1{{end}}");
    ASSERT_OK(template_parse_late(set, STR("one"), STR("1"), &budget, &err));
    ASSERT_OK(template_parse_late(set, STR("bad"), STR("{{"), &budget, &err));
    ASSERT_OK(
        template_parse_late(set, STR("defines"), STR("{{define \"d\"}}d1{{end}}"), &budget, &err));
    ASSERT_ERR(template_parse_late(set, STR("b"), STR("{{"), &budget, &err), ERR_INVALID,
               "unclosed");
    template_use_scratch(set, scratch);
    assert_text(set, "one", NULL);
    assert_text(set, "d", "d1");
    ASSERT_STR(get(set, "one")->body.items[0].text, "1");
    assert_text(set, "one", "1");
    template_use_scratch(set, NULL);
    assert_text(set, "one", NULL);
    ASSERT_STR(get(set, "one")->body.items[0].text, "1");
    assert_null(get(set, "none"));
    const struct tdef *def;
    ASSERT_ERR(template_get(set, STR("bad"), &budget, &def, &err), ERR_INVALID, "unclosed action");
    ASSERT_ERR(template_check(set, STR("x"), STR("{{if}}"), &budget, &err), ERR_INVALID,
               "missing value");
    add(set, "three", "{{define \"one\"}}other{{end}}");
    ASSERT_STR(get(set, "one")->file, "three");
}

/* With a helper and without one. */
static void some_are_parsed_ahead(void **state UNUSED)
{
    for (size_t n = 0; n < 2; n++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(arena) struct arena *scratch = arena_new();
        AUTO(crew) struct crew *crew = crew_new(n);
        struct template_set *set = template_set_new(arena);
        struct template_ahead ahead[4] = {0};
        static const char *const NAMES[] = {"one", "bad", "two", "none"};
        struct err err;
        struct budget budget = budget_unlimited();
        budget.depth = 100;
        add(set, "two", "2{{define \"b\"}}b1{{end}}");
        ASSERT_OK(template_parse_late(set, STR("one"), STR("1{{add 1 2}}"), &budget, &err));
        ASSERT_OK(template_parse_late(set, STR("bad"), STR("{{"), &budget, &err));
        uint64_t before = budget.steps;
        for (size_t i = 0; i < ARRAY_LEN(ahead); i++) {
            template_ahead_offer(&ahead[i], set, str_from(NAMES[i]), &budget, crew, scratch);
            if (i == 0) {
                assert_text(set, "one", NULL);
                ASSERT_OK(template_ahead_take(&ahead[i], &budget, crew, &err));
                assert_text(set, "one", "1");
                assert_true(budget.steps < before);
            }
        }
        ASSERT_ERR(template_ahead_take(&ahead[1], &budget, crew, &err), ERR_INVALID,
                   "unclosed action");
        ASSERT_OK(template_ahead_take(&ahead[2], &budget, crew, &err)); /* was not offered */
        ASSERT_OK(template_ahead_take(&ahead[3], &budget, crew, &err));
        template_use_scratch(set, NULL);
        assert_text(set, "one", NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_files_replace),
        cmocka_unit_test(some_are_parsed_when_they_are_run),
        cmocka_unit_test(some_are_parsed_ahead),
        cmocka_unit_test(blank_ones_exist_until_replaced),
        cmocka_unit_test(a_file_defines_a_name_once),
        cmocka_unit_test(pops_undo),
        cmocka_unit_test(a_blank_text_can_be_run),
        cmocka_unit_test(functions_are_those_of_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
