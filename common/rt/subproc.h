/* struct subproc: a helper process with pipes, limits and a deadline.
 *
 * The child starts through this program itself (/proc/self/exe with SUBPROC_FLAG): there
 * subproc_child_main() closes every descriptor but the standard three, sets the limits and the
 * death signal, and goes on in this program's own main(), or executes another program.  Nothing
 * of the parent leaks into it: descriptors, environment and signal settings are what the options
 * say.
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

#define SUBPROC_FLAG "--belay-subproc"

struct loop;
struct subproc;

struct subproc_callbacks {
    /* Bytes of the child's standard output, as they come; NULL = not read, goes to /dev/null. */
    void (*on_stdout)(struct subproc *proc, struct str bytes, void *data);
    /* One line of its standard error without the newline; past max_stderr_bytes the rest is
     * dropped. NULL = kept for the error message only. */
    void (*on_stderr_line)(struct subproc *proc, struct str line, void *data);
    /* Exactly once, never before subproc_start() returned, after all output was delivered and
     * the process was reaped.  err is NULL for exit status 0; else ERR_TIMEOUT (deadline),
     * ERR_CANCELED (subproc_kill()), ERR_LIMIT (killed by a limit) or ERR_INTERNAL with the
     * status or signal and the last line of standard error; system_code is the exit status, or
     * 128 + signal.  The process object is freed afterwards. */
    void (*on_exit)(struct subproc *proc, const struct err *err, void *data);
};

struct subproc_options {
    const char *path;           /* of the program; NULL = this program's own main() */
    const char *const *argv;    /* NULL-terminated, argv[0] included */
    const char *const *environ; /* NULL-terminated "NAME=value"; NULL = empty environment */
    const char *cwd;            /* NULL = "/" */
    int64_t deadline_ms;        /* loop_now_ms() when it is killed; 0 = none */
    uint64_t max_memory_bytes;  /* RLIMIT_AS; 0 = not limited */
    uint64_t max_cpu_s;         /* RLIMIT_CPU */
    uint64_t max_file_bytes;    /* RLIMIT_FSIZE */
    uint64_t max_files;         /* RLIMIT_NOFILE */
    size_t max_stderr_bytes;    /* 0 = 64 KiB */
    size_t max_stdin_bytes;     /* waiting to be written; 0 = LIMIT_IPC_MESSAGE_BYTES */
};

/* Errors: those of fork and exec of this program; a missing options->path shows as exit status
 * 127. */
MUST_CHECK int subproc_start(struct loop *loop,
                             const struct subproc_options *options,
                             const struct subproc_callbacks *callbacks,
                             void *data,
                             struct subproc **ret,
                             struct err *err);

/* Write to its standard input; the bytes are copied. Errors: ERR_LIMIT (it does not read),
 * ERR_UNAVAILABLE (closed). */
MUST_CHECK int subproc_write(struct subproc *proc, struct str bytes, struct err *err);
/* End of file for the child once everything was written. */
void subproc_close_stdin(struct subproc *proc);
/* SIGKILL now; on_exit gets ERR_CANCELED. */
void subproc_kill(struct subproc *proc);
/* Stop or go on reading standard output: back-pressure. */
void subproc_pause(struct subproc *proc);
void subproc_resume(struct subproc *proc);
pid_t subproc_pid(const struct subproc *proc);

/* First thing in main() of every program that starts helpers.  In an ordinary process it returns
 * at once; in a child it applies the limits, takes its own arguments out of argv and returns to
 * main(), or executes the program and does not return. */
void subproc_child_main(int *argc, char **argv);
