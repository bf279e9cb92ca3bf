/* struct chart_loads: single flight and memory for what helm_repo.c needs from repositories.
 *
 * Of those who want the same with the same credentials, one load runs and all get its outcome.  Indexes, lists
 * of tags and manifests stay in memory up to a bound; archives stay on disk alone. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/str.h"
#include "common/net/url.h"
#include "repo-server/source/chart_env.h"

struct chart_archive;
struct chart_loads;
struct chart_remote;
struct helm_index;

/* A load that has ended, for metrics. */
struct chart_load_run {
    struct str shown; /* the repository; of a file its host */
    const char *type; /* "index", "oci", "archive", "file" */
    int64_t took_ms;
    const struct err *err; /* NULL on success */
};

struct chart_loads_options {
    struct chart_env env;                                         /* copied */
    size_t max_bytes;                                             /* of indexes in memory */
    size_t max_running;                                           /* loads at once; more wait */
    void (*on_run)(const struct chart_load_run *run, void *data); /* may be NULL */
    void *data;
};

struct chart_loads *chart_loads_new(const struct chart_loads_options *options);
/* Takes no more, cancels what runs; idle(data) is called when nothing is left, perhaps at once. */
void chart_loads_stop(struct chart_loads *loads, void (*idle)(void *data), void *data);
/* After idle(). NULL is fine. */
void chart_loads_free(struct chart_loads *loads);

enum chart_load_kind {
    CHART_LOAD_INDEX, /* of a chart repository */
    CHART_LOAD_OCI,   /* tags (no version), a manifest, or (no name) a welcome */
    CHART_LOAD_ARCHIVE,
    CHART_LOAD_FILE, /* as an archive, but may be anything */
};

/* What to load; all is copied or referenced. */
struct chart_load {
    enum chart_load_kind kind;
    struct chart_remote *remote;
    struct str name;    /* OCI: repository in the registry; "" = none */
    struct str version; /* OCI */
    struct url url;     /* ARCHIVE and FILE, as the rest */
    struct str digest;
    bool pass_credentials;
    int64_t fresh_ms; /* asked for before this time of loop_now_ms() is too old */
};

struct chart_load_outcome {
    struct helm_index *index;      /* borrowed; of kinds INDEX and OCI */
    struct chart_archive *archive; /* borrowed; of kinds ARCHIVE and FILE */
    const struct err *err;         /* NULL on success */
    int64_t asked_ms;              /* may be before fresh_ms: a load that was running already */
};

/* One who waits; embedded, zeroed. */
struct chart_load_waiter {
    struct list node; /* private */
    /* Never called before chart_loads_join() returned. */
    void (*done)(struct chart_load_waiter *waiter, const struct chart_load_outcome *outcome);
};

/* What is in memory and fresh enough, borrowed; NULL = nothing. */
struct helm_index *chart_loads_find(struct chart_loads *loads, const struct chart_load *what);
void chart_loads_join(struct chart_loads *loads,
                      const struct chart_load *what,
                      struct chart_load_waiter *waiter);
/* done() is not called any more; the load goes on. One that waits for nothing is fine. */
void chart_loads_leave(struct chart_load_waiter *waiter);

/* Bytes and number of indexes in memory. */
size_t chart_loads_bytes(const struct chart_loads *loads);
size_t chart_loads_kept(const struct chart_loads *loads);
