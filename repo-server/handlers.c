/* The calls of proto/repo.proto: decode, start the operation, answer when it is done.
 *
 * Handlers own nothing but the call, in whose arena their state lives. */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/rt/loop.h"
#include "common/rt/work.h"
#include "engine/engine.h"
#include "proto/common.pb-c.h"
#include "proto/repo.pb-c.h"
#include "repo-server/generator.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/git/objects.h"
#include "repo-server/render.h"
#include "repo-server/repo_server.h"
#include "repo-server/source/helm_index.h"
#include "repo-server/source/helm_repo.h"
#include "repo-server/verifier.h"

static struct repo_server *server_of(const struct ipc_call *call)
{
    return ipc_call_data(call);
}

static char *own(struct ipc_call *call, struct str s)
{
    return ipc_string(ipc_call_arena(call), s);
}

/* Every request but GenerateManifests begins with a fetch. */
static void
fetch(struct ipc_call *call, struct fetch_options options, fetch_done_fn done, void *data)
{
    if (options.repo == NULL) {
        struct err err;
        (void)err_set(&err, ERR_INVALID, "request names no repository");
        ipc_reply_err(call, &err);
        return;
    }
    options.deadline_ms = ipc_call_deadline_ms(call);
    (void)fetch_start(repo_server_fetcher(server_of(call)), &options, done, data);
}

static struct str text_of(const char *s)
{
    return str_from(s != NULL ? s : "");
}

/* ---- GenerateManifests ---- */

static Belay__IntegrityResult *own_integrity(struct ipc_call *call,
                                             const Belay__IntegrityResult *from)
{
    struct arena *arena = ipc_call_arena(call);
    if (from == NULL) {
        return NULL;
    }
    Belay__IntegrityResult *copy = ARENA_NEW(arena, Belay__IntegrityResult);
    belay__integrity_result__init(copy);
    copy->signature = own(call, str_from(from->signature));
    copy->problems = arena_calloc(arena, from->n_problems + 1, sizeof(char *));
    copy->n_problems = from->n_problems;
    for (size_t i = 0; i < from->n_problems; i++) {
        copy->problems[i] = own(call, str_from(from->problems[i]));
    }
    return copy;
}

static void put_manifests(struct ipc_call *call,
                          const struct manifest_set *set,
                          Belay__GenerateManifestsReply *reply)
{
    struct arena *arena = ipc_call_arena(call);
    reply->source_type = own(call, str_from(set->source_type));
    reply->content_hash = own(call, str_from(set->content_hash));
    Belay__Manifest *manifests = arena_calloc(arena, set->n + 1, sizeof(*manifests));
    reply->manifests = arena_calloc(arena, set->n + 1, sizeof(Belay__Manifest *));
    reply->n_manifests = set->n;
    for (size_t i = 0; i < set->n; i++) {
        belay__manifest__init(&manifests[i]);
        manifests[i].json = ipc_bytes_of(set->items[i].json);
        manifests[i].file = own(call, set->items[i].file);
        manifests[i].line = set->items[i].line;
        reply->manifests[i] = &manifests[i];
    }
}

static void on_generated(const struct generate_result *result, const struct err *err, void *data)
{
    struct ipc_call *call = data;
    if (err != NULL) {
        ipc_reply_err(call, err);
        return;
    }
    struct arena *arena = ipc_call_arena(call);
    Belay__GenerateManifestsReply reply;
    belay__generate_manifests_reply__init(&reply);
    reply.revision = own(call, result->revision);
    reply.integrity = own_integrity(call, result->integrity);
    reply.cached = result->cached;
    if (result->set != NULL) {
        put_manifests(call, result->set, &reply);
    }
    reply.ref_revisions = arena_calloc(arena, result->n_ref_revisions + 1, sizeof(char *));
    reply.n_ref_revisions = result->n_ref_revisions;
    for (size_t i = 0; i < result->n_ref_revisions; i++) {
        reply.ref_revisions[i] = own(call, result->ref_revisions[i]);
    }
    ipc_reply(call, &reply.base);
}

static void handle_generate(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GenerateManifestsRequest *request = (const void *)message;
    (void)generate_start(repo_server_generator(server_of(call)), request,
                         ipc_call_deadline_ms(call), on_generated, call);
}

/* ---- chart repositories ---- */

static void chart(struct ipc_call *call,
                  struct helm_repo_chart_options options,
                  helm_repo_done_fn done,
                  void *data)
{
    options.deadline_ms = ipc_call_deadline_ms(call);
    (void)helm_repo_chart(repo_server_helm_repo(server_of(call)), &options, done, data);
}

