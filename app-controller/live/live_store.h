/* The objects of one cluster as compact records, with their ownership graph.
 *
 * Every object has a record of key, uid, owners and creation time (under 300 bytes). Objects that
 * belong to an application, or that one of its targets names, keep their whole JSON as well, packed;
 * `info` is what the resource tree shows of an object beyond its metadata.
 *
 * A record exists while the object exists in the cluster or somebody is interested in its key.
 * Pure data structure: no loop, no I/O. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app-controller/live/ptr_index.h"
#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/str.h"
#include "common/value/value.h"

enum {
    LIVE_UID_BYTES = 16,
    LIVE_UID_TEXT_BYTES = 37, /* with terminator */
};

struct live_store;
struct live_obj;

/* A name shared by many records: namespaces. */
struct live_name {
    struct ptr_index loose; /* its objects that nobody owns or tracks */
    uint32_t refs;
    uint32_t n;
    char text[];
};

/* One kind of the cluster; the version is the one watched. */
struct live_kind {
    struct live_store *store;
    char *group; /* "" = core */
    char *version;
    char *kind;
    char *resource; /* plural, lower case */
    bool namespaced;
    struct ptr_index objects;
    void *data; /* of the cache: its watch */
};

/* The objects tracked as an application's. */
struct live_app {
    struct list objects; /* live_ext.app_node */
    size_t n_objects;
    char name[]; /* instance name */
};

struct live_owner;

/* One uid: an object, or only the owner that objects name. */
struct live_uid {
    uint8_t uid[LIVE_UID_BYTES];
    struct live_obj *obj; /* NULL = not known (yet) */
    struct live_owner *first_child;
};

struct live_owner {
    struct live_uid *owner;
    struct live_obj *child;
    struct live_owner *next_sibling;
    struct live_owner *prev_sibling; /* NULL = first */
};

/* Somebody's interest in a key: embedded in what the interested party keeps. */
struct live_interest {
    struct list node;
    struct live_obj *obj; /* NULL = none */
    void *owner;          /* who is interested */
};

/* What only some records have. */
struct live_ext {
    struct live_obj *obj; /* whose */
    struct live_app *app; /* NULL = tracked by none */
    struct list app_node;
    struct list interests; /* struct live_interest */
    uint32_t packed_n;
    uint32_t raw_n;
    uint64_t quiet_hash; /* of what counts when it changes; 0 = everything */
    uint8_t *packed;     /* deflated JSON; NULL = not kept */
    char *info;          /* JSON object of tree fields, or NULL */
};

enum live_flags {
    LIVE_PRESENT = 1 << 0,  /* exists in the cluster */
    LIVE_DELETING = 1 << 1, /* has a deletionTimestamp */
    LIVE_LOOSE = 1 << 2,    /* in its namespace's index of such */
    LIVE_UNJUDGED = 1 << 3, /* the script of its kind has not seen this state yet */
    LIVE_AWAITED = 1 << 4,  /* and somebody waits for that */
    LIVE_FETCHING = 1 << 6, /* live_cache_fetch() is under way */
    LIVE_OLD = 1 << 7,      /* not seen by the running replacement */
};

struct live_obj {
    struct live_kind *kind;
    struct live_name *namespace_; /* NULL = cluster-scoped */
    char *text;                   /* "name\0resourceVersion\0" */
    struct live_uid *uid;         /* NULL = not present, or not a UUID */
    struct live_owner *owners;    /* n_owners of them */
    struct live_ext *ext;         /* or NULL */
    uint32_t created_s;           /* Unix time */
    uint16_t name_n;
    uint8_t n_owners;
    uint8_t flags;
};

/* What a watch event says of one object. Everything borrowed. */
struct live_update {
    struct str namespace_; /* "" = cluster-scoped */
    struct str name;
    struct str uid;
    struct str resource_version;
    struct str app; /* instance name of the tracking application; "" = none */
    const struct str *owner_uids;
    size_t n_owners;
    int64_t created_s;
    bool deleting;
    const struct value *full; /* the whole object when it was received; NULL = metadata only */
    struct str info;          /* JSON object for the tree; "" = none */
    bool keep_info;           /* the info known so far stays */
};

enum live_change {
    LIVE_UNCHANGED, /* same resourceVersion */
    LIVE_ADDED,
    LIVE_MODIFIED,
};

struct live_store *live_store_new(void);
void live_store_free(struct live_store *store);
DEFINE_CLEANUP(live_store, struct live_store, live_store_free);

/* By group and kind; created when missing, its version and resource updated otherwise. */
struct live_kind *live_store_kind(struct live_store *store,
                                  struct str group,
                                  struct str version,
                                  struct str kind,
                                  struct str resource,
                                  bool namespaced);
