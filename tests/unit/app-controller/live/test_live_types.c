/* The types of a fake cluster: asked for once, kept, asked for anew. */
#include "app-controller/live/live_types.h"
#include "common/value/value.h"
#include "tests/unit/app-controller/live/cache_fixture.h"

#define PATH "GET /openapi/v2"

static const char DOCUMENT[] = "{\"definitions\":{\"v1.Oven\":{\"type\":\"object\"}}}";

struct asked {
    struct live_types_wait wait;
    unsigned n;
    enum err_code code;
    bool known;
};

static void on_done(void *data, struct doc *doc, const struct err *err)
{
    struct asked *a = data;
    a->n++;
    a->code = err != NULL ? err->code : ERR_OK;
    a->known = doc != NULL && value_dig(doc_root(doc), "schemas", "v1.Oven") != NULL;
}

static bool is_done(void *data)
{
    return ((struct asked *)data)->n > 0;
}

static void begin(struct cache_fixture *f, struct asked *a, enum live_types_age age)
{
    *a = (struct asked){.wait = {.done = on_done, .data = a}};
    live_types_ask(live_cache_types(f->cache), age, &a->wait);
    assert_int_equal(a->n, 0);
}

static void end(struct cache_fixture *f, struct asked *a, enum err_code code)
{
    fake_world_wait(&f->world, is_done, a);
    assert_int_equal(a->n, 1);
    assert_int_equal(a->code, code);
    assert_int_equal(a->known, code == ERR_OK);
}

static size_t n_fetched(const struct cache_fixture *f)
{
    return fake_cluster_count(f->world.cluster, PATH, "");
}

static void what_was_read_is_kept_until_it_is_forgotten(void **state UNUSED)
{
    struct cache_fixture f;
    struct asked a;
    struct asked b;
    cache_fixture_init(&f);
    fake_cluster_set_types(f.world.cluster, 20, DOCUMENT);
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    begin(&f, &a, LIVE_TYPES_KNOWN);
    begin(&f, &b, LIVE_TYPES_KNOWN);
    end(&f, &a, ERR_OK);
    end(&f, &b, ERR_OK);
    begin(&f, &a, LIVE_TYPES_KNOWN);
    end(&f, &a, ERR_OK);
    assert_int_equal(n_fetched(&f), 1);
    begin(&f, &a, LIVE_TYPES_KNOWN);
    begin(&f, &b, LIVE_TYPES_FRESH);
    end(&f, &a, ERR_OK);
    end(&f, &b, ERR_OK);
    assert_int_equal(n_fetched(&f), 2);
    live_types_forget(live_cache_types(f.cache));
    begin(&f, &a, LIVE_TYPES_KNOWN);
    end(&f, &a, ERR_OK);
    assert_int_equal(n_fetched(&f), 3);
    cache_fixture_done(&f);
}

static void failures_are_told_and_not_kept(void **state UNUSED)
{
    static const struct {
        const char *document;
        enum err_code want;
    } CASES[] = {{NULL, ERR_NOT_FOUND}, {"{\"a\":1}", ERR_INVALID}, {"{", ERR_INVALID}};
    struct cache_fixture f;
    struct asked a;
    cache_fixture_init(&f);
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        fake_cluster_set_types(f.world.cluster, 20, CASES[i].document);
        begin(&f, &a, LIVE_TYPES_KNOWN);
        end(&f, &a, CASES[i].want);
    }
    fake_cluster_set_types(f.world.cluster, 20, DOCUMENT);
    begin(&f, &a, LIVE_TYPES_KNOWN);
    end(&f, &a, ERR_OK);
    cache_fixture_done(&f);
}

static void a_cache_that_goes_waits_for_those_who_asked(void **state UNUSED)
{
    struct cache_fixture f;
    struct asked a;
    cache_fixture_init(&f);
    fake_cluster_set_types(f.world.cluster, 20, DOCUMENT);
    cache_fixture_start(&f, NULL);
    cache_fixture_until_synced(&f);
    begin(&f, &a, LIVE_TYPES_KNOWN);
    cache_fixture_done(&f);
    assert_int_equal(a.n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_kept_until_it_is_forgotten),
        cmocka_unit_test(failures_are_told_and_not_kept),
        cmocka_unit_test(a_cache_that_goes_waits_for_those_who_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
