/* What a process that dies of a fault leaves on standard error. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/rt/crash.h"
#include "tests/lib/check.h"

enum { TEXT_BYTES = 4096 };

static void die_of(int signal_number, int fd)
{
    (void)dup2(fd, STDERR_FILENO);
    crash_report_init("here");
    (void)raise(signal_number);
    _exit(0);
}

/* Ret: how it ended, as waitpid() tells it. */
static int run(int signal_number, char text[TEXT_BYTES])
{
    int ends[2];
    int status = 0;
    size_t n = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        die_of(signal_number, ends[1]);
    }
    (void)close(ends[1]);
    for (ssize_t got; (got = read(ends[0], text + n, TEXT_BYTES - 1 - n)) > 0;) {
        n += (size_t)got;
    }
    text[n] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void a_fault_is_told_and_takes_its_course(void **state UNUSED)
{
    char text[TEXT_BYTES];
    int status = run(SIGABRT, text);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(
        strstr(text, "\"component\":\"here\",\"msg\":\"crashed\",\"signal\":\"SIGABRT\""));
    assert_non_null(strchr(text, '\n')); /* the stack stands below */
}

static void other_signals_are_left_alone(void **state UNUSED)
{
    char text[TEXT_BYTES];
    int status = run(SIGTERM, text);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_is_told_and_takes_its_course),
        cmocka_unit_test(other_signals_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
