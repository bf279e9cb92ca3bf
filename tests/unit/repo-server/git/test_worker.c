/* The helper process itself, spoken to over its standard streams. */
#include <sys/wait.h>
#include <unistd.h>

#include "common/ipc/ipc_convert.h"
#include "proto/git_worker.pb-c.h"
#include "repo-server/git/worker.h"
#include "tests/lib/repo_fixture.h"

/* Run worker_main() in a child with these bytes as its input. */
static const Belay__GitWorkerReply *talk(struct arena *arena, struct str input)
{
    int in[2];
    int out[2];
    struct str answer;
    struct err err;
    ProtobufCMessage *message = NULL;
    int status = 0;
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0) {
            _exit(99);
        }
        (void)close(in[1]);
        worker_main();
    }
    (void)close(in[0]);
    (void)close(out[1]);
    ASSERT_OK(fs_write_fd(in[1], input, &err));
    (void)close(in[1]);
    ASSERT_OK(fs_read_fd(arena, out[0], 1 << 20, &answer, &err));
    (void)close(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    ASSERT_OK(ipc_unpack(arena, &belay__git_worker_reply__descriptor,
                         str_sub(answer, WORKER_HEADER_BYTES, answer.n), &message, &err));
    return (const void *)message;
}

static struct str frame(struct arena *arena, const Belay__GitWorkerRequest *request)
{
    struct str bytes = ipc_pack(arena, &request->base);
    char *all = arena_bytes(arena, bytes.n + WORKER_HEADER_BYTES);
    assert_true(bytes.n < 65536);
    all[0] = all[1] = 0;
    all[2] = (char)(bytes.n >> 8);
    all[3] = (char)bytes.n;
    memcpy(all + WORKER_HEADER_BYTES, bytes.p, bytes.n);
    return str_of(all, bytes.n + WORKER_HEADER_BYTES);
}

static void lists_and_fetches(void **state)
{
    struct repo_fixture *f = *state;
    Belay__Repository repo;
    Belay__GitWorkerRequest request;
    belay__repository__init(&repo);
    belay__git_worker_request__init(&request);
    repo.url = f->url;
    request.repo = &repo;
    request.home = f->dir;
    request.allow_file_urls = true;
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_LIST;
    const Belay__GitWorkerReply *reply = talk(f->arena, frame(f->arena, &request));
    assert_null(reply->status);
    assert_int_equal(reply->n_refs, 2);
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_FETCH;
    request.mirror = arena_strdup(f->arena, arena_printf(f->arena, "%s/m.git", f->dir).p);
    reply = talk(f->arena, frame(f->arena, &request));
    assert_null(reply->status);
    assert_true(reply->received_objects >= 2);
    request.recreate = true;
    reply = talk(f->arena, frame(f->arena, &request));
    assert_null(reply->status);
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_OP_NONE;
    reply = talk(f->arena, frame(f->arena, &request));
    assert_int_equal(reply->status->code, ERR_INVALID);
}

static void refuses_what_is_no_request(void **state)
{
    static const struct str INPUTS[] = {
        {"", 0}, {"abc", 3}, {"\0\0\0\5abc", 7}, {"\0\0\0\1\xff", 5}, {"\0\0\0\0", 4}};
    struct repo_fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(INPUTS); i++) {
        const Belay__GitWorkerReply *reply = talk(f->arena, INPUTS[i]);
        assert_non_null(reply->status);
        assert_int_equal(reply->status->code, ERR_INVALID);
    }
}

static int setup(void **state)
{
    static struct repo_fixture f;
    repo_fixture_init(&f);
    repo_fixture_file(&f, "a", "a");
    (void)repo_fixture_commit(&f, "refs/heads/main");
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    repo_fixture_done(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_and_fetches, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_request, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
