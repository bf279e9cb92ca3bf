/* The user's values over those of charts. */
#pragma once

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/template/tval.h"

struct chart;

enum values_mode {
    VALUES_COALESCE, /* null takes the key away */
    VALUES_MERGE,    /* null stays, to act further down */
};

/* What becomes of values that are put below others. */
enum values_src {
    VALUES_SRC_USED_UP, /* parts of it are shared */
    VALUES_SRC_KEPT,    /* it is copied */
};

/* Keys and texts are shared with what was merged, maps and lists live in the arena. */
struct values_merge {
    struct arena *arena;
    enum values_mode mode;
    struct buf *warnings; /* a line for each conflict, once; NULL = nowhere */
    enum values_src src;  /* for values_merge_tables() */
};

/* Fill dst with what src has and dst has not. */
void values_merge_tables(const struct values_merge *merge, struct tmap *dst, struct tmap *src);

/* The user's values over those of the chart and its subcharts, as one new map.
 * user  is copied; NULL = none.
 * ERR_INVALID: a scalar under the name of a subchart. */
MUST_CHECK int values_coalesce(const struct values_merge *merge,
                               const struct chart *chart,
                               const struct tmap *user,
                               struct tmap **ret,
                               struct err *err);
