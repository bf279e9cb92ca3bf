/* Look-up of a kind's check, and the health of applications. The checks are in health_<group>.c; adding
 * a kind is adding a row there. */
#include "engine/health/health.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/macro.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"
#include "engine/sync/hooks.h"

#define IGNORE_HEALTH_ANNOTATION "argocd.argoproj.io/ignore-healthcheck"

enum {
    CAUSES_MAX = 3, /* resources named in the message of an application */
};

static const struct health_family *const FAMILIES[] = {
    &HEALTH_CRD_ARGO, &HEALTH_CRD_CLOUD, &HEALTH_CRD_CLUSTER,  &HEALTH_CRD_DATA,
    &HEALTH_CRD_FLUX, &HEALTH_CRD_KAFKA, &HEALTH_CRD_MESH,     &HEALTH_CRD_MISC,
    &HEALTH_CRD_NUMA, &HEALTH_CRD_OPS,   &HEALTH_CRD_PROMOTER,
};

static const struct health_table *const TABLES[] = {
    &HEALTH_APPS,        &HEALTH_BATCH,           &HEALTH_CORE, &HEALTH_NETWORKING,
    &HEALTH_AUTOSCALING, &HEALTH_APIREGISTRATION, &HEALTH_ARGO,
};

struct health health_make(enum health_status status, struct str message)
{
    return (struct health){status, message};
}

struct health health_printf(struct arena *arena, enum health_status status, const char *fmt, ...)
{
    char text[HEALTH_MESSAGE_MAX_BYTES];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : MIN((size_t)n, sizeof(text) - 1);
    return health_make(status, arena_str(arena, str_of(text, len)));
}

int64_t health_status_int(const struct value *live, const char *name)
{
    return value_int(value_dig(live, "status", name), 0);
}

const struct value *health_condition(const struct value *live, const char *type)
{
    VALUE_FOREACH(value_dig(live, "status", "conditions"), condition) {
        if (str_eq_c(value_dig_str(condition, "type"), type)) {
            return condition;
        }
    }
    return NULL;
}

static bool version_listed(const char *versions, struct str version)
{
    if (versions == NULL) {
        return true;
    }
    struct str rest = str_from(versions);
    struct str word;
    while (str_next(&rest, ' ', &word)) {
        if (str_eq(word, version)) {
            return true;
        }
    }
    return false;
}

static const struct health_row *find_row(struct kube_gvk gvk)
{
    for (size_t t = 0; t < ARRAY_LEN(TABLES); t++) {
        for (size_t i = 0; i < TABLES[t]->n; i++) {
            const struct health_row *row = &TABLES[t]->rows[i];
            if (str_eq_c(gvk.kind, row->kind) && str_eq_c(gvk.group, row->group)) {
                return row;
            }
        }
    }
    return NULL;
}

static bool group_matches(const struct health_kind *kind, struct str group)
{
    if (kind->group[0] == '*') {
        return str_ends_with(group, str_from(kind->group + 1));
    }
    return str_eq_c(group, kind->group);
}

/* A kind by its full name goes before one by the end of its group. */
static const struct health_kind *find_kind(struct kube_gvk gvk)
{
    const struct health_kind *found = NULL;
    for (size_t f = 0; f < ARRAY_LEN(FAMILIES); f++) {
        for (size_t i = 0; i < FAMILIES[f]->n; i++) {
            const struct health_kind *kind = &FAMILIES[f]->kinds[i];
            if ((kind->kind != NULL && !str_eq_c(gvk.kind, kind->kind)) ||
                !group_matches(kind, gvk.group)) {
                continue;
            }
            if (kind->kind != NULL) {
                return kind;
            }
            found = found == NULL ? kind : found;
        }
    }
    return found;
}

