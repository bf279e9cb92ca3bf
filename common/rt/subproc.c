/* The parent's side of helper processes, on uv_spawn().
 *
 * on_exit() comes when three things have happened: the process was reaped, and both output pipes
 * have ended.  The child leads a session of its own, so that killing reaches what it has started
 * as well; pipes that someone still holds open a while after the exit are closed.  Then all
 * handles are closed, and the last close callback delivers and frees. */
#include "common/rt/subproc.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/subproc_internal.h"
#include "common/rt/timer.h"

enum {
    STDERR_DEFAULT_BYTES = 64 * 1024,
    STDERR_LINE_BYTES = 4096,
    READ_BYTES = 64 * 1024,
    DRAIN_MS = 1000, /* after the exit, for pipes to end */
    SETTINGS_BYTES = 160,
    N_OWN_ARGS = 4, /* program, flag, settings, path */
    EXIT_BY_SIGNAL = 128,
};

struct subproc {
    struct loop *loop;
    struct subproc_callbacks callbacks;
    void *data;
    char *name; /* for messages */
    uv_process_t process;
    uv_pipe_t in;
    uv_pipe_t out;
    uv_pipe_t errors;
    struct timer timer; /* deadline, then the end of draining */
    int n_open;         /* handles whose close callback has not run */
    bool started;
    bool exited;
    bool out_ended;
    bool errors_ended;
    int64_t exit_status;
    int term_signal;
    size_t max_stdin_bytes;
    size_t stderr_left;
    struct buf line;      /* standard error since the last newline */
    struct buf last_line; /* for the message */
    struct err cause;     /* why we killed it; ERR_OK = we did not */
    char chunk[READ_BYTES];
};

struct write {
    uv_write_t req;
    char bytes[];
};

static void outcome(const struct subproc *proc, struct err *err)
{
    const char *colon = proc->last_line.n > 0 ? ": " : "";
    err->code = ERR_OK;
    if (proc->cause.code != ERR_OK) {
        *err = proc->cause;
    } else if (proc->term_signal == SIGXCPU || proc->term_signal == SIGXFSZ) {
        (void)err_set(err, ERR_LIMIT, "%s needs more %s than it may have%s%s", proc->name,
                      proc->term_signal == SIGXCPU ? "CPU time" : "disk space", colon,
                      proc->last_line.p);
    } else if (proc->term_signal != 0) {
        (void)err_set(err, ERR_INTERNAL, "%s was ended by signal %d (%s)%s%s", proc->name,
                      proc->term_signal, strsignal(proc->term_signal), colon, proc->last_line.p);
    } else if (proc->exit_status != 0) {
        (void)err_set(err, ERR_INTERNAL, "%s ended with status %" PRId64 "%s%s", proc->name,
                      proc->exit_status, colon, proc->last_line.p);
    }
    err->system_code =
        proc->term_signal != 0 ? EXIT_BY_SIGNAL + proc->term_signal : (int32_t)proc->exit_status;
}

static void proc_free(struct subproc *proc)
{
    buf_done(&proc->line);
    buf_done(&proc->last_line);
    mem_free(proc->name);
    mem_free(proc);
}

static void on_closed(uv_handle_t *handle)
{
    struct subproc *proc = handle->data;
    if (--proc->n_open > 0) {
        return;
    }
    if (proc->started) {
        struct err err;
        outcome(proc, &err);
        proc->callbacks.on_exit(proc, err.code != ERR_OK ? &err : NULL, proc->data);
    }
    proc_free(proc);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, on_closed);
    }
}

static void close_all(struct subproc *proc)
{
    timer_stop(&proc->timer);
    close_handle((uv_handle_t *)&proc->process);
    close_handle((uv_handle_t *)&proc->in);
    close_handle((uv_handle_t *)&proc->out);
    close_handle((uv_handle_t *)&proc->errors);
}

static void put_line(struct subproc *proc)
{
    struct str line = buf_str(&proc->line);
    (void)str_cut_suffix(&line, STR("\r"));
    if (line.n > 0) {
        buf_reset(&proc->last_line);
        buf_put(&proc->last_line, line);
        if (proc->callbacks.on_stderr_line != NULL) {
            proc->callbacks.on_stderr_line(proc, line, proc->data);
        }
    }
    buf_reset(&proc->line);
}

static void end_if_over(struct subproc *proc)
{
    if (proc->exited && proc->out_ended && proc->errors_ended) {
        if (proc->line.n > 0) {
            put_line(proc);
        }
        close_all(proc);
    }
}

static void kill_group(const struct subproc *proc)
{
    /* ESRCH is fine: all of it has ended */
    (void)kill(-proc->process.pid, SIGKILL);
}

static void on_drain_over(void *data)
{
    struct subproc *proc = data;
    kill_group(proc); /* who holds the pipes was started by the child */
    proc->out_ended = true;
    proc->errors_ended = true;
    end_if_over(proc);
}

