/* Helpers over Kubernetes objects kept as struct value: identity, metadata, edited copies.
 *
 * Pure: no I/O, no loop, no knowledge of kinds.  Reading never fails: what is missing or of the wrong
 * type is the empty slice, NULL or the stated default.  Slices are borrowed from the object.  Edits
 * return a copy in the arena that shares everything it did not change with the original, which must
 * live as long.  Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct buf;
struct value;

/* ---- identity ---- */

struct kube_gvk {
    struct str group; /* "" = the core group */
    struct str version;
    struct str kind;
};

/* What identifies an object across versions of its group. */
struct kube_key {
    struct str group;
    struct str kind;
    struct str namespace; /* "" = cluster-scoped */
    struct str name;
};

/* "apps/v1" -> group and version; "v1" -> core group. ERR_INVALID on anything else. */
MUST_CHECK int kube_api_version_parse(struct str api_version,
                                      struct str *ret_group,
                                      struct str *ret_version,
                                      struct err *err);
/* The reverse, in the arena. */
struct str kube_api_version_format(struct arena *arena, struct str group, struct str version);

/* Of an object; fields are empty where the object has none. */
struct kube_gvk kube_gvk_of(const struct value *obj);
struct kube_key kube_key_of(const struct value *obj);
struct str kube_group_of(const struct value *obj);
struct str kube_kind_of(const struct value *obj);

/* apiVersion, kind and metadata.name (or generateName) are there and are strings. ERR_INVALID says
 * what is missing. */
MUST_CHECK int kube_object_check(const struct value *obj, struct err *err);

bool kube_gvk_eq(struct kube_gvk a, struct kube_gvk b);
bool kube_key_eq(struct kube_key a, struct kube_key b);
/* By group, kind, namespace, name. */
int kube_key_cmp(struct kube_key a, struct kube_key b);
/* For hash tables of this process only. */
size_t kube_key_hash(struct kube_key key);
/* All four slices copied into the arena. */
struct kube_key kube_key_copy(struct arena *arena, struct kube_key key);
/* "group/Kind/namespace/name": unique, also usable as a key of struct map. */
void kube_key_format(struct kube_key key, struct buf *out);
struct str kube_key_to_str(struct arena *arena, struct kube_key key);
/* Of kube_key_format()'s text; slices point into it. ERR_INVALID. */
MUST_CHECK int kube_key_parse(struct str text, struct kube_key *ret, struct err *err);

/* ---- metadata ---- */

struct str kube_name(const struct value *obj);
struct str kube_namespace(const struct value *obj);
struct str kube_uid(const struct value *obj);
struct str kube_resource_version(const struct value *obj);
int64_t kube_generation(const struct value *obj);            /* 0 = none */
struct str kube_creation_timestamp(const struct value *obj); /* RFC 3339 text */
struct str kube_deletion_timestamp(const struct value *obj);
bool kube_is_deleting(const struct value *obj);

const struct value *kube_labels(const struct value *obj);      /* map or NULL */
const struct value *kube_annotations(const struct value *obj); /* map or NULL */
struct str kube_label(const struct value *obj, struct str key);
struct str kube_annotation(const struct value *obj, struct str key);
/* False also for an empty value that is not there; the value may be empty when true. */
bool kube_has_label(const struct value *obj, struct str key);
bool kube_has_annotation(const struct value *obj, struct str key);
/* One element of a comma separated annotation value, white space around it ignored:
 * kube_annotation_has(obj, "argocd.argoproj.io/sync-options", "Prune=false"). */
bool kube_annotation_has(const struct value *obj, struct str key, struct str element);

bool kube_has_finalizer(const struct value *obj, struct str name);
size_t kube_finalizer_count(const struct value *obj);

struct kube_owner {
    struct str group;
    struct str version;
    struct str kind;
    struct str name;
    struct str uid;
    bool controller;
    bool block_owner_deletion;
};

size_t kube_owner_count(const struct value *obj);
/* False when i is past the end or the entry is not a map. */
bool kube_owner_at(const struct value *obj, size_t i, struct kube_owner *ret);
/* The owner with controller: true. */
bool kube_controller_of(const struct value *obj, struct kube_owner *ret);

/* ---- edited copies ---- */

/* Set; creates metadata and the map. */
const struct value *
kube_with_label(struct arena *arena, const struct value *obj, struct str key, struct str text);
const struct value *
kube_with_annotation(struct arena *arena, const struct value *obj, struct str key, struct str text);
/* Removed; a map that becomes empty is removed too. */
const struct value *
kube_without_label(struct arena *arena, const struct value *obj, struct str key);
const struct value *
kube_without_annotation(struct arena *arena, const struct value *obj, struct str key);
const struct value *
kube_with_namespace(struct arena *arena, const struct value *obj, struct str namespace);
const struct value *kube_with_name(struct arena *arena, const struct value *obj, struct str name);
const struct value *
kube_with_finalizer(struct arena *arena, const struct value *obj, struct str name);
const struct value *
kube_without_finalizer(struct arena *arena, const struct value *obj, struct str name);
/* apiVersion and kind set, first in the map: list items come without, metadata-only objects with
 * those of PartialObjectMetadata. */
const struct value *kube_with_type(struct arena *arena,
                                   const struct value *obj,
                                   struct str api_version,
                                   struct str kind);

/* apiVersion, kind and metadata alone: what a server sends that knows no metadata-only form. */
const struct value *kube_object_metadata_only(struct arena *arena,
                                              const struct value *obj,
                                              struct str api_version,
                                              struct str kind);

/* Without the named fields. A path is dotted ("metadata.managedFields"); the list ends with NULL. */
const struct value *
kube_without_fields(struct arena *arena, const struct value *obj, const char *const *paths);
/* What the server alone writes: status and metadata's managedFields, resourceVersion, uid,
 * generation, creationTimestamp, selfLink. */
extern const char *const KUBE_SERVER_FIELDS[];
/* metadata.managedFields only. */
extern const char *const KUBE_MANAGED_FIELDS[];

/* JSON with sorted keys and no white space: equal objects give equal bytes. */
MUST_CHECK int kube_canonical_json(const struct value *obj, struct buf *out, struct err *err);
