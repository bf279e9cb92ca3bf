/* Health of gateways, meshes and what serves traffic: Gateway API, Gloo, Contour, Istio, Knative,
 * KServe, Airlock. */
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"

/* ---- Gateway API ---- */

static const struct value *false_condition(const struct value *conditions, const char *type)
{
    VALUE_FOREACH(conditions, c) {
        if (str_eq_c(value_dig_str(c, "type"), type) &&
            str_eq_c(value_dig_str(c, "status"), "False")) {
            return c;
        }
    }
    return NULL;
}

/* "<prefix>message"; a fallback where there is no message. */
static struct health said(struct arena *arena,
                          enum health_status status,
                          struct str prefix,
                          const struct value *condition,
                          struct str fallback)
{
    const struct value *message = value_find(condition, STR("message"));
    struct str text = value_is(message, VALUE_STRING) ? value_str(message) : fallback;
    return health_make(status,
                       arena_printf(arena, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(text)));
}

/* What one set of conditions says against being healthy; NONE = nothing. */
static struct health objections(struct arena *arena,
                                const struct value *conditions,
                                struct str prefix,
                                const char *subject)
{
    static const char *const FAULTS[] = {"ResolvedRefs", "Accepted"};
    for (size_t i = 0; i < ARRAY_LEN(FAULTS); i++) {
        const struct value *c = false_condition(conditions, FAULTS[i]);
        if (c != NULL) {
            return said(arena, HEALTH_STATUS_DEGRADED, prefix, c,
                        arena_printf(arena, "Failed condition: %s", FAULTS[i]));
        }
    }
    VALUE_FOREACH(conditions, c) {
        if (str_eq_c(value_dig_str(c, "type"), "Programmed") &&
            !str_eq_c(value_dig_str(c, "status"), "True")) {
            return said(arena, HEALTH_STATUS_PROGRESSING, prefix, c,
                        arena_printf(arena, "%s is still being programmed", subject));
        }
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

/* A parent that has looked at an older generation only does not count. */
static bool is_current(const struct value *live, const struct value *parent)
{
    const struct value *generation = value_dig(live, "metadata", "generation");
    const struct value *conditions = value_find(parent, STR("conditions"));
    if (value_len(conditions) == 0) {
        return false;
    }
    if (generation == NULL) {
        return true;
    }
    VALUE_FOREACH(conditions, c) {
        if (value_find(c, STR("observedGeneration")) != NULL &&
            value_equal(value_find(c, STR("observedGeneration")), generation)) {
            return true;
        }
    }
    return false;
}

static struct health route(struct arena *arena, const struct value *live, const char *name)
{
    bool has_parent = false;
    VALUE_FOREACH(value_dig(live, "status", "parents"), parent) {
        if (!is_current(live, parent)) {
            continue;
        }
        has_parent = true;
        struct str prefix = arena_printf(arena, "Parent " STR_FMT ": ",
                                         STR_ARG(value_dig_str(parent, "parentRef", "name")));
        struct health health =
            objections(arena, value_find(parent, STR("conditions")), prefix, "Route");
        if (health.status != HEALTH_STATUS_NONE) {
            return health;
        }
    }
    if (has_parent) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY, "%s is healthy", name);
    }
    return health_printf(arena, HEALTH_STATUS_PROGRESSING, "Waiting for %s status", name);
}

static struct health gateway(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    const struct value *conditions = value_dig(live, "status", "conditions");
    const struct value *listeners = value_dig(live, "status", "listeners");
    struct health health = objections(arena, conditions, STR_EMPTY, "Gateway");
    if (health.status != HEALTH_STATUS_NONE) {
        return health;
    }
    VALUE_FOREACH(listeners, listener) {
        health = objections(arena, value_find(listener, STR("conditions")), STR("Listener: "),
                            "Listener");
        if (health.status != HEALTH_STATUS_NONE) {
            return health;
        }
    }
    if (conditions != NULL || value_len(listeners) > 0) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("Gateway is healthy"));
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for Gateway status"));
}

static const struct health_rule GATEWAY_CLASS[] = {
    HEALTH_COND(".type=Accepted metadata.generation .observedGeneration "
                ".observedGeneration!=@metadata.generation",
                PROGRESSING,
                "Waiting for GatewayClass status"),
    HEALTH_COND(".type=Accepted .status=True", HEALTHY, "{.message|'GatewayClass is accepted'}"),
    HEALTH_COND(
        ".type=Accepted .status=False", DEGRADED, "{.message|'GatewayClass is not accepted'}"),
    HEALTH_COND(".type=Accepted", PROGRESSING, "{.message|'Waiting for GatewayClass status'}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for GatewayClass status"),
};

