/* The manifest cache: results of renders, by what they were rendered from.
 *
 * A key names everything that goes into a render but the files: repository, source, application, destination.
 * Under it lie a few results with their read-sets: a commit that gives the same answers to a read-set has
 * that result, and is remembered so that it need not be proved again.  Errors are kept per commit, so that a
 * fix in Git is seen at once. Where a render has several trees, or a chart in place of one, a digest of them stands
 * for the commit.
 *
 * Entries are counted references, held by a job while it compares read-sets.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "repo-server/git/refs.h"

struct manifest_cache;
struct read_set;

struct manifest {
    struct str json; /* canonical */
    struct str file;
    uint32_t line;
};

/* What a render gave; immutable. */
struct manifest_set {
    struct arena *arena; /* owned: all of it */
    const char *source_type;
    const struct manifest *items;
    size_t n;
    char content_hash[DIGEST_SHA256_HEX_BYTES];
};

/* One of the trees of a render: its source's, then those of the sources it may refer to. */
struct manifest_tree {
    char id[REFS_OID_BYTES]; /* the commit, or what stands for a chart's version */
    bool read;               /* the render looked into it */
    struct read_set *reads;  /* owned; NULL: nothing but the same id will do */
};

struct manifest_asset {
    struct engine_remote asset;
    char digest[DIGEST_SHA256_HEX_BYTES]; /* of its bytes */
};

/* What a result depends on beside what its key names; lives in the set's arena. */
struct manifest_inputs {
    struct manifest_tree *trees;
    size_t n_trees;
    const struct manifest_asset *assets;
    size_t n_assets;
};

struct manifest_entry {
    struct manifest_set set;
    struct manifest_inputs inputs;
    unsigned n_refs;
};

/* Takes set's arena and the read-sets; one reference. */
struct manifest_entry *manifest_entry_new(const struct manifest_set *set,
                                          const struct manifest_inputs *inputs);
struct manifest_entry *manifest_entry_ref(struct manifest_entry *entry);
void manifest_entry_unref(struct manifest_entry *entry);

enum {
    MANIFEST_CACHE_VARIANTS = 4, /* results kept under one key: a few branches or a revert */
    MANIFEST_CACHE_COMMITS = 16, /* commits remembered under one key */
};

struct manifest_cache_options {
    size_t max_bytes;
    unsigned
        fail_attempts; /* consecutive failures until the error is served from here; 0 = never */
    int64_t fail_ms;   /* for how long; 0 = no time limit */
    unsigned fail_requests; /* for how many requests; 0 = no such limit */
};

struct manifest_cache *manifest_cache_new(const struct manifest_cache_options *options);
void manifest_cache_free(struct manifest_cache *cache);
DEFINE_CLEANUP(manifest_cache, struct manifest_cache, manifest_cache_free);

/* The result for just this commit, or NULL; borrowed. */
struct manifest_entry *
manifest_cache_find(struct manifest_cache *cache, struct str key, struct str commit);
/* The results under the key, newest first, each with a reference for the caller; their number. */
size_t manifest_cache_variants(struct manifest_cache *cache,
                               struct str key,
                               struct manifest_entry *ret[MANIFEST_CACHE_VARIANTS]);
/* The entry is the result for this commit; it is added when it is new.  Failures are forgotten. */
void manifest_cache_put(struct manifest_cache *cache,
                        struct str key,
                        struct str commit,
                        struct manifest_entry *entry);

/* The render of this commit failed (with an error that trying again does not mend). */
void manifest_cache_fail(struct manifest_cache *cache,
                         struct str key,
                         struct str commit,
                         const struct err *err,
                         int64_t now_ms);
/* True when the render has failed so often that its error is to be served; counts as one request.
 * ret_err: "Manifest generation error (cached): ...". */
bool manifest_cache_failure(struct manifest_cache *cache,
                            struct str key,
                            struct str commit,
                            int64_t now_ms,
                            struct err *ret_err);
/* A hard refresh: failures of the key are forgotten. */
void manifest_cache_forget_failure(struct manifest_cache *cache, struct str key);

struct manifest_cache_stats {
    size_t n_keys;
    size_t bytes;
};
struct manifest_cache_stats manifest_cache_stats(const struct manifest_cache *cache);
