/* Logs over REST: what is asked of the cluster, and the entries of the stream. */
#include "tests/lib/api_fixture.h"

#define A "/api/v1/applications/a"

static const char TREE[] =
    "{nodes: ["
    " {group: apps, kind: Deployment, namespace: shop, name: web, uid: d},"
    " {kind: Pod, namespace: shop, name: web-1, uid: p1, parentRefs: [{uid: d}]},"
    " {kind: Pod, namespace: shop, name: web-2, uid: p2, parentRefs: [{uid: d}]}]}";

static void setup(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    f->answer = TREE;
    fake_cluster_set_log(f->cluster, "web-1",
                         "2026-01-02T03:04:05.000000001Z One\n2026-01-02T03:04:07Z three\n");
    fake_cluster_set_log(f->cluster, "web-2",
                         "2026-01-02T04:04:06.5+01:00 two \xff\n2026-01-02T03:04:08Z four\n");
}

/* "pod:content@time|" of a stream's entries; the last one, which is empty, counts as ".". */
static void assert_entries(struct api_fixture *f, const char *path, const char *want)
{
    struct api_answer a = api_fixture_call(f, "GET", path, NULL);
    AUTO(buf) struct buf out;
    struct str rest = a.text;
    struct str line;
    struct err err;
    buf_init(&out, LIMIT_MIB);
    buf_put_c(&out, "");
    assert_int_equal(a.status, 200);
    while (str_next(&rest, '\n', &line)) {
        const struct value *message = NULL;
        if (line.n == 0) {
            continue;
        }
        ASSERT_OK(value_from_json(f->arena, line, NULL, &message, &err));
        const struct value *entry = value_dig(message, "result");
        if (value_bool(value_dig(entry, "last"), false)) {
            buf_put_c(&out, ".");
            continue;
        }
        buf_printf(
            &out, STR_FMT ":" STR_FMT "@" STR_FMT "|", STR_ARG(value_dig_str(entry, "podName")),
            STR_ARG(value_dig_str(entry, "content")), STR_ARG(value_dig_str(entry, "timeStamp")));
    }
    assert_string_equal(out.p, want);
}

#define ONE   "web-1:One@2026-01-02T03:04:05Z|"
#define TWO   "web-2:two \xef\xbf\xbd@2026-01-02T03:04:06Z|"
#define THREE "web-1:three@2026-01-02T03:04:07Z|"
#define FOUR  "web-2:four@2026-01-02T03:04:08Z|"

static void entries(struct api_fixture *f)
{
    setup(f);
    assert_entries(f, A "/logs", ONE TWO THREE FOUR ".");
    assert_entries(f, A "/logs?kind=Deployment&resourceName=web&filter=t", TWO THREE ".");
    assert_entries(f, A "/logs?filter=one", ONE ".");
    assert_entries(f, A "/logs?filter=one&matchCase=true", ".");
    assert_entries(f, A "/logs?filter=%21O&matchCase=true", TWO THREE FOUR ".");
    assert_entries(f, A "/logs?untilTime=2026-01-02T03:04:06.6Z", ONE TWO ".");
    assert_entries(f, A "/pods/web-1/logs?namespace=shop", ONE THREE ".");
    assert_entries(f, A "/pods/web-1/logs?namespace=elsewhere", ".");
    assert_entries(f, A "/logs?podName=web-2", TWO FOUR ".");
}

static void streams_entries(void **state UNUSED)
{
    API_TEST(entries);
}

static void asks(struct api_fixture *f)
{
    setup(f);
    fake_cluster_forget_log(f->cluster);
    assert_entries(f,
                   A "/pods/web-1/logs?container=main&previous=true&tailLines=5"
                     "&sinceTime.seconds=1700000000",
                   ONE THREE ".");
    assert_int_equal(fake_cluster_count(f->cluster,
                                        "GET /api/v1/namespaces/shop/pods/web-1/log?timestamps=true"
                                        "&previous=true&container=main"
                                        "&sinceTime=2023-11-14T22%3A13%3A20Z&tailLines=5",
                                        ""),
                     1);
}

static void options_reach_the_cluster(void **state UNUSED)
{
    API_TEST(asks);
}

static void troubles(struct api_fixture *f)
{
    setup(f);
    f->answer = "{nodes: [{kind: Pod, namespace: shop, name: web-9, uid: p}]}";
    struct api_answer a = api_fixture_call(f, "GET", A "/logs", NULL);
    assert_int_equal(a.status, 200);
    assert_true(str_find(a.text, STR("log of pod shop/web-9")) != STR_NONE);
    API_REFUSED(f, "GET", A "/logs?tailLines=x", NULL, 400, 3, "tailLines");
    API_REFUSED(f, "GET", A "/logs?untilTime=x", NULL, 400, 3, "untilTime");
    f->fails = ERR_UNAVAILABLE;
    API_REFUSED(f, "GET", A "/logs", NULL, 503, 14, "told to fail");
    f->fails = ERR_OK;
    f->answer =
        "{nodes: ["
        "{kind: Pod, name: a, uid: 1}, {kind: Pod, name: b, uid: 2}, {kind: Pod, name: c, uid: 3},"
        "{kind: Pod, name: d, uid: 4}, {kind: Pod, name: e, uid: 5}, {kind: Pod, name: f, uid: 6},"
        "{kind: Pod, name: g, uid: 7}, {kind: Pod, name: h, uid: 8}, {kind: Pod, name: i, uid: 9},"
        "{kind: Pod, name: j, uid: 10}, {kind: Pod, name: k, uid: 11}]}";
    API_REFUSED(f, "GET", A "/logs", NULL, 400, 3, "11 of at most 10");
}

static void troubles_are_told(void **state UNUSED)
{
    API_TEST(troubles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_entries),
        cmocka_unit_test(options_reach_the_cluster),
        cmocka_unit_test(troubles_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
