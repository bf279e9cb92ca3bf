/* The child's side of subproc.c: runs before main() does anything else in the new process.
 *
 * The parent hands its settings over in one argument, as numbers; the child's own arguments
 * follow.  What goes wrong here is said on standard error, and the exit status is 127, as of a
 * shell. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/num.h"
#include "common/rt/subproc.h"
#include "common/rt/subproc_internal.h"

PRINTF(1, 2) NORETURN static void child_fail(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    _exit(SUBPROC_EXEC_FAILED);
}

static void set_limit(__rlimit_resource_t resource, struct rlimit limit, const char *name)
{
    if (setrlimit(resource, &limit) != 0) {
        child_fail("setting limit %s: %s", name, strerror(errno));
    }
}

static void set_limits(const uint64_t settings[SUBPROC_SETTING_COUNT])
{
    static const struct {
        enum subproc_setting setting;
        __rlimit_resource_t resource;
        uint64_t
            slack; /* of the hard limit: CPU time has a signal of its own only at the soft one */
        const char *name;
    } LIMITS[] = {
        {SUBPROC_SETTING_MEMORY, RLIMIT_AS, 0, "memory"},
        {SUBPROC_SETTING_CPU, RLIMIT_CPU, 1, "CPU time"},
        {SUBPROC_SETTING_FILE_SIZE, RLIMIT_FSIZE, 0, "file size"},
        {SUBPROC_SETTING_FILES, RLIMIT_NOFILE, 0, "open files"},
    };
    set_limit(RLIMIT_CORE, (struct rlimit){0, 0}, "core"); /* a dump would hold credentials */
    for (size_t i = 0; i < ARRAY_LEN(LIMITS); i++) {
        uint64_t value = settings[LIMITS[i].setting];
        if (value != 0) {
            set_limit(LIMITS[i].resource, (struct rlimit){value, value + LIMITS[i].slack},
                      LIMITS[i].name);
        }
    }
}

/* Our parent may have died before the death signal was asked for. */
static void die_with_parent(uint64_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        child_fail("setting the death signal: %s", strerror(errno));
    }
    if ((uint64_t)getppid() != parent) {
        _exit(SUBPROC_EXEC_FAILED);
    }
}

static void reset_signals(void)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL); /* cannot fail with a valid set */
    (void)signal(SIGPIPE, SIG_DFL);              /* ignored ones are inherited through exec */
}

static void apply(const uint64_t settings[SUBPROC_SETTING_COUNT])
{
    if (close_range(STDERR_FILENO + 1, ~0u, 0) != 0) {
        child_fail("closing descriptors: %s", strerror(errno));
    }
    reset_signals();
    die_with_parent(settings[SUBPROC_SETTING_PARENT]);
    set_limits(settings);
}

static void parse_settings(const char *text, uint64_t settings[SUBPROC_SETTING_COUNT])
{
    struct str rest = str_from(text);
    for (int i = 0; i < SUBPROC_SETTING_COUNT; i++) {
        struct str part;
        if (!str_next(&rest, ',', &part) || !num_digits(part, 10, &settings[i])) {
            child_fail("%s is for Belay's own use", SUBPROC_FLAG);
        }
    }
}

/* argv is {program, SUBPROC_FLAG, settings, path or "", argv[0], argv[1], ...} */
void subproc_child_main(int *argc, char **argv)
{
    enum { N_OWN = 4 };
    uint64_t settings[SUBPROC_SETTING_COUNT];
    if (*argc < 2 || strcmp(argv[1], SUBPROC_FLAG) != 0) {
        return;
    }
    if (*argc <= N_OWN) {
        child_fail("%s is for Belay's own use", SUBPROC_FLAG);
    }
    parse_settings(argv[2], settings);
    const char *path = argv[3];
    apply(settings);
    if (path[0] != '\0') {
        (void)execv(path, argv + N_OWN); /* returns only when it failed */
        child_fail("executing %s: %s", path, strerror(errno));
    }
    *argc -= N_OWN;
    memmove(argv, argv + N_OWN, (size_t)(*argc + 1) * sizeof(*argv)); /* with the NULL at the end */
}
