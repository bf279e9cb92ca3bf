/* struct kube_informer: a watched kind kept in memory, whole objects but for their managedFields, by namespace and
 * name.
 *
 * For kinds with few objects that everything depends on: Applications, projects, settings. A relist that
 * misses an object reports it as deleted. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/kube/kube_watch.h"

struct doc;
struct kube_client;
struct kube_informer;

struct kube_informer_opts {
    struct kube_target target;    /* copied; namespace is ignored when namespaces are given */
    const struct str *namespaces; /* copied; none = target.namespace; "" = all */
    size_t n_namespaces;
    /* Objects of a namespace this says no to do not exist here. NULL = yes to all. */
    bool (*wants)(void *data, struct str namespace);
    struct str label_selector;
    struct str field_selector;
    /* One object changed: before is NULL when it is new, after when it is gone. Both borrowed. */
    void (*on_change)(void *data, struct doc *before, struct doc *after);
    /* A list is complete and all have been once, so the first means: everything is there. May be NULL. */
    void (*on_synced)(void *data);
    /* NULL = well again. May be NULL. */
    void (*on_error)(void *data, const struct err *err);
    void *data;
};

struct kube_informer *kube_informer_start(struct kube_client *client,
                                          const struct kube_informer_opts *opts);
/* No callback runs after this returned, but for `stopped` (may be NULL), once. NULL is fine (stopped does
 * not run). */
void kube_informer_stop(struct kube_informer *informer, void (*stopped)(void *data), void *data);

bool kube_informer_synced(const struct kube_informer *informer);
size_t kube_informer_count(const struct kube_informer *informer);
/* Borrowed until the next callback; NULL when there is none. */
struct doc *
kube_informer_find(const struct kube_informer *informer, struct str namespace, struct str name);
/* In the order of arrival; start with *at = 0; NULL at the end. */
struct doc *kube_informer_next(const struct kube_informer *informer, size_t *at);

/* Take over an answer of our own write, unless something newer is known: what is read next includes it.
 * on_change runs. Objects the informer does not select are ignored. */
void kube_informer_put(struct kube_informer *informer, struct doc *doc);

/* a is not older than b: resourceVersions of one server compare as numbers (what the API server's own
 * caches rely on); different ones that are no numbers count as newer. */
bool kube_version_not_older(struct str a, struct str b);
