/* Sessions: what is sent, and what the context file has afterwards. */
#include <stdio.h>

#include "cli/cmd_login.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"
#include "tests/lib/tmp_dir.h"

struct fixture {
    struct cli_fixture *f;
    char dir[TMP_DIR_BYTES];
    char file[TMP_DIR_BYTES + 16];
    struct cli_answer answers[3];
};

static int set_up(void **state)
{
    static struct fixture x;
    x.answers[0] = (struct cli_answer){"POST /api/v1/session", 0, "{\"token\":\"fresh\"}", false};
    x.answers[1] = (struct cli_answer){"DELETE /api/v1/session", 0, "{\"token\":\"\"}", false};
    x.answers[2] = (struct cli_answer){0};
    x.f = cli_fixture_new(x.answers);
    tmp_dir_new(x.dir);
    (void)snprintf(x.file, sizeof(x.file), "%s/config", x.dir);
    x.f->cli.globals->config = x.file;
    *state = &x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    cli_fixture_free(x->f);
    tmp_dir_remove(x->dir);
    return 0;
}

static struct str config(struct fixture *x)
{
    struct str text;
    struct err err;
    ASSERT_OK(fs_read_file(x->f->arena, x->file, LIMIT_MIB, &text, &err));
    return text;
}

static void login_and_logout(void **state)
{
    struct fixture *x = *state;
    ASSERT_PRINTS(x->f, "Logged in; context 'belay.example/root' is the current one.\n", "login",
                  "http://belay.example/root/", "--username", "admin", "--password", "pw");
    assert_string_equal(x->f->asked.p,
                        "POST /api/v1/session {\"password\":\"pw\",\"username\":\"admin\"}\n");
    ASSERT_STR(config(x), "contexts:\n- name: belay.example/root\n  server: belay.example/root\n"
                          "  user: belay.example/root\n"
                          "current-context: belay.example/root\n"
                          "servers:\n- plain-text: true\n  server: belay.example/root\n"
                          "users:\n- auth-token: fresh\n  name: belay.example/root\n");
    ASSERT_PRINTS(x->f, "Logged out of 'belay.example/root'.\n", "logout", NULL);
    assert_string_equal(x->f->asked.p, "DELETE /api/v1/session \n");
    assert_null(strstr(config(x).p, "fresh"));
    ASSERT_PRINTS(x->f, "Context 'belay.example/root' has no session.\n", "logout", NULL);
}

static void contexts_have_names(void **state)
{
    struct fixture *x = *state;
    ASSERT_PRINTS(x->f, "Logged in; context 'prod' is the current one.\n", "login", "h", "--name",
                  "prod", "--username", "a", "--password", "b");
    ASSERT_REFUSES(x->f, ERR_NOT_FOUND, "no context 'other'", "logout", "other");
}

static void refusals_change_nothing(void **state)
{
    struct fixture *x = *state;
    x->answers[0].status = 401;
    x->answers[0].body = "{\"message\":\"Invalid username or password\"}";
    ASSERT_REFUSES(x->f, ERR_UNAUTHENTICATED, "login: Invalid username or password", "login", "h",
                   "--username", "a", "--password", "b");
    x->answers[0].status = 200;
    x->answers[0].body = "{}";
    ASSERT_REFUSES(x->f, ERR_INVALID, "sent no token", "login", "h", "--username", "a",
                   "--password", "b");
    struct str text;
    struct err err;
    ASSERT_ERR(fs_read_file(x->f->arena, x->file, LIMIT_MIB, &text, &err), ERR_NOT_FOUND, "config");
}

static void tokens_are_forgotten_though_the_server_fails(void **state)
{
    struct fixture *x = *state;
    ASSERT_PRINTS(x->f, "Logged in; context 'h' is the current one.\n", "login", "h", "--username",
                  "a", "--password", "b");
    x->answers[1].status = 500;
    ASSERT_REFUSES(x->f, ERR_UNAVAILABLE, "may still be valid", "logout", NULL);
    assert_null(strstr(config(x).p, "fresh"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(login_and_logout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(contexts_have_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals_change_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_are_forgotten_though_the_server_fails, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
