/* The way of one exchange:
 *
 *     THROTTLE -> CREDENTIAL -> HTTP -> done
 *        ^                        |
 *        +------ back-off <-------+  (retries, and 401 once with a fresh credential)
 *
 * Every step is entered by a function that either goes on or leaves a timer, a waiter or an HTTP call
 * behind; an abort takes exactly those back. The HTTP call holds a reference of its own, as its end
 * comes after an abort too. */
#include "common/kube/kube_exchange.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_auth.h"
#include "common/kube/kube_client_internal.h"
#include "common/kube/kube_config.h"
#include "common/net/http_client.h"
#include "common/rt/loop.h"
#include "common/rt/op.h"
#include "common/rt/timer.h"
#include "common/value/value_json.h"

static const struct backoff_policy RETRY_POLICY = {
    .base_ms = 200,
    .factor = 2,
    .cap_ms = 5000,
    .jitter = 0.3,
};

struct kube_exchange {
    struct op op;
    struct list node; /* client->exchanges */
    struct kube_client *client;
    struct arena *arena;
    struct kube_target target;
    struct kube_wire wire;
    enum kube_verb verb;
    bool dry_run;
    int64_t idle_ms;

    struct timer timer; /* throttle or back-off */
    struct kube_auth_wait wait;
    struct http_call *http; /* NULL = none */
    unsigned n_attempts;
    unsigned max_attempts;
    bool refreshed; /* the credential, after a 401 */
    bool streamed;  /* bytes were delivered */
    bool pausable;
    int64_t attempt_ms;
    struct backoff backoff;

    int status;
    struct err last_err; /* of an attempt that was not the last one; code ERR_OK = none */
    struct buf body;
    struct doc *failure;
    void (*on_data)(void *data, struct str bytes);
    void (*on_head)(void *data);
    void (*done)(void *data, const struct kube_exchange_result *result);
    void *data;
};

static void throttle(struct kube_exchange *x);

/* ---- the end ---- */

static void exchange_abort(struct op *op)
{
    struct kube_exchange *x = CONTAINER_OF(op, struct kube_exchange, op);
    timer_stop(&x->timer);
    kube_auth_forget(&x->wait);
    if (x->http != NULL) {
        http_call_cancel(x->http);
    }
}

static void exchange_free(struct op *op)
{
    struct kube_exchange *x = CONTAINER_OF(op, struct kube_exchange, op);
    timer_stop(&x->timer);
    buf_done(&x->body);
    doc_unref(x->failure);
    arena_free(x->arena);
    kube_client_unref(x->client);
    mem_free(x);
}

static const struct op_class EXCHANGE_CLASS = {
    .name = "request to the API server",
    .abort = exchange_abort,
    .free = exchange_free,
};

/* A deadline that passed between attempts says why there were several. */
static void explain_timeout(const struct kube_exchange *x, struct err *err)
{
    if (err->code == ERR_TIMEOUT && x->last_err.code != ERR_OK) {
        char last[ERR_MESSAGE_BYTES];
        err_format(&x->last_err, last, sizeof(last));
        (void)err_set(err, ERR_TIMEOUT, "no success in time, last: %s", last);
    }
}

static void on_exchange_done(struct op *op, const struct err *op_err, void *data UNUSED)
{
    struct kube_exchange *x = CONTAINER_OF(op, struct kube_exchange, op);
    struct err err;
    struct kube_exchange_result result = {
        .status = x->status,
        .body = buf_str(&x->body),
        .failure = x->failure != NULL ? doc_root(x->failure) : NULL,
    };
    if (op_err != NULL) {
        err = *op_err;
        explain_timeout(x, &err);
        result.err = &err;
    }
    list_remove(&x->node);
    x->done(x->data, &result);
}

void kube_exchange_cancel(struct kube_exchange *x)
{
    op_cancel(&x->op);
}

void kube_exchange_pause(struct kube_exchange *x)
{
    if (x->http != NULL) {
        http_call_pause(x->http);
    }
}

void kube_exchange_resume(struct kube_exchange *x)
{
    if (x->http != NULL) {
        http_call_resume(x->http);
    }
}

void kube_exchange_cancel_node(struct list *node)
{
    kube_exchange_cancel(CONTAINER_OF(node, struct kube_exchange, node));
}

/* ---- an attempt's outcome ---- */

static void report_stat(struct kube_exchange *x, bool retry)
{
    if (x->client->on_stat == NULL) {
        return;
    }
    const struct kube_stat stat = {
        .verb = x->verb,
        .target = &x->target,
        .status = x->status,
        .dry_run = x->dry_run,
        .retry = retry,
        .took_ms = loop_now_ms(x->client->loop) - x->attempt_ms,
    };
    x->client->on_stat(x->client->data, &stat);
}

static void on_timer(void *data)
{
    throttle(data);
}

static void try_again(struct kube_exchange *x, int64_t delay_ms, const struct err *err)
{
    report_stat(x, true);
    x->last_err = *err;
    timer_init(&x->timer, x->client->loop, on_timer, x);
    timer_start(&x->timer, delay_ms);
}

