/* Fetches: a small table of steps each, over shared flights and cached lists of references.
 *
 *   refs ─▶ resolve ─▶ check (is the commit in the mirror?) ─▶ done
 *                        ▲          │ no
 *                        └── fetch ◀┘   at most FETCH_ATTEMPTS times
 *
 * A flight run with other credentials says nothing about ours: after it the mirror is only checked again. */
#include "repo-server/git/fetcher.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/ipc/ipc_convert.h"
#include "common/rt/loop.h"
#include "common/rt/op.h"
#include "common/rt/work.h"
#include "repo-server/git/compact.h"
#include "repo-server/git/mirror.h"
#include "repo-server/git/repo_url.h"

enum {
    FETCH_ATTEMPTS = 2, /* heads and tags; then the commit itself */
    EVICT_INTERVAL_MS = 60 * 1000,
    CRED_KEY_BYTES = DIGEST_SHA256_HEX_BYTES,
};

/* The references of one repository as seen with one set of credentials. */
struct ref_list {
    struct arena *arena;
    struct refs refs;
    int64_t asked_ms; /* when the server was asked */
    unsigned n_users; /* fetches that look at it; the map counts as one */
};

struct fetcher {
    struct fetcher_options options;
    struct flights *flights;
    struct map *ref_lists; /* refs_key -> struct ref_list */
    struct map *damaged;   /* url key -> anything */
    struct list fetches;   /* all that are not done */
    struct job *eviction;  /* NULL when none runs */
    int64_t evicted_ms;
    size_t n_alive; /* fetches not freed yet */
    bool stopping;
    bool flights_idle;
    void (*idle)(void *data);
    void *idle_data;
};

struct fetch {
    struct op op;
    struct list node;
    struct fetcher *fetcher;
    struct arena *arena;
    Belay__Repository *repo;
    struct repo_url url;
    struct fetch_options options;
    char cred_key[CRED_KEY_BYTES];
    struct str refs_key;
    fetch_done_fn done;
    void *data;

    struct loop_task begin;
    struct flight_waiter waiter;
    int64_t started_ms;
    struct ref_list *list;
    struct str sha;      /* what to look for: full or short */
    struct str ref_name; /* where it was found */
    struct str tag;      /* the annotated tag there */
    unsigned n_fetches;
    struct err fetch_err; /* of the last fetch of our own; code ERR_OK = none */

    struct job check; /* is the commit there? */
    bool checking;
    char check_hex[REFS_OID_BYTES]; /* the job's result: not looked at while it runs */
    struct str mirror;
    struct str found; /* by the check */
};

static void step_refs(struct fetch *f);
static void step_check(struct fetch *f);

static void tell_idle(struct fetcher *fetcher)
{
    if (fetcher->idle != NULL && fetcher->flights_idle && fetcher->n_alive == 0 &&
        fetcher->eviction == NULL) {
        void (*idle)(void *data) = fetcher->idle;
        fetcher->idle = NULL;
        idle(fetcher->idle_data);
    }
}

/* ---- lists of references ---- */

static void ref_list_unref(void *p)
{
    struct ref_list *l = p;
    if (l != NULL && --l->n_users == 0) {
        arena_free(l->arena);
        mem_free(l);
    }
}

static struct ref_list *ref_list_from(const Belay__GitWorkerReply *reply, int64_t asked_ms)
{
    struct ref_list *l = MEM_NEW(struct ref_list);
    l->arena = arena_new();
    l->asked_ms = asked_ms;
    l->n_users = 1;
    struct refs_advert *adverts = arena_calloc(l->arena, reply->n_refs + 1, sizeof(*adverts));
    for (size_t i = 0; i < reply->n_refs; i++) {
        const Belay__GitWorkerRef *r = reply->refs[i];
        adverts[i] = (struct refs_advert){arena_str(l->arena, str_from(r->name)),
                                          arena_str(l->arena, str_from(r->oid)),
                                          arena_str(l->arena, str_from(r->target))};
    }
    l->refs = refs_build(l->arena, adverts, reply->n_refs);
    return l;
}

