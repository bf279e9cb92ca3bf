/* values.schema.json of charts, as the last check before rendering. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/template/tval.h"

struct chart;
struct engine_env;

/* Hold the final values, with those of subcharts inside, against the schema of the chart and of every subchart.
 * ERR_INVALID with Helm's text, all charts in it; ERR_LIMIT. Schemas elsewhere ("$ref" to a URL) are refused: engines
 * read nothing but the source. */
MUST_CHECK int helm_schema_check(struct engine_env *env,
                                 const struct chart *chart,
                                 struct tmap *values,
                                 struct err *err);