static void give_up(struct kube_exchange *x, const struct err *err)
{
    report_stat(x, false);
    op_finish(&x->op, err);
}

/* Transport failures that another attempt may get round. */
static bool is_transport_trouble(const struct err *err)
{
    return err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT;
}

static void end_failed(struct kube_exchange *x, struct str retry_after, const struct err *err)
{
    struct kube_outcome outcome = {
        .status = x->status,
        .retry_after = retry_after,
        .body = x->failure != NULL ? doc_root(x->failure) : NULL,
        .n_attempts = x->n_attempts,
        .backoff_ms = backoff_next_ms(&x->backoff, x->client->rand),
    };
    bool hopeless = x->streamed || x->n_attempts >= x->max_attempts ||
                    (x->status == 0 && !is_transport_trouble(err));
    int64_t delay_ms = hopeless ? -1 : kube_status_retry_ms(x->wire.repeat, &outcome);
    if (delay_ms >= 0) {
        try_again(x, delay_ms, err);
    } else {
        give_up(x, err);
    }
}

static void end_refused(struct kube_exchange *x, const struct err *err)
{
    if (!x->refreshed && kube_auth_reject(x->client->auth)) {
        x->refreshed = true;
        try_again(x, 0, err);
    } else {
        give_up(x, err);
    }
}

static void report_warnings(struct kube_exchange *x, const struct http_response *response)
{
    if (x->client->on_warning == NULL) {
        return;
    }
    for (size_t i = 0; i < response->headers.n; i++) {
        const struct http_header *header = &response->headers.items[i];
        struct str text;
        if (str_eq_nocase(header->name, STR("warning")) &&
            kube_exchange_warning(x->arena, header->value, &text)) {
            x->client->on_warning(x->client->data, &x->target, text);
        }
    }
}

/* A body that is a Status; anything else is only quoted. */
static void parse_failure(struct kube_exchange *x, struct str body)
{
    struct err ignored; /* a proxy's HTML page is no Status */
    struct doc *doc;
    if (doc_from_json(body, NULL, &doc, &ignored) < 0) {
        return;
    }
    if (kube_status_is(doc_root(doc))) {
        x->failure = doc;
    } else {
        doc_unref(doc);
    }
}

static void on_response(struct kube_exchange *x, const struct http_response *response)
{
    struct err err;
    x->status = response->status;
    report_warnings(x, response);
    if (response->status < 400) {
        struct buf taken = *response->body;
        *response->body = x->body;
        x->body = taken;
        report_stat(x, false);
        op_finish(&x->op, NULL);
        return;
    }
    struct str body = buf_str(response->body);
    parse_failure(x, body);
    (void)kube_status_to_err(response->status, x->failure != NULL ? doc_root(x->failure) : NULL,
                             body, x->wire.what, &err); /* the code is in err */
    if (response->status == 401) {
        end_refused(x, &err);
        return;
    }
    end_failed(x, http_header_find(response->headers, STR("Retry-After")), &err);
}

static void
on_http_done(const struct http_response *response, const struct err *http_err, void *data)
{
    struct kube_exchange *x = data;
    x->http = NULL;
    if (!op_settled(&x->op) && response != NULL) {
        on_response(x, response);
    } else if (!op_settled(&x->op)) {
        struct err err = *http_err;
        (void)err_wrap(&err, STR_FMT, STR_ARG(x->wire.what)); /* the code stays */
        end_failed(x, STR_EMPTY, &err);
    }
    op_unref(&x->op);
}

static void on_http_head(const struct http_response *response, void *data)
{
    struct kube_exchange *x = data;
    if (response->status >= 200 && response->status < 300 && x->on_head != NULL) {
        x->on_head(x->data);
    }
}

static void on_http_data(struct str bytes, void *data)
{
    struct kube_exchange *x = data;
    x->streamed = true;
    x->on_data(x->data, bytes);
}

/* ---- an attempt ---- */

struct header_list {
    struct http_header *items;
    size_t n;
    size_t cap;
};

static void
add_header(struct arena *arena, struct header_list *list, struct str name, struct str text)
{
    struct http_header header = {name, text};
    if (text.n > 0) {
        vec_push_in(arena, list, header);
    }
}

/* The request's own, our name, and the identity the configuration asks to act as. */
static struct http_headers all_headers(struct kube_exchange *x)
{
    const struct kube_config *config = x->client->config;
    struct header_list list = {0};
    for (size_t i = 0; i < x->wire.headers.n; i++) {
        vec_push_in(x->arena, &list, x->wire.headers.items[i]);
    }
    add_header(x->arena, &list, STR("User-Agent"), x->client->user_agent);
    if (http_header_find(x->wire.headers, STR("Impersonate-User")).p == NULL) {
        add_header(x->arena, &list, STR("Impersonate-User"), config->as_user);
        add_header(x->arena, &list, STR("Impersonate-Uid"), config->as_uid);
        for (size_t i = 0; i < config->n_as_groups; i++) {
            add_header(x->arena, &list, STR("Impersonate-Group"), config->as_groups[i]);
        }
    }
    return (struct http_headers){list.items, list.n};
}

