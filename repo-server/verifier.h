/* struct verifier: whether commits are signed as a project wants them, asked of the helper process and remembered.
 *
 * A verdict is known by all it depends on: commit and tag, mode, ids of the allowed keys, and the keyring. In strict
 * mode a commit that passed stands for its history when a later one is verified. Both are forgotten after a while, as keys
 * expire. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "proto/repo.pb-c.h"
#include "repo-server/git/flights.h"

struct loop;
struct mirror_store;
struct verifier;

struct verifier_options {
    struct loop *loop; /* borrowed, as all here */
    const struct mirror_store *store;
    const char *gpgv; /* path of the program */
    size_t max_helpers;
    int64_t timeout_ms; /* of one verification */
};

struct verifier *verifier_new(const struct verifier_options *options);
/* Cancels all; idle(data) is called when no helper is left, perhaps at once. */
void verifier_stop(struct verifier *verifier, void (*idle)(void *data), void *data);
/* After idle(). NULL is fine. */
void verifier_free(struct verifier *verifier);

/* The request asks for a verification of this source. */
bool verifier_is_wanted(const Belay__Integrity *integrity);

/* All borrowed. */
struct verifier_want {
    const Belay__Integrity *integrity;
    Belay__PublicKey **keyring;
    size_t n_keyring;
    struct str commit;   /* 40 digits */
    struct str tag;      /* the annotated tag that leads to it; "" = none */
    struct str tag_name; /* for messages */
    struct str mirror;
    struct str repo_key;
    struct str shown;
};

/* Borrowed until the loop goes on; NULL when it is not known. */
const Belay__IntegrityResult *verifier_find(struct verifier *verifier,
                                            const struct verifier_want *want);

struct verifier_outcome {
    const Belay__IntegrityResult *result; /* NULL on failure */
    const struct err *err;
    bool mirror_damaged; /* on failure: fetching again may help */
};

/* One who waits; embedded, zeroed. */
struct verifier_waiter {
    struct flight_waiter flight; /* private, as the next ones */
    struct verifier *verifier;
    struct str key;
    struct str passed_key;
    struct str commit;
    /* Never called before verifier_join() returned. */
    void (*done)(struct verifier_waiter *waiter, const struct verifier_outcome *outcome);
};

/* The strings the waiter keeps live in the arena. ERR_CANCELED after verifier_stop(). */
MUST_CHECK int verifier_join(struct verifier *verifier,
                             struct arena *arena,
                             const struct verifier_want *want,
                             struct verifier_waiter *waiter,
                             struct err *err);
/* done() is not called any more. */
void verifier_leave(struct verifier_waiter *waiter);
