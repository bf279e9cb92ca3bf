/* Calls against a scripted server: verbs on the wire, failures, retries, cancelling. */
#include "common/base/arena.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_config.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

static const struct kube_target CONFIG_MAP = {
    .version = {"v1", 2},
    .resource = {"configmaps", 10},
    .kind = {"ConfigMap", 9},
    .namespace = {"ns", 2},
    .name = {"cm", 2},
};

static const struct kube_request GET = {.verb = KUBE_GET, .target = CONFIG_MAP};

#define STATUS_BODY(reason, code)                                                                \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"said so\"," \
    "\"reason\":\"" reason "\",\"code\":" code "}"

static void check_log(struct kube_fixture *f, const char *want)
{
    ASSERT_STR(buf_str(&f->log), want);
}

static void an_object_is_read(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "{\"a\":1}", KUBE_STEP_REPLY, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "{\"bearerToken\":\"tok\"}");
    struct kube_outcome_seen seen;
    kube_fixture_call(f, GET, &seen);
    assert_true(seen.ok);
    assert_int_equal(seen.status, 200);
    ASSERT_STR(buf_str(&seen.json), "{\"a\":1}");
    check_log(f, "GET /api/v1/namespaces/ns/configmaps/cm\n");
    assert_non_null(strstr(f->last_headers.p, "Bearer tok"));
    assert_int_equal(f->n_stats, 1);
    assert_int_equal(f->last_status, 200);
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void metadata_of_a_full_answer_is_cut_out(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, "{\"kind\":\"X\",\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"b\"}}", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct kube_outcome_seen seen;
    struct kube_request request = GET;
    request.metadata_only = true;
    kube_fixture_call(f, request, &seen);
    ASSERT_STR(buf_str(&seen.json),
               "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"cm\"}}");
    assert_non_null(strstr(f->last_headers.p, "as=PartialObjectMetadata;"));
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static const struct {
    int status;
    const char *body;
    enum err_code code;
    const char *message;
} FAILURES[] = {
    {404, STATUS_BODY("NotFound", "404"), ERR_NOT_FOUND, "get configmaps ns/cm: said so"},
    {409, STATUS_BODY("AlreadyExists", "409"), ERR_EXISTS, "said so"},
    {409, STATUS_BODY("Conflict", "409"), ERR_CONFLICT, "said so"},
    {403, STATUS_BODY("Forbidden", "403"), ERR_DENIED, "said so"},
    {401, STATUS_BODY("Unauthorized", "401"), ERR_UNAUTHENTICATED, "said so"},
    {422, STATUS_BODY("Invalid", "422"), ERR_INVALID, "said so"},
    {404, "404 page not found\n", ERR_NOT_FOUND, "404 page not found"},
    {400, "", ERR_INVALID, "the server answered with HTTP status 400"},
    {200, "no json", ERR_INVALID, "answer of the API server"},
};

static void failures_get_their_codes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(FAILURES); i++) {
        const struct kube_step steps[] = {{FAILURES[i].status, FAILURES[i].body, 0, NULL}};
        struct kube_fixture *f = kube_fixture_new(steps, 1, "");
        struct kube_outcome_seen seen;
        kube_fixture_call(f, GET, &seen);
        assert_false(seen.ok);
        assert_int_equal(seen.err.code, FAILURES[i].code);
        check_contains(&seen.err, FAILURES[i].message);
        assert_int_equal(seen.status, FAILURES[i].status);
        kube_outcome_seen_free(&seen);
        kube_fixture_free(f);
    }
}

