/* Repositories through the machine's git. Skipped without one. */
#include <unistd.h>

#include "cli/remote_local.h"
#include "common/base/arena.h"
#include "common/rt/loop.h"
#include "common/rt/subproc.h"
#include "tests/lib/check.h"
#include "tests/lib/repo_fixture.h"

static bool has_git(void)
{
    return access("/usr/bin/git", X_OK) == 0 || access("/usr/local/bin/git", X_OK) == 0;
}

struct step {
    bool done;
    bool failed;
};

static void on_exit_step(struct subproc *proc UNUSED, const struct err *err, void *data)
{
    struct step *step = data;
    step->done = true;
    step->failed = err != NULL;
}

static bool is_done(void *data)
{
    return ((struct step *)data)->done;
}

static void run(const char *dir, const char *const *argv)
{
    static const struct subproc_callbacks CALLBACKS = {.on_exit = on_exit_step};
    static const char *const ENVIRON[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                          "HOME=/nonexistent",
                                          "GIT_CONFIG_NOSYSTEM=1",
                                          "GIT_AUTHOR_NAME=a",
                                          "GIT_AUTHOR_EMAIL=a@example.com",
                                          "GIT_COMMITTER_NAME=a",
                                          "GIT_COMMITTER_EMAIL=a@example.com",
                                          NULL};
    const struct subproc_options options = {
        .path = "/usr/bin/env", .argv = argv, .environ = ENVIRON, .cwd = dir};
    struct err err;
    struct step step = {0};
    struct subproc *proc;
    AUTO(loop) struct loop *loop = loop_new();
    ASSERT_OK(subproc_start(loop, &options, &CALLBACKS, &step, &proc, &err));
    (void)loop_run_until(loop, is_done, &step, -1);
    assert_false(step.failed);
}

static void make_repository(const char *dir)
{
    static const char *const STEPS[][9] = {
        {"env", "git", "init", "-q", NULL},
        {"env", "git", "add", ".", NULL},
        {"env", "git", "commit", "-q", "-m", "first", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(STEPS); i++) {
        run(dir, STEPS[i]);
    }
}

static void fetches_a_repository_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char dir[] = "/tmp/belay-test-remote.XXXXXX";
    struct err err;
    if (!has_git()) {
        skip();
    }
    assert_non_null(mkdtemp(dir));
    ASSERT_OK(fs_make_dirs(arena_printf(arena, "%s/deploy", dir).p, 0700, &err));
    ASSERT_OK(
        fs_write_atomic(arena_printf(arena, "%s/deploy/a.yaml", dir).p, STR("a: 1\n"), 0600, &err));
    make_repository(dir);
    struct remote_local *remote = remote_local_new();
    struct engine_env env = {.arena = arena};
    remote_local_attach(remote, &env);
    struct engine_remote what = {.type = ENGINE_REMOTE_GIT,
                                 .url = arena_printf(arena, "file://%s", dir)};
    struct engine_remote_result first;
    struct engine_remote_result second;
    struct str text;
    ASSERT_OK(env.remote(&env, &what, &first, &err));
    ASSERT_OK(first.files->read(first.files, arena, STR("deploy/a.yaml"), 100, &text, &err));
    ASSERT_STR(text, "a: 1\n");
    ASSERT_OK(env.remote(&env, &what, &second, &err));
    assert_ptr_equal(first.files, second.files);
    what.version = STR("none");
    ASSERT_ERR(env.remote(&env, &what, &first, &err), ERR_NOT_FOUND, "fetch --depth=1");
    what.version = STR("--upload-pack=x");
    ASSERT_ERR(env.remote(&env, &what, &first, &err), ERR_INVALID, "not a URL or reference");
    remote_local_free(remote);
    ASSERT_OK(fs_remove_tree(dir, &err));
}

static void says_what_cannot_be_had(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(remote_local) struct remote_local *remote = remote_local_new();
    struct engine_env env = {.arena = arena};
    struct err err;
    struct engine_remote_result result;
    struct engine_remote file = {.type = ENGINE_REMOTE_FILE, .url = STR("http://127.0.0.1:1/x")};
    struct engine_remote chart = {
        .type = ENGINE_REMOTE_CHART, .url = STR("https://charts.example.com"), .name = STR("web")};
    remote_local_attach(remote, &env);
    ASSERT_ERR(env.remote(&env, &file, &result, &err), ERR_NOT_FOUND, "127.0.0.1");
    ASSERT_ERR(env.remote(&env, &chart, &result, &err), ERR_UNSUPPORTED, "chart 'web'");
}

int main(int argc, char **argv)
{
    subproc_child_main(&argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_a_repository_once),
        cmocka_unit_test(says_what_cannot_be_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
