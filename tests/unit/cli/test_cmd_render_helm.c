/* Flags of rendering a chart. What is rendered is tested in tests/unit/engine. */
#include <string.h>

#include "cli/cmd_render_helm.h"
#include "common/base/fs.h"
#include "engine/template/func.h"
#include "tests/lib/cases.h"
#include "tests/lib/cli_fixture.h"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

#define DIR   "tests/data/helm/everything/in"
#define CHART DIR "/chart"

static void charts_are_rendered(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    assert_int_equal(CLI_RUN(f, "render helm", CHART, "--name", "rel", "-f", DIR "/prod.yaml",
                             "--set", "list={a,b},secret=1", "--set-string", "asked=7",
                             "--set-file", "text=" DIR "/extra.txt"),
                     0);
    assert_non_null(strstr(f->cli.out.p, "greeting: \"From A File\"\n"));
    assert_non_null(strstr(f->cli.out.p, "secret: 1\n"));
    assert_non_null(strstr(f->cli.out.p, "asked: \"7\"\n"));
    assert_non_null(strstr(f->cli.out.p, "extra: \"text of a file\"\n"));
    assert_int_equal(f->asked.n, 0);
    cli_fixture_free(f);
}

static void failures_are_told(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "/nonexistent", "render helm", "/nonexistent");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "none.yaml", "render helm", CHART, "-f", "none.yaml");
    ASSERT_REFUSES(f, ERR_INVALID, "has no value", "render helm", CHART, "--set", "a");
    cli_fixture_free(f);
}

/* ---- what the real Helm prints: tests/data/helm_golden, see record.sh there ---- */

enum { WORDS_MAX = 40 };

static struct str read_part(struct arena *arena, const char *dir, const char *file)
{
    struct str text = STR_EMPTY;
    struct err err;
    const char *path = arena_printf(arena, "%s/%s", dir, file).p;
    if (fs_read_file(arena, path, LIMIT_MIB, &text, &err) < 0) {
        assert_int_equal(err.code, ERR_NOT_FOUND);
    }
    return text;
}

/* In arguments "@" is the folder. */
static const char *argument(struct arena *arena, struct str word, const char *dir)
{
    struct str before;
    struct str after;
    if (str_cut(word, '@', &before, &after)) {
        return arena_printf(arena, STR_FMT "%s/" STR_FMT, STR_ARG(before), dir, STR_ARG(after)).p;
    }
    return arena_str(arena, word).p;
}

static void check_case(struct arena *arena, const char *dir, const char *name)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    struct str chart = arena_printf(arena, "%s/chart", dir);
    const char *words[WORDS_MAX] = {chart.p, "--name", "rel", "--kube-version", "v1.32.0"};
    struct str args = str_trim(read_part(arena, dir, "args"));
    struct str want = read_part(arena, dir, "want.yaml");
    struct str word;
    size_t n = 5;
    while (args.n > 0 && str_next(&args, '\n', &word)) {
        assert_true(n + 1 < WORDS_MAX);
        words[n++] = argument(arena, word, dir);
    }
    int rc = cli_fixture_run(f, "render helm", words);
    struct str is = buf_str(&f->cli.out);
    if (want.p == NULL) {
        char text[ERR_MESSAGE_BYTES];
        want = str_trim(read_part(arena, dir, "want_error.txt"));
        assert_true(rc < 0);
        err_format(&f->err, text, sizeof(text));
        is = arena_str(arena, str_trim(str_from(text)));
    }
    if (!str_eq(is, want)) {
        fail_msg("%s\n  is:     " STR_FMT "\n  wanted: " STR_FMT, name, STR_ARG(is), STR_ARG(want));
    }
    cli_fixture_free(f);
}

static void charts_are_rendered_as_helm_does(void **state UNUSED)
{
    cases_run("helm_golden", check_case);
}

/* Later than Helm 4.2, or of no use in charts. */
static bool is_unrecorded(struct str name)
{
    bool is_old = str_eq_c(name, "duration") || str_eq_c(name, "durationRound");
    return str_eq_c(name, "call") || str_eq_c(name, "mustToDuration") ||
           (str_starts_with(name, STR("duration")) && !is_old);
}

static void every_function_is_in_a_chart(void **state UNUSED)
{
    static const char *const FILES[] = {
        "functions_crypto/chart/templates/results.yaml",
        "functions_crypto/chart/templates/_custom.tpl",
        "functions_date/chart/templates/results.yaml",
        "functions_dict/chart/templates/results.yaml",
        "functions_encoding/chart/templates/results.yaml",
        "functions_format/chart/templates/results.yaml",
        "functions_list/chart/templates/results.yaml",
        "functions_math/chart/templates/results.yaml",
        "functions_path_url/chart/templates/results.yaml",
        "functions_regex/chart/templates/results.yaml",
        "functions_string/chart/templates/results.yaml",
        "include_tpl/chart/templates/a.yaml",
        "error_fail/chart/templates/_h.tpl",
    };
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf all;
    buf_init(&all, LIMIT_MIB);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        buf_put(&all, read_part(arena, "tests/data/helm_golden", FILES[i]));
    }
    for (size_t i = 0; tfunc_at(i) != NULL; i++) {
        struct str name = str_from(tfunc_at(i)->name);
        if (!is_unrecorded(name) && str_find(buf_str(&all), name) == STR_NONE) {
            fail_msg("no chart in tests/data/helm_golden uses " STR_FMT, STR_ARG(name));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_are_rendered),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(charts_are_rendered_as_helm_does),
        cmocka_unit_test(every_function_is_in_a_chart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
