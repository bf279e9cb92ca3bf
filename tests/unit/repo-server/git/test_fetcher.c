/* From revisions to commits in a mirror: caching, sharing, cancelling. */
#include "repo-server/git/fetcher.h"
#include "repo-server/git/repo_url.h"
#include "tests/lib/helper_fixture.h"

struct fixture {
    struct helper_fixture helper;
    struct fetcher *fetcher;
    Belay__Repository repo;
    size_t n_lists;
    size_t n_fetches;
    bool idle;
    int64_t max_age_ms;
};

struct outcome {
    bool done;
    struct err err;
    char revision[41];
    size_t n_refs;
};

static void on_run(const struct flight_run *run, void *data)
{
    struct fixture *f = data;
    f->n_lists += run->op == BELAY__GIT_WORKER_OP__GIT_WORKER_LIST;
    f->n_fetches += run->op == BELAY__GIT_WORKER_OP__GIT_WORKER_FETCH;
}

static void on_done(const struct fetch_result *result, const struct err *err, void *data)
{
    struct outcome *o = data;
    assert_false(o->done);
    o->done = true;
    if (err != NULL) {
        o->err = *err;
        return;
    }
    (void)snprintf(o->revision, sizeof(o->revision), STR_FMT, STR_ARG(result->revision));
    o->n_refs = result->refs != NULL ? result->refs->n : 0;
}

static bool is_done(void *data)
{
    return ((struct outcome *)data)->done;
}

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle = true;
}

static bool is_idle(void *data)
{
    return ((struct fixture *)data)->idle;
}

static struct fetch *
begin(struct fixture *f, const char *revision, enum fetch_goal goal, struct outcome *o)
{
    struct fetch_options options = {.repo = &f->repo,
                                    .revision = str_from(revision),
                                    .goal = goal,
                                    .max_age_ms = f->max_age_ms,
                                    .deadline_ms = loop_now_ms(f->helper.loop) + HELPER_FIXTURE_MS};
    *o = (struct outcome){0};
    return fetch_start(f->fetcher, &options, on_done, o);
}

static struct outcome run(struct fixture *f, const char *revision, enum fetch_goal goal)
{
    struct outcome o;
    (void)begin(f, revision, goal, &o);
    assert_false(o.done);
    helper_fixture_wait(&f->helper, is_done, &o);
    return o;
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    helper_fixture_init(&f.helper);
    struct fetcher_options options = helper_fixture_fetcher(&f.helper);
    options.max_cache_bytes = 1;
    options.on_run = on_run;
    options.data = &f;
    f.fetcher = fetcher_new(&options);
    belay__repository__init(&f.repo);
    f.repo.url = f.helper.repo.url;
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fetcher_stop(f->fetcher, on_idle, f);
    helper_fixture_wait(&f->helper, is_idle, f);
    fetcher_free(f->fetcher);
    helper_fixture_done(&f->helper);
    return 0;
}

static void goes_as_far_as_it_must(void **state)
{
    struct fixture *f = *state;
    struct outcome o = run(f, "", FETCH_REFS);
    assert_int_equal(o.n_refs, 2);
    o = run(f, "main", FETCH_SHA);
    assert_string_equal(o.revision, f->helper.repo.head);
    assert_int_equal(f->n_lists, 1);
    assert_int_equal(f->n_fetches, 0);
    o = run(f, "main", FETCH_COMMIT);
    assert_int_equal(o.err.code, ERR_OK);
    assert_int_equal(f->n_fetches, 1);
    char short_sha[9];
    (void)snprintf(short_sha, sizeof(short_sha), "%.8s", f->helper.repo.head);
    o = run(f, short_sha, FETCH_SHA);
    assert_string_equal(o.revision, f->helper.repo.head);
    o = run(f, f->helper.repo.head, FETCH_COMMIT);
    assert_int_equal(o.err.code, ERR_OK);
    assert_int_equal(f->n_fetches, 1);
    assert_int_equal(f->n_lists, 1);
}

static void callers_say_how_old_references_may_be(void **state)
{
    struct fixture *f = *state;
    (void)run(f, "main", FETCH_SHA);
    f->max_age_ms = HELPER_FIXTURE_MS;
    (void)run(f, "main", FETCH_SHA);
    assert_int_equal(f->n_lists, 1);
    f->max_age_ms = 1;
    struct outcome never = {0};
    (void)loop_run_until(f->helper.loop, is_done, &never, 5);
    (void)run(f, "main", FETCH_SHA);
    assert_int_equal(f->n_lists, 2);
    f->max_age_ms = 0;
    (void)run(f, "main", FETCH_SHA);
    assert_int_equal(f->n_lists, 2);
}

static void callers_share_lists_and_fetches(void **state)
{
    struct fixture *f = *state;
    struct outcome o[5];
    for (size_t i = 0; i < ARRAY_LEN(o); i++) {
        (void)begin(f, "main", FETCH_COMMIT, &o[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(o); i++) {
        helper_fixture_wait(&f->helper, is_done, &o[i]);
        assert_int_equal(o[i].err.code, ERR_OK);
    }
    assert_int_equal(f->n_lists, 1);
    assert_int_equal(f->n_fetches, 1);
}

static void a_damaged_mirror_is_fetched_again(void **state)
{
    struct fixture *f = *state;
    struct repo_url url;
    struct err err;
    ASSERT_OK(
        repo_url_parse(f->helper.repo.arena, str_from(f->repo.url), REPO_URL_FILES, &url, &err));
    (void)run(f, "main", FETCH_COMMIT);
    fetcher_mirror_damaged(f->fetcher, str_from(url.key));
    struct outcome o = run(f, "main", FETCH_COMMIT);
    assert_int_equal(o.err.code, ERR_OK);
    assert_int_equal(f->n_fetches, 2);
}

static void fails_clearly(void **state)
{
    struct fixture *f = *state;
    struct outcome o = run(f, "nope", FETCH_COMMIT);
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    check_contains(&o.err, "unable to resolve 'nope' to a commit SHA");
    o = run(f, "0123456789012345678901234567890123456789", FETCH_COMMIT);
    assert_int_equal(o.err.code, ERR_NOT_FOUND);
    assert_int_equal(f->n_fetches, 2);
    f->repo.url = arena_strdup(f->helper.repo.arena, "ftp://h/x");
    o = run(f, "", FETCH_REFS);
    assert_int_equal(o.err.code, ERR_UNSUPPORTED);
}

static void may_be_cancelled_at_any_time(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    fetch_cancel(begin(f, "main", FETCH_COMMIT, &o));
    helper_fixture_wait(&f->helper, is_done, &o);
    assert_int_equal(o.err.code, ERR_CANCELED);
    struct fetch *fetch = begin(f, "main", FETCH_COMMIT, &o);
    (void)loop_run_until(f->helper.loop, is_done, &o, 5);
    if (!o.done) {
        fetch_cancel(fetch);
        helper_fixture_wait(&f->helper, is_done, &o);
    }
    assert_true(o.err.code == ERR_CANCELED || o.err.code == ERR_OK);
}

int main(int argc, char **argv)
{
    helper_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_as_far_as_it_must, setup, teardown),
        cmocka_unit_test_setup_teardown(callers_say_how_old_references_may_be, setup, teardown),
        cmocka_unit_test_setup_teardown(callers_share_lists_and_fetches, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_mirror_is_fetched_again, setup, teardown),
        cmocka_unit_test_setup_teardown(fails_clearly, setup, teardown),
        cmocka_unit_test_setup_teardown(may_be_cancelled_at_any_time, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
