/* Flags: every way to write them, and what is wrong with the rest. */
#include "cli/flags.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tests/lib/check.h"

struct values {
    const char *output;
    const char *name;
    struct flag_list labels;
    int64_t count;
    int64_t timeout_ms;
    bool quiet;
    bool yes;
    bool cascade;
};

static const struct flag_row ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct values, output), "table|json", "table", "format"},
    {"name", 0, FLAG_STR, offsetof(struct values, name), "NAME", NULL, "a name"},
    {"label", 'l', FLAG_LIST, offsetof(struct values, labels), "K=V", NULL, "labels"},
    {"count", 'n', FLAG_INT, offsetof(struct values, count), "N", "3", "how many"},
    {"timeout", 0, FLAG_DURATION, offsetof(struct values, timeout_ms), "DURATION", NULL, "time"},
    {"quiet", 'q', FLAG_BOOL, offsetof(struct values, quiet), NULL, NULL, "say nothing"},
    {"yes", 'y', FLAG_BOOL, offsetof(struct values, yes), NULL, NULL, "do not ask"},
    {"cascade", 0, FLAG_BOOL, offsetof(struct values, cascade), NULL, "true", "with all"},
};
static const struct flag_set SET = FLAG_SET(struct values, ROWS);

struct fixture {
    struct arena *arena;
    struct values *values;
    struct flag_list rest;
    size_t n;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_zalloc(sizeof(*f));
    f->arena = arena_new();
    f->values = flags_new(f->arena, &SET);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    mem_free(f);
    return 0;
}

/* NULL at the end of args. */
static int parse(struct fixture *f, enum flags_until until, const char **args)
{
    struct flag_target target = {&SET, f->values};
    size_t n = 0;
    while (args[n] != NULL) {
        n++;
    }
    return flags_parse(f->arena, &target, 1, until, (struct flag_list){args, n}, &f->n, &f->rest,
                       &f->err);
}

#define PARSE(f, ...) parse((f), FLAGS_ALL, (const char *[]){__VA_ARGS__, NULL})

static void defaults_are_set(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(f->values->output, "table");
    assert_int_equal(f->values->count, 3);
    assert_true(f->values->cascade);
    assert_null(f->values->name);
    assert_false(f->values->quiet);
}

static void every_way_to_write_a_value(void **state)
{
    static const char *const WAYS[][2] = {
        {"--output", "json"}, {"--output=json", NULL}, {"-o", "json"},
        {"-ojson", NULL},     {"-o=json", NULL},       {"-qo", "json"},
    };
    struct fixture *f = *state;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(WAYS); i++) {
        f->values->output = NULL;
        int rc = PARSE(f, WAYS[i][0], WAYS[i][1]);
        err = f->err;
        ASSERT_OK(rc);
        assert_string_equal(f->values->output, "json");
    }
}

static void switches_and_arguments_mix(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    ASSERT_OK(PARSE(f, "one", "-qy", "two", "--cascade=false", "--", "--three", "-"));
    assert_true(f->values->quiet);
    assert_true(f->values->yes);
    assert_false(f->values->cascade);
    assert_int_equal(f->rest.n, 4);
    assert_string_equal(f->rest.items[0], "one");
    assert_string_equal(f->rest.items[1], "two");
    assert_string_equal(f->rest.items[2], "--three");
    assert_string_equal(f->rest.items[3], "-");
}

static void lists_grow_and_others_are_replaced(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    ASSERT_OK(PARSE(f, "-l", "a=1", "--label=b=2", "-n1", "-n", "-7", "--timeout", "90"));
    assert_int_equal(f->values->labels.n, 2);
    assert_string_equal(f->values->labels.items[1], "b=2");
    assert_int_equal(f->values->count, -7);
    assert_int_equal(f->values->timeout_ms, 90 * 1000);
    ASSERT_OK(PARSE(f, "--timeout", "1m30s"));
    assert_int_equal(f->values->timeout_ms, 90 * 1000);
}

static void parsing_may_stop_at_the_first_argument(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    ASSERT_OK(parse(f, FLAGS_TO_ARGUMENT, (const char *[]){"-q", "app", "--nonsense", NULL}));
    assert_int_equal(f->n, 1);
    assert_true(f->values->quiet);
}

static void mistakes_are_explained(void **state)
{
    static const struct {
        const char *args[2];
        const char *part;
    } CASES[] = {
        {{"--ouptut", "json"}, "unknown flag --ouptut; did you mean --output?"},
        {{"--zzzzzzzzzz", NULL}, "unknown flag --zzzzzzzzzz"},
        {{"-x", NULL}, "unknown flag -x"},
        {{"--output", NULL}, "flag --output needs a value"},
        {{"-o", NULL}, "flag --output needs a value"},
        {{"--output", "xml"}, "flag --output: 'xml' is not one of table|json"},
        {{"--count", "many"}, "flag --count: "},
        {{"--timeout", "soon"}, "flag --timeout: "},
        {{"--timeout", "-5s"}, "flag --timeout: '-5s' is negative"},
        {{"--quiet=perhaps", NULL}, "flag --quiet: 'perhaps' is neither true nor false"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        int rc = PARSE(f, CASES[i].args[0], CASES[i].args[1]);
        struct err err = f->err;
        ASSERT_ERR(rc, ERR_INVALID, CASES[i].part);
    }
}

static void help_shows_every_row(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    flags_help(&SET, &out);
    assert_non_null(strstr(out.p, "  -o, --output table|json         format (default table)\n"));
    assert_non_null(strstr(out.p, "      --name NAME                 a name\n"));
    assert_non_null(strstr(out.p, "  -q, --quiet                     say nothing\n"));
}

static void words_are_split_as_a_shell_does(void **state)
{
    struct fixture *f = *state;
    struct flag_list words;
    struct err err;
    ASSERT_OK(flags_split(f->arena, STR(" --a 'b c'\t\"d \\\"e\" f\\ g'' '' "), &words, &err));
    assert_int_equal(words.n, 5);
    assert_string_equal(words.items[0], "--a");
    assert_string_equal(words.items[1], "b c");
    assert_string_equal(words.items[2], "d \"e");
    assert_string_equal(words.items[3], "f g");
    assert_string_equal(words.items[4], "");
    ASSERT_OK(flags_split(f->arena, STR_EMPTY, &words, &err));
    assert_int_equal(words.n, 0);
    ASSERT_ERR(flags_split(f->arena, STR("a 'b"), &words, &err), ERR_INVALID, "quote");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_way_to_write_a_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(switches_and_arguments_mix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_grow_and_others_are_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parsing_may_stop_at_the_first_argument, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_explained, set_up, tear_down),
        cmocka_unit_test_setup_teardown(help_shows_every_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(words_are_split_as_a_shell_does, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
