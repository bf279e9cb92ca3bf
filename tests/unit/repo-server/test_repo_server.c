/* The daemon as a process: its end, and starting again after SIGKILL. */
int repo_server_main(int argc, char **argv);
#define main repo_server_main
#include "repo-server/main.c"
#undef main
#include "tests/lib/daemon_fixture.h"

static void succeeded(struct daemon_fixture *f UNUSED,
                      const ProtobufCMessage *reply UNUSED,
                      const struct err *err)
{
    assert_null(err);
}

static void test_repository(struct daemon_fixture *f)
{
    Belay__Repository repo;
    Belay__TestRepositoryRequest request;
    belay__repository__init(&repo);
    belay__test_repository_request__init(&request);
    repo.url = f->repo.url;
    request.repo = &repo;
    daemon_fixture_call(f, BELAY__REPO_METHOD__REPO_TEST_REPOSITORY, &request.base,
                        &belay__empty__descriptor, succeeded);
}

static void ends_in_order_and_starts_after_sigkill(void **state UNUSED)
{
    static struct daemon_fixture f;
    int status = 0;
    daemon_fixture_init(&f);
    test_repository(&f);
    ipc_client_free(f.client);
    assert_int_equal(kill(f.pid, SIGKILL), 0);
    assert_int_equal(waitpid(f.pid, &status, 0), f.pid);
    daemon_fixture_start(&f);
    test_repository(&f);
    assert_int_equal(daemon_fixture_stop(&f), 0);
    daemon_fixture_done(&f);
}

static void settings_are_consistent(void **state UNUSED)
{
    static struct repo_server_config values;
    struct config_table table = {REPO_SERVER_ROWS, REPO_SERVER_N_ROWS, &values, "repo-server"};
    AUTO(config) struct config *config = config_new(&table, 1);
    assert_int_equal(values.fetch_timeout_ms, 90 * 1000);
    assert_int_equal(values.refs_ttl_ms, 120 * 1000);
    assert_false(values.allow_file_urls);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        return repo_server_main(argc, argv);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_in_order_and_starts_after_sigkill),
        cmocka_unit_test(settings_are_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