static void a_busy_server_is_asked_again(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {429, "", 0, "Retry-After: 0"},
        {503, "", 0, NULL},
        {200, "", KUBE_STEP_ABORT, NULL},
        {200, "{}", 0, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct kube_outcome_seen seen;
    kube_fixture_call(f, GET, &seen);
    assert_true(seen.ok);
    assert_true(f->n_retries >= 2); /* curl itself repeats on a connection found dead */
    assert_int_equal(f->at, 4);
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static const struct kube_request CREATE = {
    .verb = KUBE_CREATE,
    .target = {.version = {"v1", 2}, .resource = {"configmaps", 10}, .namespace = {"ns", 2}},
    .body_json = {"{}", 2},
};

static void a_create_is_repeated_only_when_it_was_not_processed(void **state UNUSED)
{
    const struct kube_step refused[] = {{429, "", 0, "Retry-After: 0"}, {201, "{}", 0, NULL}};
    const struct kube_step broken[] = {{503, "", 0, NULL}, {201, "{}", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(refused, 2, "");
    struct kube_outcome_seen seen;
    kube_fixture_call(f, CREATE, &seen);
    assert_true(seen.ok);
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);

    f = kube_fixture_new(broken, 2, "");
    kube_fixture_call(f, CREATE, &seen);
    assert_false(seen.ok);
    assert_int_equal(seen.err.code, ERR_UNAVAILABLE);
    assert_int_equal(f->at, 1);
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void retries_end_with_the_deadline_and_say_why(void **state UNUSED)
{
    const struct kube_step steps[] = {{503, "down for repair", 0, "Retry-After: 30"}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct kube_outcome_seen seen;
    struct kube_request request = GET;
    request.timeout_ms = 300;
    kube_fixture_call(f, request, &seen);
    assert_int_equal(seen.err.code, ERR_TIMEOUT);
    check_contains(&seen.err, "down for repair");
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void attempts_are_bounded(void **state UNUSED)
{
    const struct kube_step steps[] = {{500, "", 0, NULL}, {500, "", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 2, "");
    struct kube_outcome_seen seen;
    struct kube_request request = GET;
    request.max_attempts = 2;
    kube_fixture_call(f, request, &seen);
    assert_false(seen.ok);
    assert_int_equal(f->at, 2);
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void a_silent_server_is_given_up(void **state UNUSED)
{
    const struct kube_step steps[] = {{0, "", KUBE_STEP_HOLD, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct kube_outcome_seen seen;
    struct kube_request request = GET;
    request.timeout_ms = 200;
    kube_fixture_call(f, request, &seen);
    assert_int_equal(seen.err.code, ERR_TIMEOUT);
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void nonsense_ends_through_done(void **state UNUSED)
{
    struct kube_fixture *f = kube_fixture_new(NULL, 0, "");
    struct kube_outcome_seen seen;
    struct kube_request request = GET;
    request.target.name = STR("");
    kube_fixture_call(f, request, &seen);
    assert_int_equal(seen.err.code, ERR_INVALID);
    check_contains(&seen.err, "get needs a name");
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void
start_call(struct kube_fixture *f, struct kube_outcome_seen *seen, struct kube_call **ret)
{
    struct kube_request request = GET;
    *seen = (struct kube_outcome_seen){0};
    request.done = kube_fixture_on_done;
    request.data = seen;
    *ret = kube_start(f->client, &request);
}

static void a_canceled_call_ends_once(void **state UNUSED)
{
    const struct kube_step steps[] = {{0, "", KUBE_STEP_HOLD, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct kube_outcome_seen seen;
    struct kube_call *call;
    start_call(f, &seen, &call);
    kube_fixture_wait_requests(f, 1);
    kube_cancel(call);
    assert_int_equal(seen.n_done, 0);
    kube_fixture_wait(f, kube_outcome_seen_done, &seen);
    assert_int_equal(seen.err.code, ERR_CANCELED);
    kube_fixture_free(f);
    assert_int_equal(seen.n_done, 1);
}

static void freeing_the_client_cancels_its_calls(void **state UNUSED)
{
    const struct kube_step steps[] = {{0, "", KUBE_STEP_HOLD, NULL}, {503, "", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 2, "");
    struct kube_outcome_seen sent;
    struct kube_outcome_seen waiting;
    struct kube_call *call;
    start_call(f, &sent, &call);
    kube_fixture_wait_requests(f, 1);
    start_call(f, &waiting, &call);
    kube_fixture_wait_requests(f, 2);
    kube_fixture_free(f);
    assert_int_equal(sent.n_done, 1);
    assert_int_equal(sent.err.code, ERR_CANCELED);
    assert_int_equal(waiting.n_done, 1);
    assert_int_equal(waiting.err.code, ERR_CANCELED);
}

static void warnings_are_reported(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "{}", 0, "Warning: 299 - \"old \\\"API\\\"\""}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct kube_outcome_seen seen;
    kube_fixture_call(f, GET, &seen);
    ASSERT_STR(buf_str(&f->warnings), "old \"API\"\n");
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void raw_paths_give_the_bytes(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "ok", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct kube_outcome_seen seen;
    const struct kube_request request = {
        .raw_path = STR("/healthz?verbose"),
        .accept = STR("text/plain"),
        .raw_body = true,
    };
    kube_fixture_call(f, request, &seen);
    ASSERT_STR(buf_str(&seen.json), "ok");
    check_log(f, "GET /healthz?verbose\n");
    kube_outcome_seen_free(&seen);
    kube_fixture_free(f);
}

static void the_rate_is_limited(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "{}", 0, NULL}, {200, "{}", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 2, "");
    struct kube_client *limited;
    struct kube_config *config;
    struct err err;
    char server[64];
    (void)snprintf(server, sizeof(server), "http://127.0.0.1:%u", (unsigned)f->http->port);
    ASSERT_OK(kube_config_from_secret(str_from(server), STR(""), &config, &err));
    const struct kube_client_opts opts = {
        .loop = f->loop,
        .http = f->http->client,
        .config = config,
        .qps = 10,
        .burst = 1,
    };
    ASSERT_OK(kube_client_new(&opts, &limited, &err));
    struct kube_client *own = f->client;
    f->client = limited;
    struct kube_outcome_seen seen;
    int64_t start_ms = loop_now_ms(f->loop);
    kube_fixture_call(f, GET, &seen);
    kube_outcome_seen_free(&seen);
    kube_fixture_call(f, GET, &seen);
    kube_outcome_seen_free(&seen);
    assert_true(loop_now_ms(f->loop) - start_ms >= 80);
    f->client = own;
    kube_client_free(limited);
    kube_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_read),
        cmocka_unit_test(metadata_of_a_full_answer_is_cut_out),
        cmocka_unit_test(failures_get_their_codes),
        cmocka_unit_test(a_busy_server_is_asked_again),
        cmocka_unit_test(a_create_is_repeated_only_when_it_was_not_processed),
        cmocka_unit_test(retries_end_with_the_deadline_and_say_why),
        cmocka_unit_test(attempts_are_bounded),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(nonsense_ends_through_done),
        cmocka_unit_test(a_canceled_call_ends_once),
        cmocka_unit_test(freeing_the_client_cancels_its_calls),
        cmocka_unit_test(warnings_are_reported),
        cmocka_unit_test(raw_paths_give_the_bytes),
        cmocka_unit_test(the_rate_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
