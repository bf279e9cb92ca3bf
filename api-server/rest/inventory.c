/* Reading endpoints for settings; nothing secret leaves. */
#include "api-server/rest/inventory.h"

#include "api-server/api_server.h"
#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_client.h"
#include "common/kube/kube_object.h"
#include "common/model/cluster.h"
#include "common/model/project.h"
#include "common/model/repository.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "proto/controller.pb-c.h"
#include "proto/repo.pb-c.h"

/* ---- projects ---- */

int inventory_projects(struct rest_call *call, struct err *err UNUSED)
{
    struct str wanted = rest_query(call, "name");
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field(&b, "metadata", &VALUE_EMPTY_MAP);
    value_build_field_list(&b, "items");
    size_t at = 0;
    for (const struct project *p;
         (p = settings_project_next(call->server->settings, &at)) != NULL;) {
        if (wanted.n == 0 || str_eq(wanted, p->name)) {
            value_build_value(&b, kube_without_fields(call->arena, p->tree, KUBE_MANAGED_FIELDS));
        }
    }
    value_build_end(&b);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}

int inventory_project(struct rest_call *call, struct err *err)
{
    struct str name = rest_param(call, 0);
    const struct project *p = settings_project(call->server->settings, name);
    if (p == NULL) {
        return err_set(err, ERR_NOT_FOUND, "appprojects.argoproj.io \"" STR_FMT "\" not found",
                       STR_ARG(name));
    }
    rest_reply(call, kube_without_fields(call->arena, p->tree, KUBE_MANAGED_FIELDS));
    return 0;
}

/* ---- clusters ---- */

static const struct value *state_of(const struct value *states, struct str server)
{
    VALUE_FOREACH(value_dig(states, "items"), s) {
        if (cluster_server_same(value_dig_str(s, "server"), server)) {
            return s;
        }
    }
    return NULL;
}

static void put_cluster(struct value_builder *b, const struct cluster *c, const struct value *state)
{
    struct str status = value_dig_str(state, "status");
    value_build_map(b);
    value_build_field_str(b, "server", c->server);
    value_build_field_str(b, "name", c->name);
    value_build_field_str_opt(b, "project", c->project);
    value_build_field_map(b, "config");
    value_build_field_map(b, "tlsClientConfig");
    value_build_field_bool(b, "insecure", false);
    value_build_end(b);
    value_build_end(b);
    if (c->namespaces.n > 0) {
        value_build_field_list(b, "namespaces");
        for (size_t i = 0; i < c->namespaces.n; i++) {
            value_build_str(b, c->namespaces.items[i]);
        }
        value_build_end(b);
    }
    value_build_field_str(b, "serverVersion", value_dig_str(state, "serverVersion"));
    value_build_field_map(b, "connectionState");
    value_build_field_str(b, "status", status.n > 0 ? status : STR("Unknown"));
    value_build_field_str(b, "message", value_dig_str(state, "message"));
    value_build_end(b);
    if (value_len(value_dig(state, "refusedKinds")) > 0) {
        value_build_field(b, "refusedKinds", value_dig(state, "refusedKinds"));
    }
    value_build_end(b);
}

static int on_clusters(struct rest_call *call, const struct value *states, struct err *err UNUSED)
{
    struct clusters clusters = settings_clusters(call->server->settings);
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field(&b, "metadata", &VALUE_EMPTY_MAP);
    value_build_field_list(&b, "items");
    for (size_t i = 0; i < clusters.n; i++) {
        put_cluster(&b, &clusters.items[i], state_of(states, clusters.items[i].server));
    }
    value_build_end(&b);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}

/* Without the controller the clusters are listed all the same, their state unknown. */
static int on_no_states(struct rest_call *call, struct err *err)
{
    return on_clusters(call, NULL, err);
}

int inventory_clusters(struct rest_call *call, struct err *err UNUSED)
{
    Belay__Empty msg;
    belay__empty__init(&msg);
    const struct ask_request request = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTERS,
        .name = "GetClusters",
        .message = &msg.base,
        .kind = ASK_READ,
        .done = on_clusters,
        .failed = on_no_states,
    };
    ask_controller(call, &request);
    return 0;
}

/* ---- repositories ---- */

static void put_repository(struct value_builder *b, const struct repository *r)
{
    value_build_map(b);
    value_build_field_str(b, "repo", r->url);
    value_build_field_str_opt(b, "username", r->username);
    value_build_field_str(b, "type", r->type);
    value_build_field_str_opt(b, "name", r->name);
    value_build_field_str_opt(b, "project", r->project);
    if (r->insecure) {
        value_build_field_bool(b, "insecure", true);
    }
    value_build_end(b);
}

int inventory_repositories(struct rest_call *call, struct err *err UNUSED)
{
    struct repositories repos = settings_repositories(call->server->settings);
    struct str wanted = rest_query(call, "repo");
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field(&b, "metadata", &VALUE_EMPTY_MAP);
    value_build_field_list(&b, "items");
    for (size_t i = 0; i < repos.n; i++) {
        const struct repository *r = &repos.items[i];
        if (!r->creds && (wanted.n == 0 || repository_url_same(wanted, r->url))) {
            put_repository(&b, r);
        }
    }
    value_build_end(&b);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}

/* ---- charts ---- */

static void put_chart(struct value_builder *b, const Belay__ListChartsReply__Chart *chart)
{
    value_build_map(b);
    value_build_field_str(b, "name", str_from(chart->name));
    value_build_field_list(b, "versions");
    for (size_t i = 0; i < chart->n_versions; i++) {
        value_build_str(b, str_from(chart->versions[i]));
    }
    value_build_end(b);
    value_build_end(b);
}

/* That the repository does not let us in says nothing of the user's own session. */
static void reply_refused(struct rest_call *call, const struct err *why)
{
    struct err err = *why;
    if (err.code == ERR_UNAUTHENTICATED || err.code == ERR_DENIED) {
        err.code = ERR_INVALID;
    }
    rest_reply_err(call, &err);
}

static void on_charts(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct rest_call *call = data;
    if (err != NULL) {
        reply_refused(call, err);
        return;
    }
    const Belay__ListChartsReply *reply = (const Belay__ListChartsReply *)message;
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "items");
    for (size_t i = 0; i < reply->n_charts; i++) {
        put_chart(&b, reply->charts[i]);
    }
    value_build_end(&b);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
}

/* Only repositories that are set up: nobody makes the server ask any address. */
int inventory_helm_charts(struct rest_call *call, struct err *err)
{
    struct settings *settings = call->server->settings;
    struct repositories known = settings_repositories(settings);
    struct str url = rest_param(call, 0);
    struct str project = rest_query(call, "appProject");
    if (repository_find(&known, url, project) == NULL) {
        return err_set(err, ERR_NOT_FOUND, "repository '" STR_FMT "' is not set up", STR_ARG(url));
    }
    Belay__ListChartsRequest msg;
    Belay__Repository repo;
    belay__list_charts_request__init(&msg);
    settings_repository(settings, call->arena, url, project, &repo);
    msg.repo = &repo;
    msg.no_cache = str_eq_c(rest_query(call, "forceRefresh"), "true");
    struct ipc_call_options options = {
        .method = BELAY__REPO_METHOD__REPO_LIST_CHARTS,
        .name = "ListCharts",
        .request = &msg.base,
        .reply = &belay__list_charts_reply__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
        .route_key = url,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->repo_server, &options, on_charts, call);
    return 0;
}
