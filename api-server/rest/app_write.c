/* The controller writes statuses all the time: who changes something that depends on the state of an
 * Application says which version it saw, and looks again when that was not the last one. */
#include "api-server/rest/app_write.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

enum {
    TRIES = 10,
};

struct write {
    struct rest_call *call;
    app_written_fn done;
};

struct change {
    struct rest_call *call;
    app_patch_fn build;
    app_written_fn done;
    struct str namespace;
    struct str name;
    int n_tries;
};

static void on_written(void *data, const struct kube_reply *reply)
{
    struct write *w = data;
    if (reply->err != NULL) {
        rest_reply_err(w->call, reply->err);
        return;
    }
    kube_informer_put(w->call->server->apps, reply->doc);
    w->done(w->call, reply->doc);
}

static struct kube_request
request_for(struct rest_call *call, enum kube_verb verb, struct str namespace, struct str name)
{
    return (struct kube_request){
        .verb = verb,
        .target = {.group = STR(APP_GROUP),
                   .version = STR(APP_VERSION),
                   .resource = STR(APP_RESOURCE),
                   .kind = STR(APP_KIND),
                   .namespace = namespace,
                   .name = name},
        .timeout_ms = call->server->config->call_timeout_ms,
    };
}

struct kube_request app_write_request(struct rest_call *call,
                                      enum kube_verb verb,
                                      const struct value *app,
                                      app_written_fn done)
{
    struct write *w = ARENA_NEW(call->arena, struct write);
    w->call = call;
    w->done = done;
    struct str name = verb == KUBE_CREATE ? STR_EMPTY : kube_name(app);
    struct kube_request request = request_for(call, verb, kube_namespace(app), name);
    request.done = on_written;
    request.data = w;
    return request;
}

void app_write_patch(struct rest_call *call,
                     const struct value *app,
                     const struct value *patch,
                     app_written_fn done)
{
    struct kube_request request = app_write_request(call, KUBE_PATCH, app, done);
    request.patch = KUBE_PATCH_MERGE;
    request.body = patch;
    (void)kube_start(call->server->client, &request);
}

/* ---- changes that depend on what is there ---- */

static int try_change(struct change *c, const struct value *app, struct err *err);

static void on_read(void *data, const struct kube_reply *reply)
{
    struct change *c = data;
    struct err err;
    if (reply->err != NULL) {
        rest_reply_err(c->call, reply->err);
        return;
    }
    kube_informer_put(c->call->server->apps, reply->doc);
    if (try_change(c, doc_root(reply->doc), &err) < 0) {
        rest_reply_err(c->call, &err);
    }
}

static void read_anew(struct change *c)
{
    struct kube_request request = request_for(c->call, KUBE_GET, c->namespace, c->name);
    request.done = on_read;
    request.data = c;
    (void)kube_start(c->call->server->client, &request);
}

static void on_changed(void *data, const struct kube_reply *reply)
{
    struct change *c = data;
    if (reply->err == NULL) {
        kube_informer_put(c->call->server->apps, reply->doc);
        c->done(c->call, reply->doc);
        return;
    }
    if (reply->err->code != ERR_CONFLICT || c->n_tries >= TRIES) {
        rest_reply_err(c->call, reply->err);
        return;
    }
    read_anew(c);
}

static int try_change(struct change *c, const struct value *app, struct err *err)
{
    struct arena *arena = c->call->arena;
    const struct value *patch = NULL;
    TRY(c->build(c->call, app, &patch, err));
    c->n_tries++;
    struct kube_request request = request_for(c->call, KUBE_PATCH, c->namespace, c->name);
    request.patch = KUBE_PATCH_MERGE;
    request.body = value_with(arena, patch, value_new_str(arena, kube_resource_version(app)),
                              "metadata", "resourceVersion");
    request.done = on_changed;
    request.data = c;
    (void)kube_start(c->call->server->client, &request);
    return 0;
}

void app_write_change(struct rest_call *call,
                      const struct value *app,
                      app_patch_fn build,
                      app_written_fn done)
{
    struct change *c = ARENA_NEW(call->arena, struct change);
    struct err unused;
    c->call = call;
    c->build = build;
    c->done = done;
    c->namespace = arena_str(call->arena, kube_namespace(app));
    c->name = arena_str(call->arena, kube_name(app));
    if (try_change(c, app, &unused) < 0) {
        read_anew(c);
    }
}
