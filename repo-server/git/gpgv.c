/* Running gpgv. posix_spawn() and not subproc.h: a helper has no loop, and checks thousands of signatures one after the
 * other. */
#include "repo-server/git/gpgv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"

enum {
    CHUNK_BYTES = 4096,
    FILE_MODE = 0600,
};

static struct str file_in(struct arena *arena, const struct gpgv *g, const char *name)
{
    return arena_printf(arena, "%s/%s", g->dir, name);
}

static int write_file(const char *path, struct str bytes, struct err *err)
{
    AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot write '%s'", path);
    }
    return fs_write_fd(fd, bytes, err);
}

/* Nothing is wrong with the repository: another time it may work. */
static int not_now(struct err *err)
{
    err->code = ERR_UNAVAILABLE;
    return -ERR_UNAVAILABLE;
}

int gpgv_init(const struct gpgv *g, struct str keyring, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    if (write_file(file_in(arena, g, "keyring.gpg").p, keyring, err) < 0) {
        return not_now(err);
    }
    return 0;
}

static int spawn(const struct gpgv *g, struct arena *arena, int out, pid_t *ret, struct err *err)
{
    char *argv[] = {
        arena_strdup(arena, "gpgv"),
        arena_strdup(arena, "--homedir"),
        arena_strdup(arena, g->dir),
        arena_strdup(arena, "--status-fd"),
        arena_strdup(arena, "1"),
        arena_strdup(arena, "--keyring"),
        arena_strdup(arena, file_in(arena, g, "keyring.gpg").p),
        arena_strdup(arena, file_in(arena, g, "signature").p),
        arena_strdup(arena, file_in(arena, g, "payload").p),
        NULL,
    };
    char *environment[] = {arena_strdup(arena, "LC_ALL=C"), NULL};
    posix_spawn_file_actions_t actions;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc == 0) {
        rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    if (rc == 0) {
        rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    }
    if (rc == 0) {
        rc = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (rc == 0) {
        rc = posix_spawn(ret, g->program, &actions, NULL, argv, environment);
    }
    (void)posix_spawn_file_actions_destroy(&actions); /* cannot fail here */
    return rc == 0 ? 0 : err_set_errno(err, rc, "cannot run '%s'", g->program);
}

/* All it says, or the limit's worth: the rest is not waited for. */
static int read_status(const struct gpgv *g, int fd, struct buf *out, struct err *err)
{
    int64_t deadline_ms = clock_now_ms(clock_system()) + g->timeout_ms;
    while (true) {
        char chunk[CHUNK_BYTES];
        int64_t left_ms = deadline_ms - clock_now_ms(clock_system());
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0) {
            return err_set(err, ERR_TIMEOUT, "'%s' took longer than %lld s", g->program,
                           (long long)(g->timeout_ms / 1000));
        }
        if (poll(&p, 1, (int)left_ms) <= 0) {
            continue; /* a signal, or the time is over */
        }
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_set_errno(err, errno, "cannot read from '%s'", g->program);
        }
        if (n == 0) {
            return buf_check(out, "what gpgv says", err);
        }
        buf_put_bytes(out, chunk, (size_t)n);
    }
}

/* Its status says no more than its lines, unless it broke down. */
static int reap(const struct gpgv *g, pid_t pid, struct err *err)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return err_set_errno(err, errno, "cannot wait for '%s'", g->program);
        }
    }
    if (WIFSIGNALED(status)) {
        return err_set(err, ERR_INTERNAL, "'%s' was killed by signal %d", g->program,
                       WTERMSIG(status));
    }
    return 0;
}

static int run(const struct gpgv *g, struct buf *out, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO_FD from = -1;
    AUTO_FD to = -1;
    int ends[2];
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return err_set_errno(err, errno, "cannot make a pipe");
    }
    from = ends[0];
    to = ends[1];
    TRY(spawn(g, arena, to, &pid, err));
    (void)close(TAKE_FD(to)); /* the end of the child alone */
    int rc = read_status(g, from, out, err);
    if (rc < 0) {
        struct err ignored; /* the first one counts */
        (void)kill(pid, SIGKILL);
        (void)reap(g, pid, &ignored);
        return rc;
    }
    return reap(g, pid, err);
}

static int check(const struct gpgv *g,
                 struct str payload,
                 struct str signature,
                 struct buf *out,
                 struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    TRY(write_file(file_in(arena, g, "signature").p, signature, err));
    TRY(write_file(file_in(arena, g, "payload").p, payload, err));
    return run(g, out, err);
}

int gpgv_check(const struct gpgv *g,
               struct str payload,
               struct str signature,
               struct gpg_verdict *ret,
               struct err *err)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_GPG_STATUS_BYTES);
    if (check(g, payload, signature, &out, err) < 0) {
        return not_now(err);
    }
    *ret = gpg_status_parse(buf_str(&out));
    return 0;
}
