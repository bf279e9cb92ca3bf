/* Order of the tasks of a plan. */
#include <stdlib.h>

#include "app-controller/sync/plan_internal.h"
#include "app-controller/sync/waves.h"
#include "common/base/macro.h"
#include "common/base/vec.h"
#include "common/value/value.h"

static int cmp_int(const void *a, const void *b)
{
    const int *x = a;
    const int *y = b;
    return (*x > *y) - (*x < *y);
}

/* Things are deleted in the reverse order of their creation: the lowest wave of the prune tasks changes
 * places with the highest, and so on. */
static void mirror_prune_waves(struct plan *plan)
{
    VEC(int) waves = {0};
    for (size_t i = 0; i < plan->n_tasks; i++) {
        if (plan_is_prune(&plan->tasks[i])) {
            vec_push(&waves, plan->tasks[i].wave);
        }
    }
    if (waves.n == 0) {
        return;
    }
    qsort(waves.items, waves.n, sizeof(int), cmp_int);
    size_t n = 1;
    for (size_t i = 1; i < waves.n; i++) {
        if (waves.items[i] != waves.items[n - 1]) {
            waves.items[n++] = waves.items[i];
        }
    }
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *task = &plan->tasks[i];
        if (plan_is_prune(task)) {
            const int *at = bsearch(&task->wave, waves.items, n, sizeof(int), cmp_int);
            task->wave = waves.items[n - 1 - (size_t)(at - waves.items)];
        }
    }
    vec_done(&waves);
}

static void prune_last(struct plan *plan)
{
    int last = 0;
    for (size_t i = 0; i < plan->n_tasks; i++) {
        if (plan->tasks[i].phase == SYNC_PHASE_SYNC) {
            last = MAX(last, plan->tasks[i].wave);
        }
    }
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct plan_task *task = &plan->tasks[i];
        if (plan_is_prune(task) && task->options.prune_last) {
            task->wave = last + 1;
        }
    }
}

static int cmp_tasks(const void *a, const void *b)
{
    const struct plan_task *x = a;
    const struct plan_task *y = b;
    const int differences[] = {
        (int)x->phase - (int)y->phase,
        (x->wave > y->wave) - (x->wave < y->wave),
        wave_kind_rank(x->key.kind) - wave_kind_rank(y->key.kind),
        str_cmp(x->key.name, y->key.name),
    };
    for (size_t i = 0; i < ARRAY_LEN(differences); i++) {
        if (differences[i] != 0) {
            return differences[i];
        }
    }
    return kube_key_cmp(x->key, y->key);
}

/* What a task provides to others: a namespace, or a kind. */
struct provision {
    bool is_namespace;
    struct str name; /* of the namespace */
    struct str group;
    struct str kind;
};

static bool provides(const struct plan_task *task, struct provision *ret)
{
    if (plan_is_prune(task)) {
        return false;
    }
    if (str_eq_c(task->key.kind, "Namespace") && task->key.group.n == 0) {
        *ret = (struct provision){.is_namespace = true, .name = task->key.name};
        return true;
    }
    if (str_eq_c(task->key.kind, "CustomResourceDefinition") &&
        str_eq_c(task->key.group, "apiextensions.k8s.io")) {
        *ret = (struct provision){
            .group = value_dig_str(task->target, "spec", "group"),
            .kind = value_dig_str(task->target, "spec", "names", "kind"),
        };
        return true;
    }
    return false;
}

static bool needs(const struct plan_task *task, const struct provision *p)
{
    if (plan_is_prune(task)) {
        return false;
    }
    return p->is_namespace ? str_eq(task->key.namespace, p->name)
                           : str_eq(task->key.group, p->group) && str_eq(task->key.kind, p->kind);
}

/* Move the task in front of the first one before it that needs it, into that one's phase and wave. */
static void move_before_users(struct plan *plan, size_t at, const struct provision *provision)
{
    for (size_t i = 0; i < at; i++) {
        if (!needs(&plan->tasks[i], provision)) {
            continue;
        }
        struct plan_task task = plan->tasks[at];
        task.phase = plan->tasks[i].phase;
        task.wave = plan->tasks[i].wave;
        memmove(&plan->tasks[i + 1], &plan->tasks[i], (at - i) * sizeof(task));
        plan->tasks[i] = task;
        return;
    }
}

enum provision_kind {
    PROVISION_NAMESPACE,
    PROVISION_KIND,
};

static void provide_first(struct plan *plan, enum provision_kind kind)
{
    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct provision provision;
        if (provides(&plan->tasks[i], &provision) &&
            provision.is_namespace == (kind == PROVISION_NAMESPACE)) {
            move_before_users(plan, i, &provision);
        }
    }
}

void plan_order(struct plan *plan)
{
    if (plan->n_tasks == 0) {
        return;
    }
    mirror_prune_waves(plan);
    prune_last(plan);
    qsort(plan->tasks, plan->n_tasks, sizeof(*plan->tasks), cmp_tasks);
    provide_first(plan, PROVISION_NAMESPACE);
    provide_first(plan, PROVISION_KIND);
}
