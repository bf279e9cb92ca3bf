/* jq expressions through libjq.
 *
 * What users write may run for ever, take any memory or trip over a fault of the library: only for processes made for
 * it (app-controller/jq_worker.h). Not thread-safe. */
#pragma once

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct jq_eval;

/* Keeps what it compiled. */
struct jq_eval *jq_eval_new(void);
void jq_eval_free(struct jq_eval *eval);
DEFINE_CLEANUP(jq_eval, struct jq_eval, jq_eval_free);

/* The paths of the places the expression names in a JSON text, as JSON: [["spec","replicas"],...]. They are appended;
 * "[]" where jq refuses to look into the value.
 *
 * Errors: ERR_INVALID when the expression does not compile, or the text is no JSON. */
MUST_CHECK int jq_eval_paths(
    struct jq_eval *eval, struct str expression, struct str json, struct buf *out, struct err *err);
