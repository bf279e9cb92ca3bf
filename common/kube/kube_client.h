/* Kubernetes API client: verbs on group/version/resource, objects as trees.
 *
 * One client per API server and identity, on one loop; connections are re-used (HTTP/2 where the
 * server speaks it).  Every call is asynchronous and keeps this contract: `done` runs exactly once,
 * never before the start function returned, also after a cancel (ERR_CANCELED); the call's handle is
 * invalid after done returned.
 *
 * Answers with an error become struct err: NOT_FOUND, EXISTS (reason AlreadyExists), CONFLICT, DENIED,
 * UNAUTHENTICATED, INVALID (message with the causes' fields), LIMIT (413), UNAVAILABLE (429 too),
 * TIMEOUT, UNSUPPORTED (405, 406, 415), INTERNAL; system_code is the HTTP status.
 *
 * Tried again with back-off, a bounded number of times inside the deadline, honouring Retry-After: 429
 * and 5xx with Retry-After always, as the server did not process them; other 5xx and broken connections
 * only for requests that may be repeated (not create, update, JSON patch).  401 once, with fresh
 * credentials.  Requests wait for a token of the client-side rate limit.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct doc;
struct http_client;
struct kube_config;
struct loop;
struct rand;
struct value;

struct kube_client;
struct kube_call;

enum kube_verb {
    KUBE_GET,
    KUBE_LIST,
    KUBE_WATCH,
    KUBE_CREATE,
    KUBE_UPDATE,
    KUBE_PATCH,
    KUBE_DELETE,
    KUBE_VERB_COUNT
};

/* "get", "list", ... as in RBAC and metrics. */
const char *kube_verb_name(enum kube_verb verb);

enum kube_patch_type {
    KUBE_PATCH_JSON,      /* RFC 6902 */
    KUBE_PATCH_MERGE,     /* RFC 7386 */
    KUBE_PATCH_STRATEGIC, /* built-in kinds only */
    KUBE_PATCH_APPLY,     /* server-side apply; needs field_manager */
    KUBE_PATCH_COUNT
};

enum kube_propagation {
    KUBE_PROPAGATION_DEFAULT,
    KUBE_PROPAGATION_BACKGROUND,
    KUBE_PROPAGATION_FOREGROUND,
    KUBE_PROPAGATION_ORPHAN,
    KUBE_PROPAGATION_COUNT
};

/* Strict rejects unknown and duplicate fields (1.25 and later; older servers ignore it). */
enum kube_field_validation {
    KUBE_FIELDS_DEFAULT,
    KUBE_FIELDS_IGNORE,
    KUBE_FIELDS_WARN,
    KUBE_FIELDS_STRICT,
    KUBE_FIELDS_COUNT
};

/* What a request is about. */
struct kube_target {
    struct str group; /* "" = core */
    struct str version;
    struct str resource;    /* plural: "deployments" */
    struct str kind;        /* stamped on list items and metadata-only objects; used in metrics */
    struct str namespace;   /* "" = cluster-scoped, or all namespaces in a list */
    struct str name;        /* "" in list, watch and create */
    struct str subresource; /* "status", "scale", ...; "" = the object itself */
};

struct kube_stat {
    enum kube_verb verb;
    const struct kube_target *target;
    int status; /* HTTP status; 0 = no answer */
    bool dry_run;
    bool retry; /* another attempt follows */
    int64_t took_ms;
};

struct kube_client_opts {
    struct loop *loop;          /* borrowed */
    struct http_client *http;   /* borrowed; on the same loop; outlives the client */
    struct kube_config *config; /* takes, also on failure */
    const char *const *environ; /* for exec credentials; NULL = empty. Borrowed */
    struct rand *rand;          /* jitter; NULL = rand_system() */
    struct str user_agent;      /* "" = "belay" */
    double qps;                 /* requests a second; 0 = 50, negative = no limit */
    int burst;                  /* 0 = 100 */
    /* Called after every attempt: argocd_app_k8s_request_total. */
    void (*on_stat)(void *data, const struct kube_stat *stat);
    /* Called for every Warning header, text unquoted. */
    void (*on_warning)(void *data, const struct kube_target *target, struct str text);
    void *data;
};

