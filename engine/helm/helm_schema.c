/* A chart's schema over its values. */
#include "engine/helm/helm_schema.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/schema.h"

int helm_schema_check(struct engine_env *env,
                      const struct chart *chart,
                      struct tval values,
                      struct err *err)
{
    const struct value *schema = NULL;
    const struct value *tree = NULL;
    AUTO(buf) struct buf problems;
    buf_init(&problems, LIMIT_SCHEMA_PROBLEM_BYTES);
    TRY_IN(value_from_json(env->arena, chart->schema, NULL, &schema, err), err,
           "values.schema.json of chart " STR_FMT, STR_ARG(chart->meta.name));
    TRY(tval_to_value(env->arena, values, &tree, err));
    int rc = schema_validate(env->arena, schema, tree, env->budget, NULL, &problems, err);
    if (rc < 0 && problems.n > 0) {
        return err_set(err, err->code,
                       "values don't meet the specifications of the schema(s) in the following "
                       "chart(s):\n" STR_FMT ":\n" STR_FMT,
                       STR_ARG(chart->meta.name), STR_ARG(buf_str(&problems)));
    }
    return rc;
}
