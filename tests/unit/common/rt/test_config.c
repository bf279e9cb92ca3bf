/* Settings: precedence of sources, mistakes, directories as mounted config maps, reloading,
 * help. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/rt/config.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

struct values {
    const char *name;
    struct config_list hosts;
    bool verbose;
    int64_t processors;
    int64_t interval_ms;
};

static const struct config_row ROWS[] = {
    CONFIG_ROW(struct values,
               name,
               STR,
               "name",
               "BELAY_TEST_NAME",
               "test.name",
               "none",
               0,
               0,
               "",
               RELOADABLE,
               "A name."),
    CONFIG_ROW(struct values, hosts, LIST, "host", "", "", "", 0, 0, "", FIXED, "Hosts."),
    CONFIG_ROW(struct values, verbose, BOOL, "verbose", "", "", "false", 0, 0, "", FIXED, "Talks."),
    CONFIG_ROW(struct values,
               processors,
               INT,
               "status-processors",
               "BELAY_TEST_PROCESSORS",
               "test.status.processors",
               "20",
               1,
               100,
               "apps",
               FIXED,
               "At once."),
    CONFIG_ROW(struct values,
               interval_ms,
               DURATION,
               "interval",
               "",
               "test.interval",
               "3m",
               0,
               0,
               "",
               RELOADABLE,
               "Between rounds."),
};

struct fixture {
    struct values values;
    struct config_table table;
    struct config *config;
    int n_unknown;
    char unknown[512];
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){.n_unknown = 0};
    (void)unsetenv("BELAY_TEST_NAME");
    (void)unsetenv("BELAY_TEST_PROCESSORS");
    f->table = (struct config_table){ROWS, ARRAY_LEN(ROWS), &f->values, "Test"};
    f->config = config_new(&f->table, 1);
}

static int
parse(struct fixture *f, char *const *argv, enum config_request *request, struct err *err)
{
    int argc = 0;
    while (argv[argc] != NULL) {
        argc++;
    }
    return config_parse(f->config, argc, argv, request, err);
}

#define ARGV(...) ((char *const[]){(char[]){"test"}, __VA_ARGS__, NULL})
#define ARG(text) ((char[]){text})

static void defaults_hold_at_first(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    assert_string_equal(f.values.name, "none");
    assert_int_equal(f.values.hosts.n, 0);
    assert_false(f.values.verbose);
    assert_int_equal(f.values.processors, 20);
    assert_int_equal(f.values.interval_ms, 180000);
    config_free(f.config);
}

static void flags_take_both_forms(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    enum config_request request;
    setup(&f);
    ASSERT_OK(parse(&f,
                    ARGV(ARG("--name=x=y"), ARG("--host"), ARG("a,b"), ARG("--host=c"),
                         ARG("--verbose"), ARG("--interval"), ARG("90s")),
                    &request, &err));
    assert_int_equal(request, CONFIG_REQUEST_RUN);
    assert_string_equal(f.values.name, "x=y");
    assert_int_equal(f.values.hosts.n, 3);
    assert_string_equal(f.values.hosts.items[2], "c");
    assert_true(f.values.verbose);
    assert_int_equal(f.values.interval_ms, 90000);
    config_free(f.config);
}

static void flag_beats_environment_beats_key(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    enum config_request request;
    bool changed;
    setup(&f);
    assert_int_equal(setenv("BELAY_TEST_NAME", "env", 1), 0);
    assert_int_equal(setenv("BELAY_TEST_PROCESSORS", "7", 1), 0);
    ASSERT_OK(parse(&f, ARGV(ARG("--status-processors=8")), &request, &err));
    assert_string_equal(f.values.name, "env");
    assert_int_equal(f.values.processors, 8);
    ASSERT_OK(
        config_set_key(f.config, CONFIG_AT_START, STR("test.name"), STR("key"), &changed, &err));
    assert_false(changed);
    assert_string_equal(f.values.name, "env");
    ASSERT_OK(
        config_set_key(f.config, CONFIG_AT_START, STR("test.interval"), STR("1s"), &changed, &err));
    assert_true(changed);
    assert_int_equal(f.values.interval_ms, 1000);
    config_free(f.config);
    (void)unsetenv("BELAY_TEST_NAME");
    (void)unsetenv("BELAY_TEST_PROCESSORS");
}

static void mistakes_are_named(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    enum config_request request;
    setup(&f);
    ASSERT_ERR(parse(&f, ARGV(ARG("--status-procesors=3")), &request, &err), ERR_INVALID,
               "did you mean --status-processors?");
    ASSERT_ERR(parse(&f, ARGV(ARG("--zzz")), &request, &err), ERR_INVALID, "--help lists them");
    ASSERT_ERR(parse(&f, ARGV(ARG("--name")), &request, &err), ERR_INVALID, "--name needs a value");
    ASSERT_ERR(parse(&f, ARGV(ARG("word")), &request, &err), ERR_INVALID, "'word'");
    ASSERT_ERR(parse(&f, ARGV(ARG("--")), &request, &err), ERR_INVALID, "'--'");
    ASSERT_ERR(parse(&f, ARGV(ARG("--status-processors=0")), &request, &err), ERR_INVALID,
               "flag --status-processors: must be from 1 to 100");
    assert_int_equal(setenv("BELAY_TEST_PROCESSORS", "many", 1), 0);
    ASSERT_ERR(parse(&f, ARGV(ARG("--verbose")), &request, &err), ERR_INVALID,
               "environment variable BELAY_TEST_PROCESSORS");
    (void)unsetenv("BELAY_TEST_PROCESSORS");
    config_free(f.config);
}

static void help_and_version_win_over_mistakes(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    enum config_request request;
    setup(&f);
    ASSERT_OK(parse(&f, ARGV(ARG("--zzz"), ARG("--help")), &request, &err));
    assert_int_equal(request, CONFIG_REQUEST_HELP);
    ASSERT_OK(parse(&f, ARGV(ARG("--version")), &request, &err));
    assert_int_equal(request, CONFIG_REQUEST_VERSION);
    __attribute__((cleanup(auto_cleanup_buf))) struct buf text;
    buf_init(&text, 65536);
    config_help(f.config, "belay-test", "Tests.", &text);
    assert_non_null(strstr(text.p,
                           "--status-processors <int>\n        At once. (default 20, in apps, "
                           "environment BELAY_TEST_PROCESSORS, key test.status.processors)\n"));
    assert_non_null(strstr(text.p, "  --verbose\n"));
    config_free(f.config);
}

static void on_unknown(const struct err *err, void *data)
{
    struct fixture *f = data;
    f->n_unknown++;
    err_format(err, f->unknown, sizeof(f->unknown));
}

static int load(struct fixture *f, enum config_when when, const char *dir, struct err *err)
{
    return config_load_dir(f->config, when, dir, on_unknown, f, err);
}

static void directory_sets_keys_and_reloads_what_may_change(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    char dir[TMP_DIR_BYTES];
    char path[128];
    setup(&f);
    tmp_dir_new(dir);
    tmp_dir_put(dir, "test.name", "first\n");
    tmp_dir_put(dir, "test.status.processors", "5");
    tmp_dir_put(dir, "server.other.component", "x");
    ASSERT_OK(load(&f, CONFIG_AT_START, dir, &err));
    assert_string_equal(f.values.name, "first");
    assert_int_equal(f.values.processors, 5);
    assert_int_equal(f.n_unknown, 1);
    assert_non_null(strstr(f.unknown, "server.other.component"));

    tmp_dir_put(dir, "test.name", "second");
    tmp_dir_put(dir, "test.status.processors", "6"); /* FIXED: not before a restart */
    tmp_dir_put(dir, "test.interval", "5s");
    ASSERT_OK(load(&f, CONFIG_AT_RELOAD, dir, &err));
    assert_string_equal(f.values.name, "second");
    assert_int_equal(f.values.processors, 5);
    assert_int_equal(f.values.interval_ms, 5000);

    (void)snprintf(path, sizeof(path), "%s/test.interval", dir);
    assert_int_equal(unlink(path), 0); /* a removed key: the default again */
    tmp_dir_put(dir, "test.status.processors", "none at all");
    ASSERT_OK(load(&f, CONFIG_AT_RELOAD, dir, &err)); /* not read, as it cannot change now */
    assert_int_equal(f.values.interval_ms, 180000);
    tmp_dir_put(dir, "test.interval", "soon");
    ASSERT_ERR(load(&f, CONFIG_AT_RELOAD, dir, &err), ERR_INVALID, "key 'test.interval'");
    assert_int_equal(f.values.interval_ms, 180000);
    tmp_dir_remove(dir);
    ASSERT_ERR(load(&f, CONFIG_AT_RELOAD, dir, &err), ERR_NOT_FOUND, dir);
    config_free(f.config);
}

