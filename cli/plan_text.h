/* The plan of a sync (GET .../plan) for people. Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/buf.h"

struct arena;
struct value;

enum plan_text_detail {
    PLAN_TEXT_CHANGES, /* what the sync changes */
    PLAN_TEXT_ALL,     /* what stays as it is, too */
};

/* Phases, waves, one line for each object, and the fields of it that change. */
void plan_text(struct arena *arena,
               const struct value *plan,
               enum plan_text_detail detail,
               struct buf *out);

/* Something besides running hooks. */
bool plan_text_has_work(const struct value *plan);
