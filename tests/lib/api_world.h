/* What an API server under test has around it, and its controller, which answers what the test sets. A header
 * for api_fixture.h, which see. */
#pragma once

#include <stdio.h>

#include "api-server/api_server.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/kube/kube_informer.h"
#include "common/net/http_client.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"
#include "tests/lib/fake_cluster.h"
#include "tests/lib/fake_repo.h"
#include "tests/lib/http_fixture.h"
#include "tests/lib/parse.h"
#include "tests/lib/tmp_dir.h"

enum { API_WAIT_MS = 30 * 1000, API_HELD_MAX = 4 };

#define API_PASSWORD "U*U"
#define API_KEY      "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" /* base64 */
/* Of the password above (crypt_blowfish's test vectors), as base64. */
#define API_HASH "JDJhJDA1JENDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQy5FNVlQTzlrbXl1Ukd5aDBYb3VRWWI0WU1KS3Z5T2VX"

struct api_fixture {
    char dir[TMP_DIR_BYTES];
    char controller_url[TMP_DIR_BYTES + 32];
    struct daemon *daemon;
    struct loop *loop;
    struct fake_cluster *cluster;
    struct fake_repo *repo;
    struct ipc_server *controller;
    struct http_client *client;
    struct api_server *server;
    void (*body)(struct api_fixture *f);
    struct arena *arena; /* for the test's texts and answers */
    const char *token;   /* sent with every request; NULL = none */
    /* the controller: its answer, and what it was asked */
    const char *answer;          /* YAML */
    enum err_code fails;         /* ERR_OK = it answers */
    const char *cluster_api;     /* YAML: what it says of every cluster; NULL = it knows none */
    enum err_code cluster_fails; /* as fails, for this question */
    bool hold;
    struct ipc_call *held[API_HELD_MAX];
    size_t n_held;
    unsigned n_asked;
    uint32_t asked;
    char asked_name[64]; /* of the application, or of the resource */
    char asked_text[256];
};

/* One at a time: daemon_main() hands the component no data of ours. */
static struct api_fixture *api_fixture_now;
/* The next ones start on a cluster with nothing in it. */
static bool api_fixture_empty;

static inline void api_fixture_wait(struct api_fixture *f, bool (*cond)(void *data), void *data)
{
    if (!loop_run_until(f->loop, cond, data, API_WAIT_MS)) {
        fail_msg("nothing happened for %d ms; requests:\n%s", API_WAIT_MS,
                 fake_cluster_log(f->cluster));
    }
}

/* ---- the controller ---- */

static inline void api_fixture_reply(struct api_fixture *f, struct ipc_call *call)
{
    struct arena *arena = ipc_call_arena(call);
    struct err err;
    if (f->fails != ERR_OK) {
        (void)err_set(&err, f->fails, "the fake controller is told to fail");
        ipc_reply_err(call, &err);
        return;
    }
    struct str json = print_json(arena, parse_yaml(arena, f->answer), NULL);
    Belay__JsonReply reply;
    belay__json_reply__init(&reply);
    reply.json = ipc_bytes_of(json);
    ipc_reply(call, &reply.base);
}

static inline void api_fixture_let_go(struct api_fixture *f)
{
    f->hold = false;
    for (size_t i = 0; i < f->n_held; i++) {
        api_fixture_reply(f, f->held[i]);
    }
    f->n_held = 0;
}

static inline void api_fixture_asked(struct ipc_call *call, uint32_t method, const char *name)
{
    struct api_fixture *f = ipc_call_data(call);
    f->n_asked++;
    f->asked = method;
    (void)snprintf(f->asked_name, sizeof(f->asked_name), "%s", name);
    if (f->hold) {
        assert_true(f->n_held < API_HELD_MAX);
        f->held[f->n_held++] = call;
        return;
    }
    api_fixture_reply(f, call);
}

static inline void api_fixture_on_tree(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetResourceTreeRequest *req = (const Belay__GetResourceTreeRequest *)message;
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE, req->app->name);
}

static inline void api_fixture_on_managed(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetManagedResourcesRequest *req =
        (const Belay__GetManagedResourcesRequest *)message;
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_MANAGED_RESOURCES,
                      req->app->name);
}

static inline void api_fixture_on_get(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__GetResourceRequest *req = (const Belay__GetResourceRequest *)message;
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE, req->resource->name);
}

static inline void api_fixture_on_patch(struct ipc_call *call, const ProtobufCMessage *message)
{
    struct api_fixture *f = ipc_call_data(call);
    const Belay__PatchResourceRequest *req = (const Belay__PatchResourceRequest *)message;
    (void)snprintf(f->asked_text, sizeof(f->asked_text), "%s %.*s", req->patch_type,
                   (int)req->patch.len, (const char *)req->patch.data);
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_PATCH_RESOURCE,
                      req->resource->name);
}

