/* Runs of the Git helper process. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "repo-server/git/helper.h"
#include "tests/lib/helper_fixture.h"

struct outcome {
    bool done;
    struct err err; /* code ERR_OK = success */
    size_t n_refs;
};

static void on_done(const Belay__GitWorkerReply *reply, const struct err *err, void *data)
{
    struct outcome *o = data;
    o->done = true;
    if (err != NULL) {
        o->err = *err;
    } else {
        o->n_refs = reply->n_refs;
    }
}

static bool is_done(void *data)
{
    return ((struct outcome *)data)->done;
}

static struct outcome run(struct helper_fixture *f, const char *url, bool files, int64_t timeout_ms)
{
    struct outcome o = {0};
    struct err err;
    struct helper *helper;
    Belay__Repository repo;
    Belay__GitWorkerRequest request;
    belay__repository__init(&repo);
    belay__git_worker_request__init(&request);
    repo.url = arena_strdup(f->repo.arena, url);
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_LIST;
    request.repo = &repo;
    request.allow_file_urls = files;
    struct helper_options options = {.loop = f->loop,
                                     .store = f->store,
                                     .deadline_ms = loop_now_ms(f->loop) + timeout_ms,
                                     .shown = url};
    ASSERT_OK(helper_start(&options, &request, on_done, &o, &helper, &err));
    assert_false(o.done);
    if (timeout_ms < 0) {
        helper_cancel(helper);
    }
    helper_fixture_wait(f, is_done, &o);
    return o;
}

static void answers(void **state)
{
    struct helper_fixture *f = *state;
    struct outcome o = run(f, f->repo.url, true, HELPER_FIXTURE_MS);
    assert_int_equal(o.err.code, ERR_OK);
    assert_int_equal(o.n_refs, 2);
    struct str tmp = arena_printf(f->repo.arena, "%s/tmp", f->cache_dir);
    assert_int_equal(rmdir(tmp.p), 0); /* the helper's directory is gone */
}

static void passes_errors_on(void **state)
{
    struct helper_fixture *f = *state;
    struct outcome o = run(f, f->repo.url, false, HELPER_FIXTURE_MS);
    assert_int_equal(o.err.code, ERR_DENIED);
    check_contains(&o.err, "file URLs are not allowed");
}

/* Takes connections and never answers. */
static int silent_port(int *ret_fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(address);
    *ret_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*ret_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(*ret_fd, 8), 0);
    assert_int_equal(getsockname(*ret_fd, (struct sockaddr *)&address, &n), 0);
    return ntohs(address.sin_port);
}

static void is_killed_at_its_deadline_and_when_canceled(void **state)
{
    struct helper_fixture *f = *state;
    AUTO_FD fd = -1;
    struct str url = arena_printf(f->repo.arena, "http://127.0.0.1:%d/x", silent_port(&fd));
    struct outcome o = run(f, url.p, false, 1000);
    assert_int_equal(o.err.code, ERR_TIMEOUT);
    check_contains(&o.err, "no answer within 1 s");
    o = run(f, url.p, false, -1);
    assert_true(o.err.code == ERR_CANCELED || o.err.code == ERR_TIMEOUT);
}

static int setup(void **state)
{
    static struct helper_fixture f;
    helper_fixture_init(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    helper_fixture_done(*state);
    return 0;
}

int main(int argc, char **argv)
{
    helper_fixture_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(passes_errors_on, setup, teardown),
        cmocka_unit_test_setup_teardown(is_killed_at_its_deadline_and_when_canceled, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