/* Its secret says so, or its URL. */
static bool is_chart_repository(const Belay__Repository *repo)
{
    return repo != NULL && (strcmp(repo->type, "helm") == 0 || repo->enable_oci ||
                            str_starts_with(str_from(repo->url), STR("oci://")));
}

/* ---- ResolveRevision ---- */

struct resolving {
    struct ipc_call *call;
    const Belay__ResolveRevisionRequest *request;
};

static void reply_resolved(struct resolving *r, struct str revision, const char *no_revision)
{
    Belay__ResolveRevisionReply reply;
    belay__resolve_revision_reply__init(&reply);
    struct str written = text_of(r->request->revision);
    reply.revision = own(r->call, revision);
    reply.ambiguous =
        own(r->call, arena_printf(ipc_call_arena(r->call), STR_FMT " (" STR_FMT ")",
                                  STR_ARG(written.n > 0 ? written : str_from(no_revision)),
                                  STR_ARG(revision)));
    ipc_reply(r->call, &reply.base);
}

static void on_resolved(const struct fetch_result *result, const struct err *err, void *data)
{
    struct resolving *r = data;
    if (err != NULL) {
        ipc_reply_err(r->call, err);
        return;
    }
    reply_resolved(r, result->revision, "HEAD");
}

static void
on_version(const struct helm_repo_chart_result *result, const struct err *err, void *data)
{
    struct resolving *r = data;
    if (err != NULL) {
        ipc_reply_err(r->call, err);
        return;
    }
    reply_resolved(r, result->version, "*");
}

static void resolve_chart(struct resolving *r)
{
    struct helm_repo_chart_options options = {
        .repo = r->request->repo,
        .chart = str_from(r->request->chart),
        .version = text_of(r->request->revision),
        .goal = HELM_REPO_VERSION,
        .freshness = r->request->no_cache ? HELM_REPO_NOW : HELM_REPO_CACHED,
    };
    chart(r->call, options, on_version, r);
}

static void handle_resolve(struct ipc_call *call, const ProtobufCMessage *message)
{
    struct resolving *r = ARENA_NEW(ipc_call_arena(call), struct resolving);
    r->call = call;
    r->request = (const void *)message;
    if (r->request->repo != NULL && r->request->chart[0] != '\0') {
        resolve_chart(r);
        return;
    }
    struct fetch_options options = {
        .repo = r->request->repo,
        .revision = text_of(r->request->revision),
        .tag_prefix = text_of(r->request->tag_prefix),
        .goal = FETCH_SHA,
        .freshness = r->request->no_cache ? FETCH_NOW : FETCH_CACHED,
    };
    fetch(call, options, on_resolved, r);
}

/* ---- ListRefs ---- */

static void put_names(
    struct ipc_call *call, const struct refs *refs, struct str prefix, char ***ret, size_t *ret_n)
{
    VEC(char *) names = {0};
    for (size_t i = 0; i < refs->n; i++) {
        struct str name = refs->items[i].name;
        if (str_cut_prefix(&name, prefix)) {
            vec_push_in(ipc_call_arena(call), &names, own(call, name));
        }
    }
    *ret = names.items;
    *ret_n = names.n;
}

static void on_refs(const struct fetch_result *result, const struct err *err, void *data)
{
    struct ipc_call *call = data;
    if (err != NULL) {
        ipc_reply_err(call, err);
        return;
    }
    Belay__ListRefsReply reply;
    belay__list_refs_reply__init(&reply);
    put_names(call, result->refs, STR("refs/heads/"), &reply.branches, &reply.n_branches);
    put_names(call, result->refs, STR("refs/tags/"), &reply.tags, &reply.n_tags);
    ipc_reply(call, &reply.base);
}

static void handle_list_refs(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__ListRefsRequest *request = (const void *)message;
    fetch(call, (struct fetch_options){.repo = request->repo, .goal = FETCH_REFS}, on_refs, call);
}

/* ---- TestRepository ---- */

static void reply_tested(struct ipc_call *call, const struct err *err)
{
    Belay__Empty reply;
    if (err != NULL) {
        ipc_reply_err(call, err);
        return;
    }
    belay__empty__init(&reply);
    ipc_reply(call, &reply.base);
}

static void on_tested(const struct fetch_result *result UNUSED, const struct err *err, void *data)
{
    reply_tested(data, err);
}

static void on_charts_tested(const struct helm_repo_chart_result *result UNUSED,
                             const struct err *err,
                             void *data)
{
    reply_tested(data, err);
}