static void send_request(struct kube_exchange *x)
{
    struct kube_client *client = x->client;
    struct err err;
    struct str url = arena_printf(x->arena, STR_FMT STR_FMT, STR_ARG(client->config->server),
                                  STR_ARG(x->wire.path));
    const struct http_call_opts opts = {
        .method = x->wire.method,
        .url = url,
        .headers = all_headers(x),
        .body = x->wire.body,
        .idle_timeout_ms = x->idle_ms,
        .pausable = x->pausable,
        .no_compression = client->config->disable_compression,
        .on_head = x->on_data != NULL ? on_http_head : NULL,
        .on_data = x->on_data != NULL ? on_http_data : NULL,
        .done = on_http_done,
        .data = x,
    };
    x->n_attempts++;
    x->status = 0;
    x->attempt_ms = loop_now_ms(client->loop);
    doc_unref(x->failure);
    x->failure = NULL;
    if (http_client_start(client->http, kube_auth_target(client->auth), &opts, &x->http, &err) <
        0) {
        (void)err_wrap(&err, STR_FMT, STR_ARG(x->wire.what)); /* the code stays */
        give_up(x, &err);
        return;
    }
    op_ref(&x->op);
}

static void on_credential(void *data, const struct err *err)
{
    struct kube_exchange *x = data;
    if (err != NULL) {
        op_finish(&x->op, err);
        return;
    }
    send_request(x);
}

static void ask_credential(void *data)
{
    struct kube_exchange *x = data;
    if (kube_auth_ready(x->client->auth, &x->wait, on_credential, x)) {
        send_request(x);
    }
}

static void throttle(struct kube_exchange *x)
{
    struct kube_client *client = x->client;
    int64_t wait_ms =
        client->limited ? ratelimit_reserve_ms(&client->limit, loop_now_ms(client->loop)) : 0;
    if (wait_ms == 0) {
        ask_credential(x);
        return;
    }
    timer_init(&x->timer, client->loop, ask_credential, x);
    timer_start(&x->timer, wait_ms);
}

/* ---- the start ---- */

static struct kube_wire copy_wire(struct arena *arena, const struct kube_wire *wire)
{
    struct kube_wire copy = *wire;
    struct header_list list = {0};
    for (size_t i = 0; i < wire->headers.n; i++) {
        add_header(arena, &list, arena_str(arena, wire->headers.items[i].name),
                   arena_str(arena, wire->headers.items[i].value));
    }
    copy.headers = (struct http_headers){list.items, list.n};
    copy.path = arena_str(arena, wire->path);
    copy.what = arena_str(arena, wire->what);
    if (wire->body.p != NULL) {
        copy.body = arena_str(arena, wire->body);
    }
    return copy;
}

struct kube_exchange *kube_exchange_start(struct kube_client *client,
                                          const struct kube_exchange_opts *opts)
{
    ASSERT_LOOP(client->loop);
    struct kube_exchange *x = MEM_NEW(struct kube_exchange);
    op_init(&x->op, client->loop, &EXCHANGE_CLASS, on_exchange_done, NULL);
    op_set_deadline(&x->op, opts->deadline_ms);
    kube_client_ref(client);
    list_push(&client->exchanges, &x->node);
    x->client = client;
    x->arena = arena_new();
    x->target = kube_target_copy(x->arena, opts->target);
    x->wire = copy_wire(x->arena, opts->wire);
    x->verb = opts->verb;
    x->dry_run = opts->dry_run;
    x->idle_ms = opts->idle_ms;
    x->max_attempts = opts->max_attempts > 0 ? opts->max_attempts : KUBE_ATTEMPTS_MAX;
    x->on_data = opts->on_data;
    x->pausable = opts->pausable;
    x->on_head = opts->on_head;
    x->done = opts->done;
    x->data = opts->data;
    x->backoff.policy = &RETRY_POLICY;
    buf_init(&x->body, LIMIT_HTTP_RESPONSE_BYTES);
    throttle(x);
    return x;
}

/* ---- warnings ---- */

bool kube_exchange_warning(struct arena *arena, struct str header, struct str *ret_text)
{
    struct str code;
    struct str agent;
    struct str quoted;
    if (!str_cut(str_trim(header), ' ', &code, &quoted) || !str_eq_c(code, "299") ||
        !str_cut(quoted, ' ', &agent, &quoted) || !str_cut_prefix(&quoted, STR("\""))) {
        return false;
    }
    AUTO(buf) struct buf text;
    buf_init(&text, header.n);
    for (size_t i = 0; i < quoted.n && quoted.p[i] != '"'; i++) {
        i += quoted.p[i] == '\\' && i + 1 < quoted.n ? 1 : 0;
        buf_put_char(&text, quoted.p[i]);
    }
    *ret_text = buf_to_arena(&text, arena);
    return true;
}
