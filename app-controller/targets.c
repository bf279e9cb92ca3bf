/* Fetching of targets: one GenerateManifests call per source, side by side; the answers are parsed into
 * one arena in the order of the sources.
 *
 * The first source that fails decides; the other calls are cancelled. */
#include "app-controller/targets.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/kube/kube_api.h"
#include "common/kube/kube_object.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "proto/repo.pb-c.h"

struct source_call {
    struct targets_fetch *fetch;
    struct ipc_request *request; /* NULL = answered */
    struct arena *arena;         /* of the objects, until they are handed over */
    const struct value **objects;
    size_t n_objects;
    struct str revision;
    enum source_type type;
    uint64_t hash;
};

struct targets_fetch {
    targets_done_fn done;
    void *data;
    struct targets *known; /* a reference, or NULL */
    struct source_call *calls;
    size_t n_calls;
    size_t n_open;
    struct err err; /* code ERR_OK = no failure so far */
};

struct targets *targets_ref(struct targets *targets)
{
    targets->refs++;
    return targets;
}

void targets_unref(struct targets *targets)
{
    if (targets != NULL && --targets->refs == 0) {
        arena_free(targets->arena);
        mem_free(targets);
    }
}

static void free_arena(void *arena)
{
    arena_free(arena);
}

static uint64_t mix(uint64_t hash, uint64_t part)
{
    return (hash ^ part) * 0x9e3779b97f4a7c15U + (hash >> 29);
}

static struct targets *assemble(struct targets_fetch *fetch)
{
    struct targets *t = MEM_NEW(struct targets);
    t->refs = 1;
    t->arena = arena_new_tight();
    t->n_sources = fetch->n_calls;
    t->revisions = arena_calloc(t->arena, t->n_sources, sizeof(*t->revisions));
    t->types = arena_calloc(t->arena, t->n_sources, sizeof(*t->types));
    for (size_t i = 0; i < fetch->n_calls; i++) {
        t->n_objects += fetch->calls[i].n_objects;
    }
    t->objects = arena_calloc(t->arena, t->n_objects, sizeof(*t->objects));
    size_t n = 0;
    for (size_t i = 0; i < fetch->n_calls; i++) {
        struct source_call *call = &fetch->calls[i];
        t->revisions[i] = arena_str(t->arena, call->revision);
        t->types[i] = call->type;
        t->hash = mix(t->hash, call->hash);
        for (size_t k = 0; k < call->n_objects; k++) {
            t->objects[n++] = call->objects[k];
        }
        arena_defer(t->arena, free_arena, TAKE(call->arena));
    }
    return t;
}

int targets_from_manifests(struct app_strs manifests,
                           const struct str *revisions,
                           size_t n_sources,
                           struct targets **ret,
                           struct err *err)
{
    AUTO(targets) struct targets *t = MEM_NEW(struct targets);
    t->refs = 1;
    t->arena = arena_new_tight();
    t->n_sources = n_sources;
    t->revisions = arena_calloc(t->arena, n_sources, sizeof(*t->revisions));
    t->types = arena_calloc(t->arena, n_sources, sizeof(*t->types));
    for (size_t i = 0; i < n_sources; i++) {
        t->revisions[i] = revisions != NULL ? arena_str(t->arena, revisions[i]) : STR_EMPTY;
        t->hash = mix(t->hash, str_hash(t->revisions[i]));
    }
    t->objects = arena_calloc(t->arena, manifests.n, sizeof(*t->objects));
    for (size_t i = 0; i < manifests.n; i++) {
        TRY_IN(value_from_json(t->arena, manifests.items[i], NULL, &t->objects[i], err), err,
               "manifest %zu", i + 1);
        TRY_IN(kube_object_check(t->objects[i], err), err, "manifest %zu", i + 1);
        t->hash = mix(t->hash, str_hash(manifests.items[i]));
        t->n_objects++;
    }
    *ret = TAKE(t);
    return 0;
}

static bool same_revisions(const struct targets *a, const struct targets *b)
{
    if (a->n_sources != b->n_sources) {
        return false;
    }
    for (size_t i = 0; i < a->n_sources; i++) {
        if (!str_eq(a->revisions[i], b->revisions[i])) {
            return false;
        }
    }
    return true;
}