static void handle_test(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__TestRepositoryRequest *request = (const void *)message;
    struct fetch_options options = {
        .repo = request->repo, .goal = FETCH_REFS, .freshness = FETCH_NOW};
    struct helm_repo_chart_options charts = {
        .repo = request->repo, .goal = HELM_REPO_INDEX, .freshness = HELM_REPO_NOW};
    if (is_chart_repository(request->repo)) {
        chart(call, charts, on_charts_tested, call);
    } else {
        fetch(call, options, on_tested, call);
    }
}

/* ---- ListCharts ---- */

static void put_versions(struct ipc_call *call,
                         struct helm_versions versions,
                         Belay__ListChartsReply__Chart *ret)
{
    ret->versions = arena_calloc(ipc_call_arena(call), versions.n + 1, sizeof(char *));
    ret->n_versions = versions.n;
    for (size_t i = 0; i < versions.n; i++) {
        ret->versions[i] = own(call, versions.items[i].semver.original);
    }
}

static void reply_charts(struct ipc_call *call, const struct helm_index *index)
{
    struct arena *arena = ipc_call_arena(call);
    Belay__ListChartsReply reply;
    VEC(Belay__ListChartsReply__Chart *) charts = {0};
    struct str name;
    size_t at = 0;
    belay__list_charts_reply__init(&reply);
    while (helm_index_next(index, &at, &name)) {
        Belay__ListChartsReply__Chart *c = ARENA_NEW(arena, Belay__ListChartsReply__Chart);
        belay__list_charts_reply__chart__init(c);
        c->name = own(call, name);
        put_versions(call, helm_index_versions(index, name), c);
        vec_push_in(arena, &charts, c);
    }
    reply.charts = charts.items;
    reply.n_charts = charts.n;
    ipc_reply(call, &reply.base);
}

static void
on_index(const struct helm_repo_chart_result *result, const struct err *failed, void *data)
{
    struct ipc_call *call = data;
    struct err err;
    if (failed != NULL) {
        ipc_reply_err(call, failed);
    } else if (result->index == NULL) {
        (void)err_set(&err, ERR_UNSUPPORTED, "the charts of an OCI registry cannot be listed");
        ipc_reply_err(call, &err);
    } else {
        reply_charts(call, result->index);
    }
}

static void handle_list_charts(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__ListChartsRequest *request = (const void *)message;
    struct err err;
    if (request->repo == NULL) {
        (void)err_set(&err, ERR_INVALID, "request names no repository");
        ipc_reply_err(call, &err);
        return;
    }
    struct helm_repo_chart_options options = {
        .repo = request->repo,
        .goal = HELM_REPO_INDEX,
        .freshness = request->no_cache ? HELM_REPO_NOW : HELM_REPO_CACHED,
    };
    chart(call, options, on_index, call);
}

/* ---- jobs that read a commit ---- */

/* A question about one commit; heap, as a job may outlive its call's loop iteration. */
struct query {
    struct ipc_call *call;
    struct arena *arena;
    struct job job;
    const Belay__Repository *repo; /* of the request */
    struct str mirror;
    struct str commit;
    struct str key;
    bool mirror_damaged;
    struct object_commit metadata;
    VEC(char *) tags;
    const Belay__GetRevisionMetadataRequest *request;
    struct str shown;
    struct str ref; /* of the annotated tag that leads to the commit */
    struct str tag;
    struct verifier_waiter verification;
    Belay__IntegrityResult *integrity;
    struct engine_found_list found;
};

static void query_free(struct query *q)
{
    arena_free(q->arena);
    mem_free(q);
}

static struct query *query_new(struct ipc_call *call)
{
    struct query *q = MEM_NEW(struct query);
    q->call = call;
    q->arena = arena_new();
    return q;
}

static void query_fail(struct query *q, const struct err *err)
{
    if (q->mirror_damaged) {
        fetcher_mirror_damaged(repo_server_fetcher(server_of(q->call)), q->key);
    }
    ipc_reply_err(q->call, err);
    query_free(q);
}

static void
query_submit(struct query *q, const struct fetch_result *result, job_run_fn run, job_done_fn done)
{
    struct err err;
    q->mirror = arena_str(q->arena, result->mirror);
    q->commit = arena_str(q->arena, result->revision);
    q->key = arena_str(q->arena, result->key);
    q->job = (struct job){.run = run, .done = done};
    if (work_submit(repo_server_work(server_of(q->call)), WORK_GIT, &q->job, &err) < 0) {
        query_fail(q, &err);
    }
}

