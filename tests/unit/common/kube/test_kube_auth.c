/* Credentials that change: token files and plugins, seen by what the target sends. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/kube/kube_auth.h"
#include "common/net/http_target.h"
#include "common/rt/subproc.h"
#include "tests/lib/tmp_dir.h"
#include "tests/unit/common/kube/plugin_fixture.h"

/* Wall time under control. */
struct fake_clock {
    struct clock clock;
    int64_t wall_ms;
};

static int64_t fake_wall_ms(const struct clock *clk)
{
    return ((const struct fake_clock *)(const void *)clk)->wall_ms;
}

struct seen {
    unsigned n_called;
    struct err err;
};

static void on_ready(void *data, const struct err *err)
{
    struct seen *seen = data;
    seen->n_called++;
    seen->err = err != NULL ? *err : (struct err){0};
}

static bool is_called(void *data)
{
    return ((struct seen *)data)->n_called > 0;
}

/* The token the next request would send. */
static void check_token(struct kube_auth *auth, const char *want)
{
    AUTO(buf) struct buf token;
    struct err err;
    const struct http_target_opts *opts = http_target_get(kube_auth_target(auth));
    buf_init(&token, 1024);
    assert_non_null(opts->token);
    ASSERT_OK(opts->token(opts->token_data, &token, &err));
    ASSERT_STR(buf_str(&token), want);
}

static struct kube_auth *
new_auth(struct loop *loop, const struct kube_config *config, const struct clock *clock)
{
    struct kube_auth *auth = NULL;
    struct err err;
    const struct kube_auth_opts opts = {
        .loop = loop,
        .config = config,
        .environ = PLUGIN_ENVIRON,
        .clock = clock,
    };
    ASSERT_OK(kube_auth_new(&opts, &auth, &err));
    return auth;
}

static void a_token_file_is_read_again_when_it_changed(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    AUTO(arena) struct arena *arena = arena_new();
    char dir[TMP_DIR_BYTES];
    tmp_dir_new(dir);
    const char *path = arena_printf(arena, "%s/token", dir).p;
    const struct kube_config config = {.server = STR("https://h"), .token_file = str_from(path)};
    AUTO(kube_auth) struct kube_auth *auth = new_auth(loop, &config, NULL);
    struct kube_auth_wait wait = {0};
    assert_true(kube_auth_ready(auth, &wait, on_ready, NULL));
    tmp_dir_put(dir, "token", "one\n");
    check_token(auth, "one");
    tmp_dir_put(dir, "token", "two\n");
    check_token(auth, "one");            /* looked at a moment ago */
    assert_true(kube_auth_reject(auth)); /* a 401 makes it look again */
    check_token(auth, "two");
    tmp_dir_remove(dir);
    assert_true(kube_auth_reject(auth));
    check_token(auth, "two"); /* gone for a moment: the last one stays */
}

static void a_missing_token_file_fails_the_request(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    AUTO(buf) struct buf token;
    struct err err;
    const struct kube_config config = {
        .server = STR("https://h"),
        .token_file = STR("/nonexistent/token"),
    };
    AUTO(kube_auth) struct kube_auth *auth = new_auth(loop, &config, NULL);
    const struct http_target_opts *opts = http_target_get(kube_auth_target(auth));
    buf_init(&token, 1024);
    ASSERT_ERR(opts->token(opts->token_data, &token, &err), ERR_NOT_FOUND, "/nonexistent/token");
}

static void fixed_credentials_need_no_waiting(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    const struct kube_config config = {.server = STR("https://h"), .token = STR("tok")};
    AUTO(kube_auth) struct kube_auth *auth = new_auth(loop, &config, NULL);
    struct kube_auth_wait wait = {0};
    assert_true(kube_auth_ready(auth, &wait, on_ready, NULL));
    ASSERT_STR(http_target_get(kube_auth_target(auth))->bearer, "tok");
    assert_false(kube_auth_reject(auth));
}

/* A plugin that counts its runs in a file. */
static struct str counting_script(struct arena *arena, const char *dir)
{
    return arena_printf(
        arena,
        "echo x >> %s/runs; n=$(wc -l < %s/runs); echo '{\"kind\":\"ExecCredential\","
        "\"apiVersion\":\"" PLUGIN_V1 "\",\"status\":{\"token\":\"t'$n'\","
        "\"expirationTimestamp\":\"1970-01-01T01:00:00Z\"}}'",
        dir, dir);
}