static bool is_fresh(const struct fetch *f, const struct ref_list *l)
{
    int64_t max_age_ms =
        f->options.max_age_ms > 0 ? f->options.max_age_ms : f->fetcher->options.refs_ttl_ms;
    if (l->asked_ms >= f->started_ms - f->options.age_ms) {
        return true; /* whatever time the answer took */
    }
    return f->options.freshness == FETCH_CACHED &&
           loop_now_ms(f->fetcher->options.loop) - l->asked_ms < max_age_ms;
}

/* ---- the end ---- */

static void fail(struct fetch *f, const struct err *err)
{
    op_finish(&f->op, err);
}

static void succeed(struct fetch *f)
{
    op_finish(&f->op, NULL);
}

static void on_op_done(struct op *op, const struct err *err, void *data)
{
    struct fetch *f = data;
    assert(op == &f->op);
    list_remove(&f->node);
    struct fetch_result result = {
        .revision = f->found.n > 0 ? f->found : f->sha,
        .ref = f->ref_name,
        .tag = f->tag,
        .refs = f->list != NULL ? &f->list->refs : NULL,
        .mirror = f->mirror,
        .shown = f->url.shown,
        .key = str_from(f->url.key),
    };
    f->done(err == NULL ? &result : NULL, err, f->data);
}

static void on_op_abort(struct op *op)
{
    struct fetch *f = CONTAINER_OF(op, struct fetch, op);
    loop_task_cancel(&f->begin);
    flights_leave(&f->waiter);
    if (f->checking) {
        job_cancel(&f->check);
    }
}

static void on_op_free(struct op *op)
{
    struct fetch *f = CONTAINER_OF(op, struct fetch, op);
    struct fetcher *fetcher = f->fetcher;
    ref_list_unref(f->list);
    arena_free(f->arena);
    mem_free(f);
    fetcher->n_alive--;
    tell_idle(fetcher);
}

static const struct op_class FETCH_CLASS = {"fetch", on_op_abort, on_op_free};

/* ---- merging packs ---- */

/* A flight nobody waits for: what fails is tried again after the next fetch. */
static void on_compacted(struct flight_waiter *waiter, const struct flight_outcome *outcome UNUSED)
{
    mem_free(waiter);
}

static void compact_if_due(struct fetch *f, const Belay__GitWorkerReply *reply)
{
    if (reply->small_packs < COMPACT_AT || f->fetcher->stopping) {
        return;
    }
    Belay__GitWorkerRequest request;
    Belay__Repository nobody; /* the network is not needed: no credentials */
    belay__git_worker_request__init(&request);
    belay__repository__init(&nobody);
    nobody.url = arena_strdup(f->arena, f->url.shown.p);
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_COMPACT;
    request.repo = &nobody;
    request.mirror = arena_strdup(f->arena, f->mirror.p);
    request.allow_file_urls = f->fetcher->options.allow_file_urls;
    struct flight_call call = {
        .key = arena_printf(f->arena, "compact %s", f->url.key),
        .tag = STR_EMPTY,
        .request = &request,
        .shown = f->url.shown.p,
        .revision = "",
    };
    struct flight_waiter *waiter = MEM_NEW(struct flight_waiter);
    waiter->done = on_compacted;
    flights_join(f->fetcher->flights, &call, waiter);
}

/* ---- fetching objects ---- */

static void evict_if_due(struct fetcher *fetcher);

static void on_fetched(struct flight_waiter *waiter, const struct flight_outcome *outcome)
{
    struct fetch *f = CONTAINER_OF(waiter, struct fetch, waiter);
    bool ours = str_eq_c(outcome->tag, f->cred_key);
    if (op_settled(&f->op)) {
        return;
    }
    if (outcome->err == NULL) {
        (void)map_remove(f->fetcher->damaged, str_from(f->url.key));
        compact_if_due(f, outcome->reply);
        evict_if_due(f->fetcher);
    } else if (ours) {
        f->fetch_err = *outcome->err;
        if (f->n_fetches == 1) {
            fail(f, outcome->err);
            return;
        }
    }
    step_check(f);
}

