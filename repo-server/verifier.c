/* Verdicts in memory, over flights of the helper process. */
#include "repo-server/verifier.h"

#include <string.h>

#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/rt/loop.h"
#include "repo-server/git/refs.h"
#include "repo-server/git/verify.h"

enum {
    VERDICT_MS = 60 * 60 * 1000,
    PASSED_MS = 24 * 60 * 60 * 1000,
    PASSED_MAX = 8, /* commits remembered for one repository and policy: a few branches */
};

struct verdict {
    struct arena *arena;
    Belay__IntegrityResult *result;
    int64_t at_ms;
};

/* Commits whose whole history has passed. */
struct passed {
    struct {
        char commit[REFS_OID_BYTES];
        int64_t at_ms;
    } items[PASSED_MAX];
    size_t next; /* to be overwritten */
};

struct verifier {
    struct verifier_options options;
    struct flights *flights;
    struct map *verdicts; /* key -> struct verdict */
    struct map *passed;   /* repository and policy -> struct passed */
    bool stopping;
};

static void verdict_free(void *p)
{
    struct verdict *v = p;
    arena_free(v->arena);
    mem_free(v);
}

struct verifier *verifier_new(const struct verifier_options *options)
{
    struct verifier *v = MEM_NEW(struct verifier);
    struct flights_options flights = {
        .loop = options->loop,
        .store = options->store,
        .max_helpers = options->max_helpers,
        .list_timeout_ms = options->timeout_ms,
        .fetch_timeout_ms = options->timeout_ms,
    };
    v->options = *options;
    v->flights = flights_new(&flights);
    v->verdicts = map_new(verdict_free);
    v->passed = map_new(mem_free);
    return v;
}

void verifier_stop(struct verifier *verifier, void (*idle)(void *data), void *data)
{
    verifier->stopping = true;
    flights_stop(verifier->flights, idle, data);
}

void verifier_free(struct verifier *verifier)
{
    if (verifier != NULL) {
        flights_free(verifier->flights);
        map_free(verifier->verdicts);
        map_free(verifier->passed);
        mem_free(verifier);
    }
}

bool verifier_is_wanted(const Belay__Integrity *integrity)
{
    return integrity != NULL && (integrity->mode[0] != '\0' || integrity->problem[0] != '\0');
}

/* ---- keys ---- */

static void put_policy(struct digest *d, const struct verifier_want *want)
{
    const Belay__Integrity *rules = want->integrity;
    digest_put_field(d, str_from(rules->mode));
    for (size_t i = 0; i < rules->n_keys; i++) {
        digest_put_field(d, str_from(rules->keys[i]));
    }
    digest_put_field(d, STR("keyring"));
    for (size_t i = 0; i < want->n_keyring; i++) {
        digest_put_field(d, str_from(want->keyring[i]->id));
        digest_put_field(d, str_from(want->keyring[i]->armored));
    }
}

static void key_of(const struct verifier_want *want, char ret[DIGEST_SHA256_HEX_BYTES])
{
    AUTO(digest) struct digest *d = digest_new();
    digest_put_field(d, want->commit);
    digest_put_field(d, want->tag);
    digest_put_field(d, want->tag_name);
    put_policy(d, want);
    digest_finish_hex(d, ret);
}

static void passed_key_of(const struct verifier_want *want, char ret[DIGEST_SHA256_HEX_BYTES])
{
    AUTO(digest) struct digest *d = digest_new();
    digest_put_field(d, want->repo_key);
    put_policy(d, want);
    digest_finish_hex(d, ret);
}

/* ---- what is known ---- */

static bool is_young(const struct verifier *v, int64_t at_ms, int64_t max_ms)
{
    return loop_now_ms(v->options.loop) - at_ms < max_ms;
}

const Belay__IntegrityResult *verifier_find(struct verifier *verifier,
                                            const struct verifier_want *want)
{
    char key[DIGEST_SHA256_HEX_BYTES];
    key_of(want, key);
    const struct verdict *known = map_find(verifier->verdicts, str_from(key));
    if (known == NULL || !is_young(verifier, known->at_ms, VERDICT_MS)) {
        return NULL;
    }
    return known->result;
}

static void make_room(struct map *map)
{
    if (map_len(map) >= LIMIT_VERDICTS) {
        map_clear(map); /* what is still asked for is found out again */
    }
}

static Belay__IntegrityResult *copy_result(struct arena *arena, const Belay__IntegrityResult *from)
{
    Belay__IntegrityResult *copy = ARENA_NEW(arena, Belay__IntegrityResult);
    belay__integrity_result__init(copy);
    copy->signature = arena_strdup(arena, from->signature);
    copy->problems = arena_calloc(arena, from->n_problems + 1, sizeof(char *));
    for (size_t i = 0; i < from->n_problems; i++) {
        copy->problems[copy->n_problems++] = arena_strdup(arena, from->problems[i]);
    }
    return copy;
}