static void fetch_free(struct targets_fetch *fetch)
{
    for (size_t i = 0; i < fetch->n_calls; i++) {
        arena_free(fetch->calls[i].arena);
    }
    targets_unref(fetch->known);
    mem_free(fetch->calls);
    mem_free(fetch);
}

static void finish(struct targets_fetch *fetch)
{
    if (fetch->err.code != ERR_OK) {
        fetch->done(fetch->data, NULL, &fetch->err);
        fetch_free(fetch);
        return;
    }
    struct targets *t = assemble(fetch);
    if (fetch->known != NULL && fetch->known->hash == t->hash && same_revisions(fetch->known, t)) {
        targets_unref(t);
        t = targets_ref(fetch->known);
    }
    fetch->done(fetch->data, t, NULL);
    fetch_free(fetch);
}

static void fail(struct targets_fetch *fetch, const struct err *err)
{
    if (fetch->err.code != ERR_OK) {
        return;
    }
    fetch->err = *err;
    for (size_t i = 0; i < fetch->n_calls; i++) {
        if (fetch->calls[i].request != NULL) {
            ipc_request_cancel(fetch->calls[i].request);
        }
    }
}

/* What is not signed as it has to be is not used. */
static int check_integrity(const Belay__IntegrityResult *integrity, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = STR_EMPTY;
    if (integrity == NULL || integrity->n_problems == 0) {
        return 0;
    }
    for (size_t i = 0; i < integrity->n_problems; i++) {
        text = arena_printf(arena, STR_FMT "%s%s", STR_ARG(text), i > 0 ? "\n" : "",
                            integrity->problems[i]);
    }
    return err_set(err, ERR_DENIED, STR_FMT, STR_ARG(text));
}

/* They are kept as long as the application rests: in one piece, which shares what they repeat. */
static int
keep_objects(struct source_call *call, const Belay__GenerateManifestsReply *reply, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct value *items = arena_calloc(arena, reply->n_manifests, sizeof(*items));
    for (size_t i = 0; i < reply->n_manifests; i++) {
        const Belay__Manifest *m = reply->manifests[i];
        const struct value *object = NULL;
        TRY_IN(value_from_json(arena, ipc_bytes(m->json), NULL, &object, err), err,
               "manifest of %s:%u", m->file, m->line);
        items[i] = *object;
    }
    const struct value all = {
        .type = VALUE_LIST, .n = (uint32_t)reply->n_manifests, .items = items};
    AUTO(doc) struct doc *kept = doc_copy_of(&all);
    arena_hold(call->arena, kept);
    call->n_objects = reply->n_manifests;
    call->objects = arena_calloc(call->arena, call->n_objects, sizeof(*call->objects));
    for (size_t i = 0; i < call->n_objects; i++) {
        call->objects[i] = &doc_root(kept)->items[i];
    }
    return 0;
}

static int
take_reply(struct source_call *call, const Belay__GenerateManifestsReply *reply, struct err *err)
{
    TRY(check_integrity(reply->integrity, err));
    call->arena = arena_new_tight();
    call->revision = arena_str(call->arena, str_from(reply->revision));
    call->type = source_type_parse(str_from(reply->source_type));
    call->hash = str_hash(str_from(reply->content_hash));
    return keep_objects(call, reply, err);
}

static void on_reply(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct source_call *call = data;
    struct targets_fetch *fetch = call->fetch;
    call->request = NULL;
    fetch->n_open--;
    struct err failed;
    if (err != NULL) {
        fail(fetch, err);
    } else if (take_reply(call, (const Belay__GenerateManifestsReply *)message, &failed) < 0) {
        fail(fetch, &failed);
    }
    if (fetch->n_open == 0) {
        finish(fetch);
    }
}

/* ---- the request ---- */

static struct str revision_of(const struct targets_request *req, size_t i)
{
    return req->revisions != NULL && req->revisions[i].n > 0
               ? req->revisions[i]
               : req->sources->items[i].target_revision;
}