static void step_fetch(struct fetch *f)
{
    struct str key = arena_printf(f->arena, "fetch %s", f->url.key);
    char *wants[1];
    Belay__GitWorkerRequest request;
    belay__git_worker_request__init(&request);
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_FETCH;
    request.repo = f->repo;
    request.mirror = arena_strdup(f->arena, f->mirror.p);
    request.allow_file_urls = f->fetcher->options.allow_file_urls;
    request.recreate = map_has(f->fetcher->damaged, str_from(f->url.key));
    request.max_bytes = f->fetcher->options.max_fetch_bytes;
    if (!flights_has(f->fetcher->flights, key)) {
        /* a flight of our own; one that we only wait for may have begun too early for us */
        f->n_fetches++;
        bool by_sha = f->n_fetches > 1 && refs_is_sha(f->sha);
        if (by_sha || f->ref_name.n > 0) {
            wants[0] = arena_strdup(f->arena, by_sha ? f->sha.p : f->ref_name.p);
            request.wants = wants;
            request.n_wants = 1;
        }
    }
    struct flight_call call = {
        .key = key,
        .tag = str_from(f->cred_key),
        .request = &request,
        .shown = f->url.shown.p,
        .revision = f->options.revision.p,
    };
    f->waiter.done = on_fetched;
    flights_join(f->fetcher->flights, &call, &f->waiter);
}

/* ---- is it there? ---- */

static int run_check(struct job *job, struct err *err)
{
    struct fetch *f = CONTAINER_OF(job, struct fetch, check);
    AUTO(objects) struct objects *objects = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    struct object_commit commit;
    TRY(objects_open(f->mirror.p, &objects, err));
    TRY(objects_commit(objects, arena, f->sha, &commit, err));
    if (f->tag.n > 0) { /* it may be newer than its commit */
        TRY(objects_commit(objects, arena, f->tag, &commit, err));
    }
    object_id_hex(&commit.id, f->check_hex);
    mirror_touch(f->mirror.p);
    return 0;
}

static void not_found(struct fetch *f, const struct err *why)
{
    struct err err = *why;
    if (f->fetch_err.code != ERR_OK && f->fetch_err.code != ERR_NOT_FOUND &&
        err_code_retryable(f->fetch_err.code)) {
        err = f->fetch_err; /* the repository could not be asked */
    } else if (why->code == ERR_NOT_FOUND) {
        (void)err_set(&err, ERR_NOT_FOUND,
                      "repository '%s': unable to resolve '" STR_FMT "' to a commit SHA",
                      f->url.shown.p, STR_ARG(f->sha));
    }
    fail(f, &err);
}

static void on_checked(struct job *job, const struct err *err)
{
    struct fetch *f = CONTAINER_OF(job, struct fetch, check);
    f->checking = false;
    if (!op_settled(&f->op)) {
        if (err == NULL) {
            f->found = str_from(f->check_hex);
            succeed(f);
        } else if (err->code == ERR_INVALID || err->code == ERR_CANCELED) {
            fail(f, err); /* an ambiguous short SHA */
        } else if (f->n_fetches >= FETCH_ATTEMPTS) {
            not_found(f, err);
        } else {
            if (err->code == ERR_INTERNAL) {
                fetcher_mirror_damaged(f->fetcher, str_from(f->url.key));
            }
            step_fetch(f);
        }
    }
    op_unref(&f->op);
}

static void step_check(struct fetch *f)
{
    struct err err;
    if (f->n_fetches == 0 && map_has(f->fetcher->damaged, str_from(f->url.key))) {
        step_fetch(f); /* a commit that can be read says nothing about its files */
        return;
    }
    f->check = (struct job){.run = run_check, .done = on_checked};
    f->found = STR_EMPTY;
    if (work_submit(f->fetcher->options.work, WORK_GIT, &f->check, &err) < 0) {
        fail(f, &err);
        return;
    }
    f->checking = true;
    op_ref(&f->op);
}

/* ---- what does the revision mean? ---- */

static void step_resolve(struct fetch *f)
{
    struct refs_resolved resolved;
    struct err err;
    static const struct refs NONE = {0};
    const struct refs *refs = f->list != NULL ? &f->list->refs : &NONE;
    if (f->options.goal == FETCH_REFS) {
        succeed(f);
        return;
    }
    struct refs_wanted wanted = {f->options.revision, f->options.tag_prefix};
    if (refs_resolve(refs, &wanted, &resolved, &err) < 0) {
        (void)err_wrap(&err, "repository '%s'", f->url.shown.p);
        fail(f, &err);
        return;
    }
    f->sha = arena_str(f->arena, resolved.oid);
    f->ref_name = resolved.ref != NULL ? arena_str(f->arena, resolved.ref->name) : STR_EMPTY;
    f->tag = resolved.ref != NULL ? arena_str(f->arena, resolved.ref->tag) : STR_EMPTY;
    if (f->options.goal == FETCH_SHA && resolved.kind == REFS_COMMIT) {
        succeed(f);
        return;
    }
    step_check(f);
}

