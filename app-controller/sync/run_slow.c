/* A repository that takes its time: that the operation has begun is told while it is waited for.
 *
 * What was fetched meanwhile is kept until the answer to that write is there. */
#include "app-controller/app.h"
#include "app-controller/sync/run_internal.h"
#include "common/base/arena.h"
#include "common/kube/kube_client.h"
#include "common/rt/loop.h"

enum {
    SLOW_MS = 1000,
};

static void on_told(void *data, const struct kube_reply *reply)
{
    struct pass *pass = data;
    struct run_slow *slow = &run_of(pass)->slow;
    slow->telling = false;
    if (reply->err == NULL) { /* else the next write says the same */
        pass_take(pass, reply->doc);
    }
    if (slow->fetched) {
        slow->then(pass, slow->targets, slow->err.code != ERR_OK ? &slow->err : NULL);
    }
}

static void on_slow(void *data)
{
    struct pass *pass = data;
    const struct value *patch = run_state_patch(pass, run_state(pass), pass->model.status.history);
    if (patch != NULL) {
        run_of(pass)->slow.telling = true;
        pass_send(pass, patch, on_told);
    }
}

void run_slow_begin(struct pass *pass, targets_done_fn then)
{
    struct run_slow *slow = &run_of(pass)->slow;
    *slow = (struct run_slow){.then = then};
    timer_init(&slow->timer, pass->ctl->loop, on_slow, pass);
    timer_start(&slow->timer, SLOW_MS);
}

bool run_slow_end(struct pass *pass, struct targets *targets, const struct err *err)
{
    struct run_slow *slow = &run_of(pass)->slow;
    timer_stop(&slow->timer);
    if (!slow->telling) {
        return false;
    }
    slow->fetched = true;
    slow->targets = targets;
    slow->err.code = ERR_OK;
    if (err != NULL) {
        slow->err = *err;
    }
    return true;
}
