/* Walks the ownership graph from an application's own objects. */
#include "app-controller/live/live_tree.h"

#include "app-controller/live/live_cache.h"
#include "app-controller/live/live_store.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

enum {
    DEPTH_MAX = 32,     /* owners of owners: real chains have at most five */
    NODES_MAX = 100000, /* of one tree */
};

struct walk {
    struct arena *arena;
    struct live_cache *cache;
    struct value_builder b;
    size_t n_nodes;
};

/* ---- one node ---- */

static void put_ref(struct walk *w, const struct live_obj *obj)
{
    char uid[LIVE_UID_TEXT_BYTES];
    live_obj_uid_text(obj, uid);
    value_build_field_str_opt(&w->b, "group", str_from(obj->kind->group));
    value_build_field_str(&w->b, "kind", str_from(obj->kind->kind));
    value_build_field_str_opt(&w->b, "namespace", live_obj_namespace(obj));
    value_build_field_str(&w->b, "name", live_obj_name(obj));
    value_build_field_str(&w->b, "uid", str_from(uid));
}

static void put_parent(struct walk *w, const struct live_obj *parent)
{
    if (parent == NULL) {
        return;
    }
    value_build_field_list(&w->b, "parentRefs");
    value_build_map(&w->b);
    put_ref(w, parent);
    value_build_end(&w->b);
    value_build_end(&w->b);
}

static void put_info(struct walk *w, const struct live_obj *obj)
{
    const struct value *info = NULL;
    struct err err;
    if (obj->ext == NULL || obj->ext->info == NULL ||
        value_from_json(w->arena, str_from(obj->ext->info), NULL, &info, &err) < 0) {
        return;
    }
    VALUE_MAP_FOREACH(info, e)
    {
        value_build_key(&w->b, e->key);
        value_build_value(&w->b, &e->value);
    }
}

static void put_node(struct walk *w, const struct live_obj *obj, const struct live_obj *parent)
{
    char created[CLOCK_RFC3339_BYTES];
    clock_rfc3339((int64_t)obj->created_s * 1000, created);
    value_build_map(&w->b);
    value_build_field_str(&w->b, "version", str_from(obj->kind->version));
    put_ref(w, obj);
    put_parent(w, parent);
    put_info(w, obj);
    value_build_field_str(&w->b, "resourceVersion", live_obj_resource_version(obj));
    value_build_field_str(&w->b, "createdAt", str_from(created));
    value_build_end(&w->b);
    w->n_nodes++;
}

/* ---- children ---- */

typedef void (*visit_fn)(void *data, struct live_obj *obj, struct live_obj *parent);

/* Endpoints carry no owner reference, but belong to the Service of their name. */
static struct live_obj *endpoints_of(struct live_cache *cache, const struct live_obj *obj)
{
    if (obj->kind->group[0] != '\0' || !str_eq_c(STR("Service"), obj->kind->kind)) {
        return NULL;
    }
    struct live_kind *kind = live_cache_kind(cache, STR(""), STR("Endpoints"));
    struct live_obj *found =
        kind != NULL ? live_obj_find(kind, live_obj_namespace(obj), live_obj_name(obj)) : NULL;
    return found != NULL && live_obj_present(found) && live_obj_app(found) == NULL ? found : NULL;
}

static bool is_shown(const struct live_tree *t, const struct live_obj *obj)
{
    return t->permits == NULL || t->permits(t->data, obj);
}

static void visit(const struct live_tree *t,
                  struct live_obj *obj,
                  struct live_obj *parent,
                  int depth,
                  visit_fn fn,
                  void *data)
{
    if (!is_shown(t, obj)) {
        return;
    }
    fn(data, obj, parent);
    if (depth >= DEPTH_MAX) {
        return;
    }
    LIVE_CHILD_FOREACH(obj, child)
    {
        if (live_obj_app(child) == NULL) { /* tracked ones are roots already */
            visit(t, child, obj, depth + 1, fn, data);
        }
    }
    struct live_obj *endpoints = endpoints_of(t->cache, obj);
    if (endpoints != NULL && endpoints->n_owners == 0 && is_shown(t, endpoints)) {
        fn(data, endpoints, obj);
    }
}

/* The owner of a tracked object, when that is in the tree as well (an operator's object in Git). */
static struct live_obj *tracked_owner(const struct live_obj *obj)
{
    for (size_t i = 0; i < obj->n_owners; i++) {
        struct live_obj *owner = obj->owners[i].owner->obj;
        if (owner != NULL && live_obj_app(owner) != NULL &&
            live_obj_app(owner) == live_obj_app(obj)) {
            return owner;
        }
    }
    return NULL;
}