/* NULL = unknown. */
struct live_kind *live_store_kind_find(struct live_store *store, struct str group, struct str kind);
struct live_kind *live_store_kind_next(struct live_store *store, size_t *at);
/* Drops the kind with all its records that nobody is interested in. */
void live_store_kind_forget(struct live_store *store, struct live_kind *kind);

/* NULL = neither there nor of interest. */
struct live_obj *live_obj_find(const struct live_kind *kind, struct str ns, struct str name);
struct live_obj *live_obj_find_uid(struct live_store *store, struct str uid);

/* Take over what an event says; *ret is the record. The whole object is packed and kept when it belongs to
 * an application or is of interest. */
enum live_change
live_store_put(struct live_kind *kind, const struct live_update *update, struct live_obj **ret);
/* What a script found out: it is judged. False when it is the same as before. */
bool live_obj_set_info(struct live_obj *obj, struct str info);
/* The object is gone; the record too unless somebody is interested. */
void live_store_remove(struct live_obj *obj);

/* A list replaces what is known of a namespace ("" = everything): begin, put all, end. `on_gone` runs for
 * each object that was not put, before it is removed. Lists of several namespaces may overlap. */
void live_kind_replace_begin(struct live_kind *kind, struct str ns);
void live_kind_replace_end(struct live_kind *kind,
                           struct str ns,
                           void (*on_gone)(struct live_obj *obj, void *data),
                           void *data);

/* Interest in a key keeps its record, and the whole object once received, until live_interest_end(),
 * which may free the record. `in` must stay where it is meanwhile. */
void live_interest_begin(
    struct live_interest *in, struct live_kind *kind, struct str ns, struct str name, void *owner);
/* Nothing for a zeroed or ended interest. */
void live_interest_end(struct live_interest *in);
/* The parties interested in obj: `struct live_interest *it`. */
#define LIVE_INTEREST_FOREACH(obj, it)                                                         \
    if ((obj)->ext != NULL)                                                                    \
        LIST_FOREACH(&(obj)->ext->interests, it##_n_)                                          \
            for (struct live_interest *it = CONTAINER_OF(it##_n_, struct live_interest, node); \
                 it != NULL; it = NULL)

/* Forget the whole objects held (not the records): they are about to come in another version. */
void live_kind_drop_full(struct live_kind *kind);

struct str live_obj_name(const struct live_obj *obj);
struct str live_obj_namespace(const struct live_obj *obj);
struct str live_obj_resource_version(const struct live_obj *obj);
/* "" when unknown. */
void live_obj_uid_text(const struct live_obj *obj, char dst[LIVE_UID_TEXT_BYTES]);
/* The tracking application, or NULL. */
struct live_app *live_obj_app(const struct live_obj *obj);
/* NULL = no object is tracked as the application's. */
struct live_app *live_store_app_find(struct live_store *store, struct str name);

/* All that track objects, in no order; start with *at = 0; NULL at the end. */
struct live_app *live_store_app_next(struct live_store *store, size_t *at);
/* The objects of a namespace that have no owner and that no application tracks, as above. No change meanwhile. */
struct live_obj *live_store_loose_next(struct live_store *store, struct str ns, size_t *at);

static inline bool live_obj_present(const struct live_obj *obj)
{
    return (obj->flags & LIVE_PRESENT) != 0;
}

/* The record a node of live_app.objects belongs to. */
static inline struct live_obj *live_ext_obj(const struct live_ext *ext)
{
    return ext->obj;
}

/* True when the whole object is at hand. */
bool live_obj_is_full(const struct live_obj *obj);
/* The whole object, parsed into the arena. The object must be full. */
MUST_CHECK int live_obj_get(const struct live_obj *obj,
                            struct arena *arena,
                            const struct value **ret,
                            struct err *err);
/* A copy of the packed form, to be parsed on another thread by live_packed_get(). */
struct live_packed {
    const uint8_t *p;
    uint32_t n;
    uint32_t raw_n;
};
struct live_packed live_obj_packed(const struct live_obj *obj, struct arena *arena);
MUST_CHECK int live_packed_get(struct live_packed packed,
                               struct arena *arena,
                               const struct value **ret,
                               struct err *err);

/* The objects that name obj as owner: `struct live_obj *it`. */
#define LIVE_CHILD_FOREACH(obj, it)                                                        \
    for (struct live_owner *it##_o_ = (obj)->uid != NULL ? (obj)->uid->first_child : NULL; \
         it##_o_ != NULL; it##_o_ = it##_o_->next_sibling)                                 \
        for (struct live_obj *it = it##_o_->child; it != NULL; it = NULL)

/* Counts, for metrics. */
size_t live_store_n_objects(const struct live_store *store);
size_t live_store_n_kinds(const struct live_store *store);
