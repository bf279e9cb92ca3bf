/* Tree fields by kind: a table of what to read from a whole object. */
#include "app-controller/live/live_info.h"

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "engine/health/health_override.h"

static void put_info(struct value_builder *b, const char *name, struct str value)
{
    value_build_map(b);
    value_build_field_str(b, "name", str_from(name));
    value_build_field_str(b, "value", value);
    value_build_end(b);
}

/* ---- Pods ---- */

/* Why a container does not run: "CrashLoopBackOff", "OOMKilled", "Completed"; empty when it does. */
static struct str container_reason(struct arena *arena, const struct value *status)
{
    struct str waiting = value_dig_str(status, "state", "waiting", "reason");
    if (waiting.n > 0) {
        return waiting;
    }
    const struct value *terminated = value_dig(status, "state", "terminated");
    if (terminated == NULL) {
        return STR_EMPTY;
    }
    struct str reason = value_dig_str(terminated, "reason");
    if (reason.n > 0) {
        return reason;
    }
    int64_t signal = value_int(value_dig(terminated, "signal"), 0);
    if (signal != 0) {
        return arena_printf(arena, "Signal:%lld", (long long)signal);
    }
    return arena_printf(arena, "ExitCode:%lld",
                        (long long)value_int(value_dig(terminated, "exitCode"), 0));
}

/* As kubectl get pods shows it. */
static struct str pod_reason(struct arena *arena, const struct value *pod)
{
    struct str reason = value_dig_str(pod, "status", "reason");
    if (reason.n == 0) {
        reason = value_dig_str(pod, "status", "phase");
    }
    const struct value *inits = value_dig(pod, "status", "initContainerStatuses");
    for (size_t i = 0; i < value_len(inits); i++) {
        struct str why = container_reason(arena, value_at(inits, i));
        bool passed = str_eq(why, STR("Completed"));
        if (!passed && why.n > 0 && !str_eq(why, STR("PodInitializing"))) {
            return arena_printf(arena, "Init:" STR_FMT, STR_ARG(why));
        }
        if (!passed) {
            return arena_printf(arena, "Init:%zu/%zu", i, value_len(inits));
        }
    }
    VALUE_FOREACH(value_dig(pod, "status", "containerStatuses"), c) {
        struct str why = container_reason(arena, c);
        if (why.n > 0) {
            reason = why;
        }
    }
    if (kube_is_deleting(pod)) {
        return STR("Terminating");
    }
    return reason;
}

static void pod_info(struct arena *arena, const struct value *pod, struct value_builder *b)
{
    const struct value *statuses = value_dig(pod, "status", "containerStatuses");
    int64_t restarts = 0;
    size_t ready = 0;
    VALUE_FOREACH(statuses, c) {
        restarts += value_int(value_dig(c, "restartCount"), 0);
        ready += value_bool(value_dig(c, "ready"), false);
    }
    struct str reason = pod_reason(arena, pod);
    struct str node = value_dig_str(pod, "spec", "nodeName");
    if (reason.n > 0) {
        put_info(b, "Status Reason", reason);
    }
    if (node.n > 0) {
        put_info(b, "Node", node);
    }
    put_info(
        b, "Containers",
        arena_printf(arena, "%zu/%zu", ready, value_len(value_dig(pod, "spec", "containers"))));
    if (restarts > 0) {
        put_info(b, "Restart Count", arena_printf(arena, "%lld", (long long)restarts));
    }
}

/* ---- others ---- */

static void revision_info(struct arena *arena, const struct value *obj, struct value_builder *b)
{
    struct str revision = kube_annotation(obj, STR("deployment.kubernetes.io/revision"));
    if (revision.n > 0) {
        put_info(b, "Revision", arena_printf(arena, "Rev:" STR_FMT, STR_ARG(revision)));
    }
}

