/* Records: presence, interest, ownership, tracking, replacement by lists. */
#include "tests/unit/app-controller/live/live_fixture.h"

static void an_object_is_there_until_removed(void **state UNUSED)
{
    struct live_fixture f;
    live_fixture_init(&f);
    struct live_obj *a = live_fixture_put(&f, "a", UID("1"), "1", "", NULL);
    char uid[LIVE_UID_TEXT_BYTES];
    live_obj_uid_text(a, uid);
    assert_string_equal(uid, UID("1"));
    assert_ptr_equal(live_obj_find(f.maps, STR("ns"), STR("a")), a);
    assert_ptr_equal(live_obj_find_uid(f.store, STR(UID("1"))), a);
    ASSERT_STR(live_obj_name(a), "a");
    ASSERT_STR(live_obj_namespace(a), "ns");
    ASSERT_STR(live_obj_resource_version(a), "1");
    assert_int_equal(live_store_n_objects(f.store), 1);
    assert_int_equal(live_store_n_kinds(f.store), 1);
    live_store_remove(a);
    assert_null(live_obj_find(f.maps, STR("ns"), STR("a")));
    assert_null(live_obj_find_uid(f.store, STR(UID("1"))));
    assert_int_equal(live_store_n_objects(f.store), 0);
    live_store_free(f.store);
}

static void the_same_version_changes_nothing(void **state UNUSED)
{
    struct live_fixture f;
    live_fixture_init(&f);
    struct live_obj *obj = NULL;
    struct live_update up = {.namespace_ = STR("ns"),
                             .name = STR("a"),
                             .uid = STR(UID("1")),
                             .resource_version = STR("1")};
    assert_int_equal(live_store_put(f.maps, &up, &obj), LIVE_ADDED);
    assert_int_equal(live_store_put(f.maps, &up, &obj), LIVE_UNCHANGED);
    up.resource_version = STR("2");
    assert_int_equal(live_store_put(f.maps, &up, &obj), LIVE_MODIFIED);
    live_store_free(f.store);
}

static void interest_keeps_the_record_and_the_whole_object(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *full = parse_yaml(arena, "{metadata: {name: a}, data: {x: y}}");
    const struct value *back = NULL;
    struct live_fixture f;
    struct live_interest in = {0};
    struct err err;
    int owner = 0;
    live_fixture_init(&f);
    live_interest_begin(&in, f.maps, STR("ns"), STR("a"), &owner);
    assert_false(live_obj_present(in.obj));
    struct live_obj *a = live_fixture_put(&f, "a", UID("1"), "1", "", full);
    assert_ptr_equal(in.obj, a);
    assert_true(live_obj_is_full(a));
    ASSERT_OK(live_obj_get(a, arena, &back, &err));
    assert_true(value_equal(full, back));
    size_t n = 0;
    LIVE_INTEREST_FOREACH(a, it)
    {
        n += it->owner == &owner;
    }
    assert_int_equal(n, 1);
    live_store_remove(a);
    assert_ptr_equal(live_obj_find(f.maps, STR("ns"), STR("a")), a);
    live_interest_end(&in);
    live_interest_end(&in); /* nothing */
    assert_null(live_obj_find(f.maps, STR("ns"), STR("a")));
    live_store_free(f.store);
}

static void nobody_keeps_what_nobody_wants(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_fixture f;
    live_fixture_init(&f);
    struct live_obj *a =
        live_fixture_put(&f, "a", UID("1"), "1", "", parse_yaml(arena, "{data: {x: y}}"));
    assert_false(live_obj_is_full(a));
    live_store_free(f.store);
}

static void tracked_objects_are_listed_by_application(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_fixture f;
    live_fixture_init(&f);
    struct live_obj *a =
        live_fixture_put(&f, "a", UID("1"), "1", "web", parse_yaml(arena, "{data: {x: y}}"));
    (void)live_fixture_put(&f, "b", UID("2"), "1", "web", NULL);
    assert_int_equal(live_store_app_find(f.store, STR("web"))->n_objects, 2);
    assert_string_equal(live_obj_app(a)->name, "web");
    assert_true(live_obj_is_full(a));
    live_kind_drop_full(f.maps);
    assert_false(live_obj_is_full(a));
    (void)live_fixture_put(&f, "a", UID("1"), "2", "other", NULL);
    assert_int_equal(live_store_app_find(f.store, STR("web"))->n_objects, 1);
    (void)live_fixture_put(&f, "b", UID("2"), "2", "", NULL);
    assert_null(live_store_app_find(f.store, STR("web")));
    live_store_free(f.store);
}

