/* Nothing but expressions and objects comes in, nothing but paths goes out. */
#include "app-controller/jq_worker.h"

#include "common/base/limits.h"
#include "common/rt/subproc_sync.h"
#include "engine/jq/jq_eval.h"

static void answer(void *data, struct str request, struct buf *out)
{
    struct str expression;
    struct str json;
    struct err err;
    (void)str_cut(request, '\0', &expression, &json);
    buf_put_char(out, JQ_WORKER_PATHS);
    if (jq_eval_paths(data, expression, json, out, &err) < 0) {
        buf_reset(out);
        buf_put_char(out, JQ_WORKER_ERROR);
        buf_put_c(out, err.message);
    }
}

void jq_worker_main(void)
{
    AUTO(jq_eval) struct jq_eval *eval = jq_eval_new();
    subproc_sync_serve(answer, eval, LIMIT_DOC_BYTES);
}
