/* Registries: tags over pages, manifests. */
#include "repo-server/source/helm_index.h"
#include "repo-server/source/oci.h"
#include "tests/lib/chart_fixture.h"

struct outcome {
    bool done;
    struct helm_index *index;
    struct err err;
};

static void on_done(struct helm_index *index, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    o->index = helm_index_ref(index);
}

static struct chart_remote *registry(struct chart_fixture *f, const char *path)
{
    const char *url =
        arena_printf(f->arena, "oci" STR_FMT "%s", STR_ARG(str_sub(f->url, 4, f->url.n)), path).p;
    Belay__Repository repo = chart_fixture_repo(url, NULL, NULL);
    repo.insecure_oci_force_http = true;
    return chart_fixture_remote(&repo);
}

static struct outcome run(struct chart_fixture *f, const char *version)
{
    struct outcome o = {0};
    AUTO(chart_remote) struct chart_remote *remote = registry(f, "/c");
    (void)oci_start(&f->env, remote, STR("c/web"), str_from(version), on_done, &o);
    assert_false(o.done);
    chart_fixture_wait(f, &o.done);
    return o;
}

static void check_fails(struct outcome o, const char *part)
{
    assert_null(o.index);
    check_contains(&o.err, part);
}

static int setup(void **state)
{
    *state = chart_fixture_new();
    return 0;
}

static int teardown(void **state)
{
    chart_fixture_free(*state);
    return 0;
}

static void makes_names_and_urls(void **state)
{
    struct chart_fixture *f = *state;
    struct err err;
    struct str name;
    struct url url;
    AUTO(chart_remote) struct chart_remote *deep = registry(f, "/a/b");
    AUTO(chart_remote) struct chart_remote *root = registry(f, "");
    ASSERT_OK(oci_name(f->arena, deep, STR("web"), &name, &err));
    ASSERT_STR(name, "a/b/web");
    ASSERT_OK(oci_name(f->arena, deep, STR(""), &name, &err));
    ASSERT_STR(name, "a/b");
    ASSERT_OK(oci_name(f->arena, root, STR("web"), &name, &err));
    ASSERT_STR(name, "web");
    ASSERT_ERR(oci_name(f->arena, root, STR(""), &name, &err), ERR_INVALID, "cannot be");
    ASSERT_ERR(oci_name(f->arena, deep, STR("../x"), &name, &err), ERR_INVALID, "cannot be");
    oci_url(f->arena, deep, STR("a/b"), "blobs", STR("sha256:1"), &url);
    ASSERT_STR(url.path, "/v2/a/b/blobs/sha256:1");
}

static void lists_tags_page_by_page(void **state)
{
    struct chart_fixture *f = *state;
    struct chart_page first = {
        .path = "/v2/c/web/tags/list?n=1000",
        .body = STR("{\"name\":\"c/web\",\"tags\":[\"1.0.0\",\"latest\",\"1.1.0_b\"]}"),
        .header = {STR("Link"), STR("<list?last=1.1.0_b&n=1000>; rel=\"next\"")},
    };
    struct chart_page second = {
        .path = "/v2/c/web/tags/list?last=1.1.0_b&n=1000",
        .body = STR("{\"tags\":[\"2.0.0\"]}"),
    };
    chart_fixture_page(f, &first);
    chart_fixture_page(f, &second);
    struct outcome o = run(f, "");
    struct helm_versions v = helm_index_versions(o.index, STR("c/web"));
    assert_int_equal(v.n, 3);
    ASSERT_STR(v.items[0].semver.original, "2.0.0");
    ASSERT_STR(v.items[1].semver.original, "1.1.0+b");
    helm_index_unref(o.index);
    first.header.value = arena_printf(f->arena, "<" STR_FMT "/x>; rel=next", STR_ARG(f->other_url));
    chart_fixture_page(f, &first);
    check_fails(run(f, ""), "on another server");
    first.header.value = STR("</v2/c/web/tags/list?n=1000>; rel=next");
    chart_fixture_page(f, &first);
    check_fails(run(f, ""), "more than 1000 pages");
}

static void reads_manifests(void **state)
{
    struct chart_fixture *f = *state;
    struct str archive = STR("bytes");
    struct chart_page page = {
        .path = "/v2/c/web/manifests/1.1.0_b",
        .body = chart_fixture_manifest(f, archive),
    };
    page.header = (struct http_header){
        STR("Docker-Content-Digest"),
        arena_printf(f->arena, "sha256:%s", chart_fixture_digest(f, page.body))};
    chart_fixture_page(f, &page);
    struct outcome o = run(f, "1.1.0+b");
    struct helm_versions v = helm_index_versions(o.index, STR("c/web"));
    assert_int_equal(v.n, 1);
    ASSERT_STR(v.items[0].semver.original, "1.1.0+b");
    ASSERT_STR(v.items[0].digest, chart_fixture_digest(f, archive));
    helm_index_unref(o.index);
    page.body = STR("{\"config\":{}}");
    chart_fixture_page(f, &page);
    check_fails(run(f, "1.1.0+b"), "has not the digest");
    page.header.name = STR_EMPTY;
    chart_fixture_page(f, &page);
    o = run(f, "1.1.0+b");
    check_contains(&o.err, "OCI repository 'c/web': version '1.1.0+b'");
    check_contains(&o.err, "not that of a Helm chart");
}

static void asks_whether_it_is_let_in(void **state)
{
    struct chart_fixture *f = *state;
    AUTO(chart_remote) struct chart_remote *remote = registry(f, "/c");
    struct outcome o = {0};
    chart_fixture_page(f, &(struct chart_page){.path = "/v2/", .body = STR("{}")});
    (void)oci_start(&f->env, remote, STR_EMPTY, STR_EMPTY, on_done, &o);
    chart_fixture_wait(f, &o.done);
    assert_non_null(o.index);
    helm_index_unref(o.index);
    chart_fixture_page(f, &(struct chart_page){.path = "/v2/",
                                               .authorization = "Basic eDp5",
                                               .challenge = "Basic realm=r"});
    o = (struct outcome){0};
    (void)oci_start(&f->env, remote, STR_EMPTY, STR_EMPTY, on_done, &o);
    chart_fixture_wait(f, &o.done);
    assert_int_equal(o.err.code, ERR_UNAUTHENTICATED);
    check_contains(&o.err, "OCI registry '");
}

static void quotes_the_registry(void **state)
{
    struct chart_fixture *f = *state;
    struct chart_page page = {
        .path = "/v2/c/web/manifests/9.9.9",
        .status = 404,
        .body = STR("{\"errors\":[{\"message\":\"manifest unknown\"}]}"),
    };
    chart_fixture_page(f, &page);
    struct outcome o = run(f, "9.9.9");
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    check_contains(&o.err, "manifest unknown");
    struct outcome canceled = {0};
    AUTO(chart_remote) struct chart_remote *remote = registry(f, "/c");
    oci_cancel(oci_start(&f->env, remote, STR("c/web"), STR(""), on_done, &canceled));
    chart_fixture_wait(f, &canceled.done);
    assert_int_equal(canceled.err.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_names_and_urls, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_tags_page_by_page, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_manifests, setup, teardown),
        cmocka_unit_test_setup_teardown(asks_whether_it_is_let_in, setup, teardown),
        cmocka_unit_test_setup_teardown(quotes_the_registry, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
