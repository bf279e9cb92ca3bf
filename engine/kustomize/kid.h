/* struct kid: what kustomize tells objects apart by: group, version, kind, name and namespace. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/str.h"

struct kschema;
struct value;

struct kgvk {
    struct str group; /* "" = core */
    struct str version;
    struct str kind;
};

struct kid {
    struct kgvk gvk;
    struct str name;
    struct str namespace; /* as written; "" = none */
};

/* Of "group/version" or "version" and a kind. Slices of what is given. */
struct kgvk kgvk_from(struct str api_version, struct str kind);
/* Of an object; slices of its strings. Missing parts are "". */
struct kid kid_from_object(const struct value *object);

bool kgvk_eq(const struct kgvk *a, const struct kgvk *b);
/* Every part of `by` that is not empty is equal. */
bool kgvk_selects(const struct kgvk *by, const struct kgvk *gvk);

/* "Kind.version.group/name.namespace", "[noGrp]", "[noNs]", ... for what is empty: kustomize's messages. */
struct str kid_format(struct arena *arena, const struct kid *id);
/* Kustomize's order of kinds: its list of those that come first and last, then "group_version_kind". */
struct str kgvk_sort_key(struct arena *arena, const struct kgvk *gvk);
int kgvk_cmp(const struct kgvk *a, struct str a_key, const struct kgvk *b, struct str b_key);
/* Below 0: among the first; above: among the last. */
int kgvk_rank(struct str kind);

/* "Kind.version.group" */
struct str kgvk_format(struct arena *arena, const struct kgvk *gvk);

/* "" for cluster-scoped kinds is a marker of its own; "default" for an empty namespace of others. */
struct str kid_effective_namespace(const struct kschema *schema, const struct kid *id);
/* Same group, version, kind, name and effective namespace. */
bool kid_eq(const struct kschema *schema, const struct kid *a, const struct kid *b);
