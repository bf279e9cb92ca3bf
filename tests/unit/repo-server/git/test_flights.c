/* Single flight: sharing, leaving, waiting for a free helper, stopping. */
#include "repo-server/git/flights.h"
#include "tests/lib/helper_fixture.h"

struct waiter {
    struct flight_waiter base;
    bool done;
    enum err_code code;
    char tag[8];
};

struct fixture {
    struct helper_fixture helper;
    struct flights *flights;
    size_t n_runs;
    bool idle;
};

static void on_run(const struct flight_run *run, void *data)
{
    struct fixture *f = data;
    assert_int_equal(run->op, BELAY__GIT_WORKER_OP__GIT_WORKER_LIST);
    f->n_runs++;
}

static void on_done(struct flight_waiter *waiter, const struct flight_outcome *outcome)
{
    struct waiter *w = CONTAINER_OF(waiter, struct waiter, base);
    assert_false(w->done);
    w->done = true;
    w->code = outcome->err != NULL ? outcome->err->code : ERR_OK;
    (void)snprintf(w->tag, sizeof(w->tag), STR_FMT, STR_ARG(outcome->tag));
}

static bool is_done(void *data)
{
    return ((struct waiter *)data)->done;
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static bool is_idle(void *data)
{
    return ((struct fixture *)data)->idle;
}

static void join(struct fixture *f, const char *key, const char *tag, struct waiter *w)
{
    Belay__Repository repo;
    Belay__GitWorkerRequest request;
    belay__repository__init(&repo);
    belay__git_worker_request__init(&request);
    repo.url = f->helper.repo.url;
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_LIST;
    request.repo = &repo;
    request.allow_file_urls = true;
    struct flight_call call = {.key = str_from(key),
                               .tag = str_from(tag),
                               .request = &request,
                               .shown = "shown",
                               .revision = "main"};
    *w = (struct waiter){.base = {.done = on_done}};
    flights_join(f->flights, &call, &w->base);
    assert_false(w->done);
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    helper_fixture_init(&f.helper);
    struct flights_options options = {.loop = f.helper.loop,
                                      .store = f.helper.store,
                                      .on_run = on_run,
                                      .data = &f,
                                      .max_helpers = 1,
                                      .list_timeout_ms = HELPER_FIXTURE_MS,
                                      .fetch_timeout_ms = HELPER_FIXTURE_MS};
    f.flights = flights_new(&options);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    flights_stop(f->flights, on_idle, f);
    helper_fixture_wait(&f->helper, is_idle, f);
    flights_free(f->flights);
    helper_fixture_done(&f->helper);
    return 0;
}

static void callers_share_a_run(void **state)
{
    struct fixture *f = *state;
    struct waiter w[4];
    join(f, "one", "a", &w[0]);
    join(f, "one", "b", &w[1]);
    join(f, "one", "c", &w[2]);
    join(f, "two", "d", &w[3]);
    assert_true(flights_has(f->flights, STR("one")));
    assert_int_equal(flights_active(f->flights), 2);
    flights_leave(&w[1].base);
    helper_fixture_wait(&f->helper, is_done, &w[3]);
    assert_true(w[0].done && w[2].done);
    assert_false(w[1].done);
    assert_int_equal(w[2].code, ERR_OK);
    assert_string_equal(w[2].tag, "a");
    assert_string_equal(w[3].tag, "d");
    assert_int_equal(f->n_runs, 2);
    assert_int_equal(flights_active(f->flights), 0);
}

static void stopping_ends_all(void **state)
{
    struct fixture *f = *state;
    struct waiter w[2];
    join(f, "running", "a", &w[0]);
    join(f, "waiting", "b", &w[1]);
    flights_stop(f->flights, on_idle, f);
    assert_true(w[1].done);
    assert_int_equal(w[1].code, ERR_CANCELED);
    helper_fixture_wait(&f->helper, is_idle, f);
    assert_true(w[0].done);
    assert_int_equal(w[0].code, ERR_CANCELED);
}

int main(int argc, char **argv)
{
    helper_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(callers_share_a_run, setup, teardown),
        cmocka_unit_test_setup_teardown(stopping_ends_all, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
