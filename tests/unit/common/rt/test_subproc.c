/* Helper processes: pipes, outcome, limits, deadline, and that nothing leaks into them.
 *
 * The children are this program: see CHILDREN. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/subproc.h"
#include "tests/lib/check.h"

enum { WAIT_MS = 30000, OUT_BYTES = 4 << 20 };

struct fixture {
    struct loop *loop;
    struct subproc *proc;
    struct buf out;
    char lines[512]; /* of standard error, each ended by '|' */
    int n_exits;
    struct err err; /* code ERR_OK = success */
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){.loop = loop_new()};
    buf_init(&f->out, OUT_BYTES);
}

static void teardown(struct fixture *f)
{
    loop_free(f->loop);
    buf_done(&f->out);
}

static void on_stdout(struct subproc *proc UNUSED, struct str bytes, void *data)
{
    buf_put(&((struct fixture *)data)->out, bytes);
}

static void on_stderr_line(struct subproc *proc UNUSED, struct str line, void *data)
{
    struct fixture *f = data;
    size_t used = strlen(f->lines);
    (void)snprintf(f->lines + used, sizeof(f->lines) - used, STR_FMT "|", STR_ARG(line));
}

static void on_exit_cb(struct subproc *proc UNUSED, const struct err *err, void *data)
{
    struct fixture *f = data;
    f->n_exits++;
    f->err.code = ERR_OK;
    if (err != NULL) {
        f->err = *err;
    }
}

static const struct subproc_callbacks CALLBACKS = {on_stdout, on_stderr_line, on_exit_cb};

static void start(struct fixture *f, const struct subproc_options *options)
{
    struct err err;
    ASSERT_OK(subproc_start(f->loop, options, &CALLBACKS, f, &f->proc, &err));
    assert_int_equal(f->n_exits, 0);
}

static bool has_exited(void *data)
{
    return ((struct fixture *)data)->n_exits > 0;
}

static void wait_exit(struct fixture *f)
{
    assert_true(loop_run_until(f->loop, has_exited, f, WAIT_MS));
    assert_int_equal(f->n_exits, 1);
}

#define CHILD(...)                                                  \
    (&(struct subproc_options){                                     \
        .argv = (const char *const[]){"helper", __VA_ARGS__, NULL}, \
    })

static void input_goes_in_and_output_comes_out(void **state UNUSED)
{
    enum { N = 1 << 20 };
    struct fixture f;
    struct err err;
    setup(&f);
    start(&f, CHILD("upper"));
    char *text = mem_alloc(N);
    memset(text, 'a', N);
    ASSERT_OK(subproc_write(f.proc, str_of(text, N), &err));
    ASSERT_OK(subproc_write(f.proc, STR("end"), &err));
    subproc_close_stdin(f.proc);
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_OK);
    assert_int_equal(f.out.n, N + 3);
    assert_memory_equal(f.out.p + N - 1, "AEND", 4);
    mem_free(text);
    teardown(&f);
}

static void status_and_last_line_are_in_the_error(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    start(&f, CHILD("fail"));
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_INTERNAL);
    assert_int_equal(f.err.system_code, 3);
    assert_string_equal(f.err.message, "helper ended with status 3: second");
    assert_string_equal(f.lines, "first|second|");
    teardown(&f);
}

static void another_program_is_executed_or_its_absence_told(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    start(&f, &(struct subproc_options){.path = "/bin/echo",
                                        .argv = (const char *const[]){"echo", "hi there", NULL}});
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_OK);
    ASSERT_STR(buf_str(&f.out), "hi there\n");
    teardown(&f);
    setup(&f);
    start(&f, &(struct subproc_options){.path = "/nonexistent/program",
                                        .argv = (const char *const[]){"x", NULL}});
    wait_exit(&f);
    assert_int_equal(f.err.system_code, 127);
    assert_non_null(strstr(f.err.message, "No such file or directory"));
    teardown(&f);
}

static void deadline_kills_the_child_and_what_it_started(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    struct subproc_options options = *CHILD("fork-and-hang");
    options.deadline_ms = loop_now_ms(f.loop) + 100;
    start(&f, &options);
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_TIMEOUT);
    assert_int_equal(f.err.system_code, 128 + SIGKILL);
    teardown(&f);
}

static void pipe_held_by_a_grandchild_does_not_delay_the_end_for_ever(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    start(&f, CHILD("fork-and-leave"));
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_OK);
    teardown(&f);
}

static void kill_cancels(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    start(&f, CHILD("hang"));
    subproc_kill(f.proc);
    subproc_kill(f.proc);
    assert_int_equal(f.n_exits, 0);
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_CANCELED);
    teardown(&f);
}

static void limits_are_named(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    struct subproc_options options = *CHILD("spin");
    options.max_cpu_s = 1;
    start(&f, &options);
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_LIMIT);
    assert_non_null(strstr(f.err.message, "CPU time"));
    teardown(&f);
    setup(&f);
    options = *CHILD("nofile");
    options.max_files = 17;
    start(&f, &options);
    wait_exit(&f);
    ASSERT_STR(buf_str(&f.out), "17");
    teardown(&f);
}

static void environment_and_descriptors_do_not_leak(void **state UNUSED)
{
    struct fixture f;
    int fds[2];
    setup(&f);
    assert_int_equal(pipe(fds), 0); /* without close-on-exec */
    assert_int_equal(setenv("BELAY_TEST_SECRET", "x", 1), 0);
    struct subproc_options options = *CHILD("look");
    options.environ = (const char *const[]){"ONLY=this", NULL};
    start(&f, &options);
    wait_exit(&f);
    ASSERT_STR(buf_str(&f.out), "ONLY=this\nfds:3\ncwd:/\n");
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(close(fds[1]), 0);
    (void)unsetenv("BELAY_TEST_SECRET");
    teardown(&f);
}