static void wait_ready(struct loop *loop, struct kube_auth *auth)
{
    struct kube_auth_wait first = {0};
    struct kube_auth_wait second = {0};
    struct seen seen = {0};
    struct seen too = {0};
    assert_false(kube_auth_ready(auth, &first, on_ready, &seen));
    assert_false(kube_auth_ready(auth, &second, on_ready, &too));
    assert_true(loop_run_until(loop, is_called, &too, PLUGIN_WAIT_MS));
    assert_int_equal(seen.n_called, 1);
    assert_int_equal(seen.err.code, ERR_OK);
}

static void a_plugin_runs_once_until_its_token_ends(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    AUTO(arena) struct arena *arena = arena_new();
    char dir[TMP_DIR_BYTES];
    tmp_dir_new(dir);
    const struct str args[] = {STR("-c"), counting_script(arena, dir)};
    const struct kube_exec exec = plugin_fixture(args, ARRAY_LEN(args));
    const struct kube_config config = {.server = STR("https://h"), .exec = &exec};
    struct fake_clock clock = {{NULL, fake_wall_ms}, 0};
    AUTO(kube_auth) struct kube_auth *auth = new_auth(loop, &config, &clock.clock);
    struct kube_auth_wait wait = {0};
    wait_ready(loop, auth);
    check_token(auth, "t1");
    assert_true(kube_auth_ready(auth, &wait, on_ready, NULL));
    clock.wall_ms = 3600 * 1000 - 5000; /* about to expire */
    wait_ready(loop, auth);
    check_token(auth, "t2");
    clock.wall_ms = 0;
    assert_true(kube_auth_reject(auth));
    wait_ready(loop, auth);
    check_token(auth, "t3");
    tmp_dir_remove(dir);
}

static void all_who_wait_hear_of_a_failure(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    const struct kube_exec exec = {.command = STR("no-such-tool"), .api_version = STR(PLUGIN_V1)};
    const struct kube_config config = {.server = STR("https://h"), .exec = &exec};
    AUTO(kube_auth) struct kube_auth *auth = new_auth(loop, &config, NULL);
    struct kube_auth_wait wait = {0};
    struct kube_auth_wait gone = {0};
    struct seen seen = {0};
    struct seen never = {0};
    assert_false(kube_auth_ready(auth, &wait, on_ready, &seen));
    assert_false(kube_auth_ready(auth, &gone, on_ready, &never));
    kube_auth_forget(&gone);
    assert_true(loop_run_until(loop, is_called, &seen, PLUGIN_WAIT_MS));
    assert_int_equal(seen.err.code, ERR_NOT_FOUND);
    assert_int_equal(never.n_called, 0);
}

static void it_can_be_freed_while_a_plugin_runs(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    const struct str args[] = {STR("-c"), STR("sleep 60")};
    const struct kube_exec exec = plugin_fixture(args, ARRAY_LEN(args));
    const struct kube_config config = {.server = STR("https://h"), .exec = &exec};
    struct kube_auth *auth = new_auth(loop, &config, NULL);
    struct kube_auth_wait wait = {0};
    assert_false(kube_auth_ready(auth, &wait, on_ready, NULL));
    kube_auth_forget(&wait);
    kube_auth_free(auth);
    plugin_fixture_wait_reaped(loop);
}

static void bad_certificates_are_refused(void **state UNUSED)
{
    AUTO(loop) struct loop *loop = loop_new();
    const struct kube_config config = {.server = STR("https://h"), .ca_pem = STR("nonsense")};
    struct kube_auth *auth = NULL;
    struct err err;
    const struct kube_auth_opts opts = {.loop = loop, .config = &config};
    ASSERT_ERR(kube_auth_new(&opts, &auth, &err), ERR_INVALID, "");
    assert_null(auth);
}

int main(int argc, char **argv)
{
    subproc_child_main(&argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_file_is_read_again_when_it_changed),
        cmocka_unit_test(a_missing_token_file_fails_the_request),
        cmocka_unit_test(fixed_credentials_need_no_waiting),
        cmocka_unit_test(a_plugin_runs_once_until_its_token_ends),
        cmocka_unit_test(all_who_wait_hear_of_a_failure),
        cmocka_unit_test(it_can_be_freed_while_a_plugin_runs),
        cmocka_unit_test(bad_certificates_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
