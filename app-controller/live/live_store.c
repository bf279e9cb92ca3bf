/* Records of live objects, indexed by key and uid, linked by owner and by application.
 *
 * Packing of whole objects is in live_pack.c. */
#include "app-controller/live/live_store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app-controller/live/live_pack.h"
#include "common/base/map.h"
#include "common/base/mem.h"

struct live_store {
    struct map *kinds;      /* "group/Kind" -> struct live_kind */
    struct map *apps;       /* instance name -> struct live_app */
    struct map *namespaces; /* -> struct live_name */
    struct ptr_index uids;
    size_t n_present;
};

/* ---- uids ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False for anything but a lower-case UUID, the only form the API server makes. */
static bool uid_parse(struct str text, uint8_t uid[LIVE_UID_BYTES])
{
    size_t at = 0;
    for (size_t i = 0; i < LIVE_UID_BYTES; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && (at >= text.n || text.p[at++] != '-')) {
            return false;
        }
        int high = at + 1 < text.n ? hex_digit(text.p[at]) : -1;
        int low = at + 1 < text.n ? hex_digit(text.p[at + 1]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        uid[i] = (uint8_t)(high * 16 + low);
        at += 2;
    }
    return at == text.n;
}

static uint64_t uid_hash(const uint8_t *uid)
{
    uint64_t a = 0;
    uint64_t b = 0;
    memcpy(&a, uid, sizeof(a));
    memcpy(&b, uid + sizeof(a), sizeof(b));
    return (a ^ (b * 0x9e3779b97f4a7c15U)) >> 7;
}

static uint64_t uid_item_hash(const void *item)
{
    const struct live_uid *u = item;
    return uid_hash(u->uid);
}

static bool uid_eq(const void *item, const void *key)
{
    const struct live_uid *u = item;
    return memcmp(u->uid, key, LIVE_UID_BYTES) == 0;
}

static struct live_uid *uid_find(const struct live_store *store, const uint8_t *uid)
{
    return ptr_index_find(&store->uids, uid_hash(uid), uid_eq, uid);
}

/* The node of a uid, made when missing; NULL when the text is no UUID. */
static struct live_uid *uid_node(struct live_store *store, struct str text)
{
    uint8_t uid[LIVE_UID_BYTES];
    if (!uid_parse(text, uid)) {
        return NULL;
    }
    struct live_uid *u = uid_find(store, uid);
    if (u == NULL) {
        u = MEM_NEW(struct live_uid);
        memcpy(u->uid, uid, sizeof(uid));
        ptr_index_insert(&store->uids, u);
    }
    return u;
}

static void uid_release(struct live_store *store, struct live_uid *u)
{
    if (u != NULL && u->obj == NULL && u->first_child == NULL) {
        ptr_index_remove(&store->uids, u);
        mem_free(u);
    }
}

/* ---- keys ---- */

struct obj_key {
    struct str ns;
    struct str name;
};

static uint64_t key_hash(struct str ns, struct str name)
{
    return str_hash(name) * 31 + str_hash(ns);
}

static uint64_t obj_hash(const void *item)
{
    const struct live_obj *o = item;
    return key_hash(live_obj_namespace(o), live_obj_name(o));
}

static bool obj_eq(const void *item, const void *key)
{
    const struct live_obj *o = item;
    const struct obj_key *k = key;
    return str_eq(live_obj_name(o), k->name) && str_eq(live_obj_namespace(o), k->ns);
}

struct live_obj *live_obj_find(const struct live_kind *kind, struct str ns, struct str name)
{
    struct obj_key key = {ns, name};
    return ptr_index_find(&kind->objects, key_hash(ns, name), obj_eq, &key);
}

struct live_obj *live_obj_find_uid(struct live_store *store, struct str text)
{
    uint8_t uid[LIVE_UID_BYTES];
    if (!uid_parse(text, uid)) {
        return NULL;
    }
    struct live_uid *u = uid_find(store, uid);
    return u != NULL ? u->obj : NULL;
}

static struct live_name *namespace_ref(struct live_store *store, struct str ns)
{
    if (ns.n == 0) {
        return NULL;
    }
    struct live_name *name = map_find(store->namespaces, ns);
    if (name == NULL) {
        name = mem_zalloc(sizeof(*name) + ns.n + 1);
        ptr_index_init(&name->loose, obj_hash);
        name->n = (uint32_t)ns.n;
        memcpy(name->text, ns.p, ns.n);
        map_set(store->namespaces, ns, name);
    }
    name->refs++;
    return name;
}

