/* .gitmodules in the ways Git writes and reads them, and addresses relative to others. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "repo-server/source/gitmodules.h"
#include "tests/lib/check.h"

static const struct {
    const char *text;
    const char *expected; /* "path=url " of each, or the error */
} TEXTS[] = {
    {"", ""},
    {"[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://h/lib.git\n",
     "vendor/lib=https://h/lib.git "},
    {"# a comment\n; another\n[submodule \"a\"] path=a # why\nURL = ../a ; and\r\n"
     "[core]\n path = no\n[SubModule \"b \\\"c\\\\\"]\n url = \"x y \" \n path = \"b#\" c \n "
     "ignore\n",
     "a=../a b# c=x y  "},
    {"[submodule \"a\"]\n path = a\n[submodule \"b\"]\n path = b\n url = u\n[submodule \"a\"]\n "
     "url = v\n"
     "path = a2\n",
     "a2=v b=u "},
    {"[submodule \"a\"]\n path = on\\\ne\n url = t\\tx\\\\\n", "one=t\tx\\ "},
    {"[submodule \"a\"]\n path = a\n", ""},
    {"[submodule.x]\n path = a\n url = u\n", ""},
    {"path = a\n", ""},
    {"[submodule \"a\n", "1: the name of a section has no end"},
    {"\n[submodule \"a\" x]\n", "2: a section must end with ]"},
    {"[submodule \"a\"]\n path = \"a\n", "2: a quoted value has no end"},
    {"[submodule \"a\"]\n path = \\x\n", "2: an unknown escape"},
    {"[submodule \"a\"]\n = x\n", "2: neither a section nor a key"},
    {"[", "a section must end with ]"},
};

static void are_read_as_git_reads_them(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf got;
        char message[512];
        struct gitmodules modules;
        struct err err;
        buf_init(&got, 1000);
        if (gitmodules_parse(arena, str_from(TEXTS[i].text), &modules, &err) < 0) {
            err_format(&err, message, sizeof(message));
            if (strstr(message, TEXTS[i].expected) == NULL || TEXTS[i].expected[0] == '\0') {
                fail_msg("case %zu: %s", i, message);
            }
            continue;
        }
        for (size_t k = 0; k < modules.n; k++) {
            buf_printf(&got, STR_FMT "=" STR_FMT " ", STR_ARG(modules.items[k].path),
                       STR_ARG(modules.items[k].url));
        }
        if (!str_eq_c(buf_str(&got), TEXTS[i].expected)) {
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(buf_str(&got)));
        }
    }
}

static void are_limited(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf text;
    struct gitmodules modules;
    struct err err;
    buf_init(&text, LIMIT_MIB);
    for (int i = 0; i < LIMIT_GITMODULES; i++) {
        buf_printf(&text, "[submodule \"m%d\"]\npath=p%d\nurl=u\n", i, i);
    }
    ASSERT_OK(gitmodules_parse(arena, buf_str(&text), &modules, &err));
    assert_int_equal(modules.n, LIMIT_GITMODULES);
    assert_non_null(gitmodules_find(&modules, STR("p7")));
    assert_null(gitmodules_find(&modules, STR("p")));
    buf_put_c(&text, "[submodule \"more\"]\n");
    ASSERT_ERR(gitmodules_parse(arena, buf_str(&text), &modules, &err), ERR_LIMIT, "submodules");
}

static const struct {
    const char *base;
    const char *url;
    const char *expected; /* NULL: it leaves the host */
} URLS[] = {
    {"https://h/o/r.git", "https://x/y", "https://x/y"},
    {"https://h/o/r.git", "../s.git", "https://h/o/s.git"},
    {"https://h/o/r.git/", "../s.git", "https://h/o/s.git"},
    {"https://h/o/r", "./s", "https://h/o/r/s"},
    {"https://h/o/r", "../../p/s", "https://h/p/s"},
    {"https://h/o/r", "../.././p/../s", "https://h/p/../s"},
    {"https://h/o/r", "../../../s", NULL},
    {"git@h:o/r", "../s", "git@h:o/s"},
    {"git@h:o/r", "../../s", "git@h:s"},
    {"git@h:o/r", "../../../s", NULL},
    {"ssh://git@h:22/o/r", "../s", "ssh://git@h:22/o/s"},
    {"file:///a/r", "../s", "file:///a/s"},
};

static void addresses_may_be_relative(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(URLS); i++) {
        struct str got;
        struct err err;
        int rc = gitmodule_url(arena, str_from(URLS[i].base), str_from(URLS[i].url), &got, &err);
        if (URLS[i].expected == NULL) {
            ASSERT_ERR(rc, ERR_INVALID, "leaves its host");
        } else if (rc < 0 || !str_eq_c(got, URLS[i].expected)) {
            fail_msg("case %zu: %d " STR_FMT, i, rc, STR_ARG(got));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_read_as_git_reads_them),
        cmocka_unit_test(are_limited),
        cmocka_unit_test(addresses_may_be_relative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
