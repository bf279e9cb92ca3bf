/* Streams of Applications and trees: what is sent, and when. */
#include "api-server/stream.h"
#include "tests/lib/stream_fixture.h"

static void changes(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    stream_begin(f, &r, STREAM "?selector=app%3Da", false);
    stream_wait_text(&r, "ADDED");
    fake_cluster_patch(f->cluster, "Application", "argocd", "b", "{status: {x: hidden}}");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{status: {x: seen}}");
    stream_wait_text(&r, "seen");
    fake_cluster_remove(f->cluster, "Application", "argocd", "a");
    stream_wait_text(&r, "DELETED");
    assert_true(str_find(buf_str(&r.result.body), STR("hidden")) == STR_NONE);
    stream_end(&r);
}

static void newer(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    const struct value *list = api_fixture_get(f, "/api/v1/applications");
    struct str version = value_dig_str(list, "metadata", "resourceVersion");
    stream_begin(f, &r,
                 arena_printf(f->arena, STREAM "?resourceVersion=" STR_FMT, STR_ARG(version)).p,
                 false);
    api_fixture_app(f, "c", "");
    stream_wait_text(&r, "\n");
    assert_true(str_find(buf_str(&r.result.body), STR("\"name\":\"c\"")) != STR_NONE);
    assert_true(str_find(buf_str(&r.result.body), STR("\"name\":\"a\"")) == STR_NONE);
    stream_end(&r);
}

static void tells_changes(void **state UNUSED)
{
    API_TEST(changes);
    API_TEST(newer);
}

static void repeated(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    stream_begin(f, &r, STREAM "?name=a&fields=result.application.metadata.labels", false);
    stream_wait_text(&r, "\n");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{status: {x: 1}}");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{metadata: {labels: {app: z}}}");
    stream_wait_text(&r, "\"z\"");
    ASSERT_STR(buf_str(&r.result.body),
               "{\"result\":{\"application\":{\"metadata\":{\"labels\":{\"app\":\"a\"}}}}}\n"
               "{\"result\":{\"application\":{\"metadata\":{\"labels\":{\"app\":\"z\"}}}}}\n");
    stream_end(&r);
}

static void says_nothing_twice(void **state UNUSED)
{
    API_TEST(repeated);
}

/* More than a client takes at once: it comes piece by piece, with what changed meanwhile. */
static void large(struct api_fixture *f)
{
    enum { N = 60, BYTES = 400 * 1024 };
    struct stream_reading r;
    char *text = arena_bytes(f->arena, BYTES + 1);
    memset(text, 'x', BYTES);
    text[BYTES] = '\0';
    api_fixture_login(f);
    for (int i = 0; i < N; i++) {
        struct str name = arena_printf(f->arena, "app-%02d", i);
        api_fixture_app(f, name.p, arena_printf(f->arena, "status: {long: %s}\n", text).p);
    }
    stream_begin(f, &r, STREAM, false);
    fake_cluster_patch(f->cluster, "Application", "argocd", "app-59", "{status: {long: changed}}");
    fake_cluster_remove(f->cluster, "Application", "argocd", "app-58");
    stream_wait_text(&r, "changed");
    assert_true(str_find(buf_str(&r.result.body), STR("app-57")) != STR_NONE);
    assert_int_equal(r.result.n_done, 0);
    stream_end(&r);
}

static void large_installations(void **state UNUSED)
{
    API_TEST(large);
}

#define TREE STREAM "/a/resource-tree"

static void trees(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    f->answer = "{nodes: [{name: one}]}";
    stream_begin(f, &r, TREE, false);
    stream_wait_text(&r, "\n");
    ASSERT_STR(buf_str(&r.result.body), "{\"result\":{\"nodes\":[{\"name\":\"one\"}]}}\n");
    f->answer = "{nodes: [{name: two}]}";
    stream_on_tree(f->server, STR("argocd"), STR("b")); /* not ours */
    stream_on_tree(f->server, STR("argocd"), STR("a"));
    stream_wait_text(&r, "two");
    f->fails = ERR_UNAVAILABLE; /* for a moment: nothing is said */
    unsigned before = f->n_asked;
    stream_on_tree(f->server, STR_EMPTY, STR_EMPTY);
    while (f->n_asked == before) {
        (void)api_fixture_get(f, "/api/version");
    }
    f->fails = ERR_OK;
    f->answer = "{nodes: [{name: three}]}";
    stream_on_tree(f->server, STR_EMPTY, STR_EMPTY);
    stream_wait_text(&r, "three");
    f->fails = ERR_NOT_FOUND;
    stream_on_tree(f->server, STR_EMPTY, STR_EMPTY);
    stream_wait_text(&r, "\"http_code\":404");
    api_fixture_wait(f, http_result_is_done, &r.result);
    stream_end(&r);
}

static void tree_without_controller(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    f->fails = ERR_UNAVAILABLE;
    stream_begin(f, &r, TREE, true);
    api_fixture_wait(f, http_result_is_done, &r.result);
    ASSERT_STR(buf_str(&r.result.body),
               "data: {\"error\":{\"grpc_code\":14,\"http_code\":503,\"http_status\":\"Service "
               "Unavailable\",\"message\":\"the fake controller is told to fail\"}} \n\n\n");
    stream_end(&r);
}

static bool is_held(void *data)
{
    return ((struct api_fixture *)data)->n_held > 0;
}

static void tree_of_nobody(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    f->hold = true;
    stream_begin(f, &r, TREE, true);
    api_fixture_wait(f, is_held, f);
    stream_end(&r); /* while the controller thinks about it */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_changes),
        cmocka_unit_test(says_nothing_twice),
        cmocka_unit_test(large_installations),
        cmocka_unit_test(trees_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
