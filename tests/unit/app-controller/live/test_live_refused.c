/* Kinds that may not be listed, in each mode of resource.respectRBAC. */
#include "app-controller/live/live_refused.h"
#include "engine/compare/rules.h"
#include "tests/lib/parse.h"
#include "tests/unit/app-controller/live/cache_fixture.h"

#define REVIEWS "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#define SECRETS "GET /api/v1/secrets?"

static bool refused(struct cache_fixture *f, struct live_refused *ret)
{
    size_t at = 0;
    return f->cache != NULL && live_refused_next(f->cache, &at, ret);
}

static bool is_refused(void *data)
{
    struct live_refused r;
    return refused(data, &r);
}

static bool is_left_out(void *data)
{
    struct live_refused r;
    return refused(data, &r) && r.left_out;
}

static bool is_none_refused(void *data)
{
    return !is_refused(data);
}

static bool is_ready(void *data)
{
    struct cache_fixture *f = data;
    return live_cache_want_full(f->cache, STR(""), STR("Secret"), STR("v1")) == LIVE_READY;
}

static void start(struct cache_fixture *f, const char *mode)
{
    struct err err;
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *data = parse_yaml(arena, mode);
    cache_fixture_init(f);
    ASSERT_OK(compare_rules_new(data, &f->rules, &err));
    fake_cluster_fail(f->world.cluster, SECRETS, 1000, 403, "Forbidden");
    cache_fixture_start(f, NULL);
    cache_fixture_until_synced(f);
}

static void end(struct cache_fixture *f)
{
    cache_fixture_done(f);
    compare_rules_unref(f->rules);
}

static void refusals_are_told_of(void **state UNUSED)
{
    struct cache_fixture f;
    struct live_refused r;
    start(&f, "{}");
    fake_world_wait(&f.world, is_refused, &f);
    assert_true(refused(&f, &r));
    assert_false(r.left_out);
    assert_string_equal(r.kind->kind, "Secret");
    assert_int_equal(r.err->code, ERR_DENIED);
    assert_int_equal(fake_cluster_count(f.world.cluster, REVIEWS, ""), 0);
    end(&f);
}

static void refused_kinds_are_left_out(void **state UNUSED)
{
    struct cache_fixture f;
    start(&f, "{resource.respectRBAC: normal}");
    fake_world_wait(&f.world, is_left_out, &f);
    assert_int_equal(fake_cluster_count(f.world.cluster, REVIEWS, ""), 0);
    assert_true(live_cache_synced(f.cache) && live_cache_complete(f.cache));
    assert_null(live_cache_error(f.cache));
    /* whoever needs it is told why it is not there */
    assert_int_equal(live_cache_want_full(f.cache, STR(""), STR("Secret"), STR("v1")),
                     LIVE_NOT_YET);
    assert_int_equal(live_cache_kind_error(f.cache, STR(""), STR("Secret"))->code, ERR_DENIED);
    size_t n_lists = fake_cluster_count(f.world.cluster, SECRETS, "");
    fake_cluster_fail(f.world.cluster, SECRETS, 0, 0, "");
    assert_int_equal(fake_cluster_count(f.world.cluster, SECRETS, ""), n_lists);
    live_cache_rediscover(f.cache);
    fake_world_wait(&f.world, is_none_refused, &f);
    fake_world_wait(&f.world, is_ready, &f);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_told_of),
        cmocka_unit_test(refused_kinds_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
