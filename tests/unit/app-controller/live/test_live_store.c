/* Records of live objects: keys, uids, owners, applications, interest, replacement. */
#include <string.h>

#include "app-controller/live/live_store.h"
#include "common/value/value_json.h"
#include "tests/lib/check.h"

#define UID(n) STR("00000000-0000-4000-8000-00000000000" #n)

struct fixture {
    struct live_store *store;
    struct live_kind *pods;
    struct arena *arena;
};

static int set_up(void **state)
{
    struct fixture *f = test_malloc(sizeof(*f));
    f->store = live_store_new();
    f->pods = live_store_kind(f->store, STR(""), STR("v1"), STR("Pod"), STR("pods"), true);
    f->arena = arena_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    live_store_free(f->store);
    arena_free(f->arena);
    test_free(f);
    return 0;
}

static struct live_obj *
put(struct fixture *f, struct str name, struct str uid, struct str version, struct str app)
{
    struct live_update up = {.namespace_ = STR("shop"),
                             .name = name,
                             .uid = uid,
                             .resource_version = version,
                             .app = app};
    struct live_obj *obj = NULL;
    (void)live_store_put(f->pods, &up, &obj);
    return obj;
}

static const struct value *parse(struct fixture *f, const char *json)
{
    const struct value *v = NULL;
    struct err err;
    ASSERT_OK(value_from_json(f->arena, str_from(json), NULL, &v, &err));
    return v;
}

static void tells_added_modified_unchanged(void **state)
{
    struct fixture *f = *state;
    struct live_obj *obj = NULL;
    struct live_update up = {
        .namespace_ = STR("shop"), .name = STR("a"), .uid = UID(1), .resource_version = STR("5")};
    assert_int_equal(live_store_put(f->pods, &up, &obj), LIVE_ADDED);
    assert_int_equal(live_store_put(f->pods, &up, &obj), LIVE_UNCHANGED);
    up.resource_version = STR("10"); /* longer text than before */
    assert_int_equal(live_store_put(f->pods, &up, &obj), LIVE_MODIFIED);
    ASSERT_STR(live_obj_resource_version(obj), "10");
    ASSERT_STR(live_obj_name(obj), "a");
    ASSERT_STR(live_obj_namespace(obj), "shop");
    assert_int_equal(live_store_n_objects(f->store), 1);
}

static void keeps_uids_exactly(void **state)
{
    struct fixture *f = *state;
    char text[LIVE_UID_TEXT_BYTES];
    struct live_obj *obj =
        put(f, STR("a"), STR("01234567-89ab-cdef-0123-456789abcdef"), STR("1"), STR(""));
    live_obj_uid_text(obj, text);
    assert_string_equal(text, "01234567-89ab-cdef-0123-456789abcdef");
    assert_ptr_equal(live_obj_find_uid(f->store, str_from(text)), obj);
    struct live_obj *odd = put(f, STR("b"), STR("not-a-uuid"), STR("1"), STR(""));
    live_obj_uid_text(odd, text);
    assert_string_equal(text, "");
}

static void children_are_found_whatever_comes_first(void **state)
{
    struct fixture *f = *state;
    struct str owner = UID(1);
    struct live_update child = {.namespace_ = STR("shop"),
                                .name = STR("child"),
                                .uid = UID(2),
                                .resource_version = STR("1"),
                                .owner_uids = &owner,
                                .n_owners = 1};
    struct live_obj *c = NULL;
    (void)live_store_put(f->pods, &child, &c);
    struct live_obj *parent = put(f, STR("parent"), UID(1), STR("1"), STR(""));
    int n = 0;
    LIVE_CHILD_FOREACH(parent, it)
    {
        assert_ptr_equal(it, c);
        n++;
    }
    assert_int_equal(n, 1);
    live_store_remove(parent);
    parent = put(f, STR("parent"), UID(1), STR("2"), STR(""));
    assert_ptr_equal(parent->uid->first_child->child, c);
    child.n_owners = 0;
    child.resource_version = STR("2");
    (void)live_store_put(f->pods, &child, &c);
    assert_null(parent->uid->first_child);
}

static void applications_count_their_objects(void **state)
{
    struct fixture *f = *state;
    struct live_obj *a = put(f, STR("a"), UID(1), STR("1"), STR("web"));
    (void)put(f, STR("b"), UID(2), STR("1"), STR("web"));
    assert_int_equal(live_store_app_find(f->store, STR("web"))->n_objects, 2);
    (void)put(f, STR("b"), UID(2), STR("2"), STR("other"));
    assert_int_equal(live_store_app_find(f->store, STR("web"))->n_objects, 1);
    live_store_remove(a);
    assert_null(live_store_app_find(f->store, STR("web")));
    assert_non_null(live_store_app_find(f->store, STR("other")));
}

static void keeps_whole_objects_only_where_wanted(void **state)
{
    struct fixture *f = *state;
    struct live_update up = {.namespace_ = STR("shop"),
                             .name = STR("a"),
                             .uid = UID(1),
                             .resource_version = STR("1"),
                             .full = parse(f, "{\"kind\":\"Pod\",\"spec\":{\"x\":1}}")};
    struct live_obj *obj = NULL;
    (void)live_store_put(f->pods, &up, &obj);
    assert_false(live_obj_is_full(obj));
    assert_null(obj->ext); /* an unmanaged record carries nothing extra */
    up.app = STR("web");
    up.resource_version = STR("2");
    (void)live_store_put(f->pods, &up, &obj);
    assert_true(live_obj_is_full(obj));
    const struct value *back = NULL;
    struct err err;
    ASSERT_OK(live_obj_get(obj, f->arena, &back, &err));
    assert_true(value_equal(back, up.full));
}

