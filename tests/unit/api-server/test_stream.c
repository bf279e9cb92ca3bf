/* Event streams: what is sent, when, and how they end. */
#include "api-server/stream.h"
#include "api-server/stream_out.h"
#include "tests/lib/api_fixture.h"

#define STREAM "/api/v1/stream/applications"

struct reading {
    struct api_fixture *f;
    struct http_result result;
    const char *want;
};

static bool has_text(void *data)
{
    struct reading *r = data;
    return str_find(buf_str(&r->result.body), str_from(r->want)) != STR_NONE ||
           r->result.n_done > 0;
}

static void wait_text(struct reading *r, const char *text)
{
    r->want = text;
    api_fixture_wait(r->f, has_text, r);
    if (str_find(buf_str(&r->result.body), str_from(text)) == STR_NONE) {
        fail_msg("no '%s' in '%s'", text, r->result.body.p);
    }
}

static void begin(struct api_fixture *f, struct reading *r, const char *path, bool sse)
{
    struct http_header *h = arena_calloc(f->arena, 2, sizeof(*h));
    *r = (struct reading){.f = f, .result = {.want_header = "content-type"}};
    h[0] = (struct http_header){STR("accept"),
                                sse ? STR("text/event-stream") : STR("application/json")};
    h[1] =
        (struct http_header){STR("authorization"), arena_printf(f->arena, "Bearer %s", f->token)};
    struct http_call_opts opts = {.headers = {h, 2}, .on_data = http_result_data};
    api_fixture_begin(f, opts, path, &r->result);
}

static bool no_streams(void *data)
{
    return list_empty(&((struct api_fixture *)data)->server->streams);
}

static void end(struct reading *r)
{
    if (r->result.n_done == 0) {
        http_call_cancel(r->result.call);
        api_fixture_wait(r->f, http_result_is_done, &r->result);
    }
    http_result_free(&r->result);
    api_fixture_wait(r->f, no_streams, r->f);
}

static void setup(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "b", "");
    api_fixture_app(f, "a", "");
}

#define NAMES "fields=result.type,result.application.metadata.name"
#define MESSAGE(type, name) \
    "{\"result\":{\"application\":{\"metadata\":{\"name\":\"" name "\"}},\"type\":\"" type "\"}}"

static void framing(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    begin(f, &r, STREAM "?" NAMES, true);
    wait_text(&r, "\"b\"");
    ASSERT_STR(buf_str(&r.result.body),
               "data: " MESSAGE("ADDED", "a") " \n\n\ndata: " MESSAGE("ADDED", "b") " \n\n\n");
    end(&r);
    begin(f, &r, STREAM "?name=a&" NAMES, false);
    wait_text(&r, "\n");
    ASSERT_STR(buf_str(&r.result.body), MESSAGE("ADDED", "a") "\n");
    end(&r);
}

static void both_encodings(void **state UNUSED)
{
    API_TEST(framing);
}

static void changes(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    begin(f, &r, STREAM "?selector=app%3Da", false);
    wait_text(&r, "ADDED");
    fake_cluster_patch(f->cluster, "Application", "argocd", "b", "{status: {x: hidden}}");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{status: {x: seen}}");
    wait_text(&r, "seen");
    fake_cluster_remove(f->cluster, "Application", "argocd", "a");
    wait_text(&r, "DELETED");
    assert_true(str_find(buf_str(&r.result.body), STR("hidden")) == STR_NONE);
    end(&r);
}

static void newer(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    const struct value *list = api_fixture_get(f, "/api/v1/applications");
    struct str version = value_dig_str(list, "metadata", "resourceVersion");
    begin(f, &r, arena_printf(f->arena, STREAM "?resourceVersion=" STR_FMT, STR_ARG(version)).p,
          false);
    api_fixture_app(f, "c", "");
    wait_text(&r, "\n");
    assert_true(str_find(buf_str(&r.result.body), STR("\"name\":\"c\"")) != STR_NONE);
    assert_true(str_find(buf_str(&r.result.body), STR("\"name\":\"a\"")) == STR_NONE);
    end(&r);
}

static void tells_changes(void **state UNUSED)
{
    API_TEST(changes);
    API_TEST(newer);
}

static void repeated(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    begin(f, &r, STREAM "?name=a&fields=result.application.metadata.labels", false);
    wait_text(&r, "\n");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{status: {x: 1}}");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{metadata: {labels: {app: z}}}");
    wait_text(&r, "\"z\"");
    ASSERT_STR(buf_str(&r.result.body),
               "{\"result\":{\"application\":{\"metadata\":{\"labels\":{\"app\":\"a\"}}}}}\n"
               "{\"result\":{\"application\":{\"metadata\":{\"labels\":{\"app\":\"z\"}}}}}\n");
    end(&r);
}