/* ---- GetRevisionMetadata ---- */

static int run_metadata(struct job *job, struct err *err)
{
    struct query *q = CONTAINER_OF(job, struct query, job);
    AUTO(objects) struct objects *objects = NULL;
    q->mirror_damaged = true; /* the commit was there when the fetch ended */
    TRY(objects_open(q->mirror.p, &objects, err));
    TRY(objects_commit(objects, q->arena, q->commit, &q->metadata, err));
    q->mirror_damaged = false;
    return 0;
}

static void on_metadata(struct job *job, const struct err *err)
{
    struct query *q = CONTAINER_OF(job, struct query, job);
    if (err != NULL) {
        query_fail(q, err);
        return;
    }
    Belay__GetRevisionMetadataReply reply;
    belay__get_revision_metadata_reply__init(&reply);
    reply.author = own(q->call, q->metadata.author);
    reply.date_ms = q->metadata.date_ms;
    reply.message = own(q->call, q->metadata.message);
    reply.tags = q->tags.items;
    reply.n_tags = q->tags.n;
    reply.integrity = q->integrity;
    ipc_reply(q->call, &reply.base);
    query_free(q);
}

static void put_tags(struct query *q, const struct refs *refs, struct str commit)
{
    for (size_t i = 0; i < refs->n; i++) {
        struct str name = refs->items[i].name;
        if (str_eq(refs->items[i].oid, commit) && str_cut_prefix(&name, STR("refs/tags/"))) {
            vec_push_in(q->arena, &q->tags, ipc_string(q->arena, name));
        }
    }
}

static void submit_metadata(struct query *q)
{
    struct fetch_result result = {.revision = q->commit, .mirror = q->mirror, .key = q->key};
    query_submit(q, &result, run_metadata, on_metadata);
}

static void on_metadata_verified(struct verifier_waiter *waiter,
                                 const struct verifier_outcome *outcome)
{
    struct query *q = CONTAINER_OF(waiter, struct query, verification);
    if (outcome->err != NULL) {
        query_fail(q, outcome->err);
        return;
    }
    q->integrity = own_integrity(q->call, outcome->result);
    submit_metadata(q);
}

static void verify_metadata(struct query *q)
{
    struct verifier *verifier = repo_server_verifier(server_of(q->call));
    struct str name = q->ref;
    (void)str_cut_prefix(&name, STR("refs/tags/")); /* another name is shown whole */
    struct verifier_want want = {
        .integrity = q->request->integrity,
        .keyring = q->request->keyring,
        .n_keyring = q->request->n_keyring,
        .commit = q->commit,
        .tag = q->tag,
        .tag_name = name,
        .mirror = q->mirror,
        .repo_key = q->key,
        .shown = q->shown,
    };
    const Belay__IntegrityResult *known = verifier_find(verifier, &want);
    if (known != NULL) {
        q->integrity = own_integrity(q->call, known);
        submit_metadata(q);
        return;
    }
    struct err err;
    q->verification.done = on_metadata_verified;
    if (verifier_join(verifier, q->arena, &want, &q->verification, &err) < 0) {
        query_fail(q, &err);
    }
}

/* The tag only says which signature counts: without it that of the commit does. */
static void on_metadata_tag(const struct fetch_result *result, const struct err *err, void *data)
{
    struct query *q = data;
    if (err == NULL && result->tag.n > 0 && str_eq(result->revision, q->commit)) {
        q->ref = arena_str(q->arena, result->ref);
        q->tag = arena_str(q->arena, result->tag);
    }
    verify_metadata(q);
}

static void
on_metadata_fetched(const struct fetch_result *result, const struct err *err, void *data)
{
    struct query *q = data;
    const Belay__Integrity *integrity = q->request->integrity;
    if (err != NULL) {
        query_fail(q, err);
        return;
    }
    q->mirror = arena_str(q->arena, result->mirror);
    q->commit = arena_str(q->arena, result->revision);
    q->key = arena_str(q->arena, result->key);
    q->shown = arena_str(q->arena, result->shown);
    if (!verifier_is_wanted(integrity) || integrity->mode[0] == '\0') {
        submit_metadata(q);
    } else if (refs_is_sha(text_of(integrity->target_revision))) {
        verify_metadata(q);
    } else {
        struct fetch_options options = {
            .repo = q->repo, .revision = text_of(integrity->target_revision), .goal = FETCH_COMMIT};
        fetch(q->call, options, on_metadata_tag, q);
    }
}

