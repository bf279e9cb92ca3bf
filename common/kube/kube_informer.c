/* A watch and the map it fills. */
#include "common/kube/kube_informer.h"

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"

struct entry {
    struct doc *doc;
    bool old; /* not seen by the running list */
};

struct kube_informer {
    struct kube_informer_opts opts;
    struct kube_watch *watch;
    struct map *entries; /* "namespace/name" -> struct entry */
    struct map
        *unlisted; /* namespaces ("" = all) that have not been listed yet; values do not matter */
    void (*stopped)(void *data);
    void *stopped_data;
};

static void entry_free(void *p)
{
    struct entry *e = p;
    doc_unref(e->doc);
    mem_free(e);
}

static struct str key_of(struct arena *arena, struct str namespace, struct str name)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(namespace), STR_ARG(name));
}

static bool is_number(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return s.n > 0;
}

bool kube_version_not_older(struct str a, struct str b)
{
    if (!is_number(a) || !is_number(b)) {
        return true;
    }
    return a.n != b.n ? a.n > b.n : str_cmp(a, b) >= 0;
}

static bool is_newer(const struct value *obj, const struct entry *e)
{
    struct str now = kube_resource_version(doc_root(e->doc));
    struct str then = kube_resource_version(obj);
    return !str_eq(now, then) && kube_version_not_older(then, now);
}

/* Takes doc. */
static void entry_set(struct kube_informer *inf, struct str key, struct doc *doc)
{
    struct entry *e = map_find(inf->entries, key);
    struct doc *before = e != NULL ? TAKE(e->doc) : NULL;
    if (e == NULL) {
        e = MEM_NEW(struct entry);
        map_set(inf->entries, key, e);
    }
    e->doc = doc;
    e->old = false;
    struct doc *after = doc_ref(doc); /* the callback may change the map */
    inf->opts.on_change(inf->opts.data, before, after);
    doc_unref(after);
    doc_unref(before);
}

static void entry_remove(struct kube_informer *inf, struct str key)
{
    struct entry *e = map_take(inf->entries, key);
    if (e != NULL) {
        inf->opts.on_change(inf->opts.data, e->doc, NULL);
        entry_free(e);
    }
}

/* No larger than it has to be: there may be thousands, and nobody asks who set which of their fields. */
static struct doc *kept(const struct value *obj)
{
    AUTO(arena) struct arena *arena = arena_new();
    return doc_copy_of(value_without(arena, obj, "metadata", "managedFields"));
}

static bool is_wanted(const struct kube_informer *inf, const struct value *obj)
{
    return inf->opts.wants == NULL || inf->opts.wants(inf->opts.data, kube_namespace(obj));
}

static void on_event(void *data, enum kube_event type, const struct value *obj)
{
    struct kube_informer *inf = data;
    if (!is_wanted(inf, obj)) {
        return;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str key = key_of(arena, kube_namespace(obj), kube_name(obj));
    struct entry *e = map_find(inf->entries, key);
    if (type == KUBE_EVENT_DELETED) {
        entry_remove(inf, key);
    } else if (e == NULL || is_newer(obj, e)) {
        entry_set(inf, key, kept(obj));
    } else {
        e->old = false;
    }
}

static bool is_in(const struct entry *e, struct str namespace)
{
    return namespace.n == 0 || str_eq(kube_namespace(doc_root(e->doc)), namespace);
}

static void on_reset(void *data, struct str namespace)
{
    struct kube_informer *inf = data;
    MAP_FOREACH(inf->entries, it) {
        struct entry *e = it.value;
        e->old |= is_in(e, namespace);
    }
}

static void on_synced(void *data, struct str namespace)
{
    struct kube_informer *inf = data;
    AUTO(arena) struct arena *arena = arena_new();
    size_t n = 0;
    struct str *gone = arena_calloc(arena, map_len(inf->entries), sizeof(*gone));
    MAP_FOREACH(inf->entries, it) {
        const struct entry *e = it.value;
        if (e->old && is_in(e, namespace)) {
            gone[n++] = arena_str(arena, it.key);
        }
    }
    for (size_t i = 0; i < n; i++) {
        entry_remove(inf, gone[i]);
    }
    (void)map_take(inf->unlisted, namespace);
    if (kube_informer_synced(inf) && inf->opts.on_synced != NULL) {
        inf->opts.on_synced(inf->opts.data);
    }
}

static void on_error(void *data, const struct err *err)
{
    struct kube_informer *inf = data;
    if (inf->opts.on_error != NULL) {
        inf->opts.on_error(inf->opts.data, err);
    }
}

struct kube_informer *kube_informer_start(struct kube_client *client,
                                          const struct kube_informer_opts *opts)
{
    struct kube_informer *inf = MEM_NEW(struct kube_informer);
    inf->opts = *opts;
    inf->entries = map_new(entry_free);
    inf->unlisted = map_new(NULL);
    const struct str own[] = {opts->target.namespace};
    const struct str *namespaces = opts->n_namespaces > 0 ? opts->namespaces : own;
    size_t n = opts->n_namespaces > 0 ? opts->n_namespaces : 1;
    for (size_t i = 0; i < n; i++) {
        map_set(inf->unlisted, namespaces[i], inf);
    }
    struct kube_watch_opts watch = {
        .target = opts->target,
        .namespaces = namespaces,
        .n_namespaces = n,
        .label_selector = opts->label_selector,
        .field_selector = opts->field_selector,
        .streaming_list = true,
        .on_event = on_event,
        .on_reset = on_reset,
        .on_synced = on_synced,
        .on_error = on_error,
        .data = inf,
    };
    inf->watch = kube_watch_start(client, &watch);
    return inf;
}

static void on_stopped(void *data)
{
    struct kube_informer *inf = data;
    void (*stopped)(void *data) = inf->stopped;
    void *stopped_data = inf->stopped_data;
    map_free(inf->entries);
    map_free(inf->unlisted);
    mem_free(inf);
    if (stopped != NULL) {
        stopped(stopped_data);
    }
}

void kube_informer_stop(struct kube_informer *inf, void (*stopped)(void *data), void *data)
{
    if (inf == NULL) {
        return;
    }
    inf->stopped = stopped;
    inf->stopped_data = data;
    kube_watch_stop(inf->watch, on_stopped, inf);
}

bool kube_informer_synced(const struct kube_informer *inf)
{
    return map_len(inf->unlisted) == 0;
}

size_t kube_informer_count(const struct kube_informer *inf)
{
    return map_len(inf->entries);
}

struct doc *
kube_informer_find(const struct kube_informer *inf, struct str namespace, struct str name)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct entry *e = map_find(inf->entries, key_of(arena, namespace, name));
    return e != NULL ? e->doc : NULL;
}

struct doc *kube_informer_next(const struct kube_informer *inf, size_t *at)
{
    struct map_entry it;
    return map_next(inf->entries, at, &it) ? ((struct entry *)it.value)->doc : NULL;
}

void kube_informer_put(struct kube_informer *inf, struct doc *doc)
{
    const struct value *obj = doc_root(doc);
    AUTO(arena) struct arena *arena = arena_new();
    struct str key = key_of(arena, kube_namespace(obj), kube_name(obj));
    const struct entry *e = map_find(inf->entries, key);
    if (e != NULL && is_newer(obj, e)) {
        entry_set(inf, key, kept(obj));
    }
}