void live_tree_visit(const struct live_tree *tree, visit_fn fn, void *data)
{
    struct live_app *app = live_store_app_find(live_cache_store(tree->cache), tree->instance);
    if (app == NULL) {
        return;
    }
    LIST_FOREACH(&app->objects, node) {
        struct live_obj *obj = live_ext_obj(CONTAINER_OF(node, struct live_ext, app_node));
        visit(tree, obj, tracked_owner(obj), 0, fn, data);
    }
}

/* Endpoints of a Service are shown below it. */
static bool is_below_service(struct live_cache *cache, const struct live_obj *obj)
{
    struct live_kind *services = live_cache_kind(cache, STR(""), STR("Service"));
    if (services == NULL || obj->kind->group[0] != '\0' ||
        !str_eq_c(STR("Endpoints"), obj->kind->kind)) {
        return false;
    }
    const struct live_obj *service =
        live_obj_find(services, live_obj_namespace(obj), live_obj_name(obj));
    return service != NULL && live_obj_present(service);
}

static void visit_tracked(const struct live_tree *t, struct live_app *app, visit_fn fn, void *data)
{
    const struct live_orphans *o = t->orphans;
    LIST_FOREACH(&app->objects, node) {
        struct live_obj *obj = live_ext_obj(CONTAINER_OF(node, struct live_ext, app_node));
        if (obj->n_owners == 0 && str_eq(live_obj_namespace(obj), o->namespace) &&
            o->counts(o->data, obj)) {
            visit(t, obj, NULL, 0, fn, data);
        }
    }
}

static void visit_orphans(const struct live_tree *t, visit_fn fn, void *data)
{
    struct live_store *store = live_cache_store(t->cache);
    const struct live_orphans *o = t->orphans;
    size_t at = 0;
    for (struct live_obj *obj; (obj = live_store_loose_next(store, o->namespace, &at)) != NULL;) {
        if (!is_below_service(t->cache, obj) && o->counts(o->data, obj)) {
            visit(t, obj, NULL, 0, fn, data);
        }
    }
    at = 0;
    for (struct live_app *app; (app = live_store_app_next(store, &at)) != NULL;) {
        visit_tracked(t, app, fn, data);
    }
}

static void visit_count(void *data, struct live_obj *obj, struct live_obj *parent UNUSED)
{
    size_t *n = data;
    *n += live_obj_present(obj);
}

size_t live_tree_count_orphans(struct live_cache *cache, const struct live_orphans *orphans)
{
    const struct live_tree tree = {.cache = cache, .orphans = orphans};
    size_t n = 0;
    visit_orphans(&tree, visit_count, &n);
    return n;
}

static void visit_put(void *data, struct live_obj *obj, struct live_obj *parent)
{
    struct walk *w = data;
    if (w->n_nodes < NODES_MAX && live_obj_present(obj)) {
        put_node(w, obj, parent);
    }
}

const struct value *live_tree_of(struct arena *arena, const struct live_tree *tree)
{
    struct walk w = {.arena = arena, .cache = tree->cache};
    value_builder_init(&w.b, arena, VALUE_DUP_LAST);
    value_build_map(&w.b);
    value_build_field_list(&w.b, "nodes");
    live_tree_visit(tree, visit_put, &w);
    value_build_end(&w.b);
    if (tree->orphans != NULL) {
        value_build_field_list(&w.b, "orphanedNodes");
        visit_orphans(tree, visit_put, &w);
        value_build_end(&w.b);
    }
    value_build_end(&w.b);
    const struct value *nodes = value_build_finish(&w.b);
    value_builder_done(&w.b);
    return nodes;
}

struct search {
    const struct live_obj *wanted;
    bool found;
};

static void visit_search(void *data, struct live_obj *obj, struct live_obj *parent UNUSED)
{
    struct search *s = data;
    s->found |= obj == s->wanted;
}

struct live_obj *live_tree_find(
    const struct live_tree *tree, struct str group, struct str kind, struct str ns, struct str name)
{
    struct live_kind *k = live_cache_kind(tree->cache, group, kind);
    struct live_obj *obj = k != NULL ? live_obj_find(k, ns, name) : NULL;
    if (obj == NULL || !live_obj_present(obj)) {
        return NULL;
    }
    struct search s = {.wanted = obj};
    live_tree_visit(tree, visit_search, &s);
    if (!s.found && tree->orphans != NULL) {
        visit_orphans(tree, visit_search, &s);
    }
    return s.found ? obj : NULL;
}
