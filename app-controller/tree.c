/* Walks the tree for the summary; most nodes have nothing to say, so only what does is parsed. */
#include "app-controller/tree.h"

#include <stdlib.h>
#include <string.h>

#include "app-controller/app.h"
#include "app-controller/live/live_cache.h"
#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

static bool is_permitted(void *data, const struct live_obj *obj)
{
    const struct app_tree *t = data;
    const struct live_kind *k = obj->kind;
    if (!project_permits_kind(t->project, str_from(k->group), str_from(k->kind), live_obj_name(obj),
                              k->namespaced)) {
        return false;
    }
    return !k->namespaced ||
           project_permits_destination(t->project, &t->cluster, live_obj_namespace(obj));
}

void tree_of_app(struct app *app, struct app_tree *ret)
{
    const struct project *project = settings_project(app->ctl->settings, app_project(app));
    bool has_orphans = orphans_of(app, &ret->judge, &ret->orphans);
    ret->project = project != NULL ? project : &PROJECT_DEFAULT;
    ret->cluster = (struct project_cluster){
        .server = live_cache_server(app->cache),
        .name = live_cache_name(app->cache),
        .project = live_cache_project(app->cache),
    };
    ret->tree = (struct live_tree){
        .cache = app->cache,
        .instance = str_from(app->instance),
        .orphans = has_orphans ? &ret->orphans : NULL,
        .permits = is_permitted,
        .data = ret,
    };
}

/* ---- summary ---- */

typedef VEC(struct str) str_vec;

struct gathering {
    struct arena *arena;
    str_vec images;
    str_vec urls;
    bool is_app_of_apps;
};

static void add_all(struct arena *arena, const struct value *list, str_vec *ret)
{
    VALUE_FOREACH(list, item) {
        if (value_str(item).n > 0) {
            vec_push_in(arena, ret, value_str(item));
        }
    }
}

static bool is_of(const struct live_obj *obj, const char *group, const char *kind)
{
    return strcmp(obj->kind->group, group) == 0 && strcmp(obj->kind->kind, kind) == 0;
}

static void gather(void *data, struct live_obj *obj, struct live_obj *parent UNUSED)
{
    struct gathering *g = data;
    const char *text = obj->ext != NULL ? obj->ext->info : NULL;
    const struct value *info = NULL;
    struct err err;
    g->is_app_of_apps |= live_obj_present(obj) && is_of(obj, APP_GROUP, APP_KIND);
    bool is_pod = is_of(obj, "", "Pod");
    if (text == NULL || !live_obj_present(obj) ||
        (!is_pod && strstr(text, "\"externalURLs\"") == NULL) ||
        value_from_json(g->arena, str_from(text), NULL, &info, &err) <
            0) { /* made here: it can be read */
        return;
    }
    if (is_pod) {
        add_all(g->arena, value_dig(info, "images"), &g->images);
    }
    add_all(g->arena, value_dig(info, "networkingInfo", "externalURLs"), &g->urls);
}

static int str_order(const void *a, const void *b)
{
    const struct str *x = a;
    const struct str *y = b;
    return str_cmp(*x, *y);
}

/* Sorted, each once. */
static struct app_strs sorted(str_vec *list)
{
    size_t n = 0;
    if (list->n > 0) {
        qsort(list->items, list->n, sizeof(*list->items), str_order);
    }
    for (size_t i = 0; i < list->n; i++) {
        if (n == 0 || !str_eq(list->items[i], list->items[n - 1])) {
            list->items[n++] = list->items[i];
        }
    }
    return (struct app_strs){list->items, n};
}

struct tree_summary tree_summarize(struct arena *arena, const struct app_tree *tree)
{
    struct gathering g = {.arena = arena};
    live_tree_visit(&tree->tree, gather, &g);
    return (struct tree_summary){sorted(&g.images), sorted(&g.urls), g.is_app_of_apps};
}