static void on_uv_exit(uv_process_t *process, int64_t exit_status, int term_signal)
{
    struct subproc *proc = process->data;
    proc->exited = true;
    proc->exit_status = exit_status;
    proc->term_signal = term_signal;
    timer_stop(&proc->timer); /* the deadline's */
    timer_init(&proc->timer, proc->loop, on_drain_over, proc);
    timer_start(&proc->timer, DRAIN_MS);
    end_if_over(proc);
}

static void on_alloc(uv_handle_t *handle, size_t size UNUSED, uv_buf_t *buf)
{
    struct subproc *proc = handle->data;
    buf->base = proc->chunk; /* used up before the next read */
    buf->len = sizeof(proc->chunk);
}

static void on_stdout_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct subproc *proc = stream->data;
    if (n > 0) {
        proc->callbacks.on_stdout(proc, str_of(buf->base, (size_t)n), proc->data);
    } else if (n < 0) {
        (void)uv_read_stop(stream); /* never fails */
        proc->out_ended = true;
        end_if_over(proc);
    }
}

static void take_stderr(struct subproc *proc, struct str bytes)
{
    bytes = str_sub(bytes, 0, proc->stderr_left); /* the rest is read and dropped */
    proc->stderr_left -= bytes.n;
    while (bytes.n > 0) {
        struct str part;
        struct str rest;
        bool whole = str_cut(bytes, '\n', &part, &rest);
        buf_put(&proc->line, part); /* cut at its maximum */
        if (!whole) {
            return;
        }
        put_line(proc);
        bytes = rest;
    }
}

static void on_stderr_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct subproc *proc = stream->data;
    if (n > 0) {
        take_stderr(proc, str_of(buf->base, (size_t)n));
    } else if (n < 0) {
        (void)uv_read_stop(stream); /* never fails */
        proc->errors_ended = true;
        end_if_over(proc);
    }
}

static void on_deadline(void *data)
{
    struct subproc *proc = data;
    (void)err_set(&proc->cause, ERR_TIMEOUT, "%s was killed at its deadline", proc->name);
    kill_group(proc);
}

static void init_pipe(struct subproc *proc, uv_pipe_t *pipe)
{
    (void)uv_pipe_init(loop_uv(proc->loop), pipe, 0); /* never fails */
    pipe->data = proc;
    proc->n_open++;
}

static struct subproc *proc_new(struct loop *loop,
                                const struct subproc_options *options,
                                const struct subproc_callbacks *callbacks,
                                void *data)
{
    struct subproc *proc = MEM_NEW(struct subproc);
    proc->loop = loop;
    proc->callbacks = *callbacks;
    proc->data = data;
    proc->name = mem_strdup(options->path != NULL ? options->path : options->argv[0]);
    proc->process.data = proc;
    proc->stderr_left =
        options->max_stderr_bytes != 0 ? options->max_stderr_bytes : STDERR_DEFAULT_BYTES;
    proc->max_stdin_bytes =
        options->max_stdin_bytes != 0 ? options->max_stdin_bytes : LIMIT_IPC_MESSAGE_BYTES;
    proc->out_ended = callbacks->on_stdout == NULL;
    buf_init(&proc->line, STDERR_LINE_BYTES);
    buf_init(&proc->last_line, STDERR_LINE_BYTES);
    timer_init(&proc->timer, loop, on_deadline, proc);
    init_pipe(proc, &proc->in);
    init_pipe(proc, &proc->out);
    init_pipe(proc, &proc->errors);
    proc->n_open++; /* the process handle: uv_spawn() initialises it in any case */
    return proc;
}

static void format_settings(const struct subproc_options *options, char dst[SETTINGS_BYTES])
{
    const uint64_t settings[SUBPROC_SETTING_COUNT] = {
        [SUBPROC_SETTING_PARENT] = (uint64_t)getpid(),
        [SUBPROC_SETTING_MEMORY] = options->max_memory_bytes,
        [SUBPROC_SETTING_CPU] = options->max_cpu_s,
        [SUBPROC_SETTING_FILE_SIZE] = options->max_file_bytes,
        [SUBPROC_SETTING_FILES] = options->max_files,
    };
    int n = 0;
    for (int i = 0; i < SUBPROC_SETTING_COUNT; i++) {
        n += snprintf(dst + n, SETTINGS_BYTES - (size_t)n, "%s%" PRIu64, i > 0 ? "," : "",
                      settings[i]);
    }
}

/* libuv's argument type is not const, though it does not write. */
static char *arg(const char *s)
{
    return (char *)(uintptr_t)s;
}

