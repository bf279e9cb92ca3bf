/* Loading discovery snapshots.
 *
 * A load is /version, /api and /apis side by side, then, from servers without aggregated discovery, one
 * request per group version. It stands on its own, so that its object may be freed meanwhile; so does
 * every caller that waits, once its answer is known. */
#include "common/kube/kube_discovery.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/list.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_client.h"
#include "common/rt/loop.h"
#include "common/value/value.h"

#define ACCEPT_AGGREGATED                                                        \
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"      \
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList," \
    "application/json"

enum {
    DEFAULT_MAX_AGE_MS = 10 * 60 * 1000,
    FAILED_MAX_AGE_MS = 30 * 1000,
    LOAD_TIMEOUT_MS = 60 * 1000,
    GROUP_TIMEOUT_MS = 20 * 1000,
    ATTEMPTS = 2, /* a broken group shall not hold up the others */
};

struct waiter {
    struct list node;
    struct loop_task task;
    struct kube_api *api; /* reference, or NULL */
    struct err err;
    kube_discovery_fn done;
    void *data;
};

struct load;

/* One request of a load. */
struct fetch {
    struct load *load;
    struct kube_call *call; /* NULL = done */
    size_t index;           /* of a wanted version */
    void (*take)(struct fetch *fetch, const struct kube_reply *reply);
};

struct load {
    struct kube_discovery *discovery; /* NULL = freed meanwhile */
    struct kube_client *client;
    struct arena *arena;
    struct kube_api_builder *builder;
    struct {
        struct fetch **items;
        size_t n;
        size_t cap;
    } fetches;
    size_t n_pending;
    bool failed;
    struct err err;
};

struct kube_discovery {
    struct kube_client *client;
    int64_t max_age_ms;
    struct kube_api *api; /* NULL before the first */
    int64_t loaded_ms;
    bool invalid;
    struct load *load; /* NULL = none runs */
    struct list waiting;
};

/* ---- callers ---- */

static void on_answer(void *data)
{
    struct waiter *waiter = data;
    waiter->done(waiter->data, waiter->api, waiter->api == NULL ? &waiter->err : NULL);
    kube_api_unref(waiter->api);
    mem_free(waiter);
}

static void
answer(struct loop *loop, struct waiter *waiter, struct kube_api *api, const struct err *err)
{
    if (api != NULL) {
        waiter->api = kube_api_ref(api);
    } else {
        waiter->err = *err;
    }
    loop_task_post(loop, &waiter->task, on_answer, waiter);
}

static void
answer_all(struct kube_discovery *discovery, struct kube_api *api, const struct err *err)
{
    for (struct list *node; (node = list_pop(&discovery->waiting)) != NULL;) {
        struct waiter *waiter = CONTAINER_OF(node, struct waiter, node);
        answer(kube_client_loop(discovery->client), waiter, api, err);
    }
}

/* ---- a load ---- */

static void free_load(struct load *load)
{
    kube_api_builder_free(load->builder);
    arena_free(load->arena);
    mem_free(load);
}

static void start_classic(struct load *load);

static void end_load(struct load *load)
{
    struct kube_discovery *discovery = load->discovery;
    if (discovery != NULL) {
        discovery->load = NULL;
        if (!load->failed) {
            struct kube_api *api = kube_api_builder_finish(load->builder, discovery->api);
            kube_api_unref(discovery->api);
            discovery->api = api;
            discovery->loaded_ms = loop_now_ms(kube_client_loop(discovery->client));
        }
        answer_all(discovery, load->failed ? NULL : discovery->api, &load->err);
    }
    free_load(load);
}

static void on_reply(void *data, const struct kube_reply *reply)
{
    struct fetch *fetch = data;
    struct load *load = fetch->load;
    fetch->call = NULL;
    if (load->discovery != NULL && !load->failed) {
        fetch->take(fetch, reply);
    }
    if (--load->n_pending == 0) {
        end_load(load);
    }
}

static void cancel_load(struct load *load)
{
    for (size_t i = 0; i < load->fetches.n; i++) {
        kube_cancel(load->fetches.items[i]->call);
    }
}

/* Without this answer there is no snapshot. */
static void fail_load(struct load *load, const struct err *err)
{
    load->failed = true;
    load->err = *err;
    (void)err_wrap(&load->err, "API discovery"); /* the code stays */
    cancel_load(load);
}

static void start_fetch(struct load *load,
                        struct str path,
                        void (*take)(struct fetch *fetch, const struct kube_reply *reply),
                        size_t index,
                        int64_t timeout_ms)
{
    struct fetch *fetch = ARENA_NEW(load->arena, struct fetch);
    const struct kube_request request = {
        .verb = KUBE_GET,
        .raw_path = path,
        .accept = STR(ACCEPT_AGGREGATED),
        .timeout_ms = timeout_ms,
        .max_attempts = ATTEMPTS,
        .done = on_reply,
        .data = fetch,
    };
    fetch->load = load;
    fetch->take = take;
    fetch->index = index;
    load->n_pending++;
    vec_push_in(load->arena, &load->fetches, fetch);
    fetch->call = kube_start(load->client, &request);
}

