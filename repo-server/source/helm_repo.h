/* struct helm_repo: charts by repository, name and version: from HTTP chart repositories and OCI registries.
 *
 * An index, a list of tags or a manifest is used for as long as index_ttl_ms, whoever asks; an index that the
 * server says has not changed is not downloaded again.  Archives stay on disk. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "proto/repo.pb-c.h"

struct chart_archive;
struct chart_load_run;
struct helm_index;
struct helm_repo;
struct helm_repo_call;
struct loop;
struct work;

struct helm_repo_options {
    struct loop *loop; /* borrowed, as all pointers here */
    struct work *work;
    const char *cache_dir;
    int64_t index_ttl_ms;
    int64_t request_timeout_ms;  /* of one answer of a registry */
    int64_t download_timeout_ms; /* of an index or an archive */
    size_t max_running;          /* downloads at once; more wait */
    size_t max_index_bytes;      /* of indexes in memory */
    uint64_t max_cache_bytes;    /* of files on disk; 0 = no limit */
    void (*on_run)(const struct chart_load_run *run, void *data); /* a load ended; may be NULL */
    void *data;
};

MUST_CHECK int
helm_repo_new(const struct helm_repo_options *options, struct helm_repo **ret, struct err *err);
/* Cancels every call; idle(data) is called, perhaps at once, when nothing runs any more. */
void helm_repo_stop(struct helm_repo *repo, void (*idle)(void *data), void *data);
/* After idle(). NULL is fine. */
void helm_repo_free(struct helm_repo *repo);

enum helm_repo_goal {
    HELM_REPO_VERSION, /* the version that is meant */
    HELM_REPO_ARCHIVE, /* and its archive */
    HELM_REPO_INDEX,   /* what charts there are; of a registry: whether it lets us in */
    HELM_REPO_FILE,    /* whatever is at the repository's URL */
};

enum helm_repo_freshness {
    HELM_REPO_CACHED, /* the index may be as old as index_ttl_ms */
    HELM_REPO_NOW,    /* the server is asked after this call */
};

struct helm_repo_chart_options {
    const Belay__Repository *repo; /* copied, as all here */
    struct str chart;      /* name; with OCI below the URL's path, "" = the URL's path itself */
    struct str version;    /* version or constraint; "" = the highest release */
    bool pass_credentials; /* also to other servers that the index names */
    enum helm_repo_goal goal;
    enum helm_repo_freshness freshness;
    int64_t max_age_ms; /* with HELM_REPO_CACHED, when it is less than index_ttl_ms; 0 = no other */
    int64_t deadline_ms; /* of loop_now_ms(); 0 = none */
};

/* Lives until done() returns. */
struct helm_repo_chart_result {
    struct str version; /* as the repository spells it */
    struct str
        digest; /* SHA-256 of the archive, 64 digits; "" when no archive was loaded and none is stated */
    struct chart_archive *archive; /* chart_archive_ref() may keep it; with HELM_REPO_ARCHIVE and
                                      HELM_REPO_FILE */
    struct helm_index *index;      /* with HELM_REPO_INDEX; NULL of a registry */
};

/* result is NULL on failure. Exactly once, never before helm_repo_chart() returned. Errors name the
 * repository: ERR_NOT_FOUND (chart, version, file), ERR_INVALID (constraint, index, digest), ERR_LIMIT,
 * ERR_UNAUTHENTICATED, ERR_DENIED, ERR_UNAVAILABLE, ERR_TIMEOUT, ERR_UNSUPPORTED, ERR_CANCELED. */
typedef void (*helm_repo_done_fn)(const struct helm_repo_chart_result *result,
                                  const struct err *err,
                                  void *data);

/* Valid until done() is called. */
struct helm_repo_call *helm_repo_chart(struct helm_repo *repo,
                                       const struct helm_repo_chart_options *options,
                                       helm_repo_done_fn done,
                                       void *data);
/* done() gets ERR_CANCELED, in a later iteration. */
void helm_repo_cancel(struct helm_repo_call *call);
