/* struct fetcher: from a repository and a revision to a commit that can be read from a mirror.
 *
 * References are asked for once per repository, credentials and interval, whoever needs them; objects are
 * fetched once for all who wait.  All network traffic is in helper processes (helper.h).
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "proto/repo.pb-c.h"
#include "repo-server/git/flights.h"
#include "repo-server/git/objects.h"
#include "repo-server/git/refs.h"

struct fetch;
struct fetcher;
struct loop;
struct work;

struct fetcher_options {
    struct loop *loop; /* borrowed, as all pointers here */
    struct work *work;
    const struct mirror_store *store;
    const char *cache_dir;
    bool allow_file_urls;
    int64_t refs_ttl_ms; /* how long a list of references is good */
    int64_t list_timeout_ms;
    int64_t fetch_timeout_ms;
    size_t max_helpers;
    uint64_t max_fetch_bytes; /* 0 = no limit */
    uint64_t max_cache_bytes; /* of all mirrors; 0 = no limit */
    const char *known_hosts;  /* lines for repositories without their own */
    void (*on_run)(const struct flight_run *run, void *data);
    void *data;
};

struct fetcher *fetcher_new(const struct fetcher_options *options);
/* Cancels every fetch; idle(data) is called when no helper is left. */
void fetcher_stop(struct fetcher *fetcher, void (*idle)(void *data), void *data);
/* After idle(). NULL is fine. */
void fetcher_free(struct fetcher *fetcher);

enum fetch_goal {
    FETCH_REFS,   /* the list of references */
    FETCH_SHA,    /* the commit the revision means */
    FETCH_COMMIT, /* and its objects in the mirror */
};

enum fetch_freshness {
    FETCH_CACHED, /* references may be as old as refs_ttl_ms */
    FETCH_NOW,    /* the server is asked after this call, or was no longer than age_ms before it */
};

struct fetch_options {
    const Belay__Repository *repo; /* copied */
    struct str revision;           /* copied; "" = HEAD */
    struct str tag_prefix;         /* copied; of tags that a range of versions chooses from */
    enum fetch_goal goal;
    enum fetch_freshness freshness;
    int64_t max_age_ms;  /* with FETCH_CACHED, instead of refs_ttl_ms; 0 = that */
    int64_t age_ms;      /* with FETCH_NOW */
    int64_t deadline_ms; /* of loop_now_ms(); 0 = none */
};

/* Lives until done() returns. */
struct fetch_result {
    struct str revision; /* 40 digits; "" with FETCH_REFS */
    struct str ref;      /* the reference it was found under; "" for a SHA */
    struct str
        tag; /* when that is an annotated tag: its id, also in the mirror with FETCH_COMMIT */
    const struct refs *refs; /* NULL when they were not needed */
    struct str mirror;       /* directory; with FETCH_COMMIT */
    struct str shown;        /* the URL without credentials */
    struct str key;          /* equal for spellings of the same repository */
};

/* result is NULL on failure.  Exactly once, never before fetch_start() returned.
 * Errors name the repository: ERR_UNAVAILABLE, ERR_UNAUTHENTICATED, ERR_DENIED, ERR_TIMEOUT, ERR_NOT_FOUND
 * (repository; revision: "unable to resolve 'x' to a commit SHA"), ERR_INVALID, ERR_CANCELED. */
typedef void (*fetch_done_fn)(const struct fetch_result *result, const struct err *err, void *data);

/* Valid until done() is called. */
struct fetch *fetch_start(struct fetcher *fetcher,
                          const struct fetch_options *options,
                          fetch_done_fn done,
                          void *data);
/* done() gets ERR_CANCELED, in a later iteration. */
void fetch_cancel(struct fetch *fetch);

/* A reader found the mirror damaged: the next fetch makes it anew. */
void fetcher_mirror_damaged(struct fetcher *fetcher, struct str key);