/* ---- policies with ancestors: Gateway API's BackendTLSPolicy, Airlock's ---- */

struct ancestors {
    struct arena *arena;
    const struct value *live;
    const char *kind;
    bool strict; /* each condition must have the generation; an ancestor must have accepted */
};

static struct str ancestor_name(const struct value *ancestor)
{
    return value_dig_str(ancestor, "ancestorRef", "name");
}

/* The ancestor that has not seen the newest generation, or NULL. */
static const struct value *stale_ancestor(const struct ancestors *a, const struct value *list)
{
    const struct value *generation = value_dig(a->live, "metadata", "generation");
    if (generation == NULL) {
        return NULL;
    }
    VALUE_FOREACH(list, ancestor) {
        VALUE_FOREACH(value_find(ancestor, STR("conditions")), c) {
            const struct value *observed = value_find(c, STR("observedGeneration"));
            if (observed == NULL ? a->strict : !value_equal(observed, generation)) {
                return ancestor;
            }
        }
    }
    return NULL;
}

/* Every controller writes an entry, also for targets that are another one's. */
static bool is_not_responsible(const struct value *conditions)
{
    VALUE_FOREACH(conditions, c) {
        if (str_eq_c(value_dig_str(c, "type"), "Accepted")) {
            return health_holds(NULL, c, ".status!=True .reason=TargetNotFound");
        }
    }
    return false;
}

static struct health ancestor_fault(const struct ancestors *a, const struct value *ancestor)
{
    VALUE_FOREACH(value_find(ancestor, STR("conditions")), c) {
        if (health_holds(NULL, c, ".type=Accepted|ResolvedRefs .status!=True")) {
            struct str prefix =
                arena_printf(a->arena, "Ancestor " STR_FMT ": ", STR_ARG(ancestor_name(ancestor)));
            return said(a->arena, HEALTH_STATUS_DEGRADED, prefix, c, STR_EMPTY);
        }
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}

static bool accepts(const struct value *ancestor)
{
    VALUE_FOREACH(value_find(ancestor, STR("conditions")), c) {
        if (health_holds(NULL, c, ".type=Accepted .status=True")) {
            return true;
        }
    }
    return false;
}

static struct health of_ancestors(const struct ancestors *a, const struct value *list)
{
    struct health health =
        health_printf(a->arena, HEALTH_STATUS_PROGRESSING, "Waiting for %s status", a->kind);
    VALUE_FOREACH(list, ancestor) {
        const struct value *conditions = value_find(ancestor, STR("conditions"));
        if (!a->strict && (conditions == NULL || is_not_responsible(conditions))) {
            continue;
        }
        struct health fault = ancestor_fault(a, ancestor);
        if (fault.status != HEALTH_STATUS_NONE) {
            return fault;
        }
        if (accepts(ancestor)) {
            health = health_printf(a->arena, HEALTH_STATUS_HEALTHY, "%s is healthy", a->kind);
        } else if (a->strict) {
            health = health_printf(a->arena, HEALTH_STATUS_DEGRADED,
                                   "Ancestor " STR_FMT ": %s is not accepted",
                                   STR_ARG(ancestor_name(ancestor)), a->kind);
        }
    }
    return health;
}

static struct health policy(const struct ancestors *a)
{
    const struct value *list = value_dig(a->live, "status", "ancestors");
    const struct value *stale = stale_ancestor(a, list);
    if (stale != NULL) {
        return health_printf(a->arena, HEALTH_STATUS_PROGRESSING,
                             "Waiting for Ancestor " STR_FMT " to update %s status",
                             STR_ARG(ancestor_name(stale)), a->kind);
    }
    return of_ancestors(a, list);
}

static struct health
backend_tls_policy(struct arena *arena, const struct value *live, const char *name)
{
    const struct ancestors a = {arena, live, name, false};
    return policy(&a);
}

static struct health airlock(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    struct str kind = arena_str(arena, kube_kind_of(live));
    const struct ancestors a = {arena, live, kind.n > 0 ? kind.p : "Policy", true};
    if (!str_ends_with(kind, STR("Policy"))) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY, "%s is healthy", kind.p);
    }
    return policy(&a);
}

/* ---- Gloo: a status for each namespace of its controllers, or a single one ---- */

