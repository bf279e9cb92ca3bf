/* The language of health_rules.h: paths, conditions, messages, the order of rules. */
#include "engine/health/health_internal.h"
#include "tests/lib/parse.h"

static const char OBJECT[] =
    "{kind: K, num: 3, f: 2.5, good: true, bad: false, nil: null, text: some text, empty: '', "
    "time: '2024-01-02', later: '2024-01-03', list: [a, 1, [x]], none: [], "
    "labels: {a.b/c: dotted}, "
    "status: {conditions: [{type: A, status: 'True', message: first}, {type: B.c, status: "
    "'False'}]}}";

static void conditions(void **state UNUSED)
{
    static const struct {
        const char *when;
        bool holds;
    } ROWS[] = {
        {"text", true},
        {"nil", false},
        {"!nil", true},
        {"missing.deep", false},
        {"!missing", true},
        {"text='some text'", true},
        {"text=other|'some text'", true},
        {"text!=other", true},
        {"missing!=x", true},
        {"missing=x", false},
        {"empty=''", true},
        {"good=true bad=false", true},
        {"num=3", true},
        {"num=3.0", true},
        {"num=three", false},
        {"num>2 num>=3 num<4 num<=3", true},
        {"num<@f", false},
        {"num>@f", true},
        {"missing<1", true},
        {"time<@later", true},
        {"time>@later", false},
        {"num=@num", true},
        {"missing=@absent", true},
        {"num!=@f", true},
        {"text~some*", true},
        {"text!~some*", false},
        {"num~3", false},
        {"#list=3", true},
        {"#none=0 #missing=0 #text=0", true},
        {"#list=@#none", false},
        {"%A.status=True", true},
        {"%'B.c'.status=False", true},
        {"status.conditions[A].message=first", true},
        {"status.conditions[0].type=A status.conditions[-1].type='B.c'", true},
        {"none[0]", false},
        {"labels.'a.b/c'=dotted", true},
        {"  text   good=true ", true},
    };
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *v = parse_yaml(arena, OBJECT);
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        if (health_holds(v, NULL, ROWS[i].when) != ROWS[i].holds) {
            fail_msg("%s", ROWS[i].when);
        }
    }
    const struct value *item = value_at(value_dig(v, "status", "conditions"), 0);
    assert_true(health_holds(v, item, ".type=A num=3"));
    assert_true(health_holds(v, value_at(value_find(v, STR("list")), 0), ".=a"));
    assert_ptr_equal(health_path(v, item, ".message"), value_find(item, STR("message")));
    assert_ptr_equal(health_path(v, NULL, "kind"), value_find(v, STR("kind")));
}

static void messages(void **state UNUSED)
{
    static const struct {
        const char *message;
        const char *text;
    } ROWS[] = {
        {"plain", "plain"},
        {"{kind} {num} {f} {good}", "K 3 2.5 true"},
        {"{missing}|{missing|'none'}|{missing|text}", "|none|some text"},
        {"{empty|'x'}{empty?'y'}", "y"},
        {"{list}", "a, 1, "},
        {"{labels}{nil}", ""},
        {"{#list} of {$}", "3 of name"},
        {"{%A.message} {.type}", "first A"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *v = parse_yaml(arena, OBJECT);
    const struct value *item = value_at(value_dig(v, "status", "conditions"), 0);
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(buf) struct buf text;
        buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
        health_message_put(&text, v, item, "name", ROWS[i].message);
        ASSERT_STR(buf_str(&text), ROWS[i].text);
    }
}

/* Rules over one list are tried item by item; those that follow, once. */
static void the_first_rule_that_holds_decides(void **state UNUSED)
{
    static const struct health_rule RULES[] = {
        HEALTH_EACH("list", ".=b", DEGRADED, "b"),
        HEALTH_EACH("list", ".=a", HEALTHY, "a"),
        HEALTH_EACH("map", ".bad=true", MISSING, "map"),
        HEALTH_WHEN("flag", SUSPENDED, "flag"),
    };
    static const struct {
        const char *object;
        enum health_status status;
    } ROWS[] = {
        {"{list: [x, a, b]}", HEALTH_STATUS_HEALTHY},
        {"{list: [b, a]}", HEALTH_STATUS_DEGRADED},
        {"{map: {p: {bad: true}}}", HEALTH_STATUS_MISSING},
        {"{list: [x], flag: 1}", HEALTH_STATUS_SUSPENDED},
        {"{}", HEALTH_STATUS_NONE},
    };
    const struct health_rules rules = HEALTH_RULES(RULES);
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct health h = health_rules_run(arena, rules, NULL, parse_yaml(arena, ROWS[i].object));
        assert_int_equal(h.status, ROWS[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions),
        cmocka_unit_test(messages),
        cmocka_unit_test(the_first_rule_that_holds_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
