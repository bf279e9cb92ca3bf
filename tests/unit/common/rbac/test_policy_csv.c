/* Fields of lines; what Go's reader refuses is refused. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/rbac/policy_csv.h"
#include "tests/lib/check.h"

static const struct {
    const char *line;
    const char *want; /* fields in brackets; or */
    const char *error;
} LINES[] = {
    {"p, a, b", "[p][a][b]", NULL},
    {"p,a,b", "[p][a][b]", NULL},
    {"p,\t a b ,c", "[p][a b ][c]", NULL},
    {"p,,", "[p][][]", NULL},
    {"one", "[one]", NULL},
    {"p, \"x, y\", z", "[p][x, y][z]", NULL},
    {"p, \"say \"\"hi\"\"\", z", "[p][say \"hi\"][z]", NULL},
    {"\"\"", "[]", NULL},
    {"p, \"\"\"\"", "[p][\"]", NULL},
    {"p, \xc2\xa0nbsp", "[p][nbsp]", NULL},
    {"p, a\"b", NULL, "middle of a field: 'a\"b'"},
    {"p, \"open", NULL, "does not end"},
    {"p, \"open\"\"", NULL, "does not end"},
    {"p, \"x\" , y", NULL, "comma must follow"},
};

static void reads_fields(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(LINES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf out;
        struct policy_csv csv;
        struct err err;
        if (LINES[i].error != NULL) {
            ASSERT_ERR(policy_csv_read(arena, str_from(LINES[i].line), &csv, &err), ERR_INVALID,
                       LINES[i].error);
            continue;
        }
        ASSERT_OK(policy_csv_read(arena, str_from(LINES[i].line), &csv, &err));
        buf_init(&out, 1000);
        for (size_t k = 0; k < csv.n; k++) {
            buf_printf(&out, "[" STR_FMT "]", STR_ARG(csv.fields[k]));
        }
        assert_string_equal(out.p, LINES[i].want);
    }
}

static void counts_more_than_it_keeps(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct policy_csv csv;
    struct err err;
    ASSERT_OK(policy_csv_read(arena, STR("1,2,3,4,5,6,7,8,9,10"), &csv, &err));
    assert_int_equal(csv.n, 10);
    ASSERT_STR(csv.fields[POLICY_CSV_FIELDS - 1], "8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fields),
        cmocka_unit_test(counts_more_than_it_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
