/* Dependencies of charts: which subcharts are there, which are on, and what they give to their parents. */
#pragma once

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/template/tval.h"

struct chart;

/* Every declared dependency of the chart is in charts/. ERR_NOT_FOUND "found in Chart.yaml, but missing in
 * charts/ directory: a, b": the caller may then fetch them. */
MUST_CHECK int deps_check_present(const struct chart *chart, struct err *err);

/* Apply aliases, tags and conditions to the whole tree, and take import-values up. The tree is changed:
 * disabled charts are gone afterwards, aliased ones are copies with the alias as name, a chart's values
 * include what was imported.
 *
 * arena         of charts and metadata; values_arena: of maps of values that charts get.
 * user          the user's values; not changed.
 * warnings      a line for each conflict of values is appended, once; NULL = nowhere.
 * ERR_INVALID (values, versions), ERR_LIMIT. */
MUST_CHECK int deps_process(struct arena *arena,
                            struct arena *values_arena,
                            struct chart *chart,
                            const struct tmap *user,
                            struct buf *warnings,
                            struct err *err);
