/* struct selector: the `target` of patches, and `select` and `reject` of replacements. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kid.h"

struct arena;
struct kres;
struct kschema;
struct resmap;
struct value;

struct selector {
    struct kid id; /* each part a regular expression, anchored; "" = any */
    struct str label_selector;
    struct str annotation_selector;
};

/* A map {group, version, kind, name, namespace, labelSelector, annotationSelector}; strict. ERR_INVALID. */
MUST_CHECK int selector_from_value(struct arena *arena,
                                   const struct value *v,
                                   struct selector *ret,
                                   struct err *err);

/* Compiled once, matched often. */
struct selector_match;

/* ERR_INVALID: an expression or a label selector that cannot be read. Lives in the arena. */
MUST_CHECK int selector_compile(struct arena *arena,
                                const struct selector *selector,
                                struct selector_match **ret,
                                struct err *err);
/* As `patches` select: kind, group and version of now, name and namespace of now or of the beginning. */
bool selector_matches(const struct selector_match *match,
                      const struct kschema *schema,
                      const struct kres *res);
