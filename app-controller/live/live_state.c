/* What can be said of a cluster as a whole: whether it is reached, and what of it is known. */
#include "app-controller/live/live_cache_internal.h"
#include "common/kube/kube_status.h"

/* Errors that waiting does not mend. */
static bool is_lasting(const struct err *err)
{
    return err->code == ERR_DENIED || err->code == ERR_NOT_FOUND || err->code == ERR_UNSUPPORTED;
}

static bool is_refused(const struct err *err)
{
    return is_lasting(err) || kube_err_is_answer(err);
}

/* Every watched kind has been listed, or fails in an excused way. */
static bool all_listed(const struct live_cache *cache, bool (*is_excused)(const struct err *err))
{
    if (cache->api == NULL) {
        return false;
    }
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        const struct kind_watch *kw = k->data;
        if (kw != NULL && kw->watch != NULL && !kw->synced &&
            !(kw->failing && is_excused(&kw->err))) {
            return false;
        }
    }
    return true;
}

bool live_cache_synced(const struct live_cache *cache)
{
    return all_listed(cache, is_refused);
}

bool live_cache_complete(const struct live_cache *cache)
{
    return all_listed(cache, is_lasting);
}

static bool is_connection_error(const struct err *err)
{
    return err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT ||
           err->code == ERR_UNAUTHENTICATED;
}

/* The server is there and refuses one kind: its storage begins, its extension server is down. */
static bool is_of_one_kind(const struct err *err)
{
    return kube_err_is_answer(err) && err->code != ERR_UNAUTHENTICATED;
}

const struct err *live_cache_error(const struct live_cache *cache)
{
    if (cache->failing) {
        return &cache->err;
    }
    const struct err *one = NULL;
    bool some_work = false;
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        const struct kind_watch *kw = k->data;
        if (kw == NULL || kw->watch == NULL) {
            continue;
        }
        if (!kw->failing || !is_connection_error(&kw->err)) {
            some_work = true;
        } else if (is_of_one_kind(&kw->err)) {
            one = &kw->err;
        } else {
            return &kw->err;
        }
    }
    return some_work ? NULL : one; /* every kind refused: whatever stands before the server is */
}