static void namespace_unref(struct live_store *store, struct live_name *name)
{
    if (name != NULL && --name->refs == 0) {
        (void)map_remove(store->namespaces, str_of(name->text, name->n));
    }
}

static void namespace_free(void *p)
{
    struct live_name *name = p;
    ptr_index_done(&name->loose);
    mem_free(name);
}

static void loose_set(struct live_obj *obj, bool loose)
{
    bool is = (obj->flags & LIVE_LOOSE) != 0;
    if (is == loose) {
        return;
    }
    obj->flags = (uint8_t)(obj->flags ^ LIVE_LOOSE);
    if (loose) {
        ptr_index_insert(&obj->namespace_->loose, obj);
    } else {
        ptr_index_remove(&obj->namespace_->loose, obj);
    }
}

struct live_obj *live_store_loose_next(struct live_store *store, struct str ns, size_t *at)
{
    struct live_name *name = map_find(store->namespaces, ns);
    return name != NULL ? ptr_index_next(&name->loose, at) : NULL;
}

/* ---- applications ---- */

static struct live_app *app_get(struct live_store *store, struct str name)
{
    struct live_app *app = map_find(store->apps, name);
    if (app == NULL) {
        app = mem_zalloc(sizeof(*app) + name.n + 1);
        list_init(&app->objects);
        memcpy(app->name, name.p, name.n);
        map_set(store->apps, name, app);
    }
    return app;
}

static void app_leave(struct live_store *store, struct live_ext *ext)
{
    struct live_app *app = ext->app;
    if (app == NULL) {
        return;
    }
    list_remove(&ext->app_node);
    ext->app = NULL;
    if (--app->n_objects == 0) {
        (void)map_remove(store->apps, str_from(app->name));
    }
}

static struct live_ext *ext_get(struct live_obj *obj)
{
    if (obj->ext == NULL) {
        obj->ext = MEM_NEW(struct live_ext);
        obj->ext->obj = obj;
        list_init(&obj->ext->interests);
    }
    return obj->ext;
}

static void app_set(struct live_obj *obj, struct str name)
{
    struct live_store *store = obj->kind->store;
    struct live_ext *ext = obj->ext;
    if (ext != NULL && ext->app != NULL && str_eq_c(name, ext->app->name)) {
        return;
    }
    if (ext != NULL) {
        app_leave(store, ext);
    }
    if (name.n == 0) {
        return;
    }
    ext = ext_get(obj);
    ext->app = app_get(store, name);
    list_push(&ext->app->objects, &ext->app_node);
    ext->app->n_objects++;
}

struct live_app *live_store_app_find(struct live_store *store, struct str name)
{
    return map_find(store->apps, name);
}

struct live_app *live_store_app_next(struct live_store *store, size_t *at)
{
    struct map_entry e;
    return map_next(store->apps, at, &e) ? e.value : NULL;
}

struct live_app *live_obj_app(const struct live_obj *obj)
{
    return obj->ext != NULL ? obj->ext->app : NULL;
}

/* ---- owners ---- */

static void owner_unlink(struct live_owner *o)
{
    if (o->prev_sibling != NULL) {
        o->prev_sibling->next_sibling = o->next_sibling;
    } else {
        o->owner->first_child = o->next_sibling;
    }
    if (o->next_sibling != NULL) {
        o->next_sibling->prev_sibling = o->prev_sibling;
    }
}

static void owners_clear(struct live_obj *obj)
{
    for (size_t i = 0; i < obj->n_owners; i++) {
        struct live_uid *u = obj->owners[i].owner;
        owner_unlink(&obj->owners[i]);
        uid_release(obj->kind->store, u);
    }
    mem_free(obj->owners);
    obj->owners = NULL;
    obj->n_owners = 0;
}

static bool owners_same(struct live_obj *obj, const struct live_update *up)
{
    if (obj->n_owners != up->n_owners) {
        return false;
    }
    for (size_t i = 0; i < up->n_owners; i++) {
        uint8_t uid[LIVE_UID_BYTES];
        if (!uid_parse(up->owner_uids[i], uid) ||
            memcmp(uid, obj->owners[i].owner->uid, sizeof(uid)) != 0) {
            return false;
        }
    }
    return true;
}