static const struct health_rule GLOO[] = {
    HEALTH_EACH("status.statuses", ".state=Accepted|1", HEALTHY, "The resource has been validated"),
    HEALTH_EACH("status.statuses", ".state=Warning|3|Rejected|2", DEGRADED, "{.reason}"),
    HEALTH_EACH("status.statuses",
                ".state=Pending|0",
                SUSPENDED,
                "The resource has not yet been validated"),
    HEALTH_WHEN("status.state=Accepted|1", HEALTHY, "The resource has been validated"),
    HEALTH_WHEN("status.state=Warning|3|Rejected|2", DEGRADED, "{status.reason}"),
    HEALTH_WHEN("status.state=Pending|0", SUSPENDED, "The resource has not yet been validated"),
    HEALTH_ELSE(PROGRESSING, "Update in progress"),
};

/* ---- Contour, Istio, Kiali, Jaeger, OpenShift ---- */

static const struct health_rule CONTOUR[] = {
    HEALTH_COND(
        ".observedGeneration=@metadata.generation .type=Valid .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".observedGeneration=@metadata.generation .type=Valid .status=False",
                DEGRADED,
                "{.message}"),
    HEALTH_WHEN("status.currentStatus=NotReconciled", PROGRESSING, "{status.description}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for status"),
};

static const struct health_rule ISTIO_OPERATOR[] = {
    HEALTH_WHEN("status.status=0|NONE", UNKNOWN, "Component is not present."),
    HEALTH_WHEN("status.status=1|UPDATING",
                PROGRESSING,
                "Component is being updated to a different version."),
    HEALTH_WHEN("status.status=2|RECONCILING",
                PROGRESSING,
                "Controller has started but not yet completed reconciliation loop for the "
                "component."),
    HEALTH_WHEN("status.status=3|HEALTHY", HEALTHY, "Component is healthy."),
    HEALTH_WHEN("status.status=4|ERROR", DEGRADED, "Component is in an error state."),
    HEALTH_ELSE(PROGRESSING, "Waiting for Istio Control Plane"),
};

static const struct health_rule KIALI[] = {
    HEALTH_COND(".type=Successful .status=True", HEALTHY, "{.message}"),
    HEALTH_COND(".type=Failure .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=Running .reason=Running", PROGRESSING, "{.message}"),
    HEALTH_ELSE(PROGRESSING, "Waiting for Kiali"),
};

static const struct health_rule INGRESS_CONTROLLER[] = {
    HEALTH_COND(".type=Degraded .status=True", DEGRADED, "{.message}"),
    HEALTH_COND(".type=DeploymentReplicasAllAvailable .status=False", PROGRESSING, "{.message}"),
    HEALTH_COND(".type=Progressing .status=True", PROGRESSING, "{.reason}"),
    HEALTH_COND(".type=Available .status=True", HEALTHY, "IngressController is available"),
    HEALTH_ELSE(PROGRESSING, "Status of IngressController is not known yet"),
};

static struct health
openshift_route(struct arena *arena UNUSED, const struct value *live, const char *name UNUSED)
{
    const struct value *ingress = value_dig(live, "status", "ingress");
    size_t admitted = 0;
    size_t refused = 0;
    VALUE_FOREACH(ingress, rule) {
        VALUE_FOREACH(value_find(rule, STR("conditions")), c) {
            admitted += health_holds(NULL, c, ".type=Admitted .status=True");
            refused += health_holds(NULL, c, ".type=Admitted .status=False");
        }
    }
    if (ingress != NULL && admitted >= value_len(ingress)) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("Route is healthy"));
    }
    if (refused > 0) {
        return health_make(HEALTH_STATUS_DEGRADED, STR("Route is degraded"));
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR("Route is still getting admitted"));
}

/* ---- Knative: counts of conditions ---- */

struct count {
    size_t n_true;
    size_t n_false;
    size_t n_unknown;
    struct buf text; /* what is not True, a line each */
};

static void count_one(struct count *count, const struct value *c)
{
    struct str status = value_dig_str(c, "status");
    bool is_false = str_eq_c(status, "False");
    if (!is_false && !str_eq_c(status, "Unknown")) {
        count->n_true +=
            health_holds(NULL, c, ".status=True .type=ConfigurationsReady|RoutesReady|Ready");
        return;
    }
    count->n_false += is_false;
    count->n_unknown += !is_false;
    health_message_put(&count->text, NULL, c, NULL, "{.type} is {.status}");
    if (value_dig_str(c, "reason").n > 0) {
        health_message_put(&count->text, NULL, c, NULL, ", since {.reason}.");
    }
    if (value_dig_str(c, "message").n > 0) {
        health_message_put(&count->text, NULL, c, NULL, " {.message}");
    }
    buf_put_char(&count->text, '\n');
}

