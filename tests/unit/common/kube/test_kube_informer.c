/* A watched kind in memory: changes, relists that miss objects, own writes, versions. */
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

#define LIST(version, items) \
    "{\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items "]}"
#define POD(name, version)                                                                         \
    "{\"metadata\":{\"namespace\":\"n\",\"name\":\"" name "\",\"resourceVersion\":\"" version "\"" \
    "}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"

#define NO_STREAMED_LISTS                                                                  \
    {                                                                                      \
        422, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Invalid\"}", 0, NULL \
    }

/* "+a1 ~a1:a2 -a2 synced " */
struct seen {
    struct buf told;
    size_t want;
    bool stopped;
};

static void put(struct buf *out, struct doc *doc)
{
    buf_put(out, kube_name(doc_root(doc)));
    buf_put(out, kube_resource_version(doc_root(doc)));
}

static void on_change(void *data, struct doc *before, struct doc *after)
{
    struct seen *seen = data;
    buf_put_c(&seen->told, before == NULL ? "+" : (after == NULL ? "-" : "~"));
    if (before != NULL) {
        put(&seen->told, before);
    }
    if (before != NULL && after != NULL) {
        buf_put_char(&seen->told, ':');
    }
    if (after != NULL) {
        put(&seen->told, after);
    }
    buf_put_char(&seen->told, ' ');
}

static void on_synced(void *data)
{
    struct seen *seen = data;
    buf_put_c(&seen->told, "synced ");
}

static void on_stopped(void *data)
{
    struct seen *seen = data;
    seen->stopped = true;
}

static bool has_told(void *data)
{
    const struct seen *seen = data;
    return seen->told.n >= seen->want;
}

static bool is_stopped(void *data)
{
    return ((struct seen *)data)->stopped;
}

static void expect(struct kube_fixture *f, struct seen *seen, const char *want)
{
    seen->want = strlen(want);
    kube_fixture_wait(f, has_told, seen);
    ASSERT_STR(buf_str(&seen->told), want);
}

static struct kube_informer *start(struct kube_fixture *f, struct seen *seen)
{
    const struct kube_informer_opts opts = {
        .target = {.version = STR("v1"), .resource = STR("pods"), .kind = STR("Pod")},
        .on_change = on_change,
        .on_synced = on_synced,
        .data = seen,
    };
    buf_init(&seen->told, 4096);
    return kube_informer_start(f->client, &opts);
}

static void finish(struct kube_fixture *f, struct kube_informer *informer, struct seen *seen)
{
    kube_informer_stop(informer, on_stopped, seen);
    kube_fixture_wait(f, is_stopped, seen);
    kube_fixture_free(f);
    buf_done(&seen->told);
}