static void owners_set(struct live_obj *obj, const struct live_update *up)
{
    if (owners_same(obj, up)) {
        return;
    }
    owners_clear(obj);
    size_t n_max = MIN(up->n_owners, (size_t)UINT8_MAX);
    obj->owners = n_max > 0 ? mem_calloc(n_max, sizeof(*obj->owners)) : NULL;
    for (size_t i = 0; i < n_max; i++) {
        struct live_uid *u = uid_node(obj->kind->store, up->owner_uids[i]);
        if (u == NULL) {
            continue;
        }
        struct live_owner *o = &obj->owners[obj->n_owners++];
        *o = (struct live_owner){.owner = u, .child = obj, .next_sibling = u->first_child};
        if (u->first_child != NULL) {
            u->first_child->prev_sibling = o;
        }
        u->first_child = o;
    }
}

static void uid_set(struct live_obj *obj, struct str text)
{
    struct live_store *store = obj->kind->store;
    uint8_t uid[LIVE_UID_BYTES];
    bool valid = uid_parse(text, uid);
    if (obj->uid != NULL && valid && memcmp(obj->uid->uid, uid, sizeof(uid)) == 0) {
        return;
    }
    if (obj->uid != NULL) {
        if (obj->uid->obj == obj) {
            obj->uid->obj = NULL;
        }
        uid_release(store, obj->uid);
    }
    obj->uid = uid_node(store, text);
    /* one object may be served by two groups (Ingress once was): the first one stands for the uid */
    if (obj->uid != NULL && obj->uid->obj == NULL) {
        obj->uid->obj = obj;
    }
}

/* ---- records ---- */

struct str live_obj_name(const struct live_obj *obj)
{
    return str_of(obj->text, obj->name_n);
}

struct str live_obj_namespace(const struct live_obj *obj)
{
    return obj->namespace_ != NULL ? str_of(obj->namespace_->text, obj->namespace_->n) : STR_EMPTY;
}

struct str live_obj_resource_version(const struct live_obj *obj)
{
    return str_from(obj->text + obj->name_n + 1);
}

void live_obj_uid_text(const struct live_obj *obj, char dst[LIVE_UID_TEXT_BYTES])
{
    dst[0] = '\0';
    if (obj->uid == NULL) {
        return;
    }
    const uint8_t *u = obj->uid->uid;
    (void)snprintf(dst, LIVE_UID_TEXT_BYTES,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0],
                   u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13],
                   u[14], u[15]);
}

static char *text_new(struct str name, struct str version)
{
    char *text = mem_alloc(name.n + version.n + 2);
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    if (version.n > 0) {
        memcpy(text + name.n + 1, version.p, version.n);
    }
    text[name.n + 1 + version.n] = '\0';
    return text;
}

static void resource_version_set(struct live_obj *obj, struct str version)
{
    struct str old = live_obj_resource_version(obj);
    if (old.n == version.n) {
        memcpy(obj->text + obj->name_n + 1, version.p, version.n);
        return;
    }
    char *text = text_new(live_obj_name(obj), version);
    mem_free(obj->text);
    obj->text = text;
}

static struct live_obj *obj_new(struct live_kind *kind, struct str ns, struct str name)
{
    assert(name.n < UINT16_MAX);
    struct live_obj *obj = MEM_NEW(struct live_obj);
    obj->kind = kind;
    obj->namespace_ = namespace_ref(kind->store, ns);
    obj->name_n = (uint16_t)name.n;
    obj->text = text_new(name, STR_EMPTY);
    ptr_index_insert(&kind->objects, obj);
    return obj;
}

static void ext_drop_contents(struct live_ext *ext)
{
    mem_free(ext->packed);
    mem_free(ext->info);
    ext->packed = NULL;
    ext->info = NULL;
    ext->packed_n = ext->raw_n = 0;
}

/* Nothing of the ext is in use: give its memory back. */
static void ext_trim(struct live_obj *obj)
{
    struct live_ext *ext = obj->ext;
    if (ext != NULL && ext->app == NULL && list_empty(&ext->interests) && ext->packed == NULL &&
        ext->info == NULL) {
        mem_free(ext);
        obj->ext = NULL;
    }
}

static void obj_clear(struct live_obj *obj)
{
    struct live_store *store = obj->kind->store;
    loose_set(obj, false);
    owners_clear(obj);
    uid_set(obj, STR_EMPTY);
    if (obj->ext != NULL) {
        app_leave(store, obj->ext);
        ext_drop_contents(obj->ext);
    }
    if (live_obj_present(obj)) {
        store->n_present--;
    }
    obj->flags = 0;
    ext_trim(obj);
}

static void obj_free(struct live_obj *obj)
{
    obj_clear(obj);
    ptr_index_remove(&obj->kind->objects, obj);
    namespace_unref(obj->kind->store, obj->namespace_);
    mem_free(obj->ext);
    mem_free(obj->text);
    mem_free(obj);
}

