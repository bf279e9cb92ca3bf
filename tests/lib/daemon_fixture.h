/* belay-repo-server as a child of the test, which is the same binary, and a client to it. */
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/ipc/ipc_client.h"
#include "common/rt/loop.h"
#include "proto/common.pb-c.h"
#include "proto/repo.pb-c.h"
#include "tests/lib/repo_fixture.h"

struct daemon_fixture {
    struct repo_fixture repo;
    struct loop *loop;
    struct ipc_client *client;
    pid_t pid;
    char url[128];
};

/* The process is this program again, told to be the daemon: main() of the test sees to that. */
static inline void daemon_fixture_start(struct daemon_fixture *f)
{
    const char *url = f->url;
    struct err err;
    char *const argv[] = {
        arena_strdup(f->repo.arena, "belay-repo-server"),
        arena_strdup(f->repo.arena, "--listen"),
        arena_strdup(f->repo.arena, f->url),
        arena_strdup(f->repo.arena, "--cache-dir"),
        arena_strdup(f->repo.arena, arena_printf(f->repo.arena, "%s/cache", f->repo.dir).p),
        arena_strdup(f->repo.arena, "--http-address"),
        arena_strdup(f->repo.arena, "127.0.0.1:0"),
        arena_strdup(f->repo.arena, "--allow-file-urls"),
        arena_strdup(f->repo.arena, "--log-level"),
        arena_strdup(f->repo.arena, "error"),
        NULL};
    f->pid = fork();
    assert_true(f->pid >= 0);
    if (f->pid == 0) {
        (void)execv("/proc/self/exe", argv);
        _exit(127);
    }
    struct ipc_client_options options = {.urls = &url, .n_urls = 1, .connect_wait_ms = 30000};
    ASSERT_OK(ipc_client_new(f->loop, &options, &f->client, &err));
}

/* On a loop of the test's, which it frees itself. */
static inline void daemon_fixture_init_on(struct daemon_fixture *f, struct loop *loop)
{
    memset(f, 0, sizeof(*f));
    repo_fixture_init(&f->repo);
    repo_fixture_file(&f->repo, "app/a.yaml", repo_fixture_object(&f->repo, "a"));
    (void)repo_fixture_commit(&f->repo, "refs/heads/main");
    (void)snprintf(f->url, sizeof(f->url), "ipc://%s/s", f->repo.dir);
    f->loop = loop;
    daemon_fixture_start(f);
}

static inline void daemon_fixture_init(struct daemon_fixture *f)
{
    daemon_fixture_init_on(f, loop_new());
}

/* The exit status after SIGTERM. */
static inline int daemon_fixture_stop(struct daemon_fixture *f)
{
    int status = 0;
    ipc_client_free(f->client);
    assert_int_equal(kill(f->pid, SIGTERM), 0);
    assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void daemon_fixture_done_on(struct daemon_fixture *f)
{
    repo_fixture_done(&f->repo);
}

static inline void daemon_fixture_done(struct daemon_fixture *f)
{
    loop_free(f->loop);
    daemon_fixture_done_on(f);
}

/* One call; `check` sees reply or error. */
struct daemon_call {
    bool done;
    void (*check)(struct daemon_fixture *f, const ProtobufCMessage *reply, const struct err *err);
    struct daemon_fixture *fixture;
};

static inline void
daemon_call_done(const ProtobufCMessage *reply, const struct err *err, void *data)
{
    struct daemon_call *c = data;
    c->check(c->fixture, reply, err);
    c->done = true;
}

static inline bool daemon_call_is_done(void *data)
{
    return ((struct daemon_call *)data)->done;
}

static inline void daemon_fixture_call(struct daemon_fixture *f,
                                       uint32_t method,
                                       const ProtobufCMessage *request,
                                       const ProtobufCMessageDescriptor *reply,
                                       void (*check)(struct daemon_fixture *f,
                                                     const ProtobufCMessage *reply,
                                                     const struct err *err))
{
    struct daemon_call c = {.check = check, .fixture = f};
    struct ipc_call_options options = {.method = method,
                                       .name = "call",
                                       .request = request,
                                       .reply = reply,
                                       .timeout_ms = 60000,
                                       .repeat = IPC_REPEATABLE};
    (void)ipc_client_call(f->client, &options, daemon_call_done, &c);
    assert_true(loop_run_until(f->loop, daemon_call_is_done, &c, 60000));
}
