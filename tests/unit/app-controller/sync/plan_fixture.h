/* Plans for tests, from lists of targets and live objects in YAML. */
#pragma once

#include "app-controller/compare/compare.h"
#include "app-controller/sync/plan.h"
#include "common/base/buf.h"
#include "tests/lib/parse.h"

enum { PLAN_FIXTURE_MAX = 16 };

struct plan_fixture {
    struct arena *arena;
    struct compare_result compare;
    struct plan_input in;
    struct plan plan;
    const struct value *lives[PLAN_FIXTURE_MAX];
};

/* The objects of two YAML lists; live ones are tracked by the application. */
static inline void plan_fixture_init(struct plan_fixture *f,
                                     struct arena *arena,
                                     const char *targets,
                                     const char *lives)
{
    static const struct tracking TRACKING = {.method = TRACKING_ANNOTATION};
    const struct value *list = parse_yaml(arena, targets);
    const struct value *live_list = parse_yaml(arena, lives);
    const struct value *items[PLAN_FIXTURE_MAX];
    struct err err;
    *f = (struct plan_fixture){.arena = arena};
    for (size_t i = 0; i < value_len(list); i++) {
        items[i] = value_at(list, i);
    }
    for (size_t i = 0; i < value_len(live_list); i++) {
        f->lives[i] =
            tracking_apply(arena, &TRACKING, STR("app"), STR("ns"), value_at(live_list, i));
    }
    const struct compare_input in = {
        .instance = STR("app"),
        .app_name = STR("app"),
        .app_namespace = STR("argocd"),
        .destination_namespace = STR("ns"),
        .tracking = &TRACKING,
        .targets = items,
        .n_targets = value_len(list),
        .lives = f->lives,
        .n_lives = value_len(live_list),
    };
    ASSERT_OK(compare_app(arena, &in, &f->compare, &err));
    f->in = (struct plan_input){
        .compare = &f->compare,
        .options = sync_options_default(),
        .prune = true,
        .revision = STR("0123456789"),
        .started_at_ms = 1700000000000,
        .destination_namespace = STR("ns"),
        .hook_lives = f->lives,
        .n_hook_lives = value_len(live_list),
    };
}

/* "PreSync/0/Job/a Sync/-1/ConfigMap/b": the order of the tasks. */
static inline const char *plan_fixture_order(struct plan_fixture *f)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 64 * 1024);
    plan_build(f->arena, &f->in, &f->plan);
    for (size_t i = 0; i < f->plan.n_tasks; i++) {
        const struct plan_task *t = &f->plan.tasks[i];
        buf_printf(&text, "%s%s%s/%d/" STR_FMT "/" STR_FMT, i > 0 ? " " : "",
                   t->target == NULL ? "-" : "", status_phase_name(t->phase), t->wave,
                   STR_ARG(t->key.kind), STR_ARG(t->key.name));
    }
    return buf_to_arena(&text, f->arena).p;
}

static inline struct plan_task *plan_fixture_task(struct plan_fixture *f, const char *name)
{
    for (size_t i = 0; i < f->plan.n_tasks; i++) {
        if (str_eq_c(f->plan.tasks[i].key.name, name)) {
            return &f->plan.tasks[i];
        }
    }
    fail_msg("no task %s", name);
    return NULL;
}
