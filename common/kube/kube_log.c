/* Logs are asked for with times, which are cut off again: that is how lines of several containers can be
 * put in order. */
#include "common/kube/kube_log.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/kube/kube_client_internal.h"
#include "common/kube/kube_exchange.h"
#include "common/kube/kube_request.h"
#include "common/net/url.h"

enum {
    TIME_MAX_BYTES = 64,
};

struct kube_log {
    struct arena *arena;
    struct kube_exchange *exchange;
    struct buf line;           /* that has not ended */
    char time[TIME_MAX_BYTES]; /* of a line that comes in pieces */
    size_t time_n;
    bool cut; /* pieces of the line were delivered */
    bool canceled;
    void (*on_line)(void *data, struct str time, struct str line);
    void (*done)(void *data, const struct err *err);
    void *data;
};

/* ---- lines ---- */

/* What the kubelet itself has to say comes without a time. */
static void cut_time(struct kube_log *log, struct str *text)
{
    struct str time;
    struct str rest;
    int64_t ms;
    struct err ignored;
    log->time_n = 0;
    if (str_cut(*text, ' ', &time, &rest) && time.n <= sizeof(log->time) &&
        clock_parse_rfc3339(time, &ms, &ignored) == 0) {
        memcpy(log->time, time.p, time.n);
        log->time_n = time.n;
        *text = rest;
    }
}

/* What was gathered of a line, and whether it is its end. */
static void deliver(struct kube_log *log, bool end)
{
    struct str text = buf_str(&log->line);
    if (!log->cut) {
        cut_time(log, &text);
    }
    if (end) {
        (void)str_cut_suffix(&text, STR("\r")); /* its end on Windows */
    }
    if (!end || !log->cut || text.n > 0) {
        log->on_line(log->data, str_of(log->time, log->time_n), text);
    }
    log->cut = !end;
    buf_reset(&log->line);
}

static void on_bytes(void *data, struct str bytes)
{
    struct kube_log *log = data;
    while (bytes.n > 0 && !log->canceled) {
        size_t end = str_find_char(bytes, '\n');
        size_t room = LIMIT_LOG_LINE_BYTES - log->line.n;
        size_t n = MIN(end == STR_NONE ? bytes.n : end, room);
        buf_put(&log->line, str_sub(bytes, 0, n));
        bool ended = end == n;
        bytes = str_sub(bytes, ended ? n + 1 : n, bytes.n);
        if (ended || n == room) {
            deliver(log, ended);
        }
    }
}

static void on_done(void *data, const struct kube_exchange_result *result)
{
    struct kube_log *log = data;
    if (result->err == NULL && log->line.n > 0) {
        deliver(log, true);
    }
    log->done(log->data, result->err);
    buf_done(&log->line);
    arena_free(log->arena);
    mem_free(log);
}

/* ---- the request ---- */

static void put_flag(struct buf *path, const char *name, bool on)
{
    if (on) {
        url_query_put(path, str_from(name), STR("true"));
    }
}

static void put_number(struct arena *arena, struct buf *path, const char *name, int64_t n)
{
    url_query_put(path, str_from(name), arena_printf(arena, "%lld", (long long)n));
}

static struct str path_of(struct arena *arena, const struct kube_log_opts *opts)
{
    AUTO(buf) struct buf path;
    buf_init(&path, LIMIT_HTTP_URL_BYTES);
    buf_put_c(&path, "/api/v1/namespaces/");
    url_escape(&path, opts->namespace);
    buf_put_c(&path, "/pods/");
    url_escape(&path, opts->pod);
    buf_put_c(&path, "/log?");
    put_flag(&path, "timestamps", true);
    put_flag(&path, "follow", opts->follow);
    put_flag(&path, "previous", opts->previous);
    if (opts->container.n > 0) {
        url_query_put(&path, STR("container"), opts->container);
    }
    if (opts->since_time.n > 0) {
        url_query_put(&path, STR("sinceTime"), opts->since_time);
    } else if (opts->since_s > 0) {
        put_number(arena, &path, "sinceSeconds", opts->since_s);
    }
    if (opts->tail != NULL) {
        put_number(arena, &path, "tailLines", *opts->tail);
    }
    return buf_to_arena(&path, arena);
}

struct kube_log *kube_log_start(struct kube_client *client, const struct kube_log_opts *opts)
{
    struct kube_log *log = MEM_NEW(struct kube_log);
    log->arena = arena_new();
    log->on_line = opts->on_line;
    log->done = opts->done;
    log->data = opts->data;
    buf_init(&log->line, LIMIT_LOG_LINE_BYTES);
    struct kube_target target = {
        .version = STR("v1"),
        .resource = STR("pods"),
        .kind = STR("Pod"),
        .namespace = opts->namespace,
        .name = opts->pod,
        .subresource = STR("log"),
    };
    struct kube_wire wire = {
        .method = "GET",
        .path = path_of(log->arena, opts),
        .headers = HTTP_HEADERS({STR("Accept"), STR("*/*")}),
        .repeat = KUBE_REPEAT_IDEMPOTENT,
        .what = arena_printf(log->arena, "log of pod " STR_FMT "/" STR_FMT,
                             STR_ARG(opts->namespace), STR_ARG(opts->pod)),
    };
    const struct kube_exchange_opts exchange = {
        .verb = KUBE_GET,
        .target = &target,
        .wire = &wire,
        .pausable = true,
        .on_data = on_bytes,
        .done = on_done,
        .data = log,
    };
    log->exchange = kube_exchange_start(client, &exchange);
    return log;
}

void kube_log_cancel(struct kube_log *log)
{
    log->canceled = true;
    kube_exchange_cancel(log->exchange);
}

void kube_log_pause(struct kube_log *log)
{
    kube_exchange_pause(log->exchange);
}

void kube_log_resume(struct kube_log *log)
{
    kube_exchange_resume(log->exchange);
}