static struct health
knative_service(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    const struct value *conditions = value_dig(live, "status", "conditions");
    struct count count = {0};
    if (conditions == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting for status update."));
    }
    buf_init(&count.text, HEALTH_MESSAGE_MAX_BYTES);
    VALUE_FOREACH(conditions, c) {
        count_one(&count, c);
    }
    struct str text = buf_to_arena(&count.text, arena);
    buf_done(&count.text);
    if (count.n_false + count.n_unknown == 0 && count.n_true == 3) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("Knative Service is healthy."));
    }
    return health_make(count.n_false > 0 ? HEALTH_STATUS_DEGRADED : HEALTH_STATUS_PROGRESSING,
                       text);
}

/* ---- KServe: the model's transition, then what is not True, numbered ---- */

static void inference_condition_put(struct buf *out, const struct value *c, size_t number)
{
    buf_put_c(out, " | ");
    buf_put_uint(out, number);
    health_message_put(out, NULL, c, NULL, ": {.type} | {.status}");
    if (value_dig_str(c, "reason").n > 0) {
        health_message_put(out, NULL, c, NULL, " | {.reason}");
    }
    if (value_dig_str(c, "message").n > 0) {
        health_message_put(out, NULL, c, NULL, " | {.message}");
    }
}

static struct health
inference_service(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    const struct value *conditions = value_dig(live, "status", "conditions");
    struct str transition = value_dig_str(live, "status", "modelStatus", "transitionStatus");
    bool is_moving = transition.n > 0 && !str_eq_c(transition, "UpToDate");
    bool is_degraded = is_moving && !str_eq_c(transition, "InProgress");
    size_t number = 0;
    size_t n_faults = 0;
    if (conditions == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING,
                           STR("Waiting for InferenceService to report status..."));
    }
    if (is_moving) {
        buf_put_c(&text, "0: transitionStatus | ");
        buf_put(&text, transition);
    }
    VALUE_FOREACH(conditions, c) {
        number++;
        if (health_holds(NULL, c, ".type=Stopped .status=True")) {
            return health_make(HEALTH_STATUS_SUSPENDED, STR("InferenceService is Stopped"));
        }
        if (health_holds(NULL, c, ".type!=Stopped .status!=True")) {
            n_faults++;
            inference_condition_put(&text, c, number);
        }
    }
    if (!is_moving && n_faults == 0) {
        return health_make(HEALTH_STATUS_HEALTHY, STR("InferenceService is healthy."));
    }
    return health_make(is_degraded ? HEALTH_STATUS_DEGRADED : HEALTH_STATUS_PROGRESSING,
                       buf_to_arena(&text, arena));
}

/* ---- Knative's operator ---- */

static void conditions_list_put(struct buf *out, const struct value *conditions)
{
    size_t i = 0;
    VALUE_FOREACH(conditions, c) {
        buf_put_uint(out, ++i);
        health_message_put(out, NULL, c, NULL, ": {.type} | {.status}\n");
    }
}

struct knative {
    const char *is_true;
    const char *is_false;
    size_t n_true;
};

static struct health knative_operator(struct arena *arena,
                                      const struct value *live,
                                      const struct knative *k,
                                      const char *name)
{
    const struct value *conditions = value_dig(live, "status", "conditions");
    size_t n_true = 0;
    size_t n_false = 0;
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    if (conditions == NULL) {
        return health_printf(arena, HEALTH_STATUS_PROGRESSING, "Waiting for %s", name);
    }
    VALUE_FOREACH(conditions, c) {
        n_true += health_holds(NULL, c, k->is_true);
        n_false += health_holds(NULL, c, k->is_false) || health_holds(NULL, c, ".status=Unknown");
    }
    if (n_false == 0 && n_true == k->n_true) {
        return health_printf(arena, HEALTH_STATUS_HEALTHY, "%s is healthy.", name);
    }
    conditions_list_put(&text, conditions);
    return health_make(n_false > 0 ? HEALTH_STATUS_PROGRESSING : HEALTH_STATUS_DEGRADED,
                       buf_to_arena(&text, arena));
}

static struct health
knative_eventing(struct arena *arena, const struct value *live, const char *name)
{
    static const struct knative K = {".type=Ready|InstallSucceeded .status=True",
                                     ".type=Ready .status=False", 2};
    return knative_operator(arena, live, &K, name);
}

