/* values.schema.json of charts, as the last check before rendering. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/template/tval.h"

struct chart;
struct engine_env;

/* Check the final values of a chart that has a schema: helm_options.check_schema. ERR_INVALID with Helm's text,
 * ERR_LIMIT. Schemas elsewhere ("$ref" to a URL) are refused: engines read nothing but the source. */
MUST_CHECK int helm_schema_check(struct engine_env *env,
                                 const struct chart *chart,
                                 struct tval values,
                                 struct err *err);
