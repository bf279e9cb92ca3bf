/* struct generator: answers GenerateManifests.
 *
 *   fetch (source and refs) ─▶ verify (verifier.h) ─▶ cached for these commits and charts? ─▶ render
 *   (renders.h) ─▶ answer
 *
 * Loop thread only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "proto/repo.pb-c.h"
#include "repo-server/manifest_cache.h"

struct fetcher;
struct generate;
struct generator;
struct helm_repo;
struct loop;
struct metric_set;
struct verifier;
struct work;

struct generator_options {
    struct loop *loop; /* borrowed, as all here */
    struct work *work;
    struct fetcher *fetcher;
    struct helm_repo *helm_repo; /* NULL: there are no chart repositories */
    struct verifier *verifier;   /* NULL: requests that want commits verified fail */
    struct metric_set *metrics;  /* of repo-server/metrics.def; may be NULL */
    struct manifest_cache_options cache;
    uint64_t max_source_bytes;
    int64_t render_timeout_ms;
};

struct generator *generator_new(const struct generator_options *options);
/* Nothing may be running any more. NULL is fine. */
void generator_free(struct generator *generator);
/* Renders that run or wait. */
size_t generator_active(const struct generator *generator);
/* For gauges. */
struct manifest_cache_stats generator_cache_stats(const struct generator *generator);

/* Lives until done() returns. */
struct generate_result {
    const struct manifest_set *set;          /* NULL: a verification failed */
    const Belay__IntegrityResult *integrity; /* NULL: nothing was verified */
    struct str revision;
    const struct str *ref_revisions;
    size_t n_ref_revisions;
    bool cached; /* nothing was rendered for this call */
};

/* Exactly once, never before generate_start() returned; result is NULL on failure. */
typedef void (*generate_done_fn)(const struct generate_result *result,
                                 const struct err *err,
                                 void *data);

/* request is borrowed until done(). Errors: those of fetch_start(),
 * helm_repo_chart() and engine_render(), and of a verification that could not be made. */
struct generate *generate_start(struct generator *generator,
                                const Belay__GenerateManifestsRequest *request,
                                int64_t deadline_ms,
                                generate_done_fn done,
                                void *data);
/* done() gets ERR_CANCELED, in a later iteration. */
void generate_cancel(struct generate *generate);
