/* Single flight and memory: who gets what from one load. */
#include "repo-server/source/chart_loads.h"
#include "repo-server/source/helm_index.h"
#include "tests/lib/chart_fixture.h"

#define INDEX "apiVersion: v1\nentries: {web: [{version: 1.0.0, urls: [a]}]}\n"

struct fixture {
    struct chart_fixture *chart;
    struct chart_loads *loads;
    struct chart_remote *remotes[3];
    bool idle;
};

struct waiter {
    struct chart_load_waiter waiter;
    bool done;
    enum err_code code;
    size_t n_versions;
};

static void on_done(struct chart_load_waiter *waiter, const struct chart_load_outcome *outcome)
{
    struct waiter *w = CONTAINER_OF(waiter, struct waiter, waiter);
    assert_false(w->done);
    w->done = true;
    w->code = outcome->err != NULL ? outcome->err->code : ERR_OK;
    if (outcome->index != NULL) {
        w->n_versions = helm_index_versions(outcome->index, STR("web")).n;
    }
}

static struct chart_load index_of(struct fixture *f, size_t i, int64_t fresh_ms)
{
    return (struct chart_load){.kind = CHART_LOAD_INDEX,
                               .remote = f->remotes[i],
                               .name = STR_EMPTY,
                               .version = STR_EMPTY,
                               .fresh_ms = fresh_ms};
}

static void join(struct fixture *f, size_t i, struct waiter *w)
{
    struct chart_load what = index_of(f, i, 0);
    *w = (struct waiter){.waiter.done = on_done};
    chart_loads_join(f->loads, &what, &w->waiter);
    assert_false(w->done);
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){.chart = chart_fixture_new()};
    chart_fixture_page(f.chart, &(struct chart_page){.path = "/0/index.yaml", .body = STR(INDEX)});
    chart_fixture_page(f.chart, &(struct chart_page){.path = "/1/index.yaml", .body = STR(INDEX)});
    struct chart_loads_options options = {
        .env = f.chart->env, .max_bytes = LIMIT_MIB, .max_running = 1};
    f.loads = chart_loads_new(&options);
    for (size_t i = 0; i < ARRAY_LEN(f.remotes); i++) {
        const char *url = arena_printf(f.chart->arena, "%s/%zu", f.chart->url.p, i).p;
        Belay__Repository repo = chart_fixture_repo(url, NULL, NULL);
        f.remotes[i] = chart_fixture_remote(&repo);
    }
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    if (!f->idle) {
        chart_loads_stop(f->loads, on_idle, f);
    }
    chart_fixture_wait(f->chart, &f->idle);
    for (size_t i = 0; i < ARRAY_LEN(f->remotes); i++) {
        chart_remote_unref(f->remotes[i]);
    }
    struct chart_loads *loads = f->loads;
    while (f->chart->users.n > 0) {
        http_fixture_run(f->chart->http, 1);
    }
    chart_loads_free(loads);
    chart_fixture_free(f->chart);
    return 0;
}

static void loads_once_for_all_who_wait(void **state)
{
    struct fixture *f = *state;
    struct waiter a;
    struct waiter b;
    struct waiter gone;
    join(f, 0, &a);
    join(f, 0, &b);
    join(f, 0, &gone);
    chart_loads_leave(&gone.waiter);
    chart_fixture_wait(f->chart, &a.done);
    assert_true(b.done);
    assert_false(gone.done);
    assert_int_equal(b.n_versions, 1);
    assert_int_equal(f->chart->http->n_requests, 1);
    struct chart_load old = index_of(f, 0, 0);
    assert_non_null(chart_loads_find(f->loads, &old));
    struct chart_load now = index_of(f, 0, loop_now_ms(f->chart->http->loop) + 1);
    assert_null(chart_loads_find(f->loads, &now));
}

static void waits_for_its_turn(void **state)
{
    struct fixture *f = *state;
    struct waiter a;
    struct waiter b;
    struct waiter missing;
    join(f, 0, &a);
    join(f, 1, &b);
    join(f, 2, &missing);
    chart_fixture_wait(f->chart, &a.done);
    assert_false(b.done);
    chart_fixture_wait(f->chart, &missing.done);
    assert_true(b.done);
    assert_int_equal(missing.code, ERR_NOT_FOUND);
    assert_int_equal(chart_loads_kept(f->loads), 2);
    assert_true(chart_loads_bytes(f->loads) > 0);
}

static void forgets_what_was_not_used_for_longest(void **state)
{
    struct fixture *f = *state;
    struct waiter w;
    for (size_t i = 0; i < 2; i++) {
        join(f, i, &w);
        chart_fixture_wait(f->chart, &w.done);
    }
    size_t both = chart_loads_bytes(f->loads);
    chart_loads_free(f->loads);
    struct chart_loads_options options = {
        .env = f->chart->env, .max_bytes = both - 1, .max_running = 1};
    f->loads = chart_loads_new(&options);
    for (size_t i = 0; i < 2; i++) {
        join(f, i, &w);
        chart_fixture_wait(f->chart, &w.done);
    }
    struct chart_load first = index_of(f, 0, 0);
    struct chart_load second = index_of(f, 1, 0);
    assert_null(chart_loads_find(f->loads, &first));
    assert_non_null(chart_loads_find(f->loads, &second));
    assert_int_equal(chart_loads_kept(f->loads), 1);
}

static void stops_at_any_moment(void **state)
{
    struct fixture *f = *state;
    struct waiter running;
    struct waiter queued;
    join(f, 0, &running);
    join(f, 1, &queued);
    chart_loads_stop(f->loads, on_idle, f);
    assert_true(queued.done);
    assert_int_equal(queued.code, ERR_CANCELED);
    chart_fixture_wait(f->chart, &f->idle);
    assert_true(running.done);
    assert_int_equal(running.code, ERR_CANCELED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loads_once_for_all_who_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(waits_for_its_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(forgets_what_was_not_used_for_longest, setup, teardown),
        cmocka_unit_test_setup_teardown(stops_at_any_moment, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