static void says_nothing_twice(void **state UNUSED)
{
    API_TEST(repeated);
}

/* More than a client takes at once: it comes piece by piece, with what changed meanwhile. */
static void large(struct api_fixture *f)
{
    enum { N = 60, BYTES = 400 * 1024 };
    struct reading r;
    char *text = arena_bytes(f->arena, BYTES + 1);
    memset(text, 'x', BYTES);
    text[BYTES] = '\0';
    api_fixture_login(f);
    for (int i = 0; i < N; i++) {
        struct str name = arena_printf(f->arena, "app-%02d", i);
        api_fixture_app(f, name.p, arena_printf(f->arena, "status: {long: %s}\n", text).p);
    }
    begin(f, &r, STREAM, false);
    fake_cluster_patch(f->cluster, "Application", "argocd", "app-59", "{status: {long: changed}}");
    fake_cluster_remove(f->cluster, "Application", "argocd", "app-58");
    wait_text(&r, "changed");
    assert_true(str_find(buf_str(&r.result.body), STR("app-57")) != STR_NONE);
    assert_int_equal(r.result.n_done, 0);
    end(&r);
}

static void large_installations(void **state UNUSED)
{
    API_TEST(large);
}

#define TREE STREAM "/a/resource-tree"

static void trees(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    f->answer = "{nodes: [{name: one}]}";
    begin(f, &r, TREE, false);
    wait_text(&r, "\n");
    ASSERT_STR(buf_str(&r.result.body), "{\"result\":{\"nodes\":[{\"name\":\"one\"}]}}\n");
    f->answer = "{nodes: [{name: two}]}";
    stream_on_tree(f->server, STR("argocd"), STR("b")); /* not ours */
    stream_on_tree(f->server, STR("argocd"), STR("a"));
    wait_text(&r, "two");
    f->fails = ERR_UNAVAILABLE; /* for a moment: nothing is said */
    unsigned before = f->n_asked;
    stream_on_tree(f->server, STR_EMPTY, STR_EMPTY);
    while (f->n_asked == before) {
        (void)api_fixture_get(f, "/api/version");
    }
    f->fails = ERR_OK;
    f->answer = "{nodes: [{name: three}]}";
    stream_on_tree(f->server, STR_EMPTY, STR_EMPTY);
    wait_text(&r, "three");
    f->fails = ERR_NOT_FOUND;
    stream_on_tree(f->server, STR_EMPTY, STR_EMPTY);
    wait_text(&r, "\"http_code\":404");
    api_fixture_wait(f, http_result_is_done, &r.result);
    end(&r);
}

static void tree_without_controller(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    f->fails = ERR_UNAVAILABLE;
    begin(f, &r, TREE, true);
    api_fixture_wait(f, http_result_is_done, &r.result);
    ASSERT_STR(buf_str(&r.result.body),
               "data: {\"error\":{\"grpc_code\":14,\"http_code\":503,\"http_status\":\"Service "
               "Unavailable\",\"message\":\"the fake controller is told to fail\"}} \n\n\n");
    end(&r);
}

static bool is_held(void *data)
{
    return ((struct api_fixture *)data)->n_held > 0;
}

static void tree_of_nobody(struct api_fixture *f)
{
    struct reading r;
    setup(f);
    f->hold = true;
    begin(f, &r, TREE, true);
    api_fixture_wait(f, is_held, f);
    end(&r); /* while the controller thinks about it */
    api_fixture_let_go(f);
    API_REFUSED(f, "GET", STREAM "/x/resource-tree", NULL, 403, 7, "permission denied");
    API_REFUSED(f, "GET", STREAM "?selector=,", NULL, 400, 3, "selector");
}

static void trees_again_and_again(void **state UNUSED)
{
    API_TEST(trees);
    API_TEST(tree_without_controller);
    API_TEST(tree_of_nobody);
}

static void ended_by_the_server(struct api_fixture *f)
{
    struct reading apps;
    struct reading tree;
    setup(f);
    begin(f, &apps, STREAM, true);
    begin(f, &tree, TREE, true);
    wait_text(&apps, "ADDED");
    wait_text(&tree, "result");
    stream_out_end_all(f->server);
    api_fixture_wait(f, http_result_is_done, &apps.result);
    api_fixture_wait(f, http_result_is_done, &tree.result);
    assert_true(apps.result.ok && tree.result.ok);
    end(&apps);
    end(&tree);
}

static void end_with_the_server(void **state UNUSED)
{
    API_TEST(ended_by_the_server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_encodings),        cmocka_unit_test(tells_changes),
        cmocka_unit_test(says_nothing_twice),    cmocka_unit_test(large_installations),
        cmocka_unit_test(trees_again_and_again), cmocka_unit_test(end_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
