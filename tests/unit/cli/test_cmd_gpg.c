/* belay gpg: what is asked, and what is printed of the answers. */
#include "cli/cmd_gpg.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"
#include "tests/lib/tmp_dir.h"

#define PATH "/api/v1/gpgkeys"
#define KEY                                                                         \
    "{\"keyID\":\"AB\",\"fingerprint\":\"CDAB\",\"owner\":\"A <a@b>\",\"subType\":" \
    "\"rsa4096\",\"trust\":\"unknown\",\"keyData\":\"line\\nother\\n\"}"

static struct cli_answer ANSWERS[] = {
    {"GET " PATH "/", 0, KEY, false},
    {"GET " PATH, 0, "{\"items\":[" KEY "]}", false},
    {"POST " PATH "?upsert=true", 0, "{\"created\":{\"items\":[{},{}]}}", false},
    {"POST " PATH, 0, "{\"created\":{\"items\":[{}]},\"skipped\":[\"x\"]}", false},
    {"DELETE " PATH, 0, "{}", false},
    {NULL, 0, NULL, false},
};

static int set_up(void **state)
{
    *state = cli_fixture_new(ANSWERS);
    return 0;
}

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static void keys_are_printed(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f,
                  "KEYID  TYPE     IDENTITY\n"
                  "AB     RSA4096  A <a@b>\n",
                  "gpg list", NULL);
    ASSERT_PRINTS(f,
                  "Key ID:          AB\n"
                  "Key fingerprint: CDAB\n"
                  "Key subtype:     RSA4096\n"
                  "Key owner:       A <a@b>\n"
                  "Key data follows until EOF:\n"
                  "line\nother\n\n",
                  "gpg get", "a/b");
    assert_non_null(strstr(f->asked.p, "GET " PATH "/a%2Fb "));
    assert_int_equal(CLI_RUN(f, "gpg list", "-o", "json"), 0);
    assert_non_null(strstr(f->cli.out.p, "\"keyID\": \"AB\""));
    assert_int_equal(CLI_RUN(f, "gpg get", "AB", "-o", "yaml"), 0);
    assert_non_null(strstr(f->cli.out.p, "fingerprint: CDAB\n"));
}

static void keys_are_added_and_removed(void **state)
{
    struct cli_fixture *f = *state;
    char dir[TMP_DIR_BYTES];
    tmp_dir_new(dir);
    tmp_dir_put(dir, "key.asc", "KEY\n");
    const char *file = arena_printf(f->arena, "%s/key.asc", dir).p;
    ASSERT_PRINTS(f,
                  "Created 1 key(s) from input file, and 1 key(s) were skipped because they "
                  "exist already.\n",
                  "gpg add", "--from", file);
    assert_non_null(strstr(f->asked.p, "{\"keyData\":\"KEY\\n\"}"));
    ASSERT_PRINTS(f, "Created 2 key(s) from input file.\n", "gpg add", "-f", file, "--upsert");
    tmp_dir_remove(dir);
    ASSERT_PRINTS(f, "Deleted key with key ID AB\n", "gpg rm", "AB");
    assert_non_null(strstr(f->asked.p, "DELETE " PATH "?keyID=AB "));
    ASSERT_REFUSES(f, ERR_INVALID, "--from is missing", "gpg add", NULL);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "key.asc", "gpg add", "-f", file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_printed),
        cmocka_unit_test(keys_are_added_and_removed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