static inline void api_fixture_on_delete(struct ipc_call *call, const ProtobufCMessage *message)
{
    struct api_fixture *f = ipc_call_data(call);
    const Belay__DeleteResourceRequest *req = (const Belay__DeleteResourceRequest *)message;
    (void)snprintf(f->asked_text, sizeof(f->asked_text), "force %d orphan %d", req->force,
                   req->orphan);
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_DELETE_RESOURCE,
                      req->resource->name);
}

static inline void api_fixture_on_actions(struct ipc_call *call, const ProtobufCMessage *message)
{
    const Belay__ListActionsRequest *req = (const Belay__ListActionsRequest *)message;
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_LIST_ACTIONS, req->resource->name);
}

/* asked_text: "ACTION NAME=VALUE ..." */
static inline void api_fixture_on_action(struct ipc_call *call, const ProtobufCMessage *message)
{
    struct api_fixture *f = ipc_call_data(call);
    const Belay__RunActionRequest *req = (const Belay__RunActionRequest *)message;
    struct str text = str_from(req->action);
    for (size_t i = 0; i < req->n_parameters; i++) {
        text = arena_printf(ipc_call_arena(call), STR_FMT " %s=%s", STR_ARG(text),
                            req->parameters[i]->name, req->parameters[i]->value);
    }
    (void)snprintf(f->asked_text, sizeof(f->asked_text), STR_FMT, STR_ARG(text));
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_RUN_ACTION, req->resource->name);
}

/* asked_text: the operation */
static inline void api_fixture_on_plan(struct ipc_call *call, const ProtobufCMessage *message)
{
    struct api_fixture *f = ipc_call_data(call);
    const Belay__GetPlanRequest *req = (const Belay__GetPlanRequest *)message;
    (void)snprintf(f->asked_text, sizeof(f->asked_text), "%.*s", (int)req->operation.len,
                   (const char *)req->operation.data);
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_PLAN, req->app->name);
}

static inline void api_fixture_on_clusters(struct ipc_call *call,
                                           const ProtobufCMessage *message UNUSED)
{
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTERS, "");
}

/* Not counted: many requests have it asked. */
static inline void api_fixture_on_cluster_api(struct ipc_call *call,
                                              const ProtobufCMessage *message UNUSED)
{
    struct api_fixture *f = ipc_call_data(call);
    struct arena *arena = ipc_call_arena(call);
    struct err err;
    if (f->cluster_fails != ERR_OK || f->cluster_api == NULL) {
        (void)err_set(&err, f->cluster_fails != ERR_OK ? f->cluster_fails : ERR_NOT_FOUND,
                      "the fake controller knows no cluster");
        ipc_reply_err(call, &err);
        return;
    }
    Belay__JsonReply reply;
    belay__json_reply__init(&reply);
    reply.json = ipc_bytes_of(print_json(arena, parse_yaml(arena, f->cluster_api), NULL));
    ipc_reply(call, &reply.base);
}

static inline void api_fixture_start_controller(struct api_fixture *f)
{
#define API_METHOD(NAME, name, request, fn)                                                 \
    {                                                                                       \
        BELAY__CONTROLLER_METHOD__CONTROLLER_##NAME, name, &belay__##request##__descriptor, \
            &belay__json_reply__descriptor, fn, 0                                           \
    }
    static const struct ipc_method METHODS[] = {
        API_METHOD(GET_RESOURCE_TREE, "GetResourceTree", get_resource_tree_request,
                   api_fixture_on_tree),
        API_METHOD(GET_MANAGED_RESOURCES, "GetManagedResources", get_managed_resources_request,
                   api_fixture_on_managed),
        API_METHOD(GET_RESOURCE, "GetResource", get_resource_request, api_fixture_on_get),
        API_METHOD(PATCH_RESOURCE, "PatchResource", patch_resource_request, api_fixture_on_patch),
        API_METHOD(DELETE_RESOURCE, "DeleteResource", delete_resource_request,
                   api_fixture_on_delete),
        API_METHOD(LIST_ACTIONS, "ListActions", list_actions_request, api_fixture_on_actions),
        API_METHOD(RUN_ACTION, "RunAction", run_action_request, api_fixture_on_action),
        API_METHOD(GET_PLAN, "GetPlan", get_plan_request, api_fixture_on_plan),
        API_METHOD(GET_CLUSTERS, "GetClusters", empty, api_fixture_on_clusters),
        API_METHOD(GET_CLUSTER_API, "GetClusterApi", get_cluster_api_request,
                   api_fixture_on_cluster_api),
    };
#undef API_METHOD
    struct err err;
    const struct ipc_server_options options = {
        .url = f->controller_url, .methods = METHODS, .n_methods = ARRAY_LEN(METHODS), .data = f};
    ASSERT_OK(ipc_server_new(f->loop, &options, &f->controller, &err));
}