static void keep_full(struct live_obj *obj, const struct live_update *up)
{
    bool wanted = obj->ext != NULL && (obj->ext->app != NULL || !list_empty(&obj->ext->interests));
    if (up->full != NULL && wanted) {
        live_pack(obj->ext, up->full);
    } else if (obj->ext != NULL) { /* what is held is of an older version */
        mem_free(obj->ext->packed);
        obj->ext->packed = NULL;
    }
}

static void info_set(struct live_obj *obj, struct str info)
{
    if (obj->ext != NULL) {
        mem_free(obj->ext->info);
        obj->ext->info = NULL;
    }
    if (info.n > 0) {
        ext_get(obj)->info = mem_strndup(info.p, info.n);
    }
}

enum live_change
live_store_put(struct live_kind *kind, const struct live_update *up, struct live_obj **ret)
{
    struct live_obj *obj = live_obj_find(kind, up->namespace_, up->name);
    if (obj == NULL) {
        obj = obj_new(kind, up->namespace_, up->name);
    }
    *ret = obj;
    bool was_present = live_obj_present(obj);
    obj->flags = (uint8_t)(obj->flags & ~LIVE_OLD);
    bool gained_full = up->full != NULL && !live_obj_is_full(obj);
    if (was_present && !gained_full &&
        str_eq(live_obj_resource_version(obj), up->resource_version)) {
        return LIVE_UNCHANGED;
    }
    kind->store->n_present += !was_present;
    obj->flags = (uint8_t)((obj->flags & ~LIVE_DELETING) | LIVE_PRESENT |
                           (up->deleting ? LIVE_DELETING : 0));
    obj->created_s = (uint32_t)up->created_s;
    resource_version_set(obj, up->resource_version);
    uid_set(obj, up->uid);
    owners_set(obj, up);
    app_set(obj, up->app);
    if (!up->keep_info) {
        info_set(obj, up->info);
    }
    keep_full(obj, up);
    ext_trim(obj);
    loose_set(obj, obj->namespace_ != NULL && obj->n_owners == 0 && live_obj_app(obj) == NULL);
    return was_present ? LIVE_MODIFIED : LIVE_ADDED;
}

bool live_obj_set_info(struct live_obj *obj, struct str info)
{
    const char *old = obj->ext != NULL ? obj->ext->info : NULL;
    obj->flags = (uint8_t)(obj->flags & ~(LIVE_UNJUDGED | LIVE_AWAITED));
    if (old != NULL ? str_eq_c(info, old) : info.n == 0) {
        return false;
    }
    info_set(obj, info);
    ext_trim(obj);
    return true;
}

void live_store_remove(struct live_obj *obj)
{
    if (obj->ext != NULL && !list_empty(&obj->ext->interests)) {
        obj_clear(obj);
        return;
    }
    obj_free(obj);
}

void live_interest_begin(
    struct live_interest *in, struct live_kind *kind, struct str ns, struct str name, void *owner)
{
    struct live_obj *obj = live_obj_find(kind, ns, name);
    if (obj == NULL) {
        obj = obj_new(kind, ns, name);
    }
    *in = (struct live_interest){.obj = obj, .owner = owner};
    list_push(&ext_get(obj)->interests, &in->node);
}

void live_interest_end(struct live_interest *in)
{
    struct live_obj *obj = in->obj;
    if (obj == NULL) {
        return;
    }
    list_remove(&in->node);
    in->obj = NULL;
    if (!list_empty(&obj->ext->interests)) {
        return;
    }
    if (!live_obj_present(obj)) {
        obj_free(obj);
        return;
    }
    if (obj->ext->app == NULL) {
        mem_free(obj->ext->packed);
        obj->ext->packed = NULL;
    }
    ext_trim(obj);
}

bool live_obj_is_full(const struct live_obj *obj)
{
    return obj->ext != NULL && obj->ext->packed != NULL;
}

/* ---- kinds ---- */

static bool in_namespace(const struct live_obj *obj, struct str ns)
{
    return ns.n == 0 || str_eq(live_obj_namespace(obj), ns);
}

void live_kind_replace_begin(struct live_kind *kind, struct str ns)
{
    size_t at = 0;
    for (struct live_obj *o; (o = ptr_index_next(&kind->objects, &at)) != NULL;) {
        if (live_obj_present(o) && in_namespace(o, ns)) {
            o->flags |= LIVE_OLD;
        }
    }
}

