/* Lines of differing fields. */
#include "cli/cli.h"
#include "cli/field_table.h"
#include "tests/lib/parse.h"

static void one_line_a_field(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct cli cli = {.arena = arena};
    buf_init(&cli.out, 10000);
    field_table(&cli, parse_yaml(arena, "[]"));
    assert_int_equal(cli.out.n, 0);
    field_table(
        &cli,
        parse_yaml(arena,
                   "[{path: /spec/replicas, live: 3, wanted: 1, manager: hpa, subresource: scale, "
                   "time: now}, {path: /data/x, wanted: "
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]"));
    assert_string_equal(
        cli.out.p,
        "FIELD           LIVE  DESIRED                                   SET BY     AT\n"
        "/spec/replicas  3     1                                         hpa/scale  now\n"
        "/data/x         -     \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\n");
    buf_done(&cli.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_line_a_field)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