static void changes_are_told_and_kept(void **state UNUSED)
{
    const struct kube_step steps[] = {
        NO_STREAMED_LISTS,
        {200, LIST("5", POD("a", "1") "," POD("b", "2")), KUBE_STEP_REPLY, NULL},
        {200, EVENT("MODIFIED", POD("a", "6")) EVENT("DELETED", POD("b", "7")), KUBE_STEP_OPEN,
         NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct seen seen = {0};
    struct kube_informer *informer = start(f, &seen);
    assert_false(kube_informer_synced(informer));
    expect(f, &seen, "+a1 +b2 synced ~a1:a6 -b2 ");
    assert_true(kube_informer_synced(informer));
    assert_int_equal(kube_informer_count(informer), 1);
    assert_non_null(kube_informer_find(informer, STR("n"), STR("a")));
    assert_null(kube_informer_find(informer, STR("n"), STR("b")));
    size_t at = 0;
    assert_non_null(kube_informer_next(informer, &at));
    assert_null(kube_informer_next(informer, &at));
    finish(f, informer, &seen);
}

static void a_relist_that_misses_an_object_deletes_it(void **state UNUSED)
{
    const struct kube_step steps[] = {
        NO_STREAMED_LISTS,
        {200, LIST("5", POD("a", "1") "," POD("b", "2")), KUBE_STEP_REPLY, NULL},
        {410, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Expired\"}", 0, NULL},
        {200, LIST("9", POD("b", "2") "," POD("c", "8")), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct seen seen = {0};
    struct kube_informer *informer = start(f, &seen);
    expect(f, &seen, "+a1 +b2 synced +c8 -a1 synced ");
    assert_int_equal(kube_informer_count(informer), 2);
    finish(f, informer, &seen);
}

#define POD_IN(ns, name, version)                                                                  \
    "{\"metadata\":{\"namespace\":\"" ns "\",\"name\":\"" name "\",\"resourceVersion\":\"" version \
    "\"}}"

static bool wants(void *data UNUSED, struct str namespace)
{
    return !str_eq(namespace, STR("no"));
}

static void some_namespaces_may_not_count(void **state UNUSED)
{
    const struct kube_step steps[] = {
        NO_STREAMED_LISTS,
        {200, LIST("5", POD_IN("n", "a", "1") "," POD_IN("no", "b", "2")), KUBE_STEP_REPLY, NULL},
        {200, EVENT("MODIFIED", POD_IN("no", "b", "6")) EVENT("MODIFIED", POD_IN("n", "a", "7")),
         KUBE_STEP_OPEN, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct seen seen = {0};
    const struct kube_informer_opts opts = {
        .target = {.version = STR("v1"), .resource = STR("pods"), .kind = STR("Pod")},
        .wants = wants,
        .on_change = on_change,
        .on_synced = on_synced,
        .data = &seen,
    };
    buf_init(&seen.told, 4096);
    struct kube_informer *informer = kube_informer_start(f->client, &opts);
    expect(f, &seen, "+a1 synced ~a1:a7 ");
    assert_int_equal(kube_informer_count(informer), 1);
    finish(f, informer, &seen);
}

static void own_writes_are_seen_at_once(void **state UNUSED)
{
    const struct kube_step steps[] = {
        NO_STREAMED_LISTS,
        {200, LIST("5", POD("a", "5")), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct seen seen = {0};
    struct err err;
    AUTO(doc) struct doc *newer = NULL;
    AUTO(doc) struct doc *older = NULL;
    struct kube_informer *informer = start(f, &seen);
    expect(f, &seen, "+a5 synced ");
    ASSERT_OK(doc_from_json(STR(POD("a", "10")), NULL, &newer, &err));
    ASSERT_OK(doc_from_json(STR(POD("a", "9")), NULL, &older, &err));
    kube_informer_put(informer, newer);
    kube_informer_put(informer, older);
    ASSERT_STR(buf_str(&seen.told), "+a5 synced ~a5:a10 ");
    finish(f, informer, &seen);
}

static void who_set_what_is_not_kept(void **state UNUSED)
{
#define MANAGED(version)                                                               \
    "{\"metadata\":{\"namespace\":\"n\",\"name\":\"a\",\"resourceVersion\":\"" version \
    "\",\"managedFields\":[{\"manager\":\"x\"}]},\"spec\":{\"x\":1}}"
    const struct kube_step steps[] = {
        NO_STREAMED_LISTS,
        {200, LIST("5", MANAGED("5")), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct kube_fixture *f = kube_fixture_new(steps, ARRAY_LEN(steps), "");
    struct seen seen = {0};
    struct err err;
    AUTO(doc) struct doc *newer = NULL;
    struct kube_informer *informer = start(f, &seen);
    expect(f, &seen, "+a5 synced ");
    ASSERT_OK(doc_from_json(STR(MANAGED("10")), NULL, &newer, &err));
    for (int i = 0; i < 2; i++) { /* as it was read, and as it was written */
        const struct value *obj = doc_root(kube_informer_find(informer, STR("n"), STR("a")));
        assert_null(value_dig(obj, "metadata", "managedFields"));
        assert_non_null(value_dig(obj, "spec", "x"));
        kube_informer_put(informer, newer);
    }
    finish(f, informer, &seen);
}

static void versions_compare_as_numbers(void **state UNUSED)
{
    assert_true(kube_version_not_older(STR("10"), STR("9")));
    assert_false(kube_version_not_older(STR("9"), STR("10")));
    assert_true(kube_version_not_older(STR("9"), STR("9")));
    assert_true(kube_version_not_older(STR("x"), STR("9")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told_and_kept),
        cmocka_unit_test(a_relist_that_misses_an_object_deletes_it),
        cmocka_unit_test(some_namespaces_may_not_count),
        cmocka_unit_test(own_writes_are_seen_at_once),
        cmocka_unit_test(who_set_what_is_not_kept),
        cmocka_unit_test(versions_compare_as_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
