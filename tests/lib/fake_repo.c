/* See fake_repo.h. */
#include "tests/lib/fake_repo.h"

#include <stdio.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/rt/loop.h"
#include "proto/repo.pb-c.h"
#include "tests/lib/parse.h"

enum { HELD_MAX = 8 };

struct fake_repo {
    char dir[TMP_DIR_BYTES];
    char url[TMP_DIR_BYTES + 16];
    struct ipc_server *server;
    struct arena *arena; /* of the objects */
    const struct value *objects;
    char revision[64];
    uint64_t hash;
    enum err_code code;
    bool hold;
    bool garble;
    struct ipc_call *held[HELD_MAX];
    size_t n_held;
    size_t n_calls;
    struct fake_repo_seen seen;
};

static void fill_manifest(struct fake_repo *repo, struct arena *arena, size_t i, Belay__Manifest *m)
{
    struct str json = print_json(arena, value_at(repo->objects, i), NULL);
    belay__manifest__init(m);
    m->json = ipc_bytes_of(repo->garble ? STR("{") : json);
    m->file = ipc_string(arena, STR("app.yaml"));
    m->line = (uint32_t)i + 1;
}

static void answer(struct fake_repo *repo, struct ipc_call *call)
{
    struct arena *arena = ipc_call_arena(call);
    struct err err;
    if (repo->code != ERR_OK) {
        (void)err_set(&err, repo->code, "the fake repository is told to fail");
        ipc_reply_err(call, &err);
        return;
    }
    size_t n = value_len(repo->objects);
    Belay__GenerateManifestsReply reply;
    belay__generate_manifests_reply__init(&reply);
    reply.manifests = arena_calloc(arena, n, sizeof(Belay__Manifest *));
    for (size_t i = 0; i < n; i++) {
        reply.manifests[i] = ARENA_NEW(arena, Belay__Manifest);
        fill_manifest(repo, arena, i, reply.manifests[i]);
    }
    reply.n_manifests = n;
    reply.revision = repo->revision;
    reply.source_type = ipc_string(arena, STR("Directory"));
    reply.content_hash =
        ipc_string(arena, arena_printf(arena, "%llx", (unsigned long long)repo->hash));
    ipc_reply(call, &reply.base);
}

static void look_at(struct fake_repo *repo, const Belay__GenerateManifestsRequest *req)
{
    struct fake_repo_seen *seen = &repo->seen;
    size_t n = 0;
    (void)snprintf(seen->revision, sizeof(seen->revision), "%s", req->revision);
    (void)snprintf(seen->app_name, sizeof(seen->app_name), "%s", req->app_name);
    (void)snprintf(seen->repo_url, sizeof(seen->repo_url), "%s", req->repo->url);
    seen->refs[0] = '\0';
    for (size_t i = 0; i < req->n_refs; i++) {
        n += (size_t)snprintf(seen->refs + n, sizeof(seen->refs) - n, "%s=%s ", req->refs[i]->name,
                              req->refs[i]->revision);
    }
    (void)snprintf(seen->chart, sizeof(seen->chart), "%s", req->chart);
    n = (size_t)snprintf(seen->cluster, sizeof(seen->cluster), "%s ", req->kube_version);
    for (size_t i = 0; i < req->n_api_versions && n < sizeof(seen->cluster); i++) {
        n += (size_t)snprintf(seen->cluster + n, sizeof(seen->cluster) - n, "%s ",
                              req->api_versions[i]);
    }
    seen->describe = req->describe;
    seen->no_cache = req->no_cache;
    seen->no_revision_cache = req->no_revision_cache;
}

static void generate_manifests(struct ipc_call *call, const ProtobufCMessage *message)
{
    struct fake_repo *repo = ipc_call_data(call);
    repo->n_calls++;
    look_at(repo, (const Belay__GenerateManifestsRequest *)message);
    if (repo->hold) {
        assert_true(repo->n_held < HELD_MAX);
        repo->held[repo->n_held++] = call;
        return;
    }
    answer(repo, call);
}

/* Every revision was written by the same person and has a tag of its own. */
static void get_revision_metadata(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetRevisionMetadataRequest *req =
        (const Belay__GetRevisionMetadataRequest *)message;
    struct fake_repo *repo = ipc_call_data(call);
    struct err err;
    repo->n_calls++;
    if (repo->code != ERR_OK) {
        (void)err_set(&err, repo->code, "the fake repository is told to fail");
        ipc_reply_err(call, &err);
        return;
    }
    Belay__GetRevisionMetadataReply reply;
    belay__get_revision_metadata_reply__init(&reply);
    struct arena *arena = ipc_call_arena(call);
    char *tag = ipc_string(arena, arena_printf(arena, "tag-%s", req->revision));
    reply.author = ipc_string(arena, STR("Ann <ann@example.com>"));
    reply.message = ipc_string(arena, STR("a subject"));
    reply.date_ms = 1700000000000;
    reply.n_tags = 1;
    reply.tags = &tag;
    ipc_reply(call, &reply.base);
}

