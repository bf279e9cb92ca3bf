/* Orphaned resources: rules, counting, and who is interested in which namespace. */
#include "app-controller/orphans.h"

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/model/project.h"
#include "common/settings/settings.h"
#include "common/value/value.h"

enum {
    DELAY_MS = 200, /* objects come and go in bursts */
};

struct orphan_watch {
    struct list apps; /* app.orphan_node */
    size_t n;
    char namespace[];
};

/* ---- what counts ---- */

/* Every namespace has them, or the cluster needs them. */
static const struct {
    const char *namespace; /* NULL = any */
    const char *kind;      /* of the core group */
    const char *name;
} BUILT_IN[] = {
    {"default", "Service", "kubernetes"},
    {NULL, "ServiceAccount", "default"},
    {NULL, "ConfigMap", "kube-root-ca.crt"},
};

static bool is_built_in(const struct live_obj *obj)
{
    for (size_t i = 0; i < ARRAY_LEN(BUILT_IN); i++) {
        const char *ns = BUILT_IN[i].namespace;
        if (obj->kind->group[0] == '\0' && str_eq_c(str_from(obj->kind->kind), BUILT_IN[i].kind) &&
            str_eq_c(live_obj_name(obj), BUILT_IN[i].name) &&
            (ns == NULL || str_eq_c(live_obj_namespace(obj), ns))) {
            return true;
        }
    }
    return false;
}

static bool counts(void *data, const struct live_obj *obj)
{
    const struct orphans_judge *judge = data;
    struct live_app *tracked = live_obj_app(obj);
    struct str group = str_from(obj->kind->group);
    struct str kind = str_from(obj->kind->kind);
    if (tracked != NULL &&
        controller_app_by_instance(judge->ctl, str_from(tracked->name)) != NULL) {
        return false;
    }
    return live_obj_present(obj) && !is_built_in(obj) &&
           project_permits_kind(judge->project, group, kind, live_obj_name(obj), true) &&
           !project_ignores_orphan(judge->project, group, kind, live_obj_name(obj));
}

bool orphans_of(struct app *app, struct orphans_judge *judge, struct live_orphans *ret)
{
    const struct project *project = settings_project(app->ctl->settings, app_project(app));
    struct str namespace = value_dig_str(doc_root(app->object), "spec", "destination", "namespace");
    if (project == NULL || !project->has_orphaned || namespace.n == 0) {
        return false;
    }
    *judge = (struct orphans_judge){app->ctl, project};
    *ret = (struct live_orphans){namespace, counts, judge};
    return true;
}

/* ---- who is interested ---- */

void orphans_watch_free(void *watch)
{
    mem_free(watch);
}

void orphans_unwatch(struct app *app)
{
    struct orphan_watch *watch = app->orphan_watch;
    if (watch == NULL) {
        return;
    }
    app->orphan_watch = NULL;
    list_remove(&app->orphan_node);
    if (--watch->n == 0) {
        (void)map_remove(app->ctl->orphan_watches, str_from(watch->namespace));
    }
}

static void watch(struct app *app, struct str namespace)
{
    struct map *watches = app->ctl->orphan_watches;
    if (app->orphan_watch != NULL && str_eq_c(namespace, app->orphan_watch->namespace)) {
        return;
    }
    orphans_unwatch(app);
    struct orphan_watch *w = map_find(watches, namespace);
    if (w == NULL) {
        w = mem_zalloc(sizeof(*w) + namespace.n + 1);
        list_init(&w->apps);
        memcpy(w->namespace, namespace.p, namespace.n);
        map_set(watches, namespace, w);
    }
    app->orphan_watch = w;
    list_push(&w->apps, &app->orphan_node);
    w->n++;
}

void orphans_on_change(struct controller *ctl, const struct live_cache *cache, struct str namespace)
{
    struct orphan_watch *w = namespace.n > 0 ? map_find(ctl->orphan_watches, namespace) : NULL;
    if (w == NULL) {
        return;
    }
    LIST_FOREACH(&w->apps, node) {
        struct app *app = CONTAINER_OF(node, struct app, orphan_node);
        if (app->cache == cache) {
            app->orphans_changed = true;
            controller_request_after(ctl, app, REFRESH_TREE, DELAY_MS);
        }
    }
}

/* ---- counting ---- */

void orphans_judge(struct pass *pass)
{
    struct app *app = pass->app;
    struct orphans_judge judge;
    struct live_orphans orphans;
    app->orphans_changed = false;
    app->n_orphans = 0;
    if (!orphans_of(app, &judge, &orphans)) {
        orphans_unwatch(app);
        return;
    }
    watch(app, orphans.namespace);
    app->n_orphans = live_tree_count_orphans(pass->cache, &orphans);
    if (app->n_orphans > 0 && judge.project->orphaned_warn) {
        pass_condition(
            pass, CONDITION_ORPHANED_RESOURCE_WARNING,
            arena_printf(pass->arena, "Application has %zu orphaned resources", app->n_orphans));
    }
}
