/* Requests to the API server under test, what is expected of the answers, and Applications to ask about. A
 * header for api_fixture.h, which see. */
#pragma once

#include "tests/lib/api_world.h"

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
