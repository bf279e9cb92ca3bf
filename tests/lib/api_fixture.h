/* A whole API server in the test's process, with a fake cluster, repo-server and controller.
 *
 * The test's body runs inside the daemon's start, before the loop does, and turns the loop itself with the
 * functions here. When it returns the daemon shuts down in order, which is checked each time. A header,
 * because only tests of api-server link its code. */
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
    const char *answer;  /* YAML */
    enum err_code fails; /* ERR_OK = it answers */
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
    struct str json;
    struct err err;
    if (f->fails != ERR_OK) {
        (void)err_set(&err, f->fails, "the fake controller is told to fail");
        ipc_reply_err(call, &err);
        return;
    }
    ASSERT_OK(value_to_json_in(arena, parse_yaml(arena, f->answer), NULL, &json, &err));
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

static inline void api_fixture_on_clusters(struct ipc_call *call,
                                           const ProtobufCMessage *message UNUSED)
{
    api_fixture_asked(call, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_CLUSTERS, "");
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
        API_METHOD(GET_CLUSTERS, "GetClusters", empty, api_fixture_on_clusters),
    };
#undef API_METHOD
    struct err err;
    const struct ipc_server_options options = {
        .url = f->controller_url, .methods = METHODS, .n_methods = ARRAY_LEN(METHODS), .data = f};
    ASSERT_OK(ipc_server_new(f->loop, &options, &f->controller, &err));
}

/* ---- requests ---- */

struct api_answer {
    int status;
    const struct value *json; /* NULL when it is none */
    struct str text;
    char header[256]; /* the one asked for */
};

static inline struct str api_fixture_url(struct api_fixture *f, const char *path)
{
    return arena_printf(f->arena, "http://127.0.0.1:%u%s", f->server->port, path);
}

/* Headers of a request: the token and, unless it is a GET, application/json. */
static inline struct http_headers api_fixture_headers(struct api_fixture *f, const char *method)
{
    struct http_header *h = arena_calloc(f->arena, 2, sizeof(*h));
    size_t n = 0;
    if (strcmp(method, "GET") != 0) {
        h[n++] = (struct http_header){STR("content-type"), STR("application/json")};
    }
    if (f->token != NULL) {
        struct str bearer = arena_printf(f->arena, "Bearer %s", f->token);
        h[n++] = (struct http_header){STR("authorization"), bearer};
    }
    return (struct http_headers){h, n};
}

static inline struct api_answer api_fixture_answer(struct api_fixture *f,
                                                   struct http_result *result)
{
    struct api_answer answer = {.status = result->status};
    struct err err;
    http_result_ok(result);
    answer.text = arena_str(f->arena, buf_str(&result->body));
    (void)snprintf(answer.header, sizeof(answer.header), "%s", result->header);
    if (value_from_json(f->arena, answer.text, NULL, &answer.json, &err) < 0) {
        answer.json = NULL;
    }
    http_result_free(result);
    return answer;
}

static inline void api_fixture_begin(struct api_fixture *f,
                                     struct http_call_opts opts,
                                     const char *path,
                                     struct http_result *result)
{
    struct err err;
    buf_init(&result->body, LIMIT_HTTP_RESPONSE_BYTES);
    result->loop = f->loop;
    opts.url = api_fixture_url(f, path);
    opts.done = http_result_done;
    opts.data = result;
    ASSERT_OK(http_client_start(f->client, NULL, &opts, &result->call, &err));
}

static inline struct api_answer api_fixture_send(struct api_fixture *f,
                                                 struct http_call_opts opts,
                                                 const char *path,
                                                 const char *want_header)
{
    struct http_result result = {.want_header = want_header};
    api_fixture_begin(f, opts, path, &result);
    api_fixture_wait(f, http_result_is_done, &result);
    return api_fixture_answer(f, &result);
}

static inline struct api_answer
api_fixture_call(struct api_fixture *f, const char *method, const char *path, const char *body)
{
    const struct http_call_opts opts = {
        .method = method,
        .headers = api_fixture_headers(f, method),
        .body = body != NULL ? str_from(body) : STR_EMPTY,
    };
    return api_fixture_send(f, opts, path, NULL);
}

/* GET that is answered with 200 and JSON. */
static inline const struct value *api_fixture_get(struct api_fixture *f, const char *path)
{
    struct api_answer a = api_fixture_call(f, "GET", path, NULL);
    if (a.status != 200 || a.json == NULL) {
        fail_msg("GET %s: %d " STR_FMT, path, a.status, STR_ARG(a.text));
    }
    return a.json;
}

static inline void api_fixture_check(struct api_answer a, int status, int code, const char *part)
{
    if (a.status != status || value_int(value_dig(a.json, "code"), -1) != code ||
        str_find(value_dig_str(a.json, "message"), str_from(part)) == STR_NONE) {
        fail_msg("wanted %d, code %d, '%s'; got %d " STR_FMT, status, code, part, a.status,
                 STR_ARG(a.text));
    }
    assert_true(str_eq(value_dig_str(a.json, "error"), value_dig_str(a.json, "message")));
}

#define API_REFUSED(f, method, path, body, status, code, part) \
    api_fixture_check(api_fixture_call((f), (method), (path), (body)), (status), (code), (part))

static inline void api_fixture_login(struct api_fixture *f)
{
    struct api_answer a = api_fixture_call(
        f, "POST", "/api/v1/session", "{\"username\":\"admin\",\"password\":\"" API_PASSWORD "\"}");
    assert_int_equal(a.status, 200);
    f->token = arena_str(f->arena, value_dig_str(a.json, "token")).p;
}

