/* Every call of proto/repo.proto, to the daemon over its socket. */
int repo_server_main(int argc, char **argv);
#define main repo_server_main
#include "repo-server/main.c"
#undef main
#include "tests/lib/daemon_fixture.h"
#include "tests/lib/helm_repo_fixture.h"

static struct daemon_fixture fixture;
static struct helm_repo_fixture charts;
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

/* ---- chart repositories ---- */

static void version_was_found(struct daemon_fixture *f UNUSED,
                              const ProtobufCMessage *reply,
                              const struct err *err)
{
    const Belay__ResolveRevisionReply *r = (const void *)reply;
    assert_null(err);
    assert_string_equal(r->revision, "1.1.0");
    assert_string_equal(r->ambiguous, "1.x (1.1.0)");
}

static void charts_were_listed(struct daemon_fixture *f UNUSED,
                               const ProtobufCMessage *reply,
                               const struct err *err)
{
    const Belay__ListChartsReply *r = (const void *)reply;
    assert_null(err);
    assert_int_equal(r->n_charts, 1);
    assert_string_equal(r->charts[0]->name, "web");
    assert_int_equal(r->charts[0]->n_versions, 2);
    assert_string_equal(r->charts[0]->versions[0], "1.1.0");
}

static void chart_was_rendered(struct daemon_fixture *f UNUSED,
                               const ProtobufCMessage *reply,
                               const struct err *err)
{
    const Belay__GenerateManifestsReply *r = (const void *)reply;
    assert_null(err);
    assert_string_equal(r->revision, "1.1.0");
    assert_string_equal(r->source_type, "Helm");
    assert_int_equal(r->n_manifests, 1);
}

static void was_unsupported(struct daemon_fixture *f UNUSED,
                            const ProtobufCMessage *reply UNUSED,
                            const struct err *err)
{
    assert_int_equal(err->code, ERR_UNSUPPORTED);
}

static void of_charts(void **state UNUSED)
{
    static char chart[] = "web";
    static char range[] = "1.x";
    static char helm[] = "helm";
    static uint8_t source[] = "{\"chart\":\"web\"}";
    helm_repo_fixture_chart(&charts, "web");
    helm_repo_fixture_add(&charts, "web", "1.0.0", "");
    helm_repo_fixture_add(&charts, "web", "1.1.0", "");
    chart_fixture_page(charts.chart, &(struct chart_page){.path = "/v2/", .body = STR("{}")});
    repo = chart_fixture_repo(charts.url.p, NULL, NULL);
    elsewhere = chart_fixture_repo(
        arena_strdup(charts.chart->arena, arena_printf(charts.chart->arena, "%sx", charts.url.p).p),
        NULL, NULL);
    repo.type = elsewhere.type = helm;
    CALL_EACH(BELAY__REPO_METHOD__REPO_RESOLVE_REVISION, Belay__ResolveRevisionRequest,
              belay__resolve_revision_request__init, belay__resolve_revision_reply__descriptor,
              version_was_found, request->chart = chart, request->revision = range);
    CALL_EACH(BELAY__REPO_METHOD__REPO_TEST_REPOSITORY, Belay__TestRepositoryRequest,
              belay__test_repository_request__init, belay__empty__descriptor, succeeded,
              (void)request);
    CALL_EACH(BELAY__REPO_METHOD__REPO_LIST_CHARTS, Belay__ListChartsRequest,
              belay__list_charts_request__init, belay__list_charts_reply__descriptor,
              charts_were_listed, (void)request);
    CALL_EACH(BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS, Belay__GenerateManifestsRequest,
              belay__generate_manifests_request__init, belay__generate_manifests_reply__descriptor,
              chart_was_rendered, request->chart = chart, request->revision = range,
              request->source = ((ProtobufCBinaryData){sizeof(source) - 1, source}));
    repo.enable_oci = repo.insecure_oci_force_http = true;
    Belay__TestRepositoryRequest test;
    Belay__ListChartsRequest list;
    belay__test_repository_request__init(&test);
    belay__list_charts_request__init(&list);
    test.repo = list.repo = &repo;
    daemon_fixture_call(&fixture, BELAY__REPO_METHOD__REPO_TEST_REPOSITORY, &test.base,
                        &belay__empty__descriptor, succeeded);
    daemon_fixture_call(&fixture, BELAY__REPO_METHOD__REPO_LIST_CHARTS, &list.base,
                        &belay__list_charts_reply__descriptor, was_unsupported);
}

static int setup_charts(void **state UNUSED)
{
    helm_repo_fixture_init(&charts);
    daemon_fixture_init_on(&fixture, charts.chart->http->loop);
    return 0;
}

static int teardown_charts(void **state UNUSED)
{
    int status = daemon_fixture_stop(&fixture);
    helm_repo_fixture_done(&charts);
    daemon_fixture_done_on(&fixture);
    return status;
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
    const struct CMUnitTest chart_tests[] = {
        cmocka_unit_test(of_charts),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + cmocka_run_group_tests(chart_tests, setup_charts, teardown_charts);
}