static void take_version(struct fetch *fetch, const struct kube_reply *reply)
{
    if (reply->err != NULL) {
        fail_load(fetch->load, reply->err);
    } else {
        kube_api_builder_version(fetch->load->builder, doc_root(reply->doc));
    }
}

static void take_resources(struct fetch *fetch, const struct kube_reply *reply)
{
    if (reply->err != NULL) {
        kube_api_builder_failed(fetch->load->builder, fetch->index, reply->err);
    } else {
        kube_api_builder_resources(fetch->load->builder, fetch->index, doc_root(reply->doc));
    }
}

/* /apis follows /api, so that the core group is first and wanted versions are asked for once. */
static void take_groups(struct fetch *fetch, const struct kube_reply *reply)
{
    struct load *load = fetch->load;
    struct err err;
    bool core = fetch->index == 0;
    if (reply->err != NULL) {
        fail_load(load, reply->err);
    } else if (kube_api_builder_groups(load->builder, doc_root(reply->doc), &err) < 0) {
        fail_load(load, &err);
    } else if (core) {
        start_fetch(load, STR("/apis"), take_groups, 1, LOAD_TIMEOUT_MS);
    } else {
        start_classic(load);
    }
}

static void start_classic(struct load *load)
{
    struct str group;
    struct str version;
    for (size_t i = 0; kube_api_builder_wanted(load->builder, i, &group, &version); i++) {
        struct str path = group.n == 0
                              ? arena_printf(load->arena, "/api/" STR_FMT, STR_ARG(version))
                              : arena_printf(load->arena, "/apis/" STR_FMT "/" STR_FMT,
                                             STR_ARG(group), STR_ARG(version));
        start_fetch(load, path, take_resources, i, GROUP_TIMEOUT_MS);
    }
}

static void start_load(struct kube_discovery *discovery)
{
    struct load *load = MEM_NEW(struct load);
    load->discovery = discovery;
    load->client = discovery->client;
    load->arena = arena_new();
    load->builder = kube_api_builder_new();
    discovery->load = load;
    discovery->invalid = false;
    start_fetch(load, STR("/version"), take_version, 0, LOAD_TIMEOUT_MS);
    start_fetch(load, STR("/api"), take_groups, 0, LOAD_TIMEOUT_MS);
}

/* ---- the object ---- */

struct kube_discovery *kube_discovery_new(struct kube_client *client, int64_t max_age_ms)
{
    struct kube_discovery *discovery = MEM_NEW(struct kube_discovery);
    discovery->client = client;
    discovery->max_age_ms = max_age_ms > 0 ? max_age_ms : DEFAULT_MAX_AGE_MS;
    list_init(&discovery->waiting);
    return discovery;
}

void kube_discovery_free(struct kube_discovery *discovery)
{
    struct err err;
    if (discovery == NULL) {
        return;
    }
    (void)err_set(&err, ERR_CANCELED, "API discovery was canceled"); /* given to the callers */
    answer_all(discovery, NULL, &err);
    if (discovery->load != NULL) {
        discovery->load->discovery = NULL;
        cancel_load(discovery->load);
    }
    kube_api_unref(discovery->api);
    mem_free(discovery);
}

static bool is_fresh(const struct kube_discovery *discovery)
{
    if (discovery->api == NULL || discovery->invalid) {
        return false;
    }
    int64_t max_age_ms = kube_api_failure_count(discovery->api) > 0
                             ? MIN(discovery->max_age_ms, (int64_t)FAILED_MAX_AGE_MS)
                             : discovery->max_age_ms;
    int64_t now_ms = loop_now_ms(kube_client_loop(discovery->client));
    return now_ms - discovery->loaded_ms < max_age_ms;
}

void kube_discovery_get(struct kube_discovery *discovery, kube_discovery_fn done, void *data)
{
    struct loop *loop = kube_client_loop(discovery->client);
    ASSERT_LOOP(loop);
    struct waiter *waiter = MEM_NEW(struct waiter);
    waiter->done = done;
    waiter->data = data;
    if (is_fresh(discovery)) {
        answer(loop, waiter, discovery->api, NULL);
        return;
    }
    list_push(&discovery->waiting, &waiter->node);
    if (discovery->load == NULL) {
        start_load(discovery);
    }
}

void kube_discovery_invalidate(struct kube_discovery *discovery)
{
    discovery->invalid = true;
}

struct kube_api *kube_discovery_latest(const struct kube_discovery *discovery)
{
    return discovery->api;
}