/* ---- Applications ---- */

struct api_known {
    struct api_fixture *f;
    const char *name;
};

static inline bool api_fixture_knows(void *data)
{
    struct api_known *k = data;
    return kube_informer_find(k->f->server->apps, STR("argocd"), str_from(k->name)) != NULL;
}

/* An Application the API server knows; more: further lines of YAML, two blanks below the top. */
static inline void api_fixture_app(struct api_fixture *f, const char *name, const char *more)
{
    struct str yaml = arena_printf(
        f->arena,
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
        "metadata: {name: %s, namespace: argocd, labels: {app: %s}}\n"
        "spec:\n  project: default\n  source: {repoURL: 'https://example.com/r.git', path: p}\n"
        "  destination: {server: 'https://kubernetes.default.svc', namespace: ns}\n%s",
        name, name, more);
    fake_cluster_put(f->cluster, yaml.p);
    struct api_known known = {f, name};
    api_fixture_wait(f, api_fixture_knows, &known);
}

/* ---- life ---- */

static inline bool api_fixture_is_ready(void *data)
{
    return daemon_ready(((struct api_fixture *)data)->daemon);
}

static inline void api_fixture_fill(struct api_fixture *f)
{
    fake_cluster_put(
        f->cluster,
        "{apiVersion: v1, kind: Secret, metadata: {name: argocd-secret, namespace: argocd,"
        " labels: {app.kubernetes.io/part-of: argocd}}, data: {server.secretkey: '" API_KEY
        "', admin.password: '" API_HASH "'}}");
    fake_cluster_put(f->cluster,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject,"
                     " metadata: {name: default, namespace: argocd},"
                     " spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}],"
                     " clusterResourceWhitelist: [{group: '*', kind: '*'}]}}");
}

static inline int api_fixture_start(struct daemon *daemon, void **ret, struct err *err)
{
    struct api_fixture *f = api_fixture_now;
    char path[256];
    f->daemon = daemon;
    f->loop = daemon_loop(daemon);
    f->cluster = fake_cluster_new(f->loop);
    f->repo = fake_repo_new(f->loop);
    f->client = http_client_new(f->loop, NULL);
    api_fixture_start_controller(f);
    (void)snprintf(path, sizeof(path), "%s/kubeconfig", f->dir);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file,
                  "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                  "clusters:\n- name: c\n  cluster: {server: '%s'}\nusers:\n- name: u\n  user: {}\n"
                  "contexts:\n- name: c\n  context: {cluster: c, user: u}\n",
                  fake_cluster_url(f->cluster));
    assert_int_equal(fclose(file), 0);
    /* what the command line could not name yet */
    struct api_config *config = (struct api_config *)(uintptr_t)daemon_values(daemon);
    const char *url = fake_repo_url(f->repo);
    config->repo_server.items = &url;
    config->repo_server.n = 1;
    if (!api_fixture_empty) {
        api_fixture_fill(f);
    }
    TRY(api_server_start(daemon, ret, err));
    f->server = *ret;
    api_fixture_wait(f, api_fixture_is_ready, f);
    f->body(f);
    daemon_shutdown(daemon, NULL);
    return 0;
}

static inline void api_fixture_stop(struct daemon *daemon, void *component)
{
    http_client_close(TAKE(api_fixture_now->client), NULL, NULL);
    api_server_stop(daemon, component);
}

static inline void api_fixture_end(void *component)
{
    struct api_fixture *f = api_fixture_now;
    api_server_free(component);
    api_fixture_let_go(f);
    ipc_server_free(f->controller);
    fake_repo_free(f->repo);
    fake_cluster_free(f->cluster);
}

/* Runs the body; more: further arguments of the daemon, NULL at the end, or NULL. Returns the exit status
 * of the daemon. */
static inline int api_fixture_run(void (*body)(struct api_fixture *f), const char *const *more)
{
    static struct api_config config;
    static const struct config_row ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct api_config, field, __VA_ARGS__),
#include "api-server/config.def"
#undef CONFIG
    };
    static const struct daemon_spec SPEC = {
        .name = "api-server",
        .program = "belay-api-server",
        .summary = "under test",
        .rows = ROWS,
        .n_rows = ARRAY_LEN(ROWS),
        .values = &config,
        .start = api_fixture_start,
        .stop = api_fixture_stop,
        .free = api_fixture_end,
    };
    struct api_fixture f = {.body = body, .arena = arena_new(), .answer = "{}"};
    char *argv[32];
    int argc = 0;
    tmp_dir_new(f.dir);
    (void)snprintf(f.controller_url, sizeof(f.controller_url), "ipc://%s/controller", f.dir);
    api_fixture_now = &f;
    const char *const fixed[] = {
        "belay-api-server",
        "--log-level=error",
        "--insecure",
        "--listen-address=127.0.0.1:0",
        "--http-address=127.0.0.1:0",
        arena_printf(f.arena, "--kubeconfig=%s/kubeconfig", f.dir).p,
        arena_printf(f.arena, "--controller=%s", f.controller_url).p,
        arena_printf(f.arena, "--controller-events=ipc://%s/events", f.dir).p,
    };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        argv[argc++] = arena_strdup(f.arena, fixed[i]);
    }
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        argv[argc++] = arena_strdup(f.arena, more[i]);
    }
    argv[argc] = NULL;
    int status = daemon_main(argc, argv, &SPEC);
    tmp_dir_remove(f.dir);
    arena_free(f.arena);
    return status;
}

#define API_TEST(body) assert_int_equal(api_fixture_run((body), NULL), 0)
