/* Plans over REST: the query becomes an operation. */
#include "tests/lib/api_fixture.h"

#define A "/api/v1/applications/a/plan"

static const struct {
    const char *query;
    const char *want; /* the operation */
} CASES[] = {
    {"", "{sync: {prune: false, syncStrategy: {hook: {force: false}}}}"},
    {"?revision=v1&prune=true&force=true&strategy=apply",
     "{sync: {revision: v1, prune: true, syncStrategy: {apply: {force: true}}}}"},
    {"?revisions=a&revisions=b&syncOptions=X%3Dy",
     "{sync: {revisions: [a, b], prune: false, syncStrategy: {hook: {force: false}}, "
     "syncOptions: [X=y]}}"},
    {"?resources=apps%3ADeployment%3Ans%2Fweb",
     "{sync: {prune: false, syncStrategy: {hook: {force: false}}, resources: [{group: apps, kind: "
     "Deployment, namespace: ns, name: web}]}}"},
};

static void asking(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    f->answer = "{tasks: [], counts: {}}";
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const char *path = arena_printf(f->arena, A "%s", CASES[i].query).p;
        assert_yaml(f->arena, api_fixture_get(f, path), f->answer);
        assert_int_equal(f->asked, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_PLAN);
        assert_yaml(f->arena, parse_json(f->arena, f->asked_text), CASES[i].want);
    }
    API_REFUSED(f, "GET", A "?resources=Pod", NULL, 400, 3, "is not group:kind:name");
    f->fails = ERR_UNAVAILABLE;
    API_REFUSED(f, "GET", A, NULL, 503, 14, "told to fail");
}

static void a_query_is_an_operation(void **state UNUSED)
{
    API_TEST(asking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_an_operation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