static int spawn(struct subproc *proc, const struct subproc_options *options)
{
    static char *const NO_ENVIRON[] = {NULL};
    char settings[SETTINGS_BYTES];
    size_t n = 0;
    while (options->argv[n] != NULL) {
        n++;
    }
    format_settings(options, settings);
    AUTO(mem) void *list = mem_calloc(N_OWN_ARGS + n + 1, sizeof(char *));
    char **args = list;
    args[0] = arg(options->argv[0]);
    args[1] = arg(SUBPROC_FLAG);
    args[2] = settings;
    args[3] = arg(options->path != NULL ? options->path : "");
    memcpy(args + N_OWN_ARGS, options->argv, n * sizeof(*args));

    uv_stdio_container_t stdio[3] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&proc->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&proc->out},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&proc->errors},
    };
    if (proc->callbacks.on_stdout == NULL) {
        stdio[1] = (uv_stdio_container_t){.flags = UV_IGNORE};
    }
    const uv_process_options_t uv_options = {
        .exit_cb = on_uv_exit,
        .file = "/proc/self/exe",
        .args = args,
        .env = options->environ != NULL ? (char **)(uintptr_t)options->environ
                                        : (char **)(uintptr_t)NO_ENVIRON,
        .cwd = options->cwd != NULL ? options->cwd : "/",
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
    };
    return uv_spawn(loop_uv(proc->loop), &proc->process, &uv_options);
}

int subproc_start(struct loop *loop,
                  const struct subproc_options *options,
                  const struct subproc_callbacks *callbacks,
                  void *data,
                  struct subproc **ret,
                  struct err *err)
{
    ASSERT_LOOP(loop);
    assert(options->argv[0] != NULL && callbacks->on_exit != NULL);
    struct subproc *proc = proc_new(loop, options, callbacks, data);
    int rc = spawn(proc, options);
    if (rc != 0) {
        (void)err_from_uv(err, rc, "starting %s", proc->name);
        close_all(proc);
        return -(int)err->code;
    }
    proc->started = true;
    if (options->deadline_ms != 0) {
        timer_start_at(&proc->timer, options->deadline_ms);
    }
    subproc_resume(proc);
    /* fresh pipes can always be read from */
    (void)uv_read_start((uv_stream_t *)&proc->errors, on_alloc, on_stderr_read);
    *ret = proc;
    return 0;
}

static void on_written(uv_write_t *req, int status UNUSED)
{
    mem_free(req); /* a child that closed its input says why by its exit */
}

int subproc_write(struct subproc *proc, struct str bytes, struct err *err)
{
    ASSERT_LOOP(proc->loop);
    uv_stream_t *stream = (uv_stream_t *)&proc->in;
    if (!uv_is_writable(stream) || uv_is_closing((uv_handle_t *)stream)) {
        return err_set(err, ERR_UNAVAILABLE, "the input of %s is closed", proc->name);
    }
    size_t queued = uv_stream_get_write_queue_size(stream);
    if (bytes.n > proc->max_stdin_bytes - MIN(queued, proc->max_stdin_bytes)) {
        return err_set(err, ERR_LIMIT, "%s does not read its input: %zu bytes wait", proc->name,
                       queued);
    }
    struct write *write = mem_alloc(sizeof(*write) + bytes.n);
    if (bytes.n > 0) {
        memcpy(write->bytes, bytes.p, bytes.n);
    }
    uv_buf_t buf = {.base = write->bytes, .len = bytes.n};
    int rc = uv_write(&write->req, stream, &buf, 1, on_written);
    if (rc != 0) {
        mem_free(write);
        return err_from_uv(err, rc, "writing to %s", proc->name);
    }
    return 0;
}

static void on_shutdown(uv_shutdown_t *req, int status UNUSED)
{
    close_handle((uv_handle_t *)req->handle);
    mem_free(req);
}

void subproc_close_stdin(struct subproc *proc)
{
    ASSERT_LOOP(proc->loop);
    if (uv_is_closing((uv_handle_t *)&proc->in)) {
        return;
    }
    uv_shutdown_t *req = MEM_NEW(uv_shutdown_t);
    if (uv_shutdown(req, (uv_stream_t *)&proc->in, on_shutdown) !=
        0) { /* asked for before, or broken */
        mem_free(req);
    }
}

void subproc_kill(struct subproc *proc)
{
    ASSERT_LOOP(proc->loop);
    if (proc->exited || proc->cause.code != ERR_OK) {
        return;
    }
    (void)err_set(&proc->cause, ERR_CANCELED, "%s was canceled", proc->name);
    kill_group(proc);
}

void subproc_pause(struct subproc *proc)
{
    (void)uv_read_stop((uv_stream_t *)&proc->out); /* never fails */
}

void subproc_resume(struct subproc *proc)
{
    if (!proc->out_ended && !uv_is_closing((uv_handle_t *)&proc->out)) {
        (void)uv_read_start((uv_stream_t *)&proc->out, on_alloc, on_stdout_read);
    }
}

pid_t subproc_pid(const struct subproc *proc)
{
    return proc->process.pid;
}