/* References first, for the tags; a server that cannot be reached does not hide what the mirror knows. */
static void on_metadata_refs(const struct fetch_result *result, const struct err *err, void *data)
{
    struct query *q = data;
    if (err == NULL) {
        put_tags(q, result->refs, q->commit);
    }
    struct fetch_options options = {.repo = q->repo, .revision = q->commit, .goal = FETCH_COMMIT};
    fetch(q->call, options, on_metadata_fetched, q);
}

static void handle_metadata(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetRevisionMetadataRequest *request = (const void *)message;
    struct err err;
    if (request->repo == NULL || !refs_is_sha(text_of(request->revision))) {
        (void)err_set(&err, ERR_INVALID, "request names no repository or no full commit SHA");
        ipc_reply_err(call, &err);
        return;
    }
    struct query *q = query_new(call);
    q->repo = request->repo;
    q->request = request;
    q->commit = arena_str(q->arena, text_of(request->revision));
    fetch(call, (struct fetch_options){.repo = request->repo, .goal = FETCH_REFS}, on_metadata_refs,
          q);
}

/* ---- ListApps ---- */

static int run_list_apps(struct job *job, struct err *err)
{
    struct query *q = CONTAINER_OF(job, struct query, job);
    return render_discover(q->arena, q->mirror, q->commit, &q->found, &q->mirror_damaged, err);
}

static void on_apps(struct job *job, const struct err *err)
{
    struct query *q = CONTAINER_OF(job, struct query, job);
    if (err != NULL) {
        query_fail(q, err);
        return;
    }
    Belay__ListAppsReply reply;
    belay__list_apps_reply__init(&reply);
    Belay__ListAppsReply__App *apps = arena_calloc(q->arena, q->found.n + 1, sizeof(*apps));
    reply.apps = arena_calloc(q->arena, q->found.n + 1, sizeof(Belay__ListAppsReply__App *));
    reply.n_apps = q->found.n;
    for (size_t i = 0; i < q->found.n; i++) {
        belay__list_apps_reply__app__init(&apps[i]);
        apps[i].path = own(q->call, q->found.items[i].path);
        apps[i].type = own(q->call, str_from(engine_type_name(q->found.items[i].type)));
        reply.apps[i] = &apps[i];
    }
    ipc_reply(q->call, &reply.base);
    query_free(q);
}

static void on_apps_fetched(const struct fetch_result *result, const struct err *err, void *data)
{
    struct query *q = data;
    if (err != NULL) {
        query_fail(q, err);
        return;
    }
    query_submit(q, result, run_list_apps, on_apps);
}

static void handle_list_apps(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__ListAppsRequest *request = (const void *)message;
    struct err err;
    if (request->repo == NULL) {
        (void)err_set(&err, ERR_INVALID, "request names no repository");
        ipc_reply_err(call, &err);
        return;
    }
    struct fetch_options options = {
        .repo = request->repo, .revision = text_of(request->revision), .goal = FETCH_COMMIT};
    fetch(call, options, on_apps_fetched, query_new(call));
}

/* ---- the table ---- */

#define METHOD(id, name, message, answer, fn)                                                   \
    {                                                                                           \
        BELAY__REPO_METHOD__##id, name, &belay__##message##__descriptor, &answer##__descriptor, \
            fn, 0                                                                               \
    }

const struct ipc_method REPO_SERVER_METHODS[] = {
    METHOD(REPO_GENERATE_MANIFESTS,
           "GenerateManifests",
           generate_manifests_request,
           belay__generate_manifests_reply,
           handle_generate),
    METHOD(REPO_RESOLVE_REVISION,
           "ResolveRevision",
           resolve_revision_request,
           belay__resolve_revision_reply,
           handle_resolve),
    METHOD(REPO_LIST_REFS, "ListRefs", list_refs_request, belay__list_refs_reply, handle_list_refs),
    METHOD(REPO_GET_REVISION_METADATA,
           "GetRevisionMetadata",
           get_revision_metadata_request,
           belay__get_revision_metadata_reply,
           handle_metadata),
    METHOD(
        REPO_TEST_REPOSITORY, "TestRepository", test_repository_request, belay__empty, handle_test),
    METHOD(REPO_LIST_CHARTS,
           "ListCharts",
           list_charts_request,
           belay__list_charts_reply,
           handle_list_charts),
    METHOD(REPO_LIST_APPS, "ListApps", list_apps_request, belay__list_apps_reply, handle_list_apps),
};
const size_t REPO_SERVER_N_METHODS = ARRAY_LEN(REPO_SERVER_METHODS);
