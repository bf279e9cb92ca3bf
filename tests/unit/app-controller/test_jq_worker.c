/* What the jq helper answers, byte by byte. This program is the helper. */
#include "app-controller/jq_worker.h"
#include "common/rt/subproc.h"
#include "common/rt/subproc_sync.h"
#include "tests/lib/check.h"

static void requests_are_expression_and_object(void **state UNUSED)
{
    static const struct {
        struct str request;
        const char *want;
    } CASES[] = {
        {STR(".a|.b\0{\"a\":{}}"), "P[[\"a\",\"b\"]]"},
        {STR(".a|.b\0{"), "Enot a JSON text"},
        {STR(".a|.b"), "Enot a JSON text"},
    };
    const struct subproc_sync_opts opts = {"jq", JQ_WORKER_FLAG, 0, 1000};
    AUTO(subproc_sync) struct subproc_sync *proc = subproc_sync_new(&opts);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(buf) struct buf out;
        struct err err;
        buf_init(&out, 1000);
        ASSERT_OK(subproc_sync_call(proc, CASES[i].request, 60000, &out, &err));
        ASSERT_STR(buf_str(&out), CASES[i].want);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(requests_are_expression_and_object)};
    subproc_child_main(&argc, argv);
    if (argc == 2 && str_eq_c(str_from(argv[1]), JQ_WORKER_FLAG)) {
        jq_worker_main();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