void live_kind_replace_end(struct live_kind *kind,
                           struct str ns,
                           void (*on_gone)(struct live_obj *obj, void *data),
                           void *data)
{
    AUTO(arena) struct arena *arena = arena_new();
    size_t n = 0;
    struct live_obj **gone = arena_calloc(arena, kind->objects.n, sizeof(struct live_obj *));
    size_t at = 0;
    for (struct live_obj *o; (o = ptr_index_next(&kind->objects, &at)) != NULL;) {
        if ((o->flags & LIVE_OLD) != 0 && in_namespace(o, ns)) {
            gone[n++] = o;
        }
    }
    for (size_t i = 0; i < n; i++) {
        on_gone(gone[i], data);
        live_store_remove(gone[i]);
    }
}

void live_kind_drop_full(struct live_kind *kind)
{
    size_t at = 0;
    for (struct live_obj *o; (o = ptr_index_next(&kind->objects, &at)) != NULL;) {
        if (o->ext != NULL) {
            mem_free(o->ext->packed);
            o->ext->packed = NULL;
        }
    }
}

static void replace_string(char **field, struct str value)
{
    if (!str_eq_c(value, *field != NULL ? *field : "") || *field == NULL) {
        mem_free(*field);
        *field = mem_strndup(value.p, value.n);
    }
}

static struct str kind_key(struct arena *arena, struct str group, struct str kind)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(kind));
}

struct live_kind *live_store_kind_find(struct live_store *store, struct str group, struct str kind)
{
    AUTO(arena) struct arena *scratch = arena_new();
    return map_find(store->kinds, kind_key(scratch, group, kind));
}

struct live_kind *live_store_kind(struct live_store *store,
                                  struct str group,
                                  struct str version,
                                  struct str kind,
                                  struct str resource,
                                  bool namespaced)
{
    struct live_kind *k = live_store_kind_find(store, group, kind);
    if (k == NULL) {
        AUTO(arena) struct arena *scratch = arena_new();
        k = MEM_NEW(struct live_kind);
        k->store = store;
        ptr_index_init(&k->objects, obj_hash);
        map_set(store->kinds, kind_key(scratch, group, kind), k);
    }
    replace_string(&k->group, group);
    replace_string(&k->version, version);
    replace_string(&k->kind, kind);
    replace_string(&k->resource, resource);
    k->namespaced = namespaced;
    return k;
}

struct live_kind *live_store_kind_next(struct live_store *store, size_t *at)
{
    struct map_entry e;
    return map_next(store->kinds, at, &e) ? e.value : NULL;
}

/* Records of interest stay, as not present, unless the store itself goes. */
static void kind_empty(struct live_kind *kind, bool all)
{
    struct arena *arena = arena_new();
    size_t n = 0;
    struct live_obj **objs = arena_calloc(arena, kind->objects.n, sizeof(struct live_obj *));
    size_t at = 0;
    for (struct live_obj *o; (o = ptr_index_next(&kind->objects, &at)) != NULL;) {
        objs[n++] = o;
    }
    for (size_t i = 0; i < n; i++) {
        if (all) {
            assert(objs[i]->ext == NULL || list_empty(&objs[i]->ext->interests));
            obj_free(objs[i]);
        } else {
            live_store_remove(objs[i]);
        }
    }
    arena_free(arena);
}

static void kind_free(void *p)
{
    struct live_kind *kind = p;
    kind_empty(kind, true);
    ptr_index_done(&kind->objects);
    mem_free(kind->group);
    mem_free(kind->version);
    mem_free(kind->kind);
    mem_free(kind->resource);
    mem_free(kind);
}

void live_store_kind_forget(struct live_store *store, struct live_kind *kind)
{
    kind_empty(kind, false);
    if (kind->objects.n == 0) {
        AUTO(arena) struct arena *scratch = arena_new();
        struct str key = kind_key(scratch, str_from(kind->group), str_from(kind->kind));
        (void)map_remove(store->kinds, key);
    }
}

/* ---- the store ---- */

struct live_store *live_store_new(void)
{
    struct live_store *store = MEM_NEW(struct live_store);
    store->kinds = map_new(kind_free);
    store->apps = map_new(mem_free);
    store->namespaces = map_new(namespace_free);
    ptr_index_init(&store->uids, uid_item_hash);
    return store;
}

void live_store_free(struct live_store *store)
{
    if (store == NULL) {
        return;
    }
    map_free(store->kinds);
    map_free(store->apps);
    map_free(store->namespaces);
    ptr_index_done(&store->uids);
    mem_free(store);
}

size_t live_store_n_objects(const struct live_store *store)
{
    return store->n_present;
}

size_t live_store_n_kinds(const struct live_store *store)
{
    return map_len(store->kinds);
}
