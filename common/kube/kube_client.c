/* The client object and calls about one object.
 *
 * A call is one exchange whose answer is parsed; lists are in kube_list.c. A request that makes no sense
 * ends like any other call: through done, from the loop. */
#include "common/kube/kube_client.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/kube/kube_auth.h"
#include "common/kube/kube_client_internal.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_exchange.h"
#include "common/kube/kube_object.h"
#include "common/kube/kube_request.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

enum {
    DEFAULT_QPS = 50,
    DEFAULT_BURST = 100,
    DEFAULT_TIMEOUT_MS = 60 * 1000,
};

/* ---- the client ---- */

void kube_client_ref(struct kube_client *client)
{
    client->n_refs++;
}

void kube_client_unref(struct kube_client *client)
{
    if (--client->n_refs > 0) {
        return;
    }
    kube_auth_free(client->auth);
    kube_config_free(client->config);
    mem_free(client);
}

static void init_limit(struct kube_client *client, double qps, int burst)
{
    client->limited = qps >= 0;
    if (client->limited) {
        ratelimit_init(&client->limit, qps > 0 ? qps : DEFAULT_QPS,
                       burst > 0 ? burst : DEFAULT_BURST, loop_now_ms(client->loop));
    }
}

int kube_client_new(const struct kube_client_opts *opts, struct kube_client **ret, struct err *err)
{
    struct kube_client *client = MEM_NEW(struct kube_client);
    struct str agent = opts->user_agent.n > 0 ? opts->user_agent : STR("belay");
    client->loop = opts->loop;
    client->http = opts->http;
    client->config = opts->config;
    client->rand = opts->rand != NULL ? opts->rand : rand_system();
    client->user_agent = arena_str(opts->config->arena, agent);
    client->on_stat = opts->on_stat;
    client->on_warning = opts->on_warning;
    client->data = opts->data;
    client->n_refs = 1;
    list_init(&client->exchanges);
    init_limit(client, opts->qps, opts->burst);
    const struct kube_auth_opts auth_opts = {
        .loop = opts->loop,
        .config = opts->config,
        .environ = opts->environ,
    };
    int rc = kube_auth_new(&auth_opts, &client->auth, err);
    if (rc < 0) {
        kube_client_unref(client);
        return err_wrap(err, "cluster '" STR_FMT "'", STR_ARG(opts->config->server));
    }
    *ret = client;
    return 0;
}

void kube_client_free(struct kube_client *client)
{
    if (client == NULL) {
        return;
    }
    ASSERT_LOOP(client->loop);
    assert(!client->closing);
    client->closing = true;
    LIST_FOREACH(&client->exchanges, node) {
        kube_exchange_cancel_node(node);
    }
    kube_client_unref(client);
}

const struct kube_config *kube_client_config(const struct kube_client *client)
{
    return client->config;
}

struct loop *kube_client_loop(const struct kube_client *client)
{
    return client->loop;
}

/* ---- calls ---- */

struct kube_call {
    struct kube_exchange *exchange; /* NULL: the request made no sense */
    struct loop *loop;
    struct loop_task task; /* the end of a call without an exchange */
    struct err err;
    struct arena *arena;
    struct str api_version; /* stamped on metadata-only answers */
    struct str kind;
    bool metadata_only;
    bool raw;
    kube_done_fn done;
    void *data;
};

static void end_call(struct kube_call *call, const struct kube_reply *reply)
{
    call->done(call->data, reply);
    arena_free(call->arena);
    mem_free(call);
}

/* The answer's tree; a new reference. */
static int
parse_answer(const struct kube_call *call, struct str body, struct doc **ret, struct err *err)
{
    if (!call->metadata_only || call->kind.n == 0) {
        return doc_from_json(body, NULL, ret, err);
    }
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *root;
    TRY(value_from_json(arena, body, NULL, &root, err));
    root = kube_object_metadata_only(arena, root, call->api_version, call->kind);
    *ret = doc_new(TAKE(arena), root);
    return 0;
}

static void on_exchange(void *data, const struct kube_exchange_result *result)
{
    struct kube_call *call = data;
    struct err err;
    AUTO(doc) struct doc *doc = NULL;
    struct kube_reply reply = {
        .err = result->err,
        .body = result->body,
        .status = result->status,
        .failure = result->failure,
        .reason = value_dig_str(result->failure, "reason"),
    };
    if (reply.err == NULL && !call->raw && parse_answer(call, result->body, &doc, &err) < 0) {
        (void)err_wrap(&err, "answer of the API server"); /* the code stays */
        reply.err = &err;
    }
    reply.doc = doc;
    end_call(call, &reply);
}

static void on_nonsense(void *data)
{
    struct kube_call *call = data;
    const struct kube_reply reply = {.err = &call->err};
    end_call(call, &reply);
}

static int begin(struct kube_client *client,
                 struct kube_call *call,
                 const struct kube_request *request,
                 struct err *err)
{
    struct kube_wire wire;
    int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
    TRY(kube_request_wire(call->arena, request, &wire, err));
    const struct kube_exchange_opts opts = {
        .verb = request->verb,
        .target = &request->target,
        .wire = &wire,
        .dry_run = request->dry_run,
        .deadline_ms = loop_now_ms(client->loop) + timeout_ms,
        .max_attempts = request->max_attempts,
        .done = on_exchange,
        .data = call,
    };
    call->exchange = kube_exchange_start(client, &opts);
    return 0;
}

struct kube_call *kube_start(struct kube_client *client, const struct kube_request *request)
{
    ASSERT_LOOP(client->loop);
    assert(!client->closing);
    struct kube_call *call = MEM_NEW(struct kube_call);
    call->loop = client->loop;
    call->arena = arena_new();
    call->api_version =
        kube_api_version_format(call->arena, request->target.group, request->target.version);
    call->kind = arena_str(call->arena, request->target.kind);
    call->metadata_only = request->metadata_only;
    call->raw = request->raw_body;
    call->done = request->done;
    call->data = request->data;
    if (begin(client, call, request, &call->err) < 0) {
        loop_task_post(call->loop, &call->task, on_nonsense, call);
    }
    return call;
}

void kube_cancel(struct kube_call *call)
{
    if (call != NULL && call->exchange != NULL) {
        kube_exchange_cancel(call->exchange);
    }
}