static const struct value *pod_spec_of(const struct value *obj)
{
    const struct value *spec = value_dig(obj, "spec", "template", "spec");
    if (spec == NULL) {
        spec = value_dig(obj, "spec", "jobTemplate", "spec", "template", "spec");
    }
    if (spec == NULL && str_eq(kube_kind_of(obj), STR("Pod"))) {
        spec = value_dig(obj, "spec");
    }
    return spec;
}

static void put_images(const struct value *obj, struct value_builder *b)
{
    static const char *const LISTS[] = {"initContainers", "containers"};
    const struct value *spec = pod_spec_of(obj);
    if (spec == NULL) {
        return;
    }
    value_build_field_list(b, "images");
    for (size_t i = 0; i < ARRAY_LEN(LISTS); i++) {
        VALUE_FOREACH(value_dig(spec, LISTS[i]), c) {
            value_build_str(b, value_dig_str(c, "image"));
        }
    }
    value_build_end(b);
}

/* ---- network ---- */

static void put_load_balancer(const struct value *obj, struct value_builder *b)
{
    const struct value *ingress = value_dig(obj, "status", "loadBalancer", "ingress");
    if (value_len(ingress) > 0) {
        value_build_field(b, "ingress", ingress);
    }
}

static void
service_network(struct arena *arena UNUSED, const struct value *obj, struct value_builder *b)
{
    const struct value *selector = value_dig(obj, "spec", "selector");
    if (value_len(selector) > 0) {
        value_build_field(b, "targetLabels", selector);
    }
    put_load_balancer(obj, b);
}

static void put_target_service(const struct value *obj, struct str name, struct value_builder *b)
{
    value_build_map(b);
    value_build_field_str(b, "kind", STR("Service"));
    value_build_field_str(b, "name", name);
    value_build_field_str(b, "namespace", kube_namespace(obj));
    value_build_end(b);
}

static struct str backend_service(const struct value *backend)
{
    struct str name = value_dig_str(backend, "service", "name");
    return name.n > 0 ? name : value_dig_str(backend, "serviceName");
}

static bool is_link(struct str annotation)
{
    return str_starts_with(annotation, STR("link.argocd.argoproj.io/"));
}

static bool has_links(const struct value *obj)
{
    VALUE_MAP_FOREACH(kube_annotations(obj), e)
    {
        if (is_link(e->key)) {
            return true;
        }
    }
    return false;
}

static void put_links(const struct value *obj, struct value_builder *b)
{
    VALUE_MAP_FOREACH(kube_annotations(obj), e)
    {
        if (is_link(e->key)) {
            value_build_str(b, value_str(&e->value));
        }
    }
}

static void put_rule_urls(struct arena *arena, const struct value *obj, struct value_builder *b)
{
    const struct value *addresses = value_dig(obj, "status", "loadBalancer", "ingress");
    bool tls = value_len(value_dig(obj, "spec", "tls")) > 0;
    VALUE_FOREACH(value_dig(obj, "spec", "rules"), rule) {
        struct str host = value_dig_str(rule, "host");
        const struct value *address = value_at(addresses, 0);
        if (host.n == 0) {
            host = value_dig_str(address, "hostname");
        }
        if (host.n == 0) {
            host = value_dig_str(address, "ip");
        }
        VALUE_FOREACH(value_dig(rule, "http", "paths"), path) {
            struct str at = value_dig_str(path, "path");
            (void)str_cut_suffix(&at, STR("*"));
            if (host.n > 0) {
                value_build_str(b,
                                arena_printf(arena, "%s://" STR_FMT STR_FMT, tls ? "https" : "http",
                                             STR_ARG(host), STR_ARG(at)));
            }
        }
    }
}

/* The links somebody wrote, and those the rules lead to unless they are not wanted. */
static void put_urls(struct arena *arena, const struct value *obj, struct value_builder *b)
{
    struct str ignore = kube_annotation(obj, STR("argocd.argoproj.io/ignore-default-links"));
    value_build_field_list(b, "externalURLs");
    put_links(obj, b);
    if (!str_eq_c(ignore, "true")) {
        put_rule_urls(arena, obj, b);
    }
    value_build_end(b);
}

