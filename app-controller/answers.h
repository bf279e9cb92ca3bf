/* struct answers: what the API server answered to dry runs of one application's objects, and what jq made of them.
 *
 * An answer holds for one resourceVersion of the live object and one target, so that an unchanged object costs no
 * request. Loop thread only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/str.h"
#include "common/kube/kube_object.h"

struct answers;
struct arena;
struct doc;
struct jq_memo;
struct value;

struct answers *answers_new(void);
/* NULL is fine. */
struct answers *answers_ref(struct answers *answers);
void answers_unref(struct answers *answers);
DEFINE_CLEANUP(answers, struct answers, answers_unref);

/* Of one pair. */
struct answer {
    struct str key; /* kube_key_to_str() */
    struct str resource_version;
    uint64_t target_hash; /* value_hash() */
    struct doc *doc;      /* a reference in struct answers; held by the arena in a list */
};

/* Replaces the last one for the key; everything is copied, a reference to doc is taken. */
void answers_put(struct answers *answers, const struct answer *answer);
/* Forget all but what these are for: pairs that are gone. keys: sorted. */
void answers_keep(struct answers *answers, const struct str *keys, size_t n_keys);
size_t answers_count(const struct answers *answers);

/* All of them for another thread; in the arena. */
struct answer_list {
    const struct answer *items; /* by key */
    size_t n;
};
struct answer_list answers_list(const struct answers *answers, struct arena *arena);
/* The object of the answer for exactly this pair, or NULL. Any thread. */
const struct value *answer_list_find(struct answer_list list, const struct answer *wanted);

/* What jq gave for the application's objects, while no evaluation works with it; NULL = none, or one does. */
struct jq_memo *answers_take_memo(struct answers *answers);
/* Takes it. */
void answers_give_memo(struct answers *answers, struct jq_memo *memo);
