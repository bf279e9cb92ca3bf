/* Builds the new status as a tree and patches only what differs from the stored one. */
#include "app-controller/status_write.h"

#include "app-controller/app.h"
#include "app-controller/targets.h"
#include "app-controller/tree.h"
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"

#define EVALUATED                                                                              \
    (CONDITION_BIT(CONDITION_INVALID_SPEC_ERROR) | CONDITION_BIT(CONDITION_COMPARISON_ERROR) | \
     CONDITION_BIT(CONDITION_UNKNOWN_ERROR))
#define EVALUATED_COMPARED                                \
    (EVALUATED | CONDITION_BIT(CONDITION_SYNC_ERROR) |    \
     CONDITION_BIT(CONDITION_SHARED_RESOURCE_WARNING) |   \
     CONDITION_BIT(CONDITION_REPEATED_RESOURCE_WARNING) | \
     CONDITION_BIT(CONDITION_EXCLUDED_RESOURCE_WARNING) | \
     CONDITION_BIT(CONDITION_ORPHANED_RESOURCE_WARNING))

struct status_change status_write_unchanged(struct pass *pass)
{
    return (struct status_change){.status = pass->model.status, .evaluated = EVALUATED};
}

void status_write_health(struct pass *pass,
                         struct status_change *change,
                         enum health_status health,
                         struct str message)
{
    struct app_health *h = &change->status.health;
    if (h->status != health) {
        h->last_transition_time = str_from(pass->now);
    }
    h->status = health;
    h->message = message;
}

void status_write_compared_to(struct pass *pass, struct status_change *change)
{
    struct app_sync *sync = &change->status.sync;
    const struct app_spec *spec = &pass->model.spec;
    sync->compared_sources = spec->sources;
    sync->compared_multi_source = spec->multi_source;
    sync->compared_destination = spec->destination;
    sync->compared_ignore_differences =
        value_dig(doc_root(pass->object), "spec", "ignoreDifferences");
}

static struct app_health shown_health(const struct pass *pass, size_t i)
{
    const struct health *h = &pass->evaluation->healths[i];
    return pass->ctl->config->persist_health
               ? (struct app_health){.status = h->status, .message = h->message}
               : (struct app_health){.status = HEALTH_STATUS_NONE};
}

void status_write_summary(struct pass *pass, struct status_change *change)
{
    struct app_tree tree;
    tree_of_app(pass->app, &tree);
    struct tree_summary summary = tree_summarize(pass->arena, &tree);
    change->status.images = summary.images;
    change->status.external_urls = summary.external_urls;
    change->status.is_app_of_apps = summary.is_app_of_apps;
}

struct app_resources status_write_unknown(struct arena *arena, const struct app_resources *of)
{
    struct app_resource *items = arena_calloc(arena, of->n, sizeof(*items));
    for (size_t i = 0; i < of->n; i++) {
        items[i] = of->items[i];
        if (items[i].status != SYNC_STATUS_NONE) {
            items[i].status = SYNC_STATUS_UNKNOWN;
        }
    }
    return (struct app_resources){items, of->n};
}

static struct app_resources resources_of(struct pass *pass)
{
    const struct evaluation *ev = pass->evaluation;
    size_t n = ev->compare.n_resources;
    struct app_resource *items = arena_calloc(pass->arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        const struct compare_resource *r = &ev->compare.resources[i];
        items[i] = (struct app_resource){
            .group = r->key.group,
            .version = r->version,
            .kind = r->key.kind,
            .namespace = r->key.namespace,
            .name = r->key.name,
            .status = r->status,
            .hook = r->hook,
            .requires_pruning = r->requires_pruning,
            .requires_deletion_confirmation = r->requires_deletion_confirmation,
            .sync_wave = r->wave,
            .health = shown_health(pass, i),
        };
    }
    return (struct app_resources){items, n};
}

static void set_revisions(struct pass *pass, struct app_status *status)
{
    const struct targets *t = pass->targets;
    bool multi = pass->model.spec.multi_source;
    struct str *types = arena_calloc(pass->arena, t->n_sources, sizeof(*types));
    for (size_t i = 0; i < t->n_sources; i++) {
        types[i] = str_from(source_type_name(t->types[i]));
    }
    status->sync.revision = multi ? STR_EMPTY : t->revisions[0];
    status->sync.revisions =
        multi ? (struct app_strs){t->revisions, t->n_sources} : (struct app_strs){0};
    status->source_type = multi ? SOURCE_TYPE_NONE : t->types[0];
    status->source_types = multi ? (struct app_strs){types, t->n_sources} : (struct app_strs){0};
}

/* ---- finalizers for hooks of deletion ---- */

struct finalizers {
    struct arena *arena;
    const struct value *list;
    bool changed;
};

static void want_finalizer(struct finalizers *f, const char *name, bool wanted)
{
    size_t at = 0;
    VALUE_FOREACH(f->list, item) {
        if (str_eq_c(value_str(item), name)) {
            break;
        }
        at++;
    }
    bool there = at < value_len(f->list);
    if (wanted && !there) {
        f->list = value_list_append(f->arena, f->list, value_new_str(f->arena, str_from(name)));
    } else if (!wanted && there) {
        f->list = value_list_remove(f->arena, f->list, at);
    }
    f->changed |= wanted != there;
}

