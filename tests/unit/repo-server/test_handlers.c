/* Every call of proto/repo.proto, to the daemon over its socket. */
int repo_server_main(int argc, char **argv);
#define main repo_server_main
#include "repo-server/main.c"
#undef main
#include "tests/lib/daemon_fixture.h"

static struct daemon_fixture fixture;
static Belay__Repository repo;
static Belay__Repository elsewhere;

static void
generated(struct daemon_fixture *f, const ProtobufCMessage *reply, const struct err *err)
{
    const Belay__GenerateManifestsReply *r = (const void *)reply;
    assert_null(err);
    assert_string_equal(r->revision, f->repo.head);
    assert_string_equal(r->source_type, "Directory");
    assert_int_equal(r->n_manifests, 1);
    assert_string_equal(r->manifests[0]->file, "app/a.yaml");
    assert_int_equal(r->manifests[0]->line, 1);
}

static void resolved(struct daemon_fixture *f, const ProtobufCMessage *reply, const struct err *err)
{
    const Belay__ResolveRevisionReply *r = (const void *)reply;
    assert_null(err);
    assert_string_equal(r->revision, f->repo.head);
    assert_true(strncmp(r->ambiguous, "HEAD (", 6) == 0);
}

static void
listed(struct daemon_fixture *f UNUSED, const ProtobufCMessage *reply, const struct err *err)
{
    const Belay__ListRefsReply *r = (const void *)reply;
    assert_null(err);
    assert_int_equal(r->n_branches, 1);
    assert_string_equal(r->branches[0], "main");
    assert_int_equal(r->n_tags, 0);
}

static void
described(struct daemon_fixture *f UNUSED, const ProtobufCMessage *reply, const struct err *err)
{
    const Belay__GetRevisionMetadataReply *r = (const void *)reply;
    assert_null(err);
    assert_string_equal(r->author, "Tess Ter <tess@example.com>");
    assert_true(r->date_ms == INT64_C(1700000000000));
}

static void succeeded(struct daemon_fixture *f UNUSED,
                      const ProtobufCMessage *reply UNUSED,
                      const struct err *err)
{
    assert_null(err);
}

static void was_invalid(struct daemon_fixture *f UNUSED,
                        const ProtobufCMessage *reply UNUSED,
                        const struct err *err)
{
    assert_int_equal(err->code, ERR_INVALID);
}

static void was_not_found(struct daemon_fixture *f UNUSED,
                          const ProtobufCMessage *reply UNUSED,
                          const struct err *err)
{
    assert_int_equal(err->code, ERR_NOT_FOUND);
}

/* Calls a method three times: with the repository, without one, and with one that is not there. */
#define CALL_EACH(method, type, init, reply, check, ...)                              \
    do {                                                                              \
        type request_;                                                                \
        init(&request_);                                                              \
        type *request = &request_;                                                    \
        __VA_ARGS__;                                                                  \
        request->repo = &repo;                                                        \
        daemon_fixture_call(&fixture, method, &request->base, &reply, check);         \
        request->repo = NULL;                                                         \
        daemon_fixture_call(&fixture, method, &request->base, &reply, was_invalid);   \
        request->repo = &elsewhere;                                                   \
        daemon_fixture_call(&fixture, method, &request->base, &reply, was_not_found); \
    } while (0)

static void answers_every_method(void **state UNUSED)
{
    static uint8_t source[] = "{\"path\":\"app\"}";
    CALL_EACH(BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS, Belay__GenerateManifestsRequest,
              belay__generate_manifests_request__init, belay__generate_manifests_reply__descriptor,
              generated, request->source = ((ProtobufCBinaryData){sizeof(source) - 1, source}));
    CALL_EACH(BELAY__REPO_METHOD__REPO_RESOLVE_REVISION, Belay__ResolveRevisionRequest,
              belay__resolve_revision_request__init, belay__resolve_revision_reply__descriptor,
              resolved, (void)request);
    CALL_EACH(BELAY__REPO_METHOD__REPO_LIST_REFS, Belay__ListRefsRequest,
              belay__list_refs_request__init, belay__list_refs_reply__descriptor, listed,
              (void)request);
    CALL_EACH(BELAY__REPO_METHOD__REPO_TEST_REPOSITORY, Belay__TestRepositoryRequest,
              belay__test_repository_request__init, belay__empty__descriptor, succeeded,
              (void)request);
    CALL_EACH(BELAY__REPO_METHOD__REPO_LIST_APPS, Belay__ListAppsRequest,
              belay__list_apps_request__init, belay__list_apps_reply__descriptor, succeeded,
              (void)request);
    CALL_EACH(BELAY__REPO_METHOD__REPO_GET_REVISION_METADATA, Belay__GetRevisionMetadataRequest,
              belay__get_revision_metadata_request__init,
              belay__get_revision_metadata_reply__descriptor, described,
              request->revision = fixture.repo.head);
}

static void wants_a_whole_sha_for_metadata(void **state UNUSED)
{
    Belay__GetRevisionMetadataRequest request;
    belay__get_revision_metadata_request__init(&request);
    request.repo = &repo;
    daemon_fixture_call(&fixture, BELAY__REPO_METHOD__REPO_GET_REVISION_METADATA, &request.base,
                        &belay__get_revision_metadata_reply__descriptor, was_invalid);
}

static int setup(void **state UNUSED)
{
    daemon_fixture_init(&fixture);
    belay__repository__init(&repo);
    belay__repository__init(&elsewhere);
    repo.url = fixture.repo.url;
    elsewhere.url = arena_strdup(fixture.repo.arena,
                                 arena_printf(fixture.repo.arena, "%sx", fixture.repo.url).p);
    return 0;
}

static int teardown(void **state UNUSED)
{
    int status = daemon_fixture_stop(&fixture);
    daemon_fixture_done(&fixture);
    return status;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        return repo_server_main(argc, argv);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_every_method),
        cmocka_unit_test(wants_a_whole_sha_for_metadata),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