static void interest_outlives_the_object(void **state)
{
    struct fixture *f = *state;
    struct live_interest in;
    int owner = 0;
    live_interest_begin(&in, f->pods, STR("shop"), STR("a"), &owner);
    assert_false(live_obj_present(in.obj));
    struct live_update up = {.namespace_ = STR("shop"),
                             .name = STR("a"),
                             .uid = UID(1),
                             .resource_version = STR("1"),
                             .full = parse(f, "{\"kind\":\"Pod\"}")};
    struct live_obj *obj = NULL;
    assert_int_equal(live_store_put(f->pods, &up, &obj), LIVE_ADDED);
    assert_ptr_equal(obj, in.obj);
    assert_true(live_obj_is_full(obj));
    live_store_remove(obj);
    assert_false(live_obj_present(in.obj));
    LIVE_INTEREST_FOREACH(in.obj, it)
    {
        assert_ptr_equal(it->owner, &owner);
    }
    live_interest_end(&in);
    live_interest_end(&in); /* twice is fine */
    assert_null(live_obj_find(f->pods, STR("shop"), STR("a")));
}

static void two_interests_in_one_key(void **state)
{
    struct fixture *f = *state;
    struct live_interest first;
    struct live_interest second;
    live_interest_begin(&first, f->pods, STR("shop"), STR("a"), NULL);
    live_interest_begin(&second, f->pods, STR("shop"), STR("a"), NULL);
    live_interest_end(&first);
    assert_non_null(live_obj_find(f->pods, STR("shop"), STR("a")));
    live_interest_end(&second);
    assert_null(live_obj_find(f->pods, STR("shop"), STR("a")));
}

static void count_gone(struct live_obj *obj UNUSED, void *data)
{
    ++*(int *)data;
}

static void replacement_removes_what_was_not_listed(void **state)
{
    struct fixture *f = *state;
    int gone = 0;
    (void)put(f, STR("a"), UID(1), STR("1"), STR(""));
    (void)put(f, STR("b"), UID(2), STR("1"), STR(""));
    live_kind_replace_begin(f->pods, STR(""));
    (void)put(f, STR("a"), UID(1), STR("1"), STR(""));
    (void)put(f, STR("c"), UID(3), STR("1"), STR(""));
    live_kind_replace_end(f->pods, STR(""), count_gone, &gone);
    assert_int_equal(gone, 1);
    assert_null(live_obj_find(f->pods, STR("shop"), STR("b")));
    assert_int_equal(live_store_n_objects(f->store), 2);
}

static void replacement_of_a_namespace_leaves_the_others(void **state)
{
    struct fixture *f = *state;
    int gone = 0;
    struct live_obj *obj = NULL;
    struct live_update up = {
        .namespace_ = STR("other"), .name = STR("x"), .uid = UID(4), .resource_version = STR("1")};
    (void)live_store_put(f->pods, &up, &obj);
    (void)put(f, STR("a"), UID(1), STR("1"), STR(""));
    live_kind_replace_begin(f->pods, STR("shop"));
    live_kind_replace_end(f->pods, STR("shop"), count_gone, &gone);
    assert_int_equal(gone, 1);
    assert_non_null(live_obj_find(f->pods, STR("other"), STR("x")));
}

static void one_object_under_two_kinds(void **state)
{
    struct fixture *f = *state;
    struct live_kind *again =
        live_store_kind(f->store, STR("extensions"), STR("v1"), STR("Pod"), STR("pods"), true);
    struct live_obj *first = put(f, STR("a"), UID(1), STR("1"), STR(""));
    struct live_obj *second = NULL;
    struct live_update up = {
        .namespace_ = STR("shop"), .name = STR("a"), .uid = UID(1), .resource_version = STR("1")};
    (void)live_store_put(again, &up, &second);
    assert_ptr_equal(live_obj_find_uid(f->store, UID(1)), first);
    live_store_remove(second);
    assert_ptr_equal(live_obj_find_uid(f->store, UID(1)), first);
}

static void forgetting_a_kind_drops_its_records(void **state)
{
    struct fixture *f = *state;
    (void)put(f, STR("a"), UID(1), STR("1"), STR("web"));
    live_store_kind_forget(f->store, f->pods);
    assert_null(live_store_kind_find(f->store, STR(""), STR("Pod")));
    assert_int_equal(live_store_n_objects(f->store), 0);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(tells_added_modified_unchanged),
        T(keeps_uids_exactly),
        T(children_are_found_whatever_comes_first),
        T(applications_count_their_objects),
        T(keeps_whole_objects_only_where_wanted),
        T(interest_outlives_the_object),
        T(two_interests_in_one_key),
        T(replacement_removes_what_was_not_listed),
        T(replacement_of_a_namespace_leaves_the_others),
        T(one_object_under_two_kinds),
        T(forgetting_a_kind_drops_its_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
