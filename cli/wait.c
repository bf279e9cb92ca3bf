/* Conditions on status and operation. */
#include "cli/wait.h"

#include "cli/blocked_text.h"
#include "cli/output.h"
#include "common/base/buf.h"
#include "common/base/str.h"
#include "common/value/value.h"

void wait_default(struct wait *wait)
{
    if (!wait->sync && !wait->health && !wait->suspended && !wait->degraded && !wait->operation &&
        !wait->deleted) {
        wait->sync = wait->health = wait->operation = true;
    }
}

static bool is_synced(const struct value *app)
{
    return str_eq(value_dig_str(app, "status", "sync", "status"), STR("Synced"));
}

static bool wants_health(const struct wait *wait)
{
    return wait->health || wait->suspended || wait->degraded;
}

static bool is_healthy(const struct wait *wait, const struct value *app)
{
    struct str status = value_dig_str(app, "status", "health", "status");
    return (wait->health && str_eq(status, STR("Healthy"))) ||
           (wait->suspended && str_eq(status, STR("Suspended"))) ||
           (wait->degraded && str_eq(status, STR("Degraded")));
}

/* The request slot is emptied when the operation has ended. */
static bool is_idle(const struct value *app)
{
    const struct value *operation = value_dig(app, "operation");
    return operation == NULL || value_is(operation, VALUE_NULL);
}

bool wait_reached(const struct wait *wait, const struct value *app)
{
    if (app == NULL || wait->deleted) {
        return app == NULL && wait->deleted;
    }
    return (!wait->sync || is_synced(app)) && (!wants_health(wait) || is_healthy(wait, app)) &&
           (!wait->operation || is_idle(app));
}

static void separate(struct buf *out, size_t start)
{
    buf_put_c(out, out->n > start ? "; " : "");
}

static void put_status(struct buf *out, const char *what, struct str status)
{
    buf_printf(out, "%s is ", what);
    output_text(out, status.n > 0 ? status : STR("not known yet"));
}

void wait_explain(const struct wait *wait, const struct value *app, struct buf *out)
{
    size_t start = out->n;
    if (app == NULL) {
        buf_put_c(out, "it does not exist");
        return;
    }
    if (wait->deleted) {
        buf_put_c(out, "it is still there");
        return;
    }
    if (wait->sync && !is_synced(app)) {
        put_status(out, "sync status", value_dig_str(app, "status", "sync", "status"));
    }
    if (wants_health(wait) && !is_healthy(wait, app)) {
        separate(out, start);
        put_status(out, "health status", value_dig_str(app, "status", "health", "status"));
    }
    if (wait->operation && !is_idle(app)) {
        separate(out, start);
        buf_put_c(out, "an operation is running");
        if (blocked_text(app).n > 0) {
            buf_put_c(out, ": ");
            output_text(out, blocked_text(app));
        }
    }
}
