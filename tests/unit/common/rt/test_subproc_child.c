/* The child's side alone: arguments taken out, ordinary processes left alone, wrong use refused. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/rt/subproc.h"
#include "common/rt/subproc_internal.h"
#include "tests/lib/check.h"

#define ARGV(...) ((char *[]){__VA_ARGS__, NULL})
#define ARG(text) ((char[]){text})

static void ordinary_arguments_stay(void **state UNUSED)
{
    char **argv = ARGV(ARG("belay"), ARG("--x"));
    int argc = 2;
    subproc_child_main(&argc, argv);
    assert_int_equal(argc, 2);
    assert_string_equal(argv[1], "--x");
}

/* The exit status of a process that runs subproc_child_main() and then checks its arguments. */
static int status_of(int argc, char **argv)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        subproc_child_main(&argc, argv);
        _exit(argc == 2 && strcmp(argv[0], "name") == 0 && strcmp(argv[1], "arg") == 0 &&
                      argv[2] == NULL
                  ? 0
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void own_arguments_are_taken_out(void **state UNUSED)
{
    char settings[64];
    (void)snprintf(settings, sizeof(settings), "%d,0,0,0,64", (int)getpid());
    assert_int_equal(status_of(6, ARGV(ARG("exe"), ARG(SUBPROC_FLAG), settings, ARG(""),
                                       ARG("name"), ARG("arg"))),
                     0);
}

static void dead_parent_and_wrong_use_end_the_process(void **state UNUSED)
{
    assert_int_equal(status_of(6, ARGV(ARG("exe"), ARG(SUBPROC_FLAG), ARG("1,0,0,0,0"), ARG(""),
                                       ARG("name"), ARG("arg"))),
                     SUBPROC_EXEC_FAILED);
    assert_int_equal(status_of(2, ARGV(ARG("exe"), ARG(SUBPROC_FLAG))), SUBPROC_EXEC_FAILED);
    assert_int_equal(status_of(6, ARGV(ARG("exe"), ARG(SUBPROC_FLAG), ARG("x"), ARG(""),
                                       ARG("name"), ARG("arg"))),
                     SUBPROC_EXEC_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_arguments_stay),
        cmocka_unit_test(own_arguments_are_taken_out),
        cmocka_unit_test(dead_parent_and_wrong_use_end_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
