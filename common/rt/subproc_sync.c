/* A socket pair is standard input and output of the child, so that writing to a dead one is an error and no signal.
 *
 * The child begins as those of subproc.c do: with limits, without our descriptors and environment. */
#include "common/rt/subproc_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/rt/subproc.h"
#include "common/rt/subproc_internal.h"

struct subproc_sync {
    struct subproc_sync_opts opts;
    int fd; /* -1 = no process */
    pid_t pid;
};

struct subproc_sync *subproc_sync_new(const struct subproc_sync_opts *opts)
{
    struct subproc_sync *p = MEM_NEW(struct subproc_sync);
    *p = (struct subproc_sync){.opts = *opts, .fd = -1};
    return p;
}

/* Returns the status of waitpid(), 0 when there was no process. */
static int end_process(struct subproc_sync *p)
{
    int status = 0;
    if (p->fd < 0) {
        return 0;
    }
    (void)close(p->fd);
    p->fd = -1;
    (void)kill(p->pid, SIGKILL);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

void subproc_sync_free(struct subproc_sync *p)
{
    if (p != NULL) {
        (void)end_process(p);
        mem_free(p);
    }
}

/* ---- starting ---- */

static int spawn_on(struct subproc_sync *p, int child_fd, struct err *err)
{
    enum { SETTINGS_BYTES = 160, FILES_MAX = 16 };
    char settings[SETTINGS_BYTES];
    (void)snprintf(settings, sizeof(settings), "%d,%llu,0,0,%d", (int)getpid(),
                   (unsigned long long)p->opts.max_memory_bytes, FILES_MAX);
    char *const argv[] = {
        (char *)(uintptr_t) "/proc/self/exe",
        (char *)(uintptr_t)SUBPROC_FLAG,
        settings,
        (char *)(uintptr_t) "",
        (char *)(uintptr_t)p->opts.name,
        (char *)(uintptr_t)p->opts.flag,
        NULL,
    };
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, child_fd, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, child_fd, STDOUT_FILENO);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int rc = posix_spawn(&p->pid, argv[0], &actions, NULL, argv, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc != 0 ? err_set_errno(err, rc, "starting %s", p->opts.name) : 0;
}

static int start(struct subproc_sync *p, struct err *err)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        return err_set_errno(err, errno, "starting %s", p->opts.name);
    }
    int rc = spawn_on(p, fds[1], err);
    (void)close(fds[1]);
    if (rc < 0) {
        (void)close(fds[0]);
        return rc;
    }
    p->fd = fds[0];
    return 0;
}

/* ---- asking ---- */

static int died(struct subproc_sync *p, struct err *err)
{
    int status = end_process(p);
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
        return err_set(err, ERR_LIMIT, "%s was ended by signal %d", p->opts.name, WTERMSIG(status));
    }
    return err_set(err, ERR_LIMIT, "%s ended; it may have had too little memory", p->opts.name);
}

static int wait_for(struct subproc_sync *p, short events, int64_t deadline_ms, struct err *err)
{
    for (;;) {
        int64_t left_ms = deadline_ms - clock_now_ms(clock_system());
        struct pollfd pfd = {.fd = p->fd, .events = events};
        int n = left_ms > 0 ? poll(&pfd, 1, (int)left_ms) : 0;
        if (n > 0) {
            return 0;
        }
        if (n == 0) {
            (void)end_process(p);
            return err_set(err, ERR_TIMEOUT, "no answer in time");
        }
        if (errno != EINTR) {
            return died(p, err);
        }
    }
}

static int send_all(struct subproc_sync *p, struct str bytes, int64_t deadline_ms, struct err *err)
{
    while (bytes.n > 0) {
        TRY(wait_for(p, POLLOUT, deadline_ms, err));
        ssize_t n = send(p->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return died(p, err);
        }
        bytes = n > 0 ? str_sub(bytes, (size_t)n, bytes.n) : bytes;
    }
    return 0;
}

static int
receive(struct subproc_sync *p, char *dst, size_t n_wanted, int64_t deadline_ms, struct err *err)
{
    while (n_wanted > 0) {
        TRY(wait_for(p, POLLIN, deadline_ms, err));
        ssize_t n = recv(p->fd, dst, n_wanted, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return died(p, err);
        }
        if (n > 0) {
            dst += n;
            n_wanted -= (size_t)n;
        }
    }
    return 0;
}

static int exchange(struct subproc_sync *p,
                    struct str request,
                    int64_t deadline_ms,
                    struct buf *answer,
                    struct err *err)
{
    uint32_t n = (uint32_t)request.n;
    TRY(send_all(p, str_of((const char *)&n, sizeof(n)), deadline_ms, err));
    TRY(send_all(p, request, deadline_ms, err));
    TRY(receive(p, (char *)&n, sizeof(n), deadline_ms, err));
    char *dst = n <= p->opts.max_answer_bytes ? buf_reserve(answer, n) : NULL;
    if (dst == NULL) {
        (void)end_process(p);
        return err_set(err, ERR_LIMIT, "an answer of %u bytes, more than %zu", n,
                       p->opts.max_answer_bytes);
    }
    TRY(receive(p, dst, n, deadline_ms, err));
    buf_commit(answer, n);
    return 0;
}

int subproc_sync_call(struct subproc_sync *p,
                      struct str request,
                      int64_t timeout_ms,
                      struct buf *answer,
                      struct err *err)
{
    if (request.n > UINT32_MAX) {
        return err_set(err, ERR_LIMIT, "a request of %zu bytes", request.n);
    }
    if (p->fd < 0) {
        TRY(start(p, err));
    }
    return exchange(p, request, clock_now_ms(clock_system()) + timeout_ms, answer, err);
}

/* ---- the child's side ---- */

static bool read_all(char *dst, size_t n_wanted)
{
    while (n_wanted > 0) {
        ssize_t n = read(STDIN_FILENO, dst, n_wanted);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        dst += n > 0 ? n : 0;
        n_wanted -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool write_all(struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes = n > 0 ? str_sub(bytes, (size_t)n, bytes.n) : bytes;
    }
    return true;
}

void subproc_sync_serve(void (*answer)(void *data, struct str request, struct buf *out),
                        void *data,
                        size_t max_request_bytes)
{
    uint32_t n = 0;
    struct buf in;
    struct buf out;
    buf_init(&in, max_request_bytes + 1);
    buf_init(&out, UINT32_MAX);
    while (read_all((char *)&n, sizeof(n))) {
        buf_reset(&in);
        buf_reset(&out);
        char *dst = n <= max_request_bytes ? buf_reserve(&in, n) : NULL;
        if (dst == NULL || !read_all(dst, n)) {
            break;
        }
        buf_commit(&in, n);
        answer(data, buf_str(&in), &out);
        uint32_t n_out = (uint32_t)out.n;
        if (!write_all(str_of((const char *)&n_out, sizeof(n_out))) || !write_all(buf_str(&out))) {
            break;
        }
    }
    buf_done(&in);
    buf_done(&out);
}
