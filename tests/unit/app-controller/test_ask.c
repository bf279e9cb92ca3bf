/* Questions of a comparison, asked of a cluster. */
#include "app-controller/ask.h"
#include "app-controller/how.h"
#include "app-controller/live/live_cache.h"
#include "tests/lib/controller_apps.h"

static void on_done(void *data)
{
    *(bool *)data = true;
}

static bool is_true(void *data)
{
    return *(bool *)data;
}

static void body(struct controller_fixture *f)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct how how = {.arena = arena};
    bool done = false;
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    static const char *const TARGETS[] = {
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ns}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: gone, namespace: ns}}",
        "{apiVersion: no/v1, kind: Such, metadata: {name: x}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(TARGETS); i++) {
        struct how_answer question = {.what = HOW_VERSION, .target = parse_yaml(arena, TARGETS[i])};
        vec_push_in(arena, &how.answers, question);
    }
    struct how_schema schema = {.group = STR("apps"), .version = STR("v1")};
    vec_push_in(arena, &how.schemas, schema);
    struct live_cache *cache = controller_fixture_of(f, "web")->cache;
    const struct ask_opts opts = {
        .cache = cache, .api = live_cache_api(cache), .how = &how, .done = on_done, .data = &done};
    ask_start(&opts);
    assert_false(done);
    controller_fixture_wait(f, is_true, &done);
    ASSERT_STR(value_dig_str(doc_root(how.answers.items[0].doc), "data", "text"), "one");
    assert_int_equal(how.answers.items[1].err->code, ERR_NOT_FOUND);
    assert_int_equal(how.answers.items[2].err->code, ERR_NOT_FOUND);
    assert_true(how.schemas.items[0].asked);
    assert_true(how.schemas.items[0].missing);
    assert_false(how_has_questions(&how));
}

static void every_question_is_answered(void **state UNUSED)
{
    CONTROLLER_TEST(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_question_is_answered)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