struct health health_by_rules(struct arena *arena, const struct value *live)
{
    struct kube_gvk gvk = kube_gvk_of(live);
    const struct health_kind *kind = find_kind(gvk);
    if (kind != NULL && kind->fn != NULL) {
        return kind->fn(arena, live, kind->name);
    }
    if (kind != NULL) {
        return health_rules_run(arena, kind->rules, kind->name, live);
    }
    const struct health_row *row = find_row(gvk);
    if (row == NULL) {
        return (struct health){HEALTH_STATUS_NONE, STR_EMPTY};
    }
    if (!version_listed(row->versions, gvk.version)) {
        return health_printf(arena, HEALTH_STATUS_UNKNOWN,
                             "unsupported %s GVK: " STR_FMT "/" STR_FMT ", Kind=" STR_FMT,
                             row->kind, STR_ARG(gvk.group), STR_ARG(gvk.version),
                             STR_ARG(gvk.kind));
    }
    return row->fn(arena, live);
}

bool health_is_pending_deletion(const struct value *live)
{
    return kube_is_deleting(live) && !kube_has_finalizer(live, STR(HOOK_FINALIZER));
}

struct health health_of(struct arena *arena, const struct value *live)
{
    if (live == NULL) {
        return (struct health){HEALTH_STATUS_NONE, STR_EMPTY};
    }
    if (health_is_pending_deletion(live)) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Pending deletion"));
    }
    return health_by_rules(arena, live);
}

/* A child Application that is not known to be there does not decide about its parent. */
static bool child_app_is_open(const struct health_resource *r)
{
    return str_eq_c(r->key.kind, "Application") && str_eq_c(r->key.group, "argoproj.io") &&
           (r->health.status == HEALTH_STATUS_MISSING || r->health.status == HEALTH_STATUS_UNKNOWN);
}

static bool counts(const struct health_resource *r)
{
    return r->live != NULL && !r->hook && !r->skipped && !r->self &&
           r->health.status != HEALTH_STATUS_NONE && !child_app_is_open(r) &&
           !str_eq_c(kube_annotation(r->live, STR(IGNORE_HEALTH_ANNOTATION)), "true");
}

/* "Caused by Deployment shop/web, Job shop/import and 2 more" */
static struct str causes(struct arena *arena,
                         const struct health_resource *resources,
                         size_t n_resources,
                         enum health_status worst)
{
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    size_t n = 0;
    for (size_t i = 0; i < n_resources; i++) {
        const struct kube_key *key = &resources[i].key;
        if (!counts(&resources[i]) || resources[i].health.status != worst || n++ >= CAUSES_MAX) {
            continue;
        }
        buf_put_c(&text, n == 1 ? "Caused by " : ", ");
        buf_printf(&text, STR_FMT " " STR_FMT "%s" STR_FMT, STR_ARG(key->kind),
                   STR_ARG(key->namespace), key->namespace.n > 0 ? "/" : "", STR_ARG(key->name));
    }
    if (n > CAUSES_MAX) {
        buf_printf(&text, " and %zu more", n - CAUSES_MAX);
    }
    return buf_to_arena(&text, arena);
}

struct health
health_of_app(struct arena *arena, const struct health_resource *resources, size_t n_resources)
{
    enum health_status worst = HEALTH_STATUS_HEALTHY;
    bool has_target = false;
    bool has_live = false;
    for (size_t i = 0; i < n_resources; i++) {
        const struct health_resource *r = &resources[i];
        has_target = has_target || (r->has_target && !r->hook && !r->skipped);
        has_live = has_live || (r->live != NULL && !r->hook && !r->skipped);
        if (counts(r)) {
            worst = status_health_worse(worst, r->health.status);
        }
    }
    if (has_target && !has_live) {
        return health_make(HEALTH_STATUS_MISSING, STR_EMPTY);
    }
    if (worst == HEALTH_STATUS_HEALTHY) {
        return health_make(worst, STR_EMPTY);
    }
    return health_make(worst, causes(arena, resources, n_resources, worst));
}
