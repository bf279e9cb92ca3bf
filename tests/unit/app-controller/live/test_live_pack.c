/* Packed objects: there and back, on another owner's copy, and what is broken. */
#include "app-controller/live/live_pack.h"
#include "tests/unit/app-controller/live/live_fixture.h"

static void what_is_packed_comes_back(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *full = parse_yaml(
        arena, "{metadata: {name: a}, data: {text: 'äöü', n: 1, list: [1, 2.5, null, true]}}");
    const struct value *back = NULL;
    struct live_fixture f;
    struct err err;
    live_fixture_init(&f);
    struct live_obj *a = live_fixture_put(&f, "a", UID("1"), "1", "web", full);
    struct live_packed copy = live_obj_packed(a, arena);
    live_store_free(f.store); /* the copy stands on its own */
    ASSERT_OK(live_packed_get(copy, arena, &back, &err));
    assert_true(value_equal(full, back));
}

static void a_newer_state_replaces_the_packed_one(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *back = NULL;
    struct live_fixture f;
    struct err err;
    live_fixture_init(&f);
    struct live_obj *a =
        live_fixture_put(&f, "a", UID("1"), "1", "web", parse_yaml(arena, "{data: {x: old}}"));
    live_pack(a->ext, parse_yaml(arena, "{data: {x: new}}"));
    ASSERT_OK(live_obj_get(a, arena, &back, &err));
    assert_yaml(arena, back, "{data: {x: new}}");
    live_store_free(f.store);
}

static void broken_bytes_are_an_error(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const uint8_t bytes[] = {1, 2, 3};
    const struct value *back = NULL;
    struct err err;
    ASSERT_ERR(live_packed_get((struct live_packed){bytes, 3, 10}, arena, &back, &err),
               ERR_INTERNAL, "cannot be unpacked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(a_newer_state_replaces_the_packed_one),
        cmocka_unit_test(broken_bytes_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