static void
fill_cluster(struct arena *arena, const struct kube_api *api, Belay__GenerateManifestsRequest *msg)
{
    const struct str *names = kube_api_names(api, &msg->n_api_versions);
    msg->kube_version = ipc_string(arena, kube_api_server_version(api));
    msg->api_versions = arena_calloc(arena, msg->n_api_versions + 1, sizeof(char *));
    for (size_t i = 0; i < msg->n_api_versions; i++) {
        msg->api_versions[i] = ipc_string(arena, names[i]);
    }
}

static int fill_message(struct arena *arena,
                        const struct targets_request *req,
                        size_t i,
                        Belay__GenerateManifestsRequest *msg,
                        struct err *err)
{
    const struct app_source *source = &req->sources->items[i];
    struct str json;
    TRY(value_to_json_in(arena, source->tree, NULL, &json, err));
    belay__generate_manifests_request__init(msg);
    msg->repo = ARENA_NEW(arena, Belay__Repository);
    settings_repository(req->settings, arena, source->repo_url, req->project, msg->repo);
    msg->source = ipc_bytes_of(json);
    msg->revision = ipc_string(arena, revision_of(req, i));
    msg->app_name = ipc_string(arena, req->instance);
    msg->project = ipc_string(arena, req->project);
    msg->namespace_ = ipc_string(arena, req->namespace);
    fill_cluster(arena, req->api, msg);
    msg->no_cache = req->no_cache;
    msg->no_revision_cache = req->no_revision_cache;
    msg->revision_max_age_ms = (uint32_t)req->revision_max_age_ms;
    msg->revision_age_ms = (uint64_t)MAX(req->revision_age_ms, (int64_t)0);
    msg->chart = ipc_string(arena, source->chart);
    msg->tag_prefix = ipc_string(arena, source->tag_prefix);
    msg->pass_credentials = value_bool(value_dig(source->tree, "helm", "passCredentials"), false);
    settings_fill_remotes(req->settings, arena, source, req->project, msg);
    struct settings_refs refs = {req->sources, req->revisions, req->project};
    settings_fill_refs(req->settings, arena, &refs, msg);
    settings_fill_integrity(req->settings, arena, &refs, source, msg);
    return 0;
}

static void start_call(struct arena *arena,
                       const struct targets_request *req,
                       size_t i,
                       const Belay__GenerateManifestsRequest *msg,
                       struct source_call *call)
{
    struct ipc_call_options options = {
        .method = BELAY__REPO_METHOD__REPO_GENERATE_MANIFESTS,
        .name = "GenerateManifests",
        .request = &msg->base,
        .reply = &belay__generate_manifests_reply__descriptor,
        .timeout_ms = req->timeout_ms,
        .repeat = IPC_REPEATABLE,
        .route_key = req->sources->items[i].repo_url,
        .principal = arena_printf(arena, "app:" STR_FMT, STR_ARG(req->instance)).p,
    };
    call->request = ipc_client_call(req->repo_server, &options, on_reply, call);
}

int targets_fetch(const struct targets_request *req,
                  targets_done_fn done,
                  void *data,
                  struct targets_fetch **ret,
                  struct err *err)
{
    size_t n = req->sources->n;
    assert(n > 0);
    AUTO(arena) struct arena *arena = arena_new();
    Belay__GenerateManifestsRequest *messages = arena_calloc(arena, n, sizeof(*messages));
    for (size_t i = 0; i < n; i++) {
        TRY(fill_message(arena, req, i, &messages[i], err));
    }
    struct targets_fetch *fetch = MEM_NEW(struct targets_fetch);
    fetch->done = done;
    fetch->data = data;
    fetch->known = req->known != NULL ? targets_ref(req->known) : NULL;
    fetch->n_calls = fetch->n_open = n;
    fetch->calls = mem_calloc(n, sizeof(*fetch->calls));
    for (size_t i = 0; i < n; i++) {
        fetch->calls[i].fetch = fetch;
        start_call(arena, req, i, &messages[i], &fetch->calls[i]);
    }
    *ret = fetch;
    return 0;
}

void targets_fetch_cancel(struct targets_fetch *fetch)
{
    if (fetch == NULL) {
        return;
    }
    for (size_t i = 0; i < fetch->n_calls; i++) {
        if (fetch->calls[i].request != NULL) {
            ipc_request_cancel(fetch->calls[i].request);
        }
    }
}