struct told {
    char text[256];
};

static void
on_told(void *data, const struct config_row *row, enum config_news news, const struct err *err)
{
    static const char *const NAMES[] = {"changed", "restart", "refused"};
    struct told *told = data;
    size_t n = strlen(told->text);
    assert_true((err != NULL) == (news == CONFIG_REFUSED));
    (void)snprintf(told->text + n, sizeof(told->text) - n, "%s %s; ", row->key, NAMES[news]);
}

static void expect_told(
    struct fixture *f, const struct config_pair *items, size_t n, bool partial, const char *want)
{
    const struct config_pairs pairs = {items, n, partial};
    struct told told = {""};
    config_set_pairs(f->config, &pairs, on_told, &told);
    assert_string_equal(told.text, want);
}

static void keys_change_while_running(void **state UNUSED)
{
    static const struct config_pair FIRST[] = {
        {STR("test.interval"), STR("5s")}, {STR("test.status.processors"), STR("6")},
        {STR("test.name"), STR("one")},    {STR("else"), STR("x")},
        {STR("test.name"), STR("two")},
    };
    static const struct config_pair BAD[] = {{STR("test.interval"), STR("soon")}};
    struct fixture f;
    setup(&f);
    const int64_t processors = f.values.processors;
    expect_told(&f, NULL, 0, false, "");
    expect_told(&f, FIRST, 1, false, "test.interval changed; ");
    assert_int_equal(f.values.interval_ms, 5000);
    expect_told(&f, FIRST, 1, false, ""); /* nothing new */
    expect_told(&f, NULL, 0, true, "test.interval changed; ");
    expect_told(&f, FIRST, 1, true, "test.interval changed; ");
    expect_told(&f, BAD, 1, false, "test.interval refused; ");
    assert_int_equal(f.values.interval_ms, 5000);
    expect_told(&f, NULL, 0, false, "test.interval changed; ");
    assert_int_equal(f.values.interval_ms, 180000);
    struct told told = {""};
    const struct config_pairs all = {FIRST, ARRAY_LEN(FIRST), false};
    config_set_pairs(f.config, &all, on_told, &told);
    assert_non_null(strstr(told.text, "test.status.processors restart; "));
    assert_int_equal(f.values.processors, processors);
    assert_string_equal(f.values.name, "two"); /* the last of equal keys */
    config_free(f.config);
}

static void unknown_key_suggests_the_nearest(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    bool changed;
    setup(&f);
    ASSERT_ERR(
        config_set_key(f.config, CONFIG_AT_START, STR("test.intervall"), STR("1s"), &changed, &err),
        ERR_NOT_FOUND, "did you mean 'test.interval'?");
    config_free(f.config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold_at_first),
        cmocka_unit_test(flags_take_both_forms),
        cmocka_unit_test(flag_beats_environment_beats_key),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(help_and_version_win_over_mistakes),
        cmocka_unit_test(directory_sets_keys_and_reloads_what_may_change),
        cmocka_unit_test(keys_change_while_running),
        cmocka_unit_test(unknown_key_suggests_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
