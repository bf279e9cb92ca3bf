/* Loading an index: new, unchanged, from disk. */
#include "repo-server/source/chart_store.h"
#include "repo-server/source/helm_index.h"
#include "repo-server/source/index_load.h"
#include "tests/lib/chart_fixture.h"

#define INDEX "apiVersion: v1\nentries: {web: [{version: 1.0.0, urls: [a]}]}\n"

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

static struct outcome load(struct chart_fixture *f, struct helm_index *known, bool cancel)
{
    struct outcome o = {0};
    const char *url = arena_printf(f->arena, STR_FMT "/c/?key=1", STR_ARG(f->url)).p;
    Belay__Repository repo = chart_fixture_repo(url, "u", "p");
    AUTO(chart_remote) struct chart_remote *remote = chart_fixture_remote(&repo);
    struct index_load *l = index_load_start(&f->env, remote, known, on_done, &o);
    assert_false(o.done);
    if (cancel) {
        index_load_cancel(l);
    }
    chart_fixture_wait(f, &o.done);
    return o;
}

static void serve(struct chart_fixture *f, const char *body, const char *etag)
{
    struct chart_page page = {.path = "/c/index.yaml?key=1",
                              .body = str_from(body),
                              .etag = etag,
                              .authorization = "Basic dTpw",
                              .challenge = "Basic"};
    chart_fixture_page(f, &page);
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

static void asks_only_whether_it_has_changed(void **state)
{
    struct chart_fixture *f = *state;
    serve(f, INDEX, "\"1\"");
    struct outcome first = load(f, NULL, false);
    assert_int_equal(helm_index_versions(first.index, STR("web")).n, 1);
    ASSERT_STR(helm_index_etag(first.index), "\"1\"");
    struct outcome known = load(f, first.index, false);
    assert_ptr_equal(known.index, first.index);
    struct outcome disk = load(f, NULL, false);
    assert_ptr_not_equal(disk.index, first.index);
    assert_int_equal(helm_index_versions(disk.index, STR("web")).n, 1);
    assert_int_equal(f->http->n_requests, 3);
    serve(f, "apiVersion: v1\nentries: {}\n", "\"2\"");
    struct outcome changed = load(f, first.index, false);
    assert_int_equal(helm_index_versions(changed.index, STR("web")).n, 0);
    helm_index_unref(first.index);
    helm_index_unref(known.index);
    helm_index_unref(disk.index);
    helm_index_unref(changed.index);
}

static void reports_what_goes_wrong(void **state)
{
    struct chart_fixture *f = *state;
    struct outcome o = load(f, NULL, false);
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    check_contains(&o.err, "chart repository 'http://127.0.0.1");
    serve(f, "<html>", NULL);
    o = load(f, NULL, false);
    check_contains(&o.err, "not a chart index");
    o = load(f, NULL, true);
    assert_int_equal(o.err.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asks_only_whether_it_has_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(reports_what_goes_wrong, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
