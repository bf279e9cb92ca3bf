/* Framing of messages, and the end of streams. */
#include "api-server/stream_out.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "api-server/rest/fields.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/rt/metrics.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

enum {
    KEEP_ALIVE_MS = 15 * 1000,
};

void stream_out_end(struct stream_out *out)
{
    if (out->ended) {
        return;
    }
    out->ended = true;
    list_remove(&out->node);
    timer_stop(&out->keep_alive);
    metric_add(out->call->server->metrics, API_METRIC_STREAMS, -1, METRIC_NO_LABELS);
    struct http_request *request = out->call->request;
    out->on_end(out->data);
    http_request_end(request);
}

void stream_out_end_all(struct api_server *server)
{
    LIST_FOREACH(&server->streams, node) {
        stream_out_end(CONTAINER_OF(node, struct stream_out, node));
    }
}

static void on_gone(void *data)
{
    stream_out_end(data);
}

static void put_bytes(struct stream_out *out, struct str bytes)
{
    struct err err;
    if (http_request_write(out->call->request, bytes, &err) < 0) {
        stream_out_end(out); /* gone, or too slow: it connects again and reads everything anew */
    }
}

static void on_keep_alive(void *data)
{
    struct stream_out *out = data;
    if (out->sse) {
        put_bytes(out, STR(":\n"));
    }
}

static void on_drain(void *data)
{
    struct stream_out *out = data;
    if (out->on_drain != NULL) {
        out->on_drain(out->data);
    }
}

/* ---- the beginning ---- */

static bool accepts_sse(const struct rest_call *call)
{
    return str_eq(http_request_header(call->request, STR("accept")), STR("text/event-stream"));
}

bool stream_out_head(struct rest_call *call)
{
    if (!str_eq(http_request_method(call->request), STR("HEAD"))) {
        return false;
    }
    const struct http_reply reply = {
        .status = 200,
        .content_type = accepts_sse(call) ? "text/event-stream" : "application/json",
    };
    http_request_reply(call->request, &reply);
    return true;
}

int stream_out_check(struct rest_call *call, struct err *err)
{
    size_t n = 0;
    LIST_FOREACH(&call->server->streams, node) {
        n++;
    }
    if (n >= LIMIT_SSE_CLIENTS) {
        return err_set(err, ERR_LIMIT, "there are %d event streams open already",
                       LIMIT_SSE_CLIENTS);
    }
    return 0;
}

void stream_out_begin(struct stream_out *out,
                      struct rest_call *call,
                      void (*drained)(void *data),
                      void (*on_end)(void *data),
                      void *data)
{
    *out = (struct stream_out){
        .call = call,
        .fields = rest_query(call, "fields"),
        .sse = accepts_sse(call),
        .on_drain = drained,
        .on_end = on_end,
        .data = data,
    };
    struct http_stream_opts opts = {
        .status = 200,
        .content_type = out->sse ? "text/event-stream" : "application/json",
        .headers = HTTP_HEADERS({STR("x-content-type-options"), STR("nosniff")},
                                {STR("cache-control"), STR("no-cache")}),
        .on_drain = on_drain,
        .data = out,
    };
    http_request_stream(call->request, &opts);
    http_request_on_gone(call->request, on_gone, out);
    list_push(&call->server->streams, &out->node);
    metric_add(call->server->metrics, API_METRIC_STREAMS, 1, METRIC_NO_LABELS);
    timer_init(&out->keep_alive, call->server->loop, on_keep_alive, out);
    timer_start_repeating(&out->keep_alive, KEEP_ALIVE_MS, 0, NULL);
}

/* ---- messages ---- */

static void send_message(struct stream_out *out, struct arena *arena, const struct value *message)
{
    struct str json;
    struct err err;
    const struct value_json_write opts = {.escape_html = true};
    if (out->ended) {
        return;
    }
    if (value_to_json_in(arena, message, &opts, &json, &err) < 0) {
        stream_out_end(out);
        return;
    }
    put_bytes(out, out->sse ? arena_printf(arena, "data: " STR_FMT " \n\n\n", STR_ARG(json))
                            : arena_printf(arena, STR_FMT "\n", STR_ARG(json)));
}

void stream_out_send(struct stream_out *out, struct arena *arena, const struct value *v)
{
    send_message(out, arena,
                 fields_apply(arena, value_with(arena, NULL, v, "result"), out->fields));
}

void stream_out_fail(struct stream_out *out, const struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    char text[ERR_MESSAGE_BYTES];
    int status = err_code_http(err->code);
    err_format(err, text, sizeof(text));
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_map(&b, "error");
    value_build_field_int(&b, "grpc_code", err_code_grpc(err->code));
    value_build_field_int(&b, "http_code", status);
    value_build_field_str(&b, "message", str_from(text));
    value_build_field_str(&b, "http_status", str_from(http_header_reason(status)));
    value_build_end(&b);
    value_build_end(&b);
    send_message(out, arena, value_build_finish(&b));
    value_builder_done(&b);
    stream_out_end(out);
}

size_t stream_out_backlog(const struct stream_out *out)
{
    return out->ended ? 0 : http_request_backlog(out->call->request);
}