static void on_listed(struct flight_waiter *waiter, const struct flight_outcome *outcome)
{
    struct fetch *f = CONTAINER_OF(waiter, struct fetch, waiter);
    struct map *lists = f->fetcher->ref_lists;
    if (op_settled(&f->op)) {
        return;
    }
    if (outcome->err != NULL) {
        fail(f, outcome->err);
        return;
    }
    const struct ref_list *known = map_find(lists, f->refs_key);
    if (known == NULL || known->asked_ms < outcome->started_ms) {
        map_set(lists, f->refs_key, ref_list_from(outcome->reply, outcome->started_ms));
    }
    step_refs(f);
}

static void step_refs(struct fetch *f)
{
    bool fixed = f->options.goal != FETCH_REFS && refs_is_sha(f->options.revision);
    struct ref_list *list = map_find(f->fetcher->ref_lists, f->refs_key);
    if (!fixed && (list == NULL || !is_fresh(f, list))) {
        Belay__GitWorkerRequest request;
        belay__git_worker_request__init(&request);
        request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_LIST;
        request.repo = f->repo;
        request.allow_file_urls = f->fetcher->options.allow_file_urls;
        struct flight_call call = {
            .key = f->refs_key,
            .tag = str_from(f->cred_key),
            .request = &request,
            .shown = f->url.shown.p,
            .revision = f->options.revision.p,
        };
        f->waiter.done = on_listed;
        flights_join(f->fetcher->flights, &call, &f->waiter);
        return;
    }
    if (list != NULL) {
        list->n_users++;
        f->list = list;
    }
    step_resolve(f);
}

/* ---- beginning ---- */

static void on_begin(void *data)
{
    struct fetch *f = data;
    struct err err;
    enum repo_url_files files =
        f->fetcher->options.allow_file_urls ? REPO_URL_FILES : REPO_URL_NO_FILES;
    if (f->fetcher->stopping) {
        (void)err_set(&err, ERR_CANCELED, "shutting down");
        fail(f, &err);
        return;
    }
    if (repo_url_parse(f->arena, str_from(f->repo->url), files, &f->url, &err) < 0) {
        fail(f, &err);
        return;
    }
    f->mirror = mirror_path(f->fetcher->options.store, f->arena, f->url.key);
    f->refs_key = arena_printf(f->arena, "list %s %s", f->url.key, f->cred_key);
    step_refs(f);
}

static Belay__Repository *copy_repo(struct fetch *f, const Belay__Repository *repo)
{
    ProtobufCMessage *copy = NULL;
    struct err err;
    struct str bytes = ipc_pack(f->arena, &repo->base);
    digest_sha256_hex(bytes, f->cred_key);
    int rc = ipc_unpack(f->arena, &belay__repository__descriptor, bytes, &copy, &err);
    assert(rc == 0); /* what we packed ourselves */
    Belay__Repository *r = (Belay__Repository *)(void *)copy;
    const char *known_hosts = f->fetcher->options.known_hosts;
    if ((r->ssh_known_hosts == NULL || r->ssh_known_hosts[0] == '\0') && known_hosts != NULL) {
        r->ssh_known_hosts = arena_strdup(f->arena, known_hosts);
    }
    return r;
}

struct fetch *fetch_start(struct fetcher *fetcher,
                          const struct fetch_options *options,
                          fetch_done_fn done,
                          void *data)
{
    struct fetch *f = MEM_NEW(struct fetch);
    op_init(&f->op, fetcher->options.loop, &FETCH_CLASS, on_op_done, f);
    op_set_deadline(&f->op, options->deadline_ms);
    f->fetcher = fetcher;
    f->arena = arena_new();
    f->repo = copy_repo(f, options->repo);
    f->options = *options;
    f->options.repo = f->repo;
    f->options.revision = arena_str(f->arena, str_trim(options->revision));
    f->options.tag_prefix = arena_str(f->arena, options->tag_prefix);
    f->done = done;
    f->data = data;
    f->started_ms = loop_now_ms(fetcher->options.loop);
    f->sha = f->ref_name = f->mirror = f->found = STR_EMPTY;
    list_push(&fetcher->fetches, &f->node);
    fetcher->n_alive++;
    loop_task_post(fetcher->options.loop, &f->begin, on_begin, f);
    return f;
}

