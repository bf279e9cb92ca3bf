/* The decision about automated syncs.
 *
 * Every revision and set of sources is synced once.  After that only self-heal syncs again, what has
 * drifted alone, with growing pauses. */
#include "app-controller/sync/auto_sync.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/macro.h"
#include "common/base/vec.h"
#include "common/value/value.h"

/* A pause that is not capped does not grow beyond this. */
#define HEAL_WAIT_MAX_MS (INT64_C(365) * 24 * 3600 * 1000)

static bool strs_equal(struct app_strs a, struct app_strs b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++) {
        if (!str_eq(a.items[i], b.items[i])) {
            return false;
        }
    }
    return a.n == b.n;
}

static bool sources_equal(const struct app_sources *a, const struct app_sources *b)
{
    for (size_t i = 0; i < a->n && a->n == b->n; i++) {
        if (!value_equal(a->items[i].tree, b->items[i].tree)) {
            return false;
        }
    }
    return a->n == b->n;
}

static bool same_revisions(const struct auto_sync_input *in, const struct app_sync_result *result)
{
    if (in->spec->multi_source) {
        return strs_equal(in->revisions, result->revisions);
    }
    return in->revisions.n > 0 && str_eq(in->revisions.items[0], result->revision);
}

/* What is wanted now was the aim of the last operation already. */
static bool was_attempted(const struct auto_sync_input *in)
{
    const struct app_operation_state *last = in->last;
    if (!last->has_result) {
        return status_operation_completed(last->phase);
    }
    return (!in->revision_may_change || same_revisions(in, &last->result)) &&
           sources_equal(&in->spec->sources, &last->result.sources);
}

/* "[rev1 rev2]" */
static struct str revisions_text(struct arena *arena, struct app_strs revisions)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    buf_put_char(&text, '[');
    for (size_t i = 0; i < revisions.n; i++) {
        buf_put_c(&text, i > 0 ? " " : "");
        buf_put(&text, revisions.items[i]);
    }
    buf_put_char(&text, ']');
    return buf_to_arena(&text, arena);
}

static bool only_prunes_differ(const struct compare_result *compare)
{
    for (size_t i = 0; i < compare->n_resources; i++) {
        const struct compare_resource *r = &compare->resources[i];
        if (r->status == SYNC_STATUS_OUT_OF_SYNC && !r->requires_pruning) {
            return false;
        }
    }
    return true;
}

static bool would_delete_all(const struct compare_result *compare)
{
    for (size_t i = 0; i < compare->n_resources; i++) {
        if (!compare->resources[i].requires_pruning) {
            return false;
        }
    }
    return compare->n_resources > 0;
}

static int64_t heal_wait_ms(const struct auto_sync_heal *heal, int64_t attempts)
{
    if (heal->timeout_ms == 0) {
        return heal->fixed_ms;
    }
    if (attempts <= 0) {
        return 0;
    }
    int64_t cap_ms = heal->cap_ms > 0 ? heal->cap_ms : HEAL_WAIT_MAX_MS;
    int64_t wait_ms = heal->timeout_ms;
    for (int64_t i = 1; i < attempts && wait_ms < cap_ms && heal->factor > 1; i++) {
        wait_ms *= heal->factor;
    }
    return MIN(wait_ms, cap_ms);
}

/* When the next self-heal may start: counted from the end of the last operation. */
static int64_t heal_at_ms(const struct auto_sync_input *in)
{
    int64_t finished_ms = 0;
    struct err unused; /* without a time of the last operation nothing has to be waited for */
    if (clock_parse_rfc3339(in->last->finished_at, &finished_ms, &unused) < 0) {
        return 0;
    }
    return finished_ms + heal_wait_ms(&in->heal, in->last->operation.auto_heal_attempts);
}

static struct app_operation new_operation(const struct auto_sync_input *in)
{
    const struct app_sync_policy *policy = &in->spec->sync_policy;
    struct app_operation op = {
        .has_sync = true,
        .prune = policy->prune,
        .sync_options = policy->sync_options,
        .automated = true,
        .retry = policy->retry,
    };
    if (in->spec->multi_source) {
        op.revisions = in->revisions;
        op.sources = in->spec->sources;
        op.multi_source = true;
    } else if (in->revisions.n > 0) {
        op.revision = in->revisions.items[0];
    }
    if (!op.retry.set) {
        op.retry = (struct app_retry){
            .set = true,
            .limit = APP_RETRY_LIMIT_DEFAULT,
            .backoff_ms = APP_BACKOFF_DEFAULT_MS,
            .factor = APP_BACKOFF_FACTOR_DEFAULT,
            .backoff_max_ms = APP_BACKOFF_MAX_DEFAULT_MS,
        };
    }
    return op;
}

/* Only what is not Synced is synced again. */
static struct app_sync_resources drifted(struct arena *arena, const struct compare_result *compare)
{
    VEC(struct app_sync_resource) list = {0};
    for (size_t i = 0; i < compare->n_resources; i++) {
        const struct compare_resource *r = &compare->resources[i];
        if (r->status == SYNC_STATUS_OUT_OF_SYNC || r->status == SYNC_STATUS_UNKNOWN) {
            struct app_sync_resource item = {r->key.group, r->key.kind, r->key.name,
                                             r->key.namespace};
            vec_push_in(arena, &list, item);
        }
    }
    return (struct app_sync_resources){list.items, list.n};
}

/* Nothing is to be done, whatever was attempted before. */
static bool is_idle(const struct auto_sync_input *in)
{
    const struct app_sync_policy *policy = &in->spec->sync_policy;
    return !policy->automated || in->operation_pending || in->deleting ||
           in->compare->status != SYNC_STATUS_OUT_OF_SYNC ||
           (!policy->prune && only_prunes_differ(in->compare));
}

/* The operation to start when it was attempted already; false when there is none (yet). */
static bool plan_heal(struct arena *arena,
                      const struct auto_sync_input *in,
                      struct app_operation *op,
                      struct auto_sync_decision *ret)
{
    if (in->last->phase != OPERATION_PHASE_SUCCEEDED) {
        struct str revisions = revisions_text(arena, in->revisions);
        ret->condition = arena_printf(arena, "Failed last sync attempt to " STR_FMT ": " STR_FMT,
                                      STR_ARG(revisions), STR_ARG(in->last->message));
        return false;
    }
    if (!in->spec->sync_policy.self_heal) {
        return false;
    }
    int64_t at_ms = heal_at_ms(in);
    if (at_ms > in->now_ms) {
        ret->action = AUTO_SYNC_LATER;
        ret->retry_at_ms = at_ms;
        return false;
    }
    op->auto_heal_attempts = in->last->operation.auto_heal_attempts + 1;
    op->resources = drifted(arena, in->compare);
    return true;
}

void auto_sync_decide(struct arena *arena,
                      const struct auto_sync_input *in,
                      struct auto_sync_decision *ret)
{
    *ret = (struct auto_sync_decision){.action = AUTO_SYNC_NONE};
    if (is_idle(in)) {
        return;
    }
    struct app_operation op = new_operation(in);
    if (was_attempted(in) && !plan_heal(arena, in, &op, ret)) {
        return;
    }
    if (op.prune && !in->spec->sync_policy.allow_empty && would_delete_all(in->compare)) {
        struct str revisions = revisions_text(arena, in->revisions);
        ret->condition = arena_printf(
            arena, "Skipping sync attempt to " STR_FMT ": auto-sync will wipe out all resources",
            STR_ARG(revisions));
        return;
    }
    ret->action = AUTO_SYNC_START;
    ret->operation = app_operation_to_value(arena, &op);
}
