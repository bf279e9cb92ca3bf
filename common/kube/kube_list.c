/* Lists, page after page, cut into items while they arrive.
 *
 * A continue token that expired between two pages (410) starts the list again, once or twice; a page
 * that breaks in the middle fails the list: its items cannot be taken back one by one. */
#include <assert.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_client_internal.h"
#include "common/kube/kube_exchange.h"
#include "common/kube/kube_object.h"
#include "common/kube/kube_request.h"
#include "common/kube/kube_stream.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

enum {
    DEFAULT_PAGE_SIZE = 500,
    DEFAULT_LIST_TIMEOUT_MS = 5 * 60 * 1000,
    LIST_IDLE_MS = 60 * 1000,
    RESTARTS_MAX = 3,
    STATUS_GONE = 410,
};

struct kube_list {
    struct kube_client *client; /* the exchange keeps it alive */
    struct kube_exchange *exchange;
    struct arena *arena; /* the collection's texts */
    struct kube_collection collection;
    struct str api_version;
    struct buf continue_token;
    struct buf resource_version;
    struct kube_items items;
    int64_t deadline_ms;
    size_t n_items;
    unsigned n_restarts;
    bool canceled;
    bool has_failed; /* an item was unreadable */
    struct err err;
    struct loop_task task;
    void (*on_item)(void *data, const struct value *item);
    void (*on_restart)(void *data);
    void (*done)(void *data, const struct kube_list_result *result);
    void *data;
};

static void next_page(struct kube_list *list);

/* ---- the end ---- */

static void end_list(struct kube_list *list, const struct err *err)
{
    const struct kube_list_result result = {
        .err = err,
        .resource_version = buf_str(&list->resource_version),
        .n_items = list->n_items,
    };
    list->done(list->data, &result);
    kube_items_done(&list->items);
    buf_done(&list->continue_token);
    buf_done(&list->resource_version);
    arena_free(list->arena);
    mem_free(list);
}

static void on_failed_start(void *data)
{
    struct kube_list *list = data;
    end_list(list, &list->err);
}

/* ---- pages ---- */

static int on_piece(void *data, struct str json, struct err *err)
{
    struct kube_list *list = data;
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *item;
    TRY(value_from_json(arena, json, NULL, &item, err));
    if (list->collection.target.kind.n > 0) {
        struct str kind = list->collection.target.kind;
        item = list->collection.metadata_only
                   ? kube_object_metadata_only(arena, item, list->api_version, kind)
                   : kube_with_type(arena, item, list->api_version, kind);
    }
    list->n_items++;
    list->on_item(list->data, item);
    return list->canceled ? err_set(err, ERR_CANCELED, "the list was canceled") : 0;
}

static void on_page_data(void *data, struct str bytes)
{
    struct kube_list *list = data;
    if (!list->has_failed && kube_items_feed(&list->items, bytes, on_piece, list, &list->err) < 0) {
        list->has_failed = true;
        kube_exchange_cancel(list->exchange);
    }
}

static int read_envelope(struct kube_list *list, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str text;
    const struct value *envelope;
    TRY(kube_items_finish(&list->items, &text, err));
    TRY(value_from_json(arena, text, NULL, &envelope, err));
    buf_reset(&list->continue_token);
    buf_put(&list->continue_token, value_dig_str(envelope, "metadata", "continue"));
    buf_reset(&list->resource_version);
    buf_put(&list->resource_version, value_dig_str(envelope, "metadata", "resourceVersion"));
    return buf_check(&list->continue_token, "the continue token of a list", err);
}

static void restart(struct kube_list *list)
{
    list->n_restarts++;
    list->n_items = 0;
    buf_reset(&list->continue_token);
    if (list->on_restart != NULL) {
        list->on_restart(list->data);
    }
    next_page(list);
}

static void on_page(void *data, const struct kube_exchange_result *result)
{
    struct kube_list *list = data;
    bool expired = result->status == STATUS_GONE && list->continue_token.n > 0;
    struct err err;
    list->exchange = NULL;
    if (list->has_failed) {
        (void)err_wrap(&list->err, "list"); /* the code stays */
        end_list(list, &list->err);
        return;
    }
    if (result->err != NULL && expired && !list->canceled && list->n_restarts < RESTARTS_MAX) {
        restart(list);
        return;
    }
    if (result->err != NULL) {
        end_list(list, result->err);
        return;
    }
    if (read_envelope(list, &err) < 0) {
        (void)err_wrap(&err, "list"); /* the code stays */
        end_list(list, &err);
        return;
    }
    if (list->continue_token.n > 0) {
        next_page(list);
        return;
    }
    end_list(list, NULL);
}

static int start_page(struct kube_list *list, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kube_wire wire;
    list->collection.continue_token = buf_str(&list->continue_token);
    TRY(kube_request_collection(arena, &list->collection, &wire, err));
    const struct kube_exchange_opts opts = {
        .verb = KUBE_LIST,
        .target = &list->collection.target,
        .wire = &wire,
        .deadline_ms = list->deadline_ms,
        .idle_ms = LIST_IDLE_MS,
        .on_data = on_page_data,
        .done = on_page,
        .data = list,
    };
    kube_items_reset(&list->items);
    list->exchange = kube_exchange_start(list->client, &opts);
    return 0;
}

static void next_page(struct kube_list *list)
{
    if (start_page(list, &list->err) < 0) {
        loop_task_post(list->client->loop, &list->task, on_failed_start, list);
    }
}

struct kube_list *kube_list_start(struct kube_client *client,
                                  const struct kube_list_request *request)
{
    ASSERT_LOOP(client->loop);
    struct kube_list *list = MEM_NEW(struct kube_list);
    int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_LIST_TIMEOUT_MS;
    int64_t page_size = request->page_size > 0 ? request->page_size : DEFAULT_PAGE_SIZE;
    list->client = client;
    list->arena = arena_new();
    list->collection = (struct kube_collection){
        .verb = KUBE_LIST,
        .target = kube_target_copy(list->arena, &request->target),
        .label_selector = arena_str(list->arena, request->label_selector),
        .field_selector = arena_str(list->arena, request->field_selector),
        .resource_version = request->any_version ? STR("0") : STR_EMPTY,
        .limit = request->any_version ? 0 : page_size,
        .metadata_only = request->metadata_only,
    };
    list->api_version =
        kube_api_version_format(list->arena, request->target.group, request->target.version);
    list->deadline_ms = loop_now_ms(client->loop) + timeout_ms;
    list->on_item = request->on_item;
    list->on_restart = request->on_restart;
    list->done = request->done;
    list->data = request->data;
    buf_init(&list->continue_token, LIMIT_HTTP_URL_BYTES / 2);
    buf_init(&list->resource_version, LIMIT_KIB);
    kube_items_init(&list->items, LIMIT_WATCH_LINE_BYTES);
    next_page(list);
    return list;
}

void kube_list_cancel(struct kube_list *list)
{
    if (list == NULL) {
        return;
    }
    list->canceled = true;
    if (list->exchange != NULL && !list->has_failed) {
        kube_exchange_cancel(list->exchange);
    }
}