void fetch_cancel(struct fetch *fetch)
{
    op_cancel(&fetch->op);
}

/* ---- eviction ---- */

struct eviction {
    struct job job;
    struct fetcher *fetcher;
    struct arena *arena;
    const char *const *busy;
};

static int run_eviction(struct job *job, struct err *err)
{
    struct eviction *e = CONTAINER_OF(job, struct eviction, job);
    uint64_t bytes;
    const struct fetcher_options *o = &e->fetcher->options;
    return mirror_evict(o->cache_dir, o->max_cache_bytes, e->busy, &bytes, err);
}

static void on_evicted(struct job *job, const struct err *err UNUSED)
{
    /* a failure is met again a minute later; there is nobody to tell but the disk */
    struct eviction *e = CONTAINER_OF(job, struct eviction, job);
    struct fetcher *fetcher = e->fetcher;
    fetcher->eviction = NULL;
    arena_free(e->arena);
    mem_free(e);
    tell_idle(fetcher);
}

static void evict_if_due(struct fetcher *fetcher)
{
    int64_t now = loop_now_ms(fetcher->options.loop);
    if (fetcher->options.max_cache_bytes == 0 || fetcher->eviction != NULL ||
        (fetcher->evicted_ms != 0 && now - fetcher->evicted_ms < EVICT_INTERVAL_MS)) {
        return;
    }
    struct eviction *e = MEM_NEW(struct eviction);
    e->fetcher = fetcher;
    e->arena = arena_new();
    VEC(const char *) busy = {0};
    LIST_FOREACH(&fetcher->fetches, node) {
        struct fetch *f = CONTAINER_OF(node, struct fetch, node);
        vec_push_in(e->arena, &busy, arena_strdup(e->arena, f->url.key));
    }
    vec_push_in(e->arena, &busy, NULL);
    e->busy = busy.items;
    e->job = (struct job){.run = run_eviction, .done = on_evicted};
    struct err err;
    if (work_submit(fetcher->options.work, WORK_FILE, &e->job, &err) < 0) {
        arena_free(e->arena); /* the next fetch tries again */
        mem_free(e);
        return;
    }
    fetcher->eviction = &e->job;
    fetcher->evicted_ms = now;
}

/* ---- the fetcher ---- */

struct fetcher *fetcher_new(const struct fetcher_options *options)
{
    struct fetcher *f = MEM_NEW(struct fetcher);
    struct flights_options flights = {
        .loop = options->loop,
        .store = options->store,
        .on_run = options->on_run,
        .data = options->data,
        .max_helpers = options->max_helpers,
        .list_timeout_ms = options->list_timeout_ms,
        .fetch_timeout_ms = options->fetch_timeout_ms,
    };
    f->options = *options;
    f->flights = flights_new(&flights);
    f->ref_lists = map_new(ref_list_unref);
    f->damaged = map_new(NULL);
    list_init(&f->fetches);
    return f;
}

void fetcher_mirror_damaged(struct fetcher *fetcher, struct str key)
{
    map_set(fetcher->damaged, key, fetcher);
}

static void on_flights_idle(void *data)
{
    struct fetcher *fetcher = data;
    fetcher->flights_idle = true;
    tell_idle(fetcher);
}

void fetcher_stop(struct fetcher *fetcher, void (*idle)(void *data), void *data)
{
    fetcher->stopping = true;
    fetcher->idle = idle;
    fetcher->idle_data = data;
    LIST_FOREACH(&fetcher->fetches, node) {
        op_cancel(&CONTAINER_OF(node, struct fetch, node)->op);
    }
    if (fetcher->eviction != NULL) {
        job_cancel(fetcher->eviction);
    }
    flights_stop(fetcher->flights, on_flights_idle, fetcher);
}

void fetcher_free(struct fetcher *fetcher)
{
    if (fetcher != NULL) {
        flights_free(fetcher->flights);
        map_free(fetcher->ref_lists);
        map_free(fetcher->damaged);
        mem_free(fetcher);
    }
}
