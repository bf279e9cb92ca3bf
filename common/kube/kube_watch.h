/* One kind, watched for ever: initial list, then events, through every kind of trouble.
 *
 * Lists (paged, or as a stream of initial events where the server offers it), then watches with
 * bookmarks from the list's resourceVersion; reconnects from the last seen one when the connection
 * ends, is silent for too long or breaks; lists again when that version is gone (410).  All with
 * back-off, until stopped.
 *
 * The consumer keeps a set of objects.  A (re)list replaces it: on_reset comes first (mark all as
 * old), an ADDED for every object there is, then on_synced (drop what is still marked).  Between, and
 * after, events are changes.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/kube/kube_client.h"

struct kube_watch;
struct value;

enum kube_event {
    KUBE_EVENT_ADDED,
    KUBE_EVENT_MODIFIED,
    KUBE_EVENT_DELETED, /* obj is the last state */
    KUBE_EVENT_COUNT
};

enum kube_watch_state {
    KUBE_WATCH_LISTING,
    KUBE_WATCH_WATCHING,
    KUBE_WATCH_WAITING, /* back-off after a failure */
    KUBE_WATCH_STOPPED,
    KUBE_WATCH_STATE_COUNT
};

const char *kube_watch_state_name(enum kube_watch_state state);

struct kube_watch_opts {
    struct kube_target target;    /* name empty; namespace is ignored when namespaces are given */
    const struct str *namespaces; /* copied; none = target.namespace, "" = all */
    size_t n_namespaces;
    struct str label_selector;
    struct str field_selector;
    bool metadata_only;
    bool streaming_list; /* sendInitialEvents first; falls back where the server has it not */
    int64_t page_size;   /* 0 = 500 */
    int64_t idle_ms;     /* no byte for so long = broken; 0 = 30 s more than the server's limit */
    int64_t watch_s;     /* server's timeoutSeconds, doubled at most by jitter; 0 = 300 */
    int64_t backoff_min_ms; /* 0 = 500 */
    int64_t backoff_max_ms; /* 0 = 10 s */

    /* obj is borrowed until the return, with apiVersion and kind of the target. */
    void (*on_event)(void *data, enum kube_event type, const struct value *obj);
    /* A list begins (with several namespaces: for this one, "" = all): replacement follows. */
    void (*on_reset)(void *data, struct str namespace);
    /* The list is complete; the first time also means: synced. */
    void (*on_synced)(void *data, struct str namespace);
    /* Degraded: what went wrong; retries go on by themselves. NULL = well again. May be NULL. */
    void (*on_error)(void *data, const struct err *err);
    void *data;
};

struct kube_watch *kube_watch_start(struct kube_client *client, const struct kube_watch_opts *opts);
/* No callback runs after this returned, but for `stopped` (may be NULL), once, from the loop; then the
 * client may be freed. NULL is fine (stopped does not run). */
void kube_watch_stop(struct kube_watch *watch, void (*stopped)(void *data), void *data);

/* All namespaces have been listed at least once and no list is under way. */
bool kube_watch_synced(const struct kube_watch *watch);
enum kube_watch_state kube_watch_state(const struct kube_watch *watch);
