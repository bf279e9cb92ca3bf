/* Events as trees, and who waits to be sent. */
#include "app-controller/events.h"

#include "app-controller/controller.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/rt/metrics.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

enum {
    RATE = 25, /* a second */
    BURST = 50,
    WAITING_MAX = 1000,
    MESSAGE_BYTES = 1024, /* of an event's message, by the API server */
};

struct events {
    struct controller *ctl;
    struct kube_client *client;
    size_t n_waiting;
    uint64_t n_sent; /* makes names of one instant different */
    bool closed;     /* goes with the last call */
};

int events_new(struct controller *ctl, struct events **ret, struct err *err)
{
    struct kube_config *config = NULL;
    struct kube_client *client = NULL;
    TRY(kube_config_own(str_from(ctl->config->kubeconfig), &config, err));
    struct kube_client_opts opts = {
        .loop = ctl->loop,
        .http = ctl->http,
        .config = config,
        .user_agent = STR("belay-app-controller"),
        .environ = config_environ(),
        .qps = RATE,
        .burst = BURST,
    };
    TRY(kube_client_new(&opts, &client, err));
    struct events *events = MEM_NEW(struct events);
    events->ctl = ctl;
    events->client = client;
    *ret = events;
    return 0;
}

static void call_over(struct events *events)
{
    events->n_waiting--;
    if (events->closed && events->n_waiting == 0) {
        mem_free(events);
    }
}

void events_free(struct events *events)
{
    if (events == NULL) {
        return;
    }
    events->n_waiting++; /* calls may end during this */
    events->closed = true;
    kube_client_free(events->client);
    call_over(events);
}

static bool is_wanted(const struct events *events, const char *reason)
{
    for (size_t i = 0; i < events->ctl->config->k8s_events.n; i++) {
        struct str wanted = str_trim(str_from(events->ctl->config->k8s_events.items[i]));
        if (str_eq_c(wanted, "all") || str_eq_c(wanted, reason)) {
            return true;
        }
    }
    return false;
}

static void put_application(struct value_builder *b, const struct value *application)
{
    value_build_field_map(b, "involvedObject");
    value_build_field_str(b, "apiVersion", STR(APP_GROUP "/" APP_VERSION));
    value_build_field_str(b, "kind", STR(APP_KIND));
    value_build_field_str(b, "name", kube_name(application));
    value_build_field_str(b, "namespace", kube_namespace(application));
    value_build_field_str(b, "resourceVersion", kube_resource_version(application));
    value_build_field_str(b, "uid", kube_uid(application));
    value_build_end(b);
}

struct event {
    const struct value *application;
    const char *reason;
    bool warning;
    struct str message;
    struct str name;
};

static const struct value *event_value(struct arena *arena, const struct event *event)
{
    char now[CLOCK_RFC3339_BYTES];
    clock_rfc3339(clock_wall_ms(clock_system()), now);
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "apiVersion", STR("v1"));
    value_build_field_str(&b, "kind", STR("Event"));
    value_build_field_map(&b, "metadata");
    value_build_field_str(&b, "name", event->name);
    value_build_field_str(&b, "namespace", kube_namespace(event->application));
    value_build_end(&b);
    put_application(&b, event->application);
    value_build_field_map(&b, "source");
    value_build_field_str(&b, "component", STR("belay-app-controller"));
    value_build_end(&b);
    value_build_field_str(&b, "firstTimestamp", arena_str(arena, str_from(now)));
    value_build_field_str(&b, "lastTimestamp", arena_str(arena, str_from(now)));
    value_build_field_int(&b, "count", 1);
    value_build_field_str(&b, "type", event->warning ? STR("Warning") : STR("Normal"));
    value_build_field_str(&b, "reason", str_from(event->reason));
    value_build_field_str(&b, "message", str_sub(event->message, 0, MESSAGE_BYTES));
    value_build_end(&b);
    return value_build_finish(&b);
}

/* Nothing depends on it. */
static void on_sent(void *data, const struct kube_reply *reply)
{
    if (reply->err != NULL && reply->err->code != ERR_CANCELED) {
        log_debug("event could not be written", LF_ERR(reply->err));
    }
    call_over(data);
}

void events_tell(struct events *events,
                 const struct value *application,
                 const char *reason,
                 bool warning,
                 struct str message)
{
    if (!is_wanted(events, reason)) {
        return;
    }
    if (events->n_waiting >= WAITING_MAX) {
        metric_add(events->ctl->metrics, CONTROLLER_METRIC_EVENTS_DROPPED, 1, METRIC_NO_LABELS);
        return;
    }
    AUTO(arena) struct arena *arena = arena_new();
    uint64_t stamp = (uint64_t)clock_wall_ms(clock_system()) * 1000000 + events->n_sent++ % 1000000;
    const struct event event = {
        .application = application,
        .reason = reason,
        .warning = warning,
        .message = message,
        .name = arena_printf(arena, STR_FMT ".%llx", STR_ARG(kube_name(application)),
                             (unsigned long long)stamp),
    };
    struct kube_request request = {
        .verb = KUBE_CREATE,
        .target = {.version = STR("v1"),
                   .resource = STR("events"),
                   .kind = STR("Event"),
                   .namespace = kube_namespace(application)},
        .body = event_value(arena, &event),
        .done = on_sent,
        .data = events,
    };
    events->n_waiting++;
    (void)kube_start(events->client, &request);
}
