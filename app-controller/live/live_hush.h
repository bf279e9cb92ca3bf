/* struct live_hush: which changes of objects nobody needs to hear of, when that takes jq (live_quiet.h).
 *
 * jq runs in a helper process and may take its time, so changes wait for it (live_queue.h). Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/kube/kube_object.h"

struct compare_rules;
struct jq_pool;
struct live_hush;
struct loop;
struct value;
struct work;

struct live_hushed {
    struct kube_key key;
    struct str resource_version;
    uint64_t hash; /* as live_quiet_hash(): 0 also when a rule failed */
    bool told;     /* as it was added */
};

struct live_hush_opts {
    struct loop *loop;
    struct work *work;
    struct jq_pool *jq;
    void (*on_hushed)(void *data, const struct live_hushed *what);
    /* The job has ended: nothing is in use elsewhere. */
    void (*on_idle)(void *data);
    void *data;
};

struct live_hush *live_hush_new(const struct live_hush_opts *opts);
/* No more reports but on_idle(), when a job is under way. */
void live_hush_stop(struct live_hush *hush);
bool live_hush_is_idle(const struct live_hush *hush);
/* It must be idle. */
void live_hush_free(struct live_hush *hush);

/* tracked: as for live_quiet_hash(). told: the change was told of already, only the hash is wanted. Rules: a reference is
 * taken. */
void live_hush_add(struct live_hush *hush,
                   struct compare_rules *rules,
                   const struct value *obj,
                   bool tracked,
                   bool told);