static struct live_obj *put_child(struct live_fixture *f, const char *name, const char *uid)
{
    static const struct str OWNER = {UID("1"), 36};
    struct live_obj *obj = NULL;
    const struct live_update up = {.namespace_ = STR("ns"),
                                   .name = str_from(name),
                                   .uid = str_from(uid),
                                   .resource_version = STR("1"),
                                   .owner_uids = &OWNER,
                                   .n_owners = 1};
    (void)live_store_put(f->maps, &up, &obj);
    return obj;
}

static void children_may_come_before_their_owner(void **state UNUSED)
{
    struct live_fixture f;
    live_fixture_init(&f);
    struct live_obj *child = put_child(&f, "child", UID("2"));
    struct live_obj *owner = live_fixture_put(&f, "owner", UID("1"), "1", "", NULL);
    (void)put_child(&f, "other", UID("3"));
    assert_ptr_equal(child->owners[0].owner->obj, owner);
    size_t n = 0;
    LIVE_CHILD_FOREACH(owner, it)
    {
        n++;
        assert_ptr_not_equal(it, owner);
    }
    assert_int_equal(n, 2);
    live_store_remove(owner);
    assert_null(child->owners[0].owner->obj);
    live_store_free(f.store);
}

static void count_gone(struct live_obj *obj, void *data)
{
    assert_true(live_obj_present(obj));
    (*(size_t *)data)++;
}

static void a_list_replaces_what_was_known(void **state UNUSED)
{
    struct live_fixture f;
    size_t n_gone = 0;
    live_fixture_init(&f);
    (void)live_fixture_put(&f, "a", UID("1"), "1", "", NULL);
    (void)live_fixture_put(&f, "b", UID("2"), "1", "", NULL);
    live_kind_replace_begin(f.maps, STR("elsewhere"));
    live_kind_replace_end(f.maps, STR("elsewhere"), count_gone, &n_gone);
    assert_int_equal(n_gone, 0);
    live_kind_replace_begin(f.maps, STR(""));
    (void)live_fixture_put(&f, "a", UID("1"), "1", "", NULL);
    live_kind_replace_end(f.maps, STR(""), count_gone, &n_gone);
    assert_int_equal(n_gone, 1);
    assert_null(live_obj_find(f.maps, STR("ns"), STR("b")));
    assert_non_null(live_obj_find(f.maps, STR("ns"), STR("a")));
    live_store_free(f.store);
}

static size_t n_loose(struct live_fixture *f)
{
    size_t n = 0;
    size_t at = 0;
    while (live_store_loose_next(f->store, STR("ns"), &at) != NULL) {
        n++;
    }
    return n;
}

static void loose_objects_are_known_by_namespace(void **state UNUSED)
{
    struct live_fixture f;
    live_fixture_init(&f);
    assert_int_equal(n_loose(&f), 0);
    struct live_obj *a = live_fixture_put(&f, "a", UID("1"), "1", "", NULL);
    (void)live_fixture_put(&f, "b", UID("2"), "1", "web", NULL);
    assert_int_equal(n_loose(&f), 1);
    (void)live_fixture_put(&f, "a", UID("1"), "2", "web", NULL); /* tracked from now on */
    assert_int_equal(n_loose(&f), 0);
    (void)live_fixture_put(&f, "b", UID("2"), "2", "", NULL);
    (void)live_fixture_put(&f, "a", UID("1"), "3", "", NULL);
    assert_int_equal(n_loose(&f), 2);
    live_store_remove(a);
    assert_int_equal(n_loose(&f), 1);
    live_store_kind_forget(f.store, f.maps);
    assert_int_equal(n_loose(&f), 0);
    live_store_free(f.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_there_until_removed),
        cmocka_unit_test(the_same_version_changes_nothing),
        cmocka_unit_test(interest_keeps_the_record_and_the_whole_object),
        cmocka_unit_test(nobody_keeps_what_nobody_wants),
        cmocka_unit_test(tracked_objects_are_listed_by_application),
        cmocka_unit_test(children_may_come_before_their_owner),
        cmocka_unit_test(a_list_replaces_what_was_known),
        cmocka_unit_test(loose_objects_are_known_by_namespace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
