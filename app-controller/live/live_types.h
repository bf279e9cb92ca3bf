/* The types of a cluster's kinds: its OpenAPI v2 document, reduced for engine/compare/validate.h.
 *
 * Read when somebody asks, once for all who ask meanwhile, and kept until the cluster's kinds are discovered anew.
 * Loop thread only. */
#pragma once

#include <stdbool.h>

#include "common/base/list.h"

struct doc;
struct err;
struct live_cache;
struct live_types;
struct work;

enum live_types_age {
    LIVE_TYPES_KNOWN, /* what is there, if anything is */
    LIVE_TYPES_FRESH, /* asked for after this */
};

/* Embedded by who asks, and left alone until done. */
struct live_types_wait {
    /* err is NULL on success; doc is borrowed. */
    void (*done)(void *data, struct doc *doc, const struct err *err);
    void *data;
    struct list node; /* private */
};

struct live_types *live_types_new(struct live_cache *cache, struct work *work);
/* Nobody waits any more. NULL is fine. */
void live_types_free(struct live_types *types);
void live_types_forget(struct live_types *types);
/* done runs exactly once, never before this returned; there is no cancel. The cache is held until then. */
void live_types_ask(struct live_types *types,
                    enum live_types_age age,
                    struct live_types_wait *wait);
