/* Allocation: zeroing, copies, and the abort when there is nothing left. */
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "tests/lib/check.h"

struct pair {
    int a;
    char *b;
};

static void allocates_and_zeroes(void **state UNUSED)
{
    AUTO(mem) void *nothing = mem_alloc(0);
    assert_non_null(nothing);
    AUTO(mem) void *none = mem_calloc(0, 8);
    assert_non_null(none);
    struct pair *pair = MEM_NEW(struct pair);
    assert_int_equal(pair->a, 0);
    assert_null(pair->b);
    mem_free(pair);
    unsigned char *p = mem_calloc(100, 3);
    assert_int_equal(p[299], 0);
    p[0] = 7;
    p = mem_realloc(p, 100000);
    assert_int_equal(p[0], 7);
    mem_free(p);
    mem_free(NULL);
}

static void copies_are_terminated(void **state UNUSED)
{
    AUTO(char) char *all = mem_strdup("text");
    AUTO(char) char *part = mem_strndup("text", 2);
    AUTO(char) char *empty = mem_strndup(NULL, 0);
    assert_string_equal(all, "text");
    assert_string_equal(part, "te");
    assert_string_equal(empty, "");
}

static void erases(void **state UNUSED)
{
    char secret[] = "secret";
    mem_erase(secret, 3);
    assert_memory_equal(secret, "\0\0\0ret", 6);
    mem_erase(NULL, 3);
}

enum { RETURNED = 77 };

/* In a child. The sanitizers' allocator reports and exits by itself, which is as good. */
static void child_asks_for_everything(void)
{
    static const struct rlimit NO_CORE = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &NO_CORE);
    (void)close(STDERR_FILENO);
    volatile size_t huge = SIZE_MAX / 2;
    void *p = mem_alloc(huge);
    mem_free(p);
    _exit(RETURNED);
}

static void out_of_memory_ends_the_process(void **state UNUSED)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        child_asks_for_everything();
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == RETURNED);
    assert_int_not_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocates_and_zeroes),
        cmocka_unit_test(copies_are_terminated),
        cmocka_unit_test(erases),
        cmocka_unit_test(out_of_memory_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