/* One chart, whose name is the user name that came. */
static void list_charts(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__ListChartsRequest *req = (const Belay__ListChartsRequest *)message;
    struct fake_repo *repo = ipc_call_data(call);
    struct err err;
    if (repo->code != ERR_OK) {
        (void)err_set(&err, repo->code, "the fake repository is told to fail");
        ipc_reply_err(call, &err);
        return;
    }
    Belay__ListChartsReply reply;
    Belay__ListChartsReply__Chart chart;
    Belay__ListChartsReply__Chart *charts[] = {&chart};
    char *version = ipc_string(ipc_call_arena(call), STR("1.0.0"));
    belay__list_charts_reply__init(&reply);
    belay__list_charts_reply__chart__init(&chart);
    chart.name = req->repo->username;
    chart.versions = &version;
    chart.n_versions = 1;
    reply.charts = charts;
    reply.n_charts = 1;
    ipc_reply(call, &reply.base);
}

static void test_repository(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__Repository *r = ((const Belay__TestRepositoryRequest *)message)->repo;
    struct fake_repo *repo = ipc_call_data(call);
    struct fake_repo_seen *seen = &repo->seen;
    Belay__Empty reply;
    struct err err;
    (void)snprintf(seen->repo_url, sizeof(seen->repo_url), "%s", r->url);
    (void)snprintf(seen->login, sizeof(seen->login), "%s %s %s %s %s %d", r->type, r->username,
                   r->password, r->bearer_token, r->ssh_private_key, r->insecure);
    if (repo->code != ERR_OK) {
        (void)err_set(&err, repo->code, "the fake repository is told to fail");
        ipc_reply_err(call, &err);
        return;
    }
    belay__empty__init(&reply);
    ipc_reply(call, &reply.base);
}

struct fake_repo *fake_repo_new(struct loop *loop)
{
    static const struct ipc_method METHODS[] = {
        {BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS, "GenerateManifests",
         &belay__generate_manifests_request__descriptor,
         &belay__generate_manifests_reply__descriptor, generate_manifests, 0},
        {BELAY__REPO_METHOD__REPO_GET_REVISION_METADATA, "GetRevisionMetadata",
         &belay__get_revision_metadata_request__descriptor,
         &belay__get_revision_metadata_reply__descriptor, get_revision_metadata, 0},
        {BELAY__REPO_METHOD__REPO_LIST_CHARTS, "ListCharts",
         &belay__list_charts_request__descriptor, &belay__list_charts_reply__descriptor,
         list_charts, 0},
        {BELAY__REPO_METHOD__REPO_TEST_REPOSITORY, "TestRepository",
         &belay__test_repository_request__descriptor, &belay__empty__descriptor, test_repository,
         0},
    };
    struct fake_repo *repo = MEM_NEW(struct fake_repo);
    struct err err;
    tmp_dir_new(repo->dir);
    (void)snprintf(repo->url, sizeof(repo->url), "ipc://%s/repo", repo->dir);
    const struct ipc_server_options options = {
        .url = repo->url, .methods = METHODS, .n_methods = ARRAY_LEN(METHODS), .data = repo};
    ASSERT_OK(ipc_server_new(loop, &options, &repo->server, &err));
    fake_repo_set(repo, "r1", "[]");
    return repo;
}

void fake_repo_free(struct fake_repo *repo)
{
    if (repo == NULL) {
        return;
    }
    fake_repo_let_go(repo);
    ipc_server_free(repo->server);
    tmp_dir_remove(repo->dir);
    arena_free(repo->arena);
    mem_free(repo);
}

const char *fake_repo_url(const struct fake_repo *repo)
{
    return repo->url;
}

void fake_repo_set(struct fake_repo *repo, const char *revision, const char *yaml)
{
    arena_free(repo->arena);
    repo->arena = arena_new();
    repo->objects = parse_yaml(repo->arena, yaml);
    repo->hash = value_hash(repo->objects);
    (void)snprintf(repo->revision, sizeof(repo->revision), "%s", revision);
}

void fake_repo_fail(struct fake_repo *repo, enum err_code code)
{
    repo->code = code;
}

void fake_repo_hold(struct fake_repo *repo)
{
    repo->hold = true;
}

void fake_repo_let_go(struct fake_repo *repo)
{
    repo->hold = false;
    for (size_t i = 0; i < repo->n_held; i++) {
        answer(repo, repo->held[i]);
    }
    repo->n_held = 0;
}

void fake_repo_garble(struct fake_repo *repo, bool garble)
{
    repo->garble = garble;
}

size_t fake_repo_n_calls(const struct fake_repo *repo)
{
    return repo->n_calls;
}

size_t fake_repo_n_held(const struct fake_repo *repo)
{
    return repo->n_held;
}

const struct fake_repo_seen *fake_repo_seen(const struct fake_repo *repo)
{
    return &repo->seen;
}