MUST_CHECK int
kube_client_new(const struct kube_client_opts *opts, struct kube_client **ret, struct err *err);
/* Cancels the calls still under way (their done runs), frees when the last is over. Watches and
 * discovery of it are stopped before. NULL is fine. */
void kube_client_free(struct kube_client *client);
DEFINE_CLEANUP(kube_client, struct kube_client, kube_client_free);

const struct kube_config *kube_client_config(const struct kube_client *client);
struct loop *kube_client_loop(const struct kube_client *client);

/* ---- one object ---- */

struct kube_reply {
    const struct err *err; /* NULL = success */
    struct doc *doc;       /* the answer's tree; borrowed, doc_ref() to keep; NULL on failure */
    struct str body;       /* the answer's bytes; borrowed */
    int status;            /* HTTP; 0 = no answer */
    struct str reason;     /* Status.reason on failure ("AlreadyExists"); may be empty */
    /* Status of a failure as a tree (details.causes, ...); NULL when the body was none. Borrowed. */
    const struct value *failure;
};

typedef void (*kube_done_fn)(void *data, const struct kube_reply *reply);

/* Everything but verb, target and done may be left zero. All is copied by kube_start(), body trees are
 * serialised there. */
struct kube_request {
    enum kube_verb verb; /* not KUBE_LIST, not KUBE_WATCH */
    struct kube_target target;
    /* Instead of target: GET this absolute path with query ("/version"). */
    struct str raw_path;
    struct str accept; /* of raw_path; "" = application/json */
    bool raw_body;     /* the answer is given as `body`, not parsed */

    const struct value *body; /* create, update, patch */
    struct str body_json;     /* instead of body: JSON text */
    enum kube_patch_type patch;
    struct str field_manager;
    bool force;
    bool dry_run;
    bool metadata_only; /* the answer as PartialObjectMetadata, with the target's type stamped on */
    enum kube_field_validation field_validation;

    /* delete */
    enum kube_propagation propagation;
    bool has_grace_period;
    int64_t grace_period_s;
    struct str precondition_uid;
    struct str precondition_resource_version;

    /* impersonation; "" = what the config says */
    struct str as_user;
    const struct str *as_groups;
    size_t n_as_groups;

    int64_t timeout_ms;    /* for everything, waits and retries included; 0 = 60 s */
    unsigned max_attempts; /* 0 = as many as the client allows itself */
    kube_done_fn done;
    void *data;
};

/* The handle is for kube_cancel() and valid until done returned. Mistakes in the request (no name, no
 * body, ...) come through done as ERR_INVALID. */
struct kube_call *kube_start(struct kube_client *client, const struct kube_request *request);

/* done will run with ERR_CANCELED, from the loop. NULL is fine. */
void kube_cancel(struct kube_call *call);

/* ---- lists ---- */

struct kube_list;

struct kube_list_result {
    const struct err *err;
    struct str resource_version; /* to start a watch from; borrowed */
    size_t n_items;
};

struct kube_list_request {
    struct kube_target target; /* name empty */
    struct str label_selector;
    struct str field_selector;
    bool metadata_only;
    bool any_version;   /* resourceVersion=0: whatever the server's cache has, unpaged */
    int64_t page_size;  /* 0 = 500 */
    int64_t timeout_ms; /* for the whole list; 0 = 5 min */
    /* Once per object, in the server's order. item is borrowed until the return. */
    void (*on_item)(void *data, const struct value *item);
    /* The list expired between two pages and starts again: forget the items so far. */
    void (*on_restart)(void *data);
    void (*done)(void *data, const struct kube_list_result *result);
    void *data;
};

/* Page after page; an answer is cut into items while it arrives, so that memory does not grow with
 * the list. */
struct kube_list *kube_list_start(struct kube_client *client,
                                  const struct kube_list_request *request);
void kube_list_cancel(struct kube_list *list);