static void stderr_is_capped(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    struct subproc_options options = *CHILD("chatter");
    options.max_stderr_bytes = 10;
    start(&f, &options);
    wait_exit(&f);
    assert_int_equal(f.err.code, ERR_OK);
    assert_string_equal(f.lines, "chat|chat|");
    teardown(&f);
}

static void writing_to_one_that_does_not_read_is_limited(void **state UNUSED)
{
    static const char CHUNK[65536];
    struct fixture f;
    struct err err;
    setup(&f);
    struct subproc_options options = *CHILD("hang");
    options.max_stdin_bytes = 1 << 20;
    start(&f, &options);
    int rc = 0;
    for (int i = 0; i < 64 && rc == 0; i++) {
        rc = subproc_write(f.proc, str_of(CHUNK, sizeof(CHUNK)), &err);
    }
    assert_int_equal(rc, -ERR_LIMIT);
    subproc_kill(f.proc);
    wait_exit(&f);
    teardown(&f);
}

static bool has_output(void *data)
{
    return ((struct fixture *)data)->out.n > 0;
}

/* The middle process starts a helper and dies; the helper's death shows as the end of a pipe it
 * holds. */
static void helper_dies_with_its_parent(void **state UNUSED)
{
    int fds[2];
    char byte;
    assert_int_equal(pipe(fds), 0);
    pid_t middle = fork();
    assert_true(middle >= 0);
    if (middle == 0) {
        struct fixture f;
        setup(&f);
        (void)close(fds[0]);
        start(&f, CHILD("say-and-hang"));
        (void)loop_run_until(f.loop, has_output, &f, WAIT_MS);
        (void)dprintf(fds[1], "%d", (int)subproc_pid(f.proc));
        _exit(0);
    }
    assert_int_equal(close(fds[1]), 0);
    int pid = 0;
    while (read(fds[0], &byte, 1) == 1) {
        pid = pid * 10 + (byte - '0');
    }
    assert_int_equal(waitpid(middle, NULL, 0), middle);
    assert_int_equal(close(fds[0]), 0);
    assert_true(pid > 0);
    bool gone = false;
    for (int64_t end_ms = (int64_t)(uv_hrtime() / 1000000) + WAIT_MS;
         !gone && (int64_t)(uv_hrtime() / 1000000) < end_ms;) {
        char path[64];
        char stat[64] = "";
        (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, stat, sizeof(stat) - 1) : 0;
        gone = fd < 0 || n <= 0 || strstr(stat, ") Z") != NULL || strstr(stat, ") X") != NULL;
        if (fd >= 0) {
            assert_int_equal(close(fd), 0);
        }
    }
    assert_true(gone);
}

/* --- the children --- */

static int child_upper(void)
{
    int c;
    while ((c = getchar()) != EOF) {
        (void)putchar(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return 0;
}

static int child_fail(void)
{
    (void)fputs("first\nsecond", stderr);
    return 3;
}

static int child_hang(void)
{
    while (pause() != 0) {
    }
    return 0;
}

static int child_say_and_hang(void)
{
    (void)puts("here");
    (void)fflush(stdout);
    return child_hang();
}

static int child_fork_and_hang(void)
{
    (void)fork();
    return child_hang();
}

static int child_fork_and_leave(void)
{
    return fork() == 0 ? child_hang() : 0;
}

static int child_spin(void)
{
    volatile bool on = true;
    while (on) {
    }
    return 0;
}

static int child_nofile(void)
{
    (void)printf("%ld", sysconf(_SC_OPEN_MAX));
    return 0;
}

static int child_look(void)
{
    char cwd[64];
    int n_fds = 0;
    for (char **e = environ; *e != NULL; e++) {
        (void)printf("%s\n", *e);
    }
    for (int fd = 0; fd < 1024; fd++) {
        n_fds += fcntl(fd, F_GETFD) != -1;
    }
    (void)printf("fds:%d\ncwd:%s\n", n_fds, getcwd(cwd, sizeof(cwd)));
    return 0;
}

static int child_chatter(void)
{
    for (int i = 0; i < 1000; i++) {
        (void)fputs("chat\n", stderr);
    }
    return 0;
}

static const struct {
    const char *name;
    int (*run)(void);
} CHILDREN[] = {
    {"upper", child_upper},
    {"fail", child_fail},
    {"hang", child_hang},
    {"say-and-hang", child_say_and_hang},
    {"fork-and-hang", child_fork_and_hang},
    {"fork-and-leave", child_fork_and_leave},
    {"spin", child_spin},
    {"nofile", child_nofile},
    {"look", child_look},
    {"chatter", child_chatter},
};

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(input_goes_in_and_output_comes_out),
        cmocka_unit_test(status_and_last_line_are_in_the_error),
        cmocka_unit_test(another_program_is_executed_or_its_absence_told),
        cmocka_unit_test(deadline_kills_the_child_and_what_it_started),
        cmocka_unit_test(pipe_held_by_a_grandchild_does_not_delay_the_end_for_ever),
        cmocka_unit_test(kill_cancels),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(environment_and_descriptors_do_not_leak),
        cmocka_unit_test(stderr_is_capped),
        cmocka_unit_test(writing_to_one_that_does_not_read_is_limited),
        cmocka_unit_test(helper_dies_with_its_parent),
    };
    subproc_child_main(&argc, argv);
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(CHILDREN); i++) {
        if (strcmp(argv[1], CHILDREN[i].name) == 0) {
            return CHILDREN[i].run();
        }
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
