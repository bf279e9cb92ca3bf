/* struct kres: one object on its way through a build, with what kustomize remembers beside it.
 *
 * Objects are immutable trees: a transformer makes a new one and puts it here with kres_set(). All lives in the arena of the
 * build. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/str.h"
#include "common/base/vec.h"
#include "engine/kustomize/kid.h"

struct resmap;
struct value;

/* An identity of an earlier layer; group and version are taken to be the present ones. */
struct kprevious {
    struct str name;
    struct str namespace;
    struct str kind;
};

enum kbehavior {
    KBEHAVIOR_UNSPECIFIED, /* as create */
    KBEHAVIOR_CREATE,
    KBEHAVIOR_MERGE,
    KBEHAVIOR_REPLACE,
};

/* The field that made or changed the object, for buildMetadata. Empty parts are left out. */
struct korigin {
    struct str path; /* of the file, relative to the top directory */
    struct str repo; /* URL, ref: of a remote base */
    struct str ref;
    struct str configured_in; /* kustomization file */
    struct kid configured_by; /* of the plugin's config */
    bool is_configured;
};

struct kres {
    const struct value *object;     /* NULL: emptied by a patch, to be dropped */
    struct kid id;                  /* of the object as it is now */
    struct resmap *map;             /* that holds it; NULL = none yet */
    size_t at;                      /* its place there */
    VEC(struct kprevious) previous; /* the first is the original one */
    VEC(struct str) prefixes;       /* in the order they were put on */
    VEC(struct str) suffixes;
    enum kbehavior behavior;
    bool needs_hash;
    bool from_helm;               /* the chart was given the namespace */
    struct str file;              /* in env->files, or "" */
    uint32_t line;                /* of the object in it, from 1 */
    const struct korigin *origin; /* NULL unless buildMetadata asks */
    VEC(const struct korigin *) transformations;
};

/* The text of a scalar as it stood in the source; "" for all else. */
struct str kres_text(struct arena *arena, const struct value *v);

/* A resource of a parsed object (a map with kind; metadata.name where the kind needs one: the caller has checked). */
struct kres *kres_new(struct arena *arena, const struct value *object);
/* All is copied but the object, which is shared; not in a map. */
struct kres *kres_copy(struct arena *arena, const struct kres *res);
/* Replace the object. The id follows; earlier ids are the business of kres_remember(). NULL empties it. */
void kres_set(struct kres *res, const struct value *object);
/* Push the present name, namespace and kind on the list of earlier ones. */
void kres_remember(struct arena *arena, struct kres *res);

/* "" and all that is unknown: unspecified. */
enum kbehavior kbehavior_parse(struct str text);

/* An earlier identity, with the present group and version. */
struct kid kres_previous_id(const struct kres *res, size_t i);
/* The identity it came with, or the present one when it never changed. */
struct kid kres_original_id(const struct kres *res);
/* True when the present or any earlier identity fulfils: same gvk (of `id`, empty parts are not looked at when `loose`), name
 * and effective namespace. */
struct kschema;
bool kres_has_id(const struct kres *res,
                 const struct kschema *schema,
                 const struct kid *id,
                 bool loose);
