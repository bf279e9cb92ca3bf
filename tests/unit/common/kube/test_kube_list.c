/* Lists against a scripted server: pages, restarts, items in pieces, failures. */
#include "common/kube/kube_client.h"
#include "common/kube/kube_object.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

static const struct kube_target ROLES = {
    .group = {"rbac.example.com", 16},
    .version = {"v1", 2},
    .resource = {"roles", 5},
    .kind = {"Role", 4},
};

struct seen {
    struct buf items; /* "apiVersion/Kind name|" */
    unsigned n_restarts;
    unsigned n_done;
    bool ok;
    struct err err;
    char version[32];
    size_t n_items;
    struct kube_list *list;
    bool cancel_in_item;
};

static void on_item(void *data, const struct value *item)
{
    struct seen *seen = data;
    struct kube_gvk gvk = kube_gvk_of(item);
    buf_printf(&seen->items, STR_FMT "/" STR_FMT "/" STR_FMT " " STR_FMT "|", STR_ARG(gvk.group),
               STR_ARG(gvk.version), STR_ARG(gvk.kind), STR_ARG(kube_name(item)));
    if (seen->cancel_in_item) {
        kube_list_cancel(seen->list);
    }
}

static void on_restart(void *data)
{
    struct seen *seen = data;
    seen->n_restarts++;
    buf_reset(&seen->items);
}

static void on_done(void *data, const struct kube_list_result *result)
{
    struct seen *seen = data;
    seen->n_done++;
    seen->ok = result->err == NULL;
    seen->n_items = result->n_items;
    (void)snprintf(seen->version, sizeof(seen->version), STR_FMT,
                   STR_ARG(result->resource_version));
    if (result->err != NULL) {
        seen->err = *result->err;
    }
}

static bool is_done(void *data)
{
    return ((struct seen *)data)->n_done > 0;
}

static void start(struct kube_fixture *f, struct kube_list_request request, struct seen *seen)
{
    buf_init(&seen->items, 4096);
    request.target = ROLES;
    request.on_item = on_item;
    request.on_restart = on_restart;
    request.done = on_done;
    request.data = seen;
    seen->list = kube_list_start(f->client, &request);
    assert_int_equal(seen->n_done, 0);
}

static void finish(struct kube_fixture *f, struct seen *seen)
{
    kube_fixture_free(f);
    assert_int_equal(seen->n_done, 1);
    buf_done(&seen->items);
}

static void pages_follow_each_other(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200,
         "{\"metadata\":{\"resourceVersion\":\"5\",\"continue\":\"a b\"},\"items\":"
         "[{\"metadata\":{\"name\":\"x\"}},{\"metadata\":{\"name\":\"y\"}}]}",
         0, NULL},
        {200,
         "{\"items\":[{\"metadata\":{\"name\":\"z\"}}],\"metadata\":{\"resourceVersion\":\"5\"}}",
         0, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, 2, "");
    struct seen seen = {0};
    start(f, (struct kube_list_request){.page_size = 2, .label_selector = STR("a=b,!c")}, &seen);
    kube_fixture_wait(f, is_done, &seen);
    assert_true(seen.ok);
    assert_int_equal(seen.n_items, 3);
    assert_string_equal(seen.version, "5");
    ASSERT_STR(buf_str(&seen.items), "rbac.example.com/v1/Role x|rbac.example.com/v1/Role y|"
                                     "rbac.example.com/v1/Role z|");
    ASSERT_STR(buf_str(&f->log),
               "GET /apis/rbac.example.com/v1/roles?limit=2&labelSelector=a%3Db%2C%21c\n"
               "GET /apis/rbac.example.com/v1/roles?limit=2&continue=a%20b&labelSelector="
               "a%3Db%2C%21c\n");
    finish(f, &seen);
}

static void an_expired_token_starts_again(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, "{\"metadata\":{\"continue\":\"t\"},\"items\":[{\"metadata\":{\"name\":\"x\"}}]}", 0,
         NULL},
        {410, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Expired\"}", 0, NULL},
        {200, "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[]}", 0, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, 3, "");
    struct seen seen = {0};
    start(f, (struct kube_list_request){0}, &seen);
    kube_fixture_wait(f, is_done, &seen);
    assert_true(seen.ok);
    assert_int_equal(seen.n_restarts, 1);
    assert_int_equal(seen.n_items, 0);
    ASSERT_STR(buf_str(&seen.items), "");
    finish(f, &seen);
}

static const struct {
    struct kube_step step;
    enum err_code code;
} FAILURES[] = {
    {{200, "{\"items\":[{\"a\":1", 0, NULL}, ERR_UNAVAILABLE},
    {{200, "{\"items\":[1]}", 0, NULL}, ERR_INVALID},
    {{200, "{\"items\":[{x}]}", 0, NULL}, ERR_INVALID},
    {{200, "{\"items\":[]}}", 0, NULL}, ERR_INVALID},
    {{200, "{\"items\":[{\"metadata\":{\"name\":\"x\"}},", KUBE_STEP_ABORT, NULL}, ERR_UNAVAILABLE},
    {{404, "404 page not found", 0, NULL}, ERR_NOT_FOUND},
};

static void broken_lists_fail(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(FAILURES); i++) {
        /* a connection that broke before anything came is tried again */
        struct kube_step steps[8];
        for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
            steps[k] = FAILURES[i].step;
        }
        struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
        struct seen seen = {0};
        start(f, (struct kube_list_request){0}, &seen);
        kube_fixture_wait(f, is_done, &seen);
        assert_false(seen.ok);
        assert_int_equal(seen.err.code, FAILURES[i].code);
        finish(f, &seen);
    }
}

static void a_list_can_be_canceled_between_items(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, "{\"items\":[{\"metadata\":{\"name\":\"x\"}},{\"metadata\":{\"name\":\"y\"}}]}", 0,
         NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct seen seen = {.cancel_in_item = true};
    start(f, (struct kube_list_request){0}, &seen);
    kube_fixture_wait(f, is_done, &seen);
    assert_int_equal(seen.err.code, ERR_CANCELED);
    ASSERT_STR(buf_str(&seen.items), "rbac.example.com/v1/Role x|");
    finish(f, &seen);
}

static void freeing_the_client_ends_a_list(void **state UNUSED)
{
    const struct kube_step steps[] = {{0, "", KUBE_STEP_HOLD, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct seen seen = {0};
    start(f, (struct kube_list_request){.any_version = true}, &seen);
    kube_fixture_wait_requests(f, 1);
    ASSERT_STR(buf_str(&f->log), "GET /apis/rbac.example.com/v1/roles?resourceVersion=0\n");
    finish(f, &seen);
    assert_int_equal(seen.err.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(an_expired_token_starts_again),
        cmocka_unit_test(broken_lists_fail),
        cmocka_unit_test(a_list_can_be_canceled_between_items),
        cmocka_unit_test(freeing_the_client_ends_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
