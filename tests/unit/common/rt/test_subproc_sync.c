/* A helper that is asked and waited for: answers, silence, death. This program is its own helper. */
#include <stdlib.h>
#include <unistd.h>

#include "common/base/limits.h"
#include "common/rt/subproc.h"
#include "common/rt/subproc_sync.h"
#include "tests/lib/check.h"

enum { MIB = 1024 * 1024 };

static const struct subproc_sync_opts OPTS = {.name = "helper",
                                              .flag = "--helper",
                                              .max_memory_bytes = LIMIT_JQ_BYTES,
                                              .max_answer_bytes = MIB};

/* ---- the helper ---- */

static void answer(void *data UNUSED, struct str request, struct buf *out)
{
    if (str_eq_c(request, "hang")) {
        (void)pause();
    } else if (str_eq_c(request, "abort")) {
        abort();
    } else if (str_eq_c(request, "exit")) {
        _exit(3);
    } else if (str_eq_c(request, "much")) {
        buf_put_fill(out, 'x', MIB + 1);
    } else if (str_eq_c(request, "environment")) {
        buf_put_c(out, getenv("PATH") != NULL ? "something" : "nothing");
    } else {
        buf_put(out, request);
        buf_put_char(out, '!');
    }
}

/* ---- asking it ---- */

static int ask(struct subproc_sync *proc, const char *request, struct buf *out, struct err *err)
{
    buf_reset(out);
    return subproc_sync_call(proc, str_from(request),
                             str_eq_c(str_from(request), "hang") ? 50 : 20000, out, err);
}

static void answers_come(void **state UNUSED)
{
    AUTO(subproc_sync) struct subproc_sync *proc = subproc_sync_new(&OPTS);
    AUTO(buf) struct buf out;
    AUTO(buf) struct buf large;
    struct err err;
    buf_init(&out, 4 * MIB);
    buf_init(&large, 4 * MIB);
    ASSERT_OK(ask(proc, "hello", &out, &err));
    ASSERT_STR(buf_str(&out), "hello!");
    ASSERT_OK(ask(proc, "", &out, &err));
    ASSERT_STR(buf_str(&out), "!");
    ASSERT_OK(ask(proc, "environment", &out, &err));
    ASSERT_STR(buf_str(&out), "nothing");
    buf_put_fill(&large, 'y', MIB - 1);
    buf_reset(&out);
    ASSERT_OK(subproc_sync_call(proc, buf_str(&large), 20000, &out, &err));
    assert_int_equal(out.n, MIB);
}

static void whatever_happens_the_next_question_is_answered(void **state UNUSED)
{
    static const struct {
        const char *request;
        enum err_code code;
        const char *part;
    } CASES[] = {
        {"hang", ERR_TIMEOUT, "no answer in time"},
        {"abort", ERR_LIMIT, "helper"},
        {"exit", ERR_LIMIT, "helper ended"},
        {"much", ERR_LIMIT, "an answer of"},
    };
    AUTO(subproc_sync) struct subproc_sync *proc = subproc_sync_new(&OPTS);
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&out, 4 * MIB);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_ERR(ask(proc, CASES[i].request, &out, &err), CASES[i].code, CASES[i].part);
        ASSERT_OK(ask(proc, "again", &out, &err));
        ASSERT_STR(buf_str(&out), "again!");
    }
    subproc_sync_free(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come),
        cmocka_unit_test(whatever_happens_the_next_question_is_answered),
    };
    subproc_child_main(&argc, argv);
    if (argc == 2 && str_eq_c(str_from(argv[1]), "--helper")) {
        subproc_sync_serve(answer, NULL, MIB);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