static const struct value *finalizers_for(struct pass *pass)
{
    const struct compare_result *r = &pass->evaluation->compare;
    const struct value *now = value_dig(doc_root(pass->object), "metadata", "finalizers");
    struct finalizers f = {.arena = pass->arena, .list = now != NULL ? now : &VALUE_EMPTY_LIST};
    want_finalizer(&f, APP_FINALIZER_PRE_DELETE, r->has_pre_delete_hooks);
    want_finalizer(&f, APP_FINALIZER_PRE_DELETE_CLEANUP, r->has_pre_delete_hooks);
    want_finalizer(&f, APP_FINALIZER_POST_DELETE, r->has_post_delete_hooks);
    want_finalizer(&f, APP_FINALIZER_POST_DELETE_CLEANUP, r->has_post_delete_hooks);
    return f.changed ? f.list : NULL;
}

struct status_change status_write_evaluated(struct pass *pass)
{
    const struct evaluation *ev = pass->evaluation;
    struct status_change change = {
        .status = pass->model.status,
        .evaluated = EVALUATED_COMPARED,
        .finalizers = finalizers_for(pass),
    };
    struct app_status *s = &change.status;
    s->sync.status = ev->compare.status;
    set_revisions(pass, s);
    status_write_compared_to(pass, &change);
    status_write_health(pass, &change, ev->health.status, ev->health.message);
    s->resources = resources_of(pass);
    status_write_summary(pass, &change);
    s->resource_health_source = pass->ctl->config->persist_health ? STR_EMPTY : STR("appTree");
    if (s->reconciled_at.n == 0 || pass->level >= REFRESH_LATEST || pass->op_ended) {
        s->reconciled_at = str_from(pass->now);
    }
    s->controller_namespace = str_from(pass->ctl->config->ns);
    return change;
}

/* ---- the patch ---- */

static const struct value *new_status(struct pass *pass, struct status_change *change)
{
    struct conditions fresh = {pass->conditions.items, pass->conditions.n};
    change->status.conditions = conditions_merge(pass->arena, pass->model.status.conditions, fresh,
                                                 change->evaluated, str_from(pass->now));
    const struct value *old = value_dig(doc_root(pass->object), "status");
    return app_status_to_value(pass->arena, &change->status, old);
}

static bool says_the_same(struct arena *arena, const struct value *a, const struct value *b)
{
    return value_equal(value_without(arena, a, "reconciledAt"),
                       value_without(arena, b, "reconciledAt"));
}

/* The command line and the UI take an operation for unfinished until the application was compared after it. */
static bool owes_reconciliation(const struct value *old, const struct app_status *status)
{
    struct str ended = value_dig_str(old, "operationState", "finishedAt");
    bool dry_run =
        value_bool(value_dig(old, "operationState", "operation", "sync", "dryRun"), false);
    return ended.n > 0 && !dry_run && str_cmp(value_dig_str(old, "reconciledAt"), ended) < 0 &&
           str_cmp(status->reconciled_at, ended) >= 0;
}

static bool same_annotation(const struct value *a, const struct value *b, const char *key)
{
    return str_eq(kube_annotation(a, str_from(key)), kube_annotation(b, str_from(key)));
}

/* Asked for before this pass began, and not once more since. */
static bool has_answered_request(const struct pass *pass)
{
    const struct value *obj = doc_root(pass->object);
    const struct value *now = doc_root(pass->app->object);
    return kube_has_annotation(obj, STR(APP_ANNOTATION_REFRESH)) &&
           same_annotation(obj, now, APP_ANNOTATION_REFRESH) &&
           same_annotation(obj, now, APP_ANNOTATION_REFRESH_TIME);
}

static const struct value *without_request(struct pass *pass, const struct value *patch)
{
    static const char *const KEYS[] = {APP_ANNOTATION_REFRESH, APP_ANNOTATION_REFRESH_TIME};
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        if (kube_has_annotation(doc_root(pass->object), str_from(KEYS[i]))) {
            patch = value_with(pass->arena, patch, &VALUE_NULL_VALUE, "metadata", "annotations",
                               KEYS[i]);
        }
    }
    return patch;
}

const struct value *status_write_patch(struct pass *pass, struct status_change *change)
{
    struct arena *arena = pass->arena;
    const struct value *obj = doc_root(pass->object);
    const struct value *old = value_dig(obj, "status");
    const struct value *status = new_status(pass, change);
    bool requested = has_answered_request(pass);
    if (!requested && change->operation == NULL && change->finalizers == NULL && old != NULL &&
        says_the_same(arena, old, status) && !owes_reconciliation(old, &change->status)) {
        return NULL;
    }
    const struct value *patch = value_with(
        arena, NULL, value_merge_patch_between(arena, old != NULL ? old : &VALUE_EMPTY_MAP, status),
        "status");
    if (requested) {
        patch = without_request(pass, patch);
    }
    if (change->finalizers != NULL) {
        patch = value_with(arena, patch, change->finalizers, "metadata", "finalizers");
    }
    if (pass->op_ended) {
        patch = value_with(arena, patch, &VALUE_NULL_VALUE, "operation");
    } else if (change->operation != NULL) {
        patch = value_with(arena, patch, change->operation, "operation");
    }
    if (change->operation != NULL || change->finalizers != NULL) {
        patch = value_with(arena, patch, value_new_str(arena, kube_resource_version(obj)),
                           "metadata", "resourceVersion");
    }
    return patch;
}