static void ingress_network(struct arena *arena, const struct value *obj, struct value_builder *b)
{
    value_build_field_list(b, "targetRefs");
    VALUE_FOREACH(value_dig(obj, "spec", "rules"), rule) {
        VALUE_FOREACH(value_dig(rule, "http", "paths"), path) {
            struct str service = backend_service(value_dig(path, "backend"));
            if (service.n > 0) {
                put_target_service(obj, service, b);
            }
        }
    }
    value_build_end(b);
    put_load_balancer(obj, b);
    put_urls(arena, obj, b);
}

static void
label_network(struct arena *arena UNUSED, const struct value *obj, struct value_builder *b)
{
    const struct value *labels = kube_labels(obj);
    if (value_len(labels) > 0) {
        value_build_field(b, "labels", labels);
    }
}

typedef void (*put_fn)(struct arena *arena, const struct value *obj, struct value_builder *b);

static const struct known_kind {
    struct str group;
    struct str kind;
    put_fn info;
    put_fn network;
} KINDS[] = {
    {STR(""), STR("Pod"), pod_info, label_network},
    {STR(""), STR("Service"), NULL, service_network},
    {STR("networking.k8s.io"), STR("Ingress"), NULL, ingress_network},
    {STR("extensions"), STR("Ingress"), NULL, ingress_network},
    {STR("apps"), STR("ReplicaSet"), revision_info, NULL},
    {STR("apps"), STR("Deployment"), revision_info, NULL},
};

static const struct known_kind *known_kind(const struct value *obj)
{
    static const struct known_kind NONE = {.group = STR("")};
    struct kube_gvk gvk = kube_gvk_of(obj);
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        if (str_eq(KINDS[i].group, gvk.group) && str_eq(KINDS[i].kind, gvk.kind)) {
            return &KINDS[i];
        }
    }
    return &NONE;
}

static void put_by_kind(struct arena *arena, const struct value *obj, struct value_builder *b)
{
    const struct known_kind *kind = known_kind(obj);
    bool links = has_links(obj) && kind->network != ingress_network;
    if (kind->info != NULL) {
        value_build_field_list(b, "info");
        kind->info(arena, obj, b);
        value_build_end(b);
    }
    if (kind->network == NULL && !links) {
        return;
    }
    value_build_field_map(b, "networkingInfo");
    if (kind->network != NULL) {
        kind->network(arena, obj, b);
    }
    if (links) {
        value_build_field_list(b, "externalURLs");
        put_links(obj, b);
        value_build_end(b);
    }
    value_build_end(b);
}

static void put_health(struct value_builder *b, struct health health)
{
    if (health.status == HEALTH_STATUS_NONE) {
        return;
    }
    value_build_field_map(b, "health");
    value_build_field_str(b, "status", str_from(status_health_name(health.status)));
    value_build_field_str_opt(b, "message", health.message);
    value_build_end(b);
}

struct str
live_info_of(struct arena *arena, const struct value *obj, const struct customizations *scripts)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    put_by_kind(arena, obj, &b);
    put_images(obj, &b);
    put_health(&b, health_of_scripted(arena, scripts, clock_system(), obj));
    value_build_end(&b);
    const struct value *info = value_build_finish(&b);
    value_builder_done(&b);
    struct str json = STR_EMPTY;
    struct err err;
    if (value_len(info) == 0 || value_to_json_in(arena, info, NULL, &json, &err) < 0) {
        return STR_EMPTY; /* only sizes beyond any object's can fail */
    }
    return json;
}

struct health live_info_health(struct arena *arena, struct str info)
{
    const struct value *v = NULL;
    struct health health = {HEALTH_STATUS_NONE, STR_EMPTY};
    struct err err;
    if (info.n == 0 || value_from_json(arena, info, NULL, &v, &err) < 0) {
        return health; /* made here: it can be read */
    }
    health.status = status_health_parse(value_dig_str(v, "health", "status"));
    health.message = value_dig_str(v, "health", "message");
    return health;
}