static struct health
knative_serving(struct arena *arena, const struct value *live, const char *name)
{
    static const struct knative K = {
        ".type=Ready|InstallSucceeded|DependenciesInstalled|DeploymentsAvailable .status=True",
        ".type=Ready|DeploymentsAvailable .status=False", 4};
    return knative_operator(arena, live, &K, name);
}

/* ---- Flagger ---- */

static struct health canary(struct arena *arena, const struct value *live, const char *name UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    struct str phase = value_dig_str(live, "status", "phase");
    enum health_status status = HEALTH_STATUS_UNKNOWN;
    if (value_dig(live, "status") == NULL) {
        return health_make(HEALTH_STATUS_UNKNOWN, STR("No status"));
    }
    if (health_holds(live, NULL, "status.phase=Failed")) {
        status = HEALTH_STATUS_DEGRADED;
    } else if (health_holds(live, NULL, "status.phase=Progressing|Finalising|Promoting")) {
        status = HEALTH_STATUS_PROGRESSING;
    } else if (health_holds(live, NULL, "status.phase=Succeeded|Initialized")) {
        status = HEALTH_STATUS_HEALTHY;
    }
    buf_put(&text, phase);
    buf_put_c(&text, " --- ");
    bool is_first = true;
    if (health_holds(live, NULL, "status.canaryWeight>0")) {
        health_message_put(&text, live, NULL, NULL, "Canary Weight: {status.canaryWeight} %");
        is_first = false;
    }
    VALUE_FOREACH(value_dig(live, "status", "conditions"), c) {
        buf_put_c(&text, is_first ? "" : " --- ");
        buf_put(&text, value_dig_str(c, "message"));
        is_first = false;
    }
    return health_make(status, buf_to_arena(&text, arena));
}

static const struct health_kind KINDS[] = {
    {"gateway.networking.k8s.io", "Gateway", .fn = gateway},
    {"gateway.networking.k8s.io", "GatewayClass", .rules = HEALTH_RULES(GATEWAY_CLASS)},
    {"gateway.networking.k8s.io", "HTTPRoute", .name = "HTTPRoute", .fn = route},
    {"gateway.networking.k8s.io", "GRPCRoute", .name = "GRPCRoute", .fn = route},
    {"gateway.networking.k8s.io", "BackendTLSPolicy", .name = "BackendTLSPolicy",
     .fn = backend_tls_policy},
    {"microgateway.airlock.com", NULL, .fn = airlock},
    {"gateway.solo.io", "Gateway", .rules = HEALTH_RULES(GLOO)},
    {"gateway.solo.io", "MatchableHttpGateway", .rules = HEALTH_RULES(GLOO)},
    {"gateway.solo.io", "RouteOption", .rules = HEALTH_RULES(GLOO)},
    {"gateway.solo.io", "RouteTable", .rules = HEALTH_RULES(GLOO)},
    {"gateway.solo.io", "VirtualHostOption", .rules = HEALTH_RULES(GLOO)},
    {"gateway.solo.io", "VirtualService", .rules = HEALTH_RULES(GLOO)},
    {"gloo.solo.io", "Proxy", .rules = HEALTH_RULES(GLOO)},
    {"gloo.solo.io", "Settings", .rules = HEALTH_RULES(GLOO)},
    {"gloo.solo.io", "Upstream", .rules = HEALTH_RULES(GLOO)},
    {"gloo.solo.io", "UpstreamGroup", .rules = HEALTH_RULES(GLOO)},
    {"projectcontour.io", "ExtensionService", .rules = HEALTH_RULES(CONTOUR)},
    {"projectcontour.io", "HTTPProxy", .rules = HEALTH_RULES(CONTOUR)},
    {"install.istio.io", "IstioOperator", .rules = HEALTH_RULES(ISTIO_OPERATOR)},
    {"kiali.io", "Kiali", .rules = HEALTH_RULES(KIALI)},
    {"operator.openshift.io", "IngressController", .rules = HEALTH_RULES(INGRESS_CONTROLLER)},
    {"route.openshift.io", "Route", .fn = openshift_route},
    {"serving.knative.dev", "Service", .fn = knative_service},
    {"serving.kserve.io", "InferenceService", .fn = inference_service},
    {"operator.knative.dev", "KnativeEventing", .name = "KnativeEventing", .fn = knative_eventing},
    {"operator.knative.dev", "KnativeServing", .name = "KnativeServing", .fn = knative_serving},
    {"flagger.app", "Canary", .fn = canary},
};

const struct health_family HEALTH_CRD_MESH = {KINDS, ARRAY_LEN(KINDS)};
