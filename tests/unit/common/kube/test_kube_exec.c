/* Credential plugins: what goes in, what comes out, and real processes. */
#include "common/base/arena.h"
#include "common/kube/kube_exec.h"
#include "common/rt/subproc.h"
#include "tests/unit/common/kube/plugin_fixture.h"

#define CREDENTIAL(status) \
    "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" PLUGIN_V1 "\",\"status\":" status "}"

static void credentials_are_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kube_credential credential;
    struct err err;
    ASSERT_OK(kube_exec_parse(
        arena,
        STR(CREDENTIAL("{\"token\":\"t\",\"expirationTimestamp\":\"1970-01-01T00:00:01Z\"}")),
        STR(PLUGIN_V1), &credential, &err));
    ASSERT_STR(credential.token, "t");
    assert_int_equal(credential.expires_ms, 1000);
    ASSERT_OK(kube_exec_parse(
        arena, STR(CREDENTIAL("{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}")),
        STR(PLUGIN_V1), &credential, &err));
    ASSERT_STR(credential.cert_pem, "c");
    assert_int_equal(credential.expires_ms, 0);
}

static const struct {
    const char *output;
    const char *message;
} BAD[] = {
    {"Please log in: hidden", "did not print JSON"},
    {"{}", "did not print an ExecCredential of " PLUGIN_V1},
    {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"x/v1\",\"status\":{\"token\":\"hidden\"}}",
     "did not print an ExecCredential"},
    {CREDENTIAL("{}"), "neither a token nor a certificate"},
    {CREDENTIAL("{\"clientCertificateData\":\"c\"}"), "only one of certificate and key"},
    {CREDENTIAL("{\"token\":\"hidden\",\"expirationTimestamp\":\"soon\"}"), "expirationTimestamp"},
};

static void bad_output_is_explained_but_not_shown(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct kube_credential credential;
        struct err err;
        char text[1024];
        ASSERT_ERR(
            kube_exec_parse(arena, str_from(BAD[i].output), STR(PLUGIN_V1), &credential, &err),
            ERR_INVALID, BAD[i].message);
        err_format(&err, text, sizeof(text));
        assert_null(strstr(text, "hidden"));
    }
}

static void the_cluster_is_described_when_wanted(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kube_exec exec = plugin_fixture(NULL, 0);
    const struct kube_config config = {
        .server = STR("https://h"),
        .ca_pem = STR("ca"),
        .exec = &exec,
    };
    struct str info;
    struct err err;
    ASSERT_OK(kube_exec_info(arena, &config, &info, &err));
    ASSERT_STR(info, "{\"apiVersion\":\"" PLUGIN_V1 "\",\"kind\":\"ExecCredential\","
                     "\"spec\":{\"interactive\":false}}");
    exec.provide_cluster_info = true;
    ASSERT_OK(kube_exec_info(arena, &config, &info, &err));
    ASSERT_STR(info, "{\"apiVersion\":\"" PLUGIN_V1
                     "\",\"kind\":\"ExecCredential\",\"spec\":{\"cluster\":"
                     "{\"certificate-authority-data\":\"Y2E=\",\"server\":\"https://h\"},"
                     "\"interactive\":false}}");
}

static void variables_replace_inherited_ones(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    static const char *const BASE[] = {"A=1", "B=2", NULL};
    const struct kube_env env[] = {{STR("B"), STR("3")}, {STR("C"), STR("4")}};
    struct kube_exec exec = plugin_fixture(NULL, 0);
    exec.env = env;
    exec.n_env = 2;
    const char *const *list = kube_exec_environ(arena, &exec, BASE, STR("i"));
    static const char *const WANT[] = {"A=1", "B=3", "C=4", "KUBERNETES_EXEC_INFO=i"};
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        assert_string_equal(list[i], WANT[i]);
    }
    assert_null(list[ARRAY_LEN(WANT)]);
}

static void programs_are_looked_up(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    static const char *const ENVIRON[] = {"PATH=/nowhere::/bin", NULL};
    struct kube_exec exec = plugin_fixture(NULL, 0);
    struct str path;
    struct err err;
    ASSERT_OK(kube_exec_find(arena, &exec, ENVIRON, &path, &err));
    ASSERT_STR(path, "/bin/sh");
    exec.command = STR("/opt/x");
    ASSERT_OK(kube_exec_find(arena, &exec, NULL, &path, &err));
    ASSERT_STR(path, "/opt/x");
    exec.command = STR("no-such-tool");
    ASSERT_ERR(kube_exec_find(arena, &exec, ENVIRON, &path, &err), ERR_NOT_FOUND,
               "'no-such-tool' is not installed: get it from the shop");
}

/* ---- processes ---- */

struct seen {
    unsigned n_done;
    bool ok;
    char token[256];
    struct err err;
};

static void
on_credential(void *data, const struct kube_credential *credential, const struct err *err)
{
    struct seen *seen = data;
    seen->n_done++;
    seen->ok = err == NULL;
    if (err != NULL) {
        seen->err = *err;
    } else {
        (void)snprintf(seen->token, sizeof(seen->token), STR_FMT, STR_ARG(credential->token));
    }
}

static bool is_done(void *data)
{
    return ((struct seen *)data)->n_done > 0;
}

static struct seen run(const char *script, bool cancel)
{
    AUTO(loop) struct loop *loop = loop_new();
    const struct str args[] = {STR("-c"), str_from(script)};
    struct kube_exec exec = plugin_fixture(args, 2);
    const struct kube_config config = {.server = STR("https://h"), .exec = &exec};
    struct seen seen = {0};
    struct kube_exec_run *started =
        kube_exec_start(loop, &config, PLUGIN_ENVIRON, on_credential, &seen);
    assert_int_equal(seen.n_done, 0);
    if (cancel) {
        kube_exec_cancel(started);
    }
    assert_true(loop_run_until(loop, is_done, &seen, PLUGIN_WAIT_MS));
    plugin_fixture_wait_reaped(loop);
    assert_int_equal(seen.n_done, 1);
    return seen;
}

static void a_plugin_gives_a_token(void **state UNUSED)
{
    struct seen seen = run("case $KUBERNETES_EXEC_INFO in *ExecCredential*) ;; *) exit 9;; esac\n"
                           "echo '" CREDENTIAL("{\"token\":\"from-plugin\"}") "'",
                           false);
    assert_true(seen.ok);
    assert_string_equal(seen.token, "from-plugin");
}

static void a_failing_plugin_is_explained(void **state UNUSED)
{
    struct seen seen = run("echo 'not logged in' >&2; exit 3", false);
    assert_false(seen.ok);
    check_contains(&seen.err, "credential plugin 'sh'");
    check_contains(&seen.err, "not logged in");
    seen = run("echo hello", false);
    assert_int_equal(seen.err.code, ERR_INVALID);
}

static void a_canceled_plugin_is_killed(void **state UNUSED)
{
    struct seen seen = run("sleep 60", true);
    assert_int_equal(seen.err.code, ERR_CANCELED);
}

int main(int argc, char **argv)
{
    subproc_child_main(&argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_read),
        cmocka_unit_test(bad_output_is_explained_but_not_shown),
        cmocka_unit_test(the_cluster_is_described_when_wanted),
        cmocka_unit_test(variables_replace_inherited_ones),
        cmocka_unit_test(programs_are_looked_up),
        cmocka_unit_test(a_plugin_gives_a_token),
        cmocka_unit_test(a_failing_plugin_is_explained),
        cmocka_unit_test(a_canceled_plugin_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
