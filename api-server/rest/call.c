/* Parameters in, replies out. */
#include "api-server/rest/call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "api-server/api_server.h"
#include "api-server/rest/fields.h"
#include "api-server/router.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

struct str rest_param(const struct rest_call *call, size_t i)
{
    assert(i < call->n_params);
    return call->params[i];
}

struct str rest_query(const struct rest_call *call, const char *name)
{
    struct str s = url_query_find(call->query, str_from(name));
    return s.p != NULL ? s : STR_EMPTY;
}

bool rest_query_bool(const struct rest_call *call, const char *name, bool def)
{
    struct str s = url_query_find(call->query, str_from(name));
    if (s.p == NULL || s.n == 0) {
        return def;
    }
    return str_eq(s, STR("true")) || str_eq(s, STR("1"));
}

struct url_segments rest_query_all(const struct rest_call *call, const char *name)
{
    VEC(struct str) found = {0};
    for (size_t i = 0; i < call->query.n; i++) {
        if (str_eq_c(call->query.items[i].name, name) && call->query.items[i].value.n > 0) {
            vec_push_in(call->arena, &found, call->query.items[i].value);
        }
    }
    return (struct url_segments){found.items, found.n};
}

const struct value *rest_body(const struct rest_call *call, const char *name)
{
    const struct value *v = value_find(call->body, str_from(name));
    return value_is(v, VALUE_NULL) ? NULL : v;
}

struct str rest_body_str(const struct rest_call *call, const char *name)
{
    return value_str(rest_body(call, name));
}

static void count(struct rest_call *call, int status)
{
    char code[8];
    (void)snprintf(code, sizeof(code), "%d", status);
    struct str method = str_from(call->route != NULL ? call->route->method : "");
    struct str route = str_from(call->route != NULL ? call->route->path : "");
    double seconds = (double)(loop_now_ms(call->server->loop) - call->started_ms) / 1000;
    metric_add(call->server->metrics, API_METRIC_REQUESTS, 1,
               METRIC_LABELS(method, route, str_from(code)));
    metric_observe(call->server->metrics, API_METRIC_SECONDS, seconds,
                   METRIC_LABELS(method, route));
}

static void
reply_with(struct rest_call *call, int status, struct str json, struct http_headers headers)
{
    struct http_reply reply = {
        .status = status,
        .content_type = "application/json",
        .headers = headers,
        .body = json,
    };
    count(call, status);
    http_request_reply(call->request, &reply);
}

void rest_reply_json(struct rest_call *call, struct str json, struct http_headers headers)
{
    reply_with(call, 200, json, headers);
}

void rest_reply(struct rest_call *call, const struct value *v)
{
    rest_reply_fields(call, v, rest_query(call, "fields"));
}

void rest_reply_fields(struct rest_call *call, const struct value *v, struct str fields)
{
    struct str json;
    struct err err;
    v = fields_apply(call->arena, v, fields);
    const struct value_json_write opts = {.escape_html = true};
    if (value_to_json_in(call->arena, v, &opts, &json, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    reply_with(call, 200, json, (struct http_headers){0});
}

void rest_reply_empty(struct rest_call *call)
{
    reply_with(call, 200, STR("{}"), (struct http_headers){0});
}

/* Messages quote what clients sent, cut off anywhere. */
static struct str error_text(struct arena *arena, const struct err *err)
{
    char text[ERR_MESSAGE_BYTES + ERR_FRAMES * ERR_FRAME_BYTES + ERR_FILE_BYTES];
    err_format(err, text, sizeof(text));
    __attribute__((cleanup(auto_cleanup_buf))) struct buf valid;
    buf_init(&valid, UTF8_MAX_BYTES * sizeof(text));
    utf8_put_valid(&valid, str_from(text));
    return buf_to_arena(&valid, arena);
}

struct str rest_error_body(struct arena *arena, const struct err *err)
{
    struct str text = error_text(arena, err);
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "error", text);
    value_build_field_int(&b, "code", err_code_grpc(err->code));
    value_build_field_str(&b, "message", text);
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    struct str json = STR("{}");
    struct err ignored;
    int rc = value_to_json_in(arena, v, NULL, &json, &ignored);
    (void)rc; /* three short fields always fit */
    return json;
}

void rest_reply_status(struct rest_call *call, int status, const struct err *err)
{
    reply_with(call, status, rest_error_body(call->arena, err), (struct http_headers){0});
}

void rest_reply_err(struct rest_call *call, const struct err *err)
{
    if (err->code == ERR_CANCELED && call->server->stopping) {
        rest_reply_error(call, ERR_UNAVAILABLE, "the server is stopping");
        return;
    }
    rest_reply_status(call, err_code_http(err->code), err);
}

void rest_reply_error(struct rest_call *call, enum err_code code, const char *fmt, ...)
{
    char text[ERR_MESSAGE_BYTES];
    struct err err;
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (void)err_set(&err, code, "%s", text);
    rest_reply_err(call, &err);
}
