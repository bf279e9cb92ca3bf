/* Creating from flags and from files. */
#include <stdio.h>

#include "cli/cmd_app_create.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"
#include "tests/lib/tmp_dir.h"

static struct cli_answer ANSWERS[] = {
    {"POST /api/v1/applications?upsert=false&validate=false", 400,
     "{\"message\":\"spec is different\"}", false},
    {"POST /api/v1/applications", 0, "{\"metadata\":{\"name\":\"shop\"}}", false},
    {NULL, 0, NULL, false},
};

struct fixture {
    struct cli_fixture *f;
    char dir[TMP_DIR_BYTES];
    char file[TMP_DIR_BYTES + 16];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.f = cli_fixture_new(ANSWERS);
    tmp_dir_new(fixture.dir);
    (void)snprintf(fixture.file, sizeof(fixture.file), "%s/app.yaml", fixture.dir);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    cli_fixture_free(fixture->f);
    tmp_dir_remove(fixture->dir);
    return 0;
}

static void write_file(const struct fixture *fixture, const char *text)
{
    struct err err;
    ASSERT_OK(fs_write_atomic(fixture->file, str_from(text), 0600, &err));
}

#define APP(name) \
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " name "}\n"

static void from_flags(void **state)
{
    const struct fixture *x = *state;
    ASSERT_PRINTS(x->f, "application 'shop' created\n", "app create", "shop", "--repo",
                  "https://git", "--upsert");
    assert_string_equal(
        x->f->asked.p,
        "POST /api/v1/applications?upsert=true&validate=true "
        "{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Application\",\"metadata\":{\"name\":"
        "\"shop\"},\"spec\":{\"project\":\"default\",\"source\":{\"repoURL\":\"https://git\"}}}\n");
    ASSERT_PRINTS(x->f, "{\n  \"metadata\": {\n    \"name\": \"shop\"\n  }\n}\n", "app create",
                  "shop", "-o", "json");
    ASSERT_REFUSES(x->f, ERR_INVALID, "application 'shop': spec is different", "app create", "shop",
                   "--validate=false");
}

static void from_a_file(void **state)
{
    const struct fixture *x = *state;
    write_file(x, "# two\n---\n" APP("one") "---\n" APP("two"));
    ASSERT_PRINTS(x->f, "application 'shop' created\napplication 'shop' created\n", "app create",
                  "-f", x->file);
    assert_non_null(strstr(x->f->asked.p, "\"name\":\"one\""));
    assert_non_null(strstr(x->f->asked.p, "\"name\":\"two\""));
    ASSERT_REFUSES(x->f, ERR_INVALID, "has 2 Applications", "app create", "-f", x->file, "--path",
                   "p");
    write_file(x, APP("one"));
    ASSERT_PRINTS(x->f, "application 'shop' created\n", "app create", "team/other", "-f", x->file);
    assert_non_null(strstr(x->f->asked.p, "{\"name\":\"other\",\"namespace\":\"team\"}"));
}

static void files_that_are_refused(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } CASES[] = {
        {"", "has no Application"},
        {APP("one") "---\nkind: Pod\napiVersion: v1\n", "app.yaml:5: not an Application"},
        {"a: [\n", "app.yaml:2"},
    };
    const struct fixture *x = *state;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        write_file(x, CASES[i].text);
        ASSERT_REFUSES(x->f, ERR_INVALID, CASES[i].part, "app create", "-f", x->file);
    }
    ASSERT_REFUSES(x->f, ERR_NOT_FOUND, "/nonexistent", "app create", "-f", "/nonexistent");
}

static void a_name_is_needed(void **state)
{
    const struct fixture *x = *state;
    ASSERT_REFUSES(x->f, ERR_INVALID, "a name", "app create", "--repo", "https://git");
    ASSERT_REFUSES(x->f, ERR_INVALID, "differ", "app create", "a", "--name", "b");
    ASSERT_PRINTS(x->f, "application 'shop' created\n", "app create", "--name", "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(from_flags, set_up, tear_down),
        cmocka_unit_test_setup_teardown(from_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_is_needed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
