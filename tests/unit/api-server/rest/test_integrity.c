/* Results of verifications as JSON. */
#include "api-server/rest/integrity.h"
#include "common/value/value_build.h"
#include "tests/lib/parse.h"

static const struct value *built(struct arena *arena, const Belay__IntegrityResult *result)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    integrity_build(&b, "verifyResult", result);
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    return v;
}

static void shows_what_is_there(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    Belay__IntegrityResult result;
    char signature[] = "Good signature";
    char problem[] = "GIT/GPG: unsigned";
    char *problems[] = {problem};
    belay__integrity_result__init(&result);
    result.signature = signature;
    assert_yaml(arena, built(arena, NULL), "{}");
    assert_yaml(arena, built(arena, &result),
                "{verifyResult: Good signature, sourceIntegrityResult: "
                "{Checks: [{Name: GIT/GPG, Problems: []}]}}");
    result.problems = problems;
    result.n_problems = 1;
    assert_yaml(arena, built(arena, &result),
                "{verifyResult: Good signature, sourceIntegrityResult: "
                "{Checks: [{Name: GIT/GPG, Problems: [unsigned]}]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
