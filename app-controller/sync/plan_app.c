/* Application, evaluation and operation as the input of plan_build(). */
#include "app-controller/sync/plan_app.h"

#include "app-controller/evaluate.h"
#include "app-controller/sync/budget.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/settings/settings.h"
#include "common/value/value.h"

#define MIGRATION_ANNOTATION "argocd.argoproj.io/client-side-apply-migration-manager"

static int64_t wall_of(struct str rfc3339)
{
    int64_t ms = 0;
    struct err err;
    return clock_parse_rfc3339(rfc3339, &ms, &err) == 0 ? ms : 0;
}

static bool is_prune_confirmed(const struct value *app, const struct app_operation_state *state)
{
    struct str approved = kube_annotation(app, STR(SYNC_DELETE_APPROVED_ANNOTATION));
    return approved.n > 0 && wall_of(approved) >= wall_of(state->started_at);
}

/* What the project says; kinds the cluster does not have are for the dry run. */
static struct str refusal_of(void *data, struct arena *arena, const struct plan_task *task)
{
    const struct evaluation *ev = data;
    const struct kube_key *key = &task->key;
    const struct kube_resource *r =
        kube_api_find_kind(ev->api, key->group, task->version, key->kind);
    if (r == NULL) {
        return STR_EMPTY;
    }
    if (!project_permits_kind(&ev->project, key->group, key->kind, key->name, r->namespaced)) {
        return arena_printf(arena,
                            "resource " STR_FMT ":" STR_FMT " is not permitted in project " STR_FMT,
                            STR_ARG(key->group), STR_ARG(key->kind), STR_ARG(ev->project.name));
    }
    struct str ns = key->namespace.n > 0 ? key->namespace : ev->app.spec.destination.namespace;
    if (r->namespaced && !project_permits_destination(&ev->project, &ev->cluster, ns)) {
        return arena_printf(arena,
                            "namespace " STR_FMT " is not permitted in project '" STR_FMT "'",
                            STR_ARG(ns), STR_ARG(ev->project.name));
    }
    return STR_EMPTY;
}

static struct str setting(const struct settings *settings,
                          const struct value *app,
                          const char *annotation,
                          const char *key)
{
    struct str own = kube_annotation(app, str_from(annotation));
    return own.n > 0 ? own : settings_value(settings, str_from(key));
}

static size_t count_objects(const struct evaluation *ev, const struct plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < ev->compare.n_resources; i++) {
        const struct compare_resource *r = &ev->compare.resources[i];
        n += r->live != NULL && !r->hook;
    }
    for (size_t i = 0; i < plan->n_tasks; i++) { /* gone already */
        n += plan->tasks[i].status == SYNC_RESULT_PRUNED && plan->tasks[i].live == NULL;
    }
    return n;
}

static void check_budget(struct arena *arena,
                         const struct evaluation *ev,
                         const struct settings *settings,
                         struct plan *plan)
{
    const struct value *app = doc_root(ev->object);
    const struct budget budget = {
        .limit = setting(settings, app, BUDGET_ANNOTATION, BUDGET_SETTING),
        .protected = setting(settings, app, BUDGET_PROTECTED_ANNOTATION, BUDGET_PROTECTED_SETTING),
    };
    budget_check(arena, &budget, count_objects(ev, plan), plan);
}

void plan_app_build(struct arena *arena,
                    const struct evaluation *ev,
                    const struct app_operation_state *state,
                    const struct settings *settings,
                    struct plan *ret)
{
    const struct app_operation *op = &state->operation;
    const struct app_spec *spec = &ev->app.spec;
    const struct value *app = doc_root(ev->object);
    struct plan_input in = {
        .compare = &ev->compare,
        .refusal = refusal_of,
        .refusal_data = (void *)(uintptr_t)ev,
        .options = sync_options_default(),
        .selected = op->resources,
        .prune = op->prune,
        .prune_confirmed = is_prune_confirmed(app, state),
        .dry_run = op->dry_run,
        .apply_only = op->apply_only,
        .force = op->force,
        .migration_manager = kube_annotation(app, STR(MIGRATION_ANNOTATION)),
        .tracking = &ev->tracking,
        .instance = ev->instance,
        .revision = ev->targets->revisions[0],
        .attempt = arena_printf(arena, STR_FMT "." STR_FMT ".%lld", STR_ARG(kube_uid(app)),
                                STR_ARG(state->started_at), (long long)state->retry_count),
        .started_at_ms = wall_of(state->started_at),
        .destination_namespace = spec->destination.namespace,
        .namespace_live = ev->namespace_live,
        .managed_namespace_metadata = spec->sync_policy.managed_namespace_metadata,
        .hook_lives = ev->live_objects,
        .n_hook_lives = ev->n_lives,
        .verdicts = ev->verdicts,
        .results = state->result.resources,
    };
    sync_options_add(&in.options, spec->sync_policy.sync_options);
    sync_options_add(&in.options, op->sync_options);
    plan_build(arena, &in, ret);
    check_budget(arena, ev, settings, ret);
}
