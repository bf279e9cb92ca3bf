/* struct renders: renders in work, one for all who want the same.
 *
 *   join ─▶ get what is awaited ─▶ job on the pool ─▶ done, or more is awaited
 *
 * What comes of them goes into the manifest cache. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/str.h"
#include "proto/repo.pb-c.h"
#include "repo-server/manifest_cache.h"
#include "repo-server/render.h"

struct fetcher;
struct helm_repo;
struct loop;
struct metric_set;
struct renders;
struct work;

struct renders_options {
    struct loop *loop; /* borrowed, as all here */
    struct work *work;
    struct fetcher *fetcher;
    struct helm_repo *helm_repo; /* NULL: nothing comes from chart repositories */
    struct metric_set *metrics;  /* may be NULL */
    struct manifest_cache *cache;
    uint64_t max_source_bytes;
    int64_t render_timeout_ms;
};

struct renders *renders_new(const struct renders_options *options);
/* Nothing may be in work. NULL is fine. */
void renders_free(struct renders *renders);
/* In work. */
size_t renders_active(const struct renders *renders);

/* A tree as its fetch found it. */
struct renders_tree {
    struct render_tree tree;
    struct str mirror_key;         /* for fetcher_mirror_damaged() */
    const Belay__Repository *repo; /* of a chart */
};

/* All is copied. */
struct renders_want {
    struct str key; /* of the cache */
    struct str id;  /* the cache's commit */
    struct str revision;
    const struct renders_tree *trees; /* the source's first */
    size_t n_trees;
    const Belay__GenerateManifestsRequest *request;
};

struct renders_outcome {
    struct manifest_entry *entry; /* borrowed; NULL on failure */
    const struct err *err;
    bool rendered;       /* and not only proved to be right */
    bool mirror_damaged; /* on failure: fetching again may help */
};

/* One who waits; embedded, zeroed. */
struct renders_waiter {
    struct list node; /* private */
    /* Never called before renders_join() returned. */
    void (*done)(struct renders_waiter *waiter, const struct renders_outcome *outcome);
};

void renders_join(struct renders *renders,
                  const struct renders_want *want,
                  struct renders_waiter *waiter);
/* done() is not called any more; the render goes on: its result is worth keeping. */
void renders_leave(struct renders_waiter *waiter);
