/* struct helm_index: what a chart repository offers: charts, their versions, where the archives are.
 *
 * Everything else that index.yaml says is dropped: the largest public ones have tens of megabytes, of which
 * this is a hundredth.  Immutable once made, which any thread may do; references are counted on the loop
 * thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/semver.h"
#include "common/base/str.h"

struct helm_index;

struct helm_version {
    struct semver semver; /* semver.original: as listed */
    struct str digest;    /* SHA-256 in 64 lower-case digits; "" when the index gives none */
    struct str url;       /* as listed, may be relative to the index; "" when there is none */
};

/* All return one reference.  Versions that are not semantic versions are left out, as Helm does. */

/* ERR_INVALID when it is no index; ERR_LIMIT. */
MUST_CHECK int helm_index_parse(struct str yaml, struct helm_index **ret, struct err *err);
struct helm_index *
helm_index_from_versions(struct str chart, const struct helm_version *items, size_t n);

struct helm_index *helm_index_ref(struct helm_index *index);
void helm_index_unref(struct helm_index *index); /* NULL is fine */
DEFINE_CLEANUP(helm_index, struct helm_index, helm_index_unref);
/* What to ask the server with whether it has another one: kept with the index. To be set before it is
 * shared; "" = none. */
void helm_index_set_validators(struct helm_index *index, struct str etag, struct str last_modified);
struct str helm_index_etag(const struct helm_index *index);
struct str helm_index_last_modified(const struct helm_index *index);

/* Bytes held. */
size_t helm_index_size(const struct helm_index *index);

/* The charts there are, in the order of the index: start with *at = 0; false at the end. */
bool helm_index_next(const struct helm_index *index, size_t *at, struct str *ret_chart);

struct helm_versions {
    const struct helm_version *items; /* the highest first */
    size_t n;
};
/* None when the chart is not there. */
struct helm_versions helm_index_versions(const struct helm_index *index, struct str chart);

/* The version with exactly this text, else the highest that satisfies it as a constraint ("" = "*").
 * ERR_NOT_FOUND, ERR_INVALID (improper constraint). */
MUST_CHECK int helm_index_resolve(const struct helm_index *index,
                                  struct str chart,
                                  struct str version,
                                  const struct helm_version **ret,
                                  struct err *err);