static void remember(struct verifier *v, struct str key, const Belay__IntegrityResult *result)
{
    struct verdict *verdict = MEM_NEW(struct verdict);
    make_room(v->verdicts);
    verdict->arena = arena_new();
    verdict->result = copy_result(verdict->arena, result);
    verdict->at_ms = loop_now_ms(v->options.loop);
    map_set(v->verdicts, key, verdict);
}

static void remember_passed(struct verifier *v, struct str key, struct str commit)
{
    struct passed *passed = map_find(v->passed, key);
    if (passed == NULL) {
        make_room(v->passed);
        passed = MEM_NEW(struct passed);
        map_set(v->passed, key, passed);
    }
    size_t at = 0;
    while (at < PASSED_MAX && !str_eq_c(commit, passed->items[at].commit)) {
        at++;
    }
    if (at == PASSED_MAX) {
        at = passed->next++ % PASSED_MAX;
    }
    memcpy(passed->items[at].commit, commit.p, MIN(commit.n, sizeof(passed->items[at].commit) - 1));
    passed->items[at].at_ms = loop_now_ms(v->options.loop);
}

/* The commit itself is looked at in any case. */
static void list_passed(const struct verifier *v,
                        struct arena *arena,
                        const struct verifier_waiter *waiter,
                        Belay__GitWorkerVerify *msg)
{
    const struct passed *passed = map_find(v->passed, waiter->passed_key);
    msg->verified = arena_calloc(arena, PASSED_MAX, sizeof(char *));
    for (size_t i = 0; passed != NULL && i < MIN(passed->next, (size_t)PASSED_MAX); i++) {
        if (is_young(v, passed->items[i].at_ms, PASSED_MS) &&
            !str_eq_c(waiter->commit, passed->items[i].commit)) {
            msg->verified[msg->n_verified++] = arena_strdup(arena, passed->items[i].commit);
        }
    }
}

/* ---- asking ---- */

static void on_verified(struct flight_waiter *flight, const struct flight_outcome *outcome)
{
    struct verifier_waiter *w = CONTAINER_OF(flight, struct verifier_waiter, flight);
    struct err err;
    struct verifier_outcome told = {.err = outcome->err};
    if (outcome->err != NULL) {
        /* a helper that broke down has a status */
        told.mirror_damaged = outcome->err->code == ERR_INTERNAL && outcome->err->system_code <= 0;
    } else if (outcome->reply->integrity == NULL) {
        (void)err_set(&err, ERR_INTERNAL, "the Git helper has verified nothing");
        told.err = &err;
    } else {
        told.result = outcome->reply->integrity;
        remember(w->verifier, w->key, told.result);
        if (w->passed_key.n > 0 && told.result->n_problems == 0) {
            remember_passed(w->verifier, w->passed_key, w->commit);
        }
    }
    w->done(w, &told);
}

static void fill(const struct verifier *v,
                 struct arena *arena,
                 const struct verifier_want *want,
                 const struct verifier_waiter *waiter,
                 Belay__GitWorkerVerify *ret)
{
    belay__git_worker_verify__init(ret);
    ret->commit = ipc_string(arena, want->commit);
    ret->tag = ipc_string(arena, want->tag);
    ret->tag_name = ipc_string(arena, want->tag_name);
    ret->mode = want->integrity->mode;
    ret->keys = want->integrity->keys;
    ret->n_keys = want->integrity->n_keys;
    ret->keyring = want->keyring;
    ret->n_keyring = want->n_keyring;
    ret->gpgv = arena_strdup(arena, v->options.gpgv);
    list_passed(v, arena, waiter, ret);
}

int verifier_join(struct verifier *verifier,
                  struct arena *arena,
                  const struct verifier_want *want,
                  struct verifier_waiter *waiter,
                  struct err *err)
{
    char key[DIGEST_SHA256_HEX_BYTES];
    Belay__GitWorkerRequest request;
    Belay__GitWorkerVerify verify;
    Belay__Repository nobody; /* no network: no credentials */
    if (verifier->stopping) {
        return err_set(err, ERR_CANCELED, "shutting down");
    }
    key_of(want, key);
    waiter->verifier = verifier;
    waiter->key = arena_str(arena, str_from(key));
    waiter->commit = arena_str(arena, want->commit);
    waiter->passed_key = STR_EMPTY;
    if (strcmp(want->integrity->mode, VERIFY_STRICT) == 0) {
        passed_key_of(want, key);
        waiter->passed_key = arena_str(arena, str_from(key));
    }
    fill(verifier, arena, want, waiter, &verify);
    belay__repository__init(&nobody);
    belay__git_worker_request__init(&request);
    nobody.url = ipc_string(arena, want->shown);
    request.op = BELAY__GIT_WORKER_OP__GIT_WORKER_VERIFY;
    request.repo = &nobody;
    request.mirror = ipc_string(arena, want->mirror);
    request.verify = &verify;
    struct flight_call call = {
        .key = waiter->key,
        .request = &request,
        .shown = nobody.url,
        .revision = verify.commit,
    };
    waiter->flight.done = on_verified;
    flights_join(verifier->flights, &call, &waiter->flight);
    return 0;
}

void verifier_leave(struct verifier_waiter *waiter)
{
    flights_leave(&waiter->flight);
}
