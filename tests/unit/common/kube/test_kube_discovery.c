/* Loading snapshots from a scripted server: once for all, cached, invalidated, freed meanwhile. */
#include "common/kube/kube_discovery.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

#define CORE                                                                                      \
    "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":\"\"},\"versions\":[" \
    "{\"version\":\"v1\",\"resources\":[{\"resource\":\"pods\",\"responseKind\":{\"kind\":"       \
    "\"Pod\"},"                                                                                   \
    "\"scope\":\"Namespaced\"}]}]}]}"
#define NO_GROUPS "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[]}"

struct seen {
    unsigned n_done;
    unsigned want;
    size_t n_resources;
    size_t n_failures;
    struct err err;
};

static void on_api(void *data, struct kube_api *api, const struct err *err)
{
    struct seen *seen = data;
    seen->n_done++;
    seen->n_resources = api != NULL ? kube_api_count(api) : 0;
    seen->n_failures = api != NULL ? kube_api_failure_count(api) : 0;
    seen->err = err != NULL ? *err : (struct err){0};
}

static bool is_done(void *data)
{
    const struct seen *seen = data;
    return seen->n_done >= seen->want;
}

static void wait_for(struct kube_fixture *f, struct seen *seen, unsigned n)
{
    seen->want = n;
    kube_fixture_wait(f, is_done, seen);
    assert_int_equal(seen->n_done, n);
}

/* /version and /api are asked for at once; which comes first is not certain. */
static const struct kube_step STEPS[] = {
    {200, CORE, 0, NULL}, {200, CORE, 0, NULL}, {200, NO_GROUPS, 0, NULL},
    {200, CORE, 0, NULL}, {200, CORE, 0, NULL}, {200, NO_GROUPS, 0, NULL},
};

static void one_load_serves_all_and_is_kept(void **state UNUSED)
{
    struct kube_fixture *f = kube_fixture_new(STEPS, ARRAY_LEN(STEPS), "");
    struct kube_discovery *discovery = kube_discovery_new(f->client, 0);
    struct seen seen = {0};
    assert_null(kube_discovery_latest(discovery));
    kube_discovery_get(discovery, on_api, &seen);
    kube_discovery_get(discovery, on_api, &seen);
    assert_int_equal(seen.n_done, 0);
    wait_for(f, &seen, 2);
    assert_int_equal(seen.n_resources, 1);
    assert_int_equal(f->at, 3);
    kube_discovery_get(discovery, on_api, &seen);
    assert_int_equal(seen.n_done, 2);
    wait_for(f, &seen, 3);
    assert_int_equal(f->at, 3);
    kube_discovery_invalidate(discovery);
    assert_non_null(kube_discovery_latest(discovery));
    kube_discovery_get(discovery, on_api, &seen);
    wait_for(f, &seen, 4);
    assert_int_equal(f->at, 6);
    kube_discovery_free(discovery);
    kube_fixture_free(f);
}

static void a_failure_is_told_and_tried_again(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {403, "", 0, NULL},   {403, "", 0, NULL},        {200, CORE, 0, NULL},
        {200, CORE, 0, NULL}, {200, NO_GROUPS, 0, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct kube_discovery *discovery = kube_discovery_new(f->client, 0);
    struct seen seen = {0};
    kube_discovery_get(discovery, on_api, &seen);
    wait_for(f, &seen, 1);
    assert_int_equal(seen.err.code, ERR_DENIED);
    check_contains(&seen.err, "API discovery");
    kube_fixture_wait_requests(f, 2);
    kube_discovery_get(discovery, on_api, &seen);
    wait_for(f, &seen, 2);
    assert_int_equal(seen.n_resources, 1);
    kube_discovery_free(discovery);
    kube_fixture_free(f);
}

static void one_broken_group_costs_only_itself(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, "{\"kind\":\"APIVersions\",\"versions\":[]}", 0, NULL},
        {200, "{\"kind\":\"APIVersions\",\"versions\":[]}", 0, NULL},
        {200,
         "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"g\",\"versions\":[{\"version\":\"v1\"}"
         "],"
         "\"preferredVersion\":{\"version\":\"v1\"}}]}",
         0, NULL},
        {503, "broken", 0, NULL},
        {503, "broken", 0, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct kube_discovery *discovery = kube_discovery_new(f->client, 0);
    struct seen seen = {0};
    kube_discovery_get(discovery, on_api, &seen);
    wait_for(f, &seen, 1);
    assert_int_equal(seen.err.code, ERR_OK);
    assert_int_equal(seen.n_failures, 1);
    kube_discovery_free(discovery);
    kube_fixture_free(f);
}

static void freeing_it_answers_those_who_wait(void **state UNUSED)
{
    const struct kube_step steps[] = {{0, "", KUBE_STEP_HOLD, NULL}, {0, "", KUBE_STEP_HOLD, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct kube_discovery *discovery = kube_discovery_new(f->client, 0);
    struct seen seen = {0};
    kube_discovery_get(discovery, on_api, &seen);
    kube_fixture_wait_requests(f, 2);
    kube_discovery_free(discovery);
    wait_for(f, &seen, 1);
    assert_int_equal(seen.err.code, ERR_CANCELED);
    kube_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_load_serves_all_and_is_kept),
        cmocka_unit_test(a_failure_is_told_and_tried_again),
        cmocka_unit_test(one_broken_group_costs_only_itself),
        cmocka_unit_test(freeing_it_answers_those_who_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
