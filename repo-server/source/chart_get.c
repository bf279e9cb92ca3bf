/* Downloads: one HTTP call for each hop, on the target that its server may see. */
#include "repo-server/source/chart_get.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/net/http_client.h"
#include "common/rt/op.h"
#include "repo-server/source/chart_remote.h"

enum {
    REDIRECTS_MAX = 5,
    CONNECT_TIMEOUT_MS = 15 * 1000,
    IDLE_TIMEOUT_MS = 30 * 1000,
};

struct chart_get {
    struct op op;
    struct arena *arena;
    struct chart_get_options options; /* its strings are in the arena */
    struct chart_remote *remote;
    struct url url; /* of this hop */
    struct url trusted;
    char *authorization;
    struct loop_task begin;
    struct http_call *call; /* NULL = none runs; it holds a reference to the op */
    unsigned n_redirects;
    struct buf body;
    struct chart_answer answer;
    chart_get_done_fn done;
    void *data;
};

static void step_request(struct chart_get *g);

/* ---- answers ---- */

static void keep_answer(struct chart_get *g, const struct http_response *response)
{
    VEC(struct http_header) headers = {0};
    for (size_t i = 0; i < response->headers.n; i++) {
        struct http_header h = {arena_str(g->arena, response->headers.items[i].name),
                                arena_str(g->arena, response->headers.items[i].value)};
        vec_push_in(g->arena, &headers, h);
    }
    if (g->options.coding == CHART_GET_DECODED || g->body.n == 0) {
        struct buf swapped = g->body;
        g->body = *response->body;
        *response->body = swapped;
    }
    g->answer = (struct chart_answer){
        .status = response->status,
        .headers = {headers.items, headers.n},
        .body = &g->body,
        .url = &g->url,
        .trusted = chart_remote_same_server(&g->trusted, &g->url),
    };
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int follow(struct chart_get *g, const struct http_response *response, struct err *err)
{
    struct url next;
    struct str location = http_header_find(response->headers, STR("Location"));
    const char *shown = chart_remote_shown(g->remote);
    if (++g->n_redirects > REDIRECTS_MAX) {
        return err_set(err, ERR_INVALID, "%s: more than %d redirects", shown, REDIRECTS_MAX);
    }
    TRY_IN(url_resolve(g->arena, &g->url, location, &next, err), err, "%s: redirect", shown);
    bool to_http = str_eq_c(next.scheme, "http");
    if ((!to_http && !str_eq_c(next.scheme, "https")) ||
        (to_http && str_eq_c(g->url.scheme, "https"))) {
        return err_set(err, ERR_DENIED, "%s: redirect from " STR_FMT " to " STR_FMT " refused",
                       shown, STR_ARG(g->url.scheme), STR_ARG(next.scheme));
    }
    next.user = next.password = str_of(NULL, 0);
    g->url = next;
    return 0;
}

/* The address of a blob often has a signature in its query, which is a password while it lasts. */
static void report(struct chart_get *g, const struct err *why)
{
    struct err err = *why;
    if (g->url.query.n > 0 && g->n_redirects > 0) {
        (void)err_set(&err, why->code, "%s: downloading from " STR_FMT " failed",
                      chart_remote_shown(g->remote), STR_ARG(g->url.host));
    }
    op_finish(&g->op, &err);
}

static void on_response(const struct http_response *response, const struct err *failed, void *data)
{
    struct chart_get *g = data;
    struct err err;
    g->call = NULL;
    if (op_settled(&g->op)) {
        /* cancelled or late: the outcome is known */
    } else if (failed != NULL) {
        report(g, failed);
    } else if (g->body.overflow) {
        (void)err_set(&err, ERR_LIMIT, "%s: the answer is larger than %zu bytes",
                      chart_remote_shown(g->remote), g->options.max_bytes);
        op_finish(&g->op, &err);
    } else if (!is_redirect(response->status)) {
        keep_answer(g, response);
        op_finish(&g->op, NULL);
    } else if (follow(g, response, &err) < 0) {
        op_finish(&g->op, &err);
    } else {
        step_request(g);
    }
    op_unref(&g->op);
}

static void on_bytes(struct str bytes, void *data)
{
    struct chart_get *g = data;
    buf_put(&g->body, bytes);
    if (g->body.overflow && g->call != NULL) {
        struct err err;
        (void)err_set(&err, ERR_LIMIT, "%s: the answer is larger than %zu bytes",
                      chart_remote_shown(g->remote), g->options.max_bytes);
        op_finish(&g->op, &err);
        http_call_cancel(g->call);
    }
}

/* ---- requests ---- */

static struct http_headers headers_for(struct chart_get *g, bool trusted)
{
    struct http_headers given = g->options.headers;
    struct http_header *items = arena_calloc(g->arena, given.n + 1, sizeof(*items));
    size_t n = 0;
    for (; n < given.n; n++) {
        items[n] = given.items[n];
    }
    if (trusted && g->authorization != NULL) {
        items[n++] = (struct http_header){STR("Authorization"), str_from(g->authorization)};
    }
    return (struct http_headers){items, n};
}

static void step_request(struct chart_get *g)
{
    struct err err;
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    url_format(&g->url, &text);
    bool trusted = chart_remote_same_server(&g->trusted, &g->url);
    struct http_call_opts opts = {
        .url = buf_str(&text),
        .headers = headers_for(g, trusted),
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .idle_timeout_ms = IDLE_TIMEOUT_MS,
        .max_body_bytes = g->options.max_bytes,
        .on_data = g->options.coding == CHART_GET_RAW ? on_bytes : NULL,
        .done = on_response,
        .data = g,
    };
    bool own = chart_remote_same_server(chart_remote_url(g->remote), &g->url);
    struct http_target *target =
        own ? chart_remote_own_target(g->remote) : chart_remote_foreign_target(g->remote);
    if (buf_check(&text, "URL", &err) < 0 ||
        http_client_start(g->options.client, target, &opts, &g->call, &err) < 0) {
        op_finish(&g->op, &err);
        return;
    }
    op_ref(&g->op);
}

/* ---- life ---- */

static void on_begin(void *data)
{
    step_request(data);
}

static void on_op_done(struct op *op UNUSED, const struct err *err, void *data)
{
    struct chart_get *g = data;
    g->done(err == NULL ? &g->answer : NULL, err, g->data);
}

static void on_op_abort(struct op *op)
{
    struct chart_get *g = CONTAINER_OF(op, struct chart_get, op);
    loop_task_cancel(&g->begin);
    if (g->call != NULL) {
        http_call_cancel(g->call);
    }
}

static void on_op_free(struct op *op)
{
    struct chart_get *g = CONTAINER_OF(op, struct chart_get, op);
    if (g->authorization != NULL) {
        mem_erase(g->authorization, strlen(g->authorization));
        mem_free(g->authorization);
    }
    buf_done(&g->body);
    chart_remote_unref(g->remote);
    arena_free(g->arena);
    mem_free(g);
}

static const struct op_class GET_CLASS = {"chart download", on_op_abort, on_op_free};

struct chart_get *
chart_get_start(const struct chart_get_options *options, chart_get_done_fn done, void *data)
{
    struct chart_get *g = MEM_NEW(struct chart_get);
    op_init(&g->op, options->loop, &GET_CLASS, on_op_done, g);
    op_set_deadline(&g->op, loop_now_ms(options->loop) + options->timeout_ms);
    g->arena = arena_new();
    g->options = *options;
    g->remote = chart_remote_ref(options->remote);
    url_copy(g->arena, options->url, &g->url);
    url_copy(g->arena, options->trusted, &g->trusted);
    g->url.user = g->url.password = str_of(NULL, 0);
    if (options->authorization.n > 0) {
        g->authorization = mem_strndup(options->authorization.p, options->authorization.n);
    }
    struct http_header *headers = arena_calloc(g->arena, options->headers.n + 1, sizeof(*headers));
    for (size_t i = 0; i < options->headers.n; i++) {
        headers[i].name = arena_str(g->arena, options->headers.items[i].name);
        headers[i].value = arena_str(g->arena, options->headers.items[i].value);
    }
    g->options.headers.items = headers;
    buf_init(&g->body, options->max_bytes);
    g->done = done;
    g->data = data;
    loop_task_post(options->loop, &g->begin, on_begin, g);
    return g;
}

void chart_get_cancel(struct chart_get *get)
{
    op_cancel(&get->op);
}

int chart_answer_check(const struct chart_answer *answer, bool has_login, struct err *err)
{
    int status = answer->status;
    if (status >= 200 && status < 300) {
        return 0;
    }
    enum err_code code = status >= 400 ? err_code_from_http(status) : ERR_INVALID;
    const char *text = http_header_reason(status);
    if (status == 401) {
        text = has_login
                   ? "authentication failed: the user name and password, or the token, of the "
                     "repository are not accepted; correct them in its secret"
                   : "authentication required, but the repository has no user name and password: "
                     "add them to its secret";
    } else if (status == 429) {
        code = ERR_UNAVAILABLE; /* a busy server, not a limit of ours */
    }
    (void)err_set(err, code, "HTTP status %d from " STR_FMT ": %s", status,
                  STR_ARG(answer->url->host), text);
    err->system_code = status;
    return -(int)code;
}
