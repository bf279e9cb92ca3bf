/* Failures: codes by reason, causes, and when to try again. */
#include <string.h>

#include "common/kube/kube_status.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static const struct {
    int http;
    const char *reason;
    enum err_code code;
} REASONS[] = {
    {409, "AlreadyExists", ERR_EXISTS},
    {409, "Conflict", ERR_CONFLICT},
    {409, "", ERR_CONFLICT},
    {410, "Expired", ERR_CONFLICT},
    {422, "Invalid", ERR_INVALID},
    {500, "InternalError", ERR_INTERNAL},
    {500, "", ERR_UNAVAILABLE},
    {504, "Timeout", ERR_TIMEOUT},
    {429, "TooManyRequests", ERR_UNAVAILABLE},
    {405, "MethodNotAllowed", ERR_UNSUPPORTED},
    {413, "RequestEntityTooLarge", ERR_LIMIT},
    {403, "Unheard", ERR_DENIED},
};

static void reasons_decide_the_code(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(REASONS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct err err;
        const struct value *status = parse_yaml(
            arena, arena_printf(arena, "{message: m, reason: '%s'}", REASONS[i].reason).p);
        assert_int_equal(kube_status_to_err(REASONS[i].http, status, STR(""), STR("get x"), &err),
                         -(int)REASONS[i].code);
        assert_int_equal(err.system_code, REASONS[i].http);
        assert_string_equal(err.message, "get x: m");
    }
}

static void causes_are_added_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct value *status =
        parse_yaml(arena, "{message: 'x is wrong', reason: Invalid, details: {causes: [\n"
                          "  {field: a, message: is wrong}, {field: spec.b, message: too low},\n"
                          "  {message: no field}]}}");
    (void)kube_status_to_err(422, status, STR(""), STR("create x"), &err);
    assert_string_equal(err.message, "create x: x is wrong (spec.b: too low; no field)");
}

static void bodies_that_are_no_status_are_quoted(void **state UNUSED)
{
    struct err err;
    (void)kube_status_to_err(502, NULL, STR(" Bad Gateway\n<html>"), STR("get x"), &err);
    assert_string_equal(err.message, "get x: Bad Gateway");
    (void)kube_status_to_err(502, NULL, STR(""), STR("get x"), &err);
    assert_string_equal(err.message, "get x: the server answered with HTTP status 502");
    char longer[4000];
    memset(longer, 'x', sizeof(longer));
    (void)kube_status_to_err(502, NULL, str_of(longer, sizeof(longer)), STR("get x"), &err);
    assert_true(strlen(err.message) < 300);
}

static void a_status_is_recognised(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    assert_true(kube_status_is(parse_yaml(arena, "{kind: Status, apiVersion: v1}")));
    assert_false(kube_status_is(parse_yaml(arena, "{kind: Status, apiVersion: example.com/v1}")));
    assert_false(kube_status_is(NULL));
}

static const struct {
    enum kube_repeat repeat;
    int status;
    const char *retry_after;
    unsigned n_attempts;
    int64_t want; /* with a back-off of 100 ms */
} RETRIES[] = {
    {KUBE_REPEAT_IDEMPOTENT, 503, "", 1, 100},
    {KUBE_REPEAT_IDEMPOTENT, 0, "", 1, 100},
    {KUBE_REPEAT_IDEMPOTENT, 500, "", 1, 100},
    {KUBE_REPEAT_IDEMPOTENT, 501, "", 1, -1},
    {KUBE_REPEAT_IDEMPOTENT, 404, "", 1, -1},
    {KUBE_REPEAT_IDEMPOTENT, 429, "", 1, 100},
    {KUBE_REPEAT_IDEMPOTENT, 429, "2", 1, 2000},
    {KUBE_REPEAT_IDEMPOTENT, 429, " 0 ", 1, 100},
    {KUBE_REPEAT_IDEMPOTENT, 429, "61", 1, -1},
    {KUBE_REPEAT_IDEMPOTENT, 429, "60", 1, 60000},
    {KUBE_REPEAT_IDEMPOTENT, 503, "", KUBE_ATTEMPTS_MAX - 1, 100},
    {KUBE_REPEAT_IDEMPOTENT, 503, "", KUBE_ATTEMPTS_MAX, -1},
    {KUBE_REPEAT_UNSEEN, 503, "", 1, -1},
    {KUBE_REPEAT_UNSEEN, 0, "", 1, -1},
    {KUBE_REPEAT_UNSEEN, 503, "1", 1, 1000},
    {KUBE_REPEAT_UNSEEN, 429, "", 1, 100},
    {KUBE_REPEAT_UNSEEN, 409, "1", 1, -1},
    {KUBE_REPEAT_NEVER, 429, "1", 1, -1},
    {KUBE_REPEAT_IDEMPOTENT, 503, "Wed, 21 Oct 2026 07:28:00 GMT", 1, 100},
};

static void retries_follow_the_table(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(RETRIES); i++) {
        const struct kube_outcome outcome = {
            .status = RETRIES[i].status,
            .retry_after = str_from(RETRIES[i].retry_after),
            .n_attempts = RETRIES[i].n_attempts,
            .backoff_ms = 100,
        };
        assert_int_equal(kube_status_retry_ms(RETRIES[i].repeat, &outcome), RETRIES[i].want);
    }
}

static void the_body_may_name_the_wait(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct kube_outcome outcome = {
        .status = 504,
        .body = parse_yaml(arena, "{details: {retryAfterSeconds: 3}}"),
        .n_attempts = 1,
        .backoff_ms = 100,
    };
    assert_int_equal(kube_status_retry_ms(KUBE_REPEAT_UNSEEN, &outcome), 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_decide_the_code),
        cmocka_unit_test(causes_are_added_once),
        cmocka_unit_test(bodies_that_are_no_status_are_quoted),
        cmocka_unit_test(a_status_is_recognised),
        cmocka_unit_test(retries_follow_the_table),
        cmocka_unit_test(the_body_may_name_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
