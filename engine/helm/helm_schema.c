/* A chart's schema over its values, and those of its subcharts over theirs. */
#include "engine/helm/helm_schema.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/schema.h"

static int read_schema(struct arena *arena,
                       const struct chart *chart,
                       const struct value **ret,
                       struct err *err)
{
    TRY_IN(value_from_json(arena, chart->schema, NULL, ret, err), err,
           "values.schema.json of chart " STR_FMT, STR_ARG(chart->meta.name));
    return 0;
}

/* ---- schemas elsewhere ---- */

static bool is_web_url(struct str url)
{
    return str_starts_with(url, STR("http://")) || str_starts_with(url, STR("https://"));
}

/* What goes beyond the schema: nobody waits for it, or the render is repeated. */
static bool is_final(const struct err *err)
{
    return err->code == ERR_UNAVAILABLE || err->code == ERR_LIMIT || err->code == ERR_CANCELED ||
           err->code == ERR_TIMEOUT;
}

static int load(struct engine_env *env,
                struct arena *arena,
                struct str url,
                const struct value **ret,
                struct err *err)
{
    const struct engine_remote what = {.type = ENGINE_REMOTE_FILE, .url = url};
    struct engine_remote_result result = {0};
    if (env->remote == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "remote files are not supported here");
    }
    TRY(env->remote(env, &what, &result, err));
    TRY(budget_bytes(env->budget, result.bytes.n, err));
    return value_from_json(arena, result.bytes, NULL, ret, err);
}

static int on_resolve(
    void *data, struct arena *arena, struct str url, const struct value **ret, struct err *err)
{
    struct err why;
    if (!is_web_url(url)) {
        return 0;
    }
    if (load(data, arena, url, ret, &why) == 0) {
        return 0;
    }
    if (is_final(&why)) {
        *err = why;
        return err_wrap(err, "loading \"" STR_FMT "\"", STR_ARG(url));
    }
    return err_set(err, ERR_INVALID, "failing loading \"" STR_FMT "\": %s", STR_ARG(url),
                   why.message);
}

/* ---- charts ---- */

/* Problems are appended below the name of the chart. */
static int check_one(struct engine_env *env,
                     const struct chart *chart,
                     struct tmap *values,
                     struct buf *problems,
                     struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    const struct value *schema = NULL;
    const struct value *tree = NULL;
    TRY(read_schema(scratch, chart, &schema, err));
    TRY(tval_to_value(scratch, tval_map(values), &tree, err));
    size_t start = problems->n;
    buf_printf(problems, STR_FMT ":\n", STR_ARG(chart->meta.name));
    size_t first = problems->n;
    const struct schema_opts opts = {.resolve = on_resolve, .data = env};
    int rc = schema_validate(scratch, schema, tree, env->budget, &opts, problems, err);
    if (rc == 0) {
        buf_truncate(problems, start);
        return 0;
    }
    return rc == -(int)ERR_INVALID && problems->n > first ? 0 : rc;
}

static int check_all(struct engine_env *env,
                     const struct chart *chart,
                     struct tmap *values,
                     struct buf *problems,
                     struct err *err)
{
    if (chart->schema.p != NULL) {
        TRY(check_one(env, chart, values, problems, err));
    }
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        const struct chart *sub = chart->subcharts[i];
        const struct tval *below = tmap_find(values, sub->meta.name);
        if (below == NULL || below->kind == TVAL_NIL) {
            continue;
        }
        if (below->kind != TVAL_MAP) {
            struct str type = tval_type_name(env->arena, *below);
            buf_printf(problems,
                       STR_FMT ":\ninvalid type for values: expected object (map), got " STR_FMT
                               "\n",
                       STR_ARG(sub->meta.name), STR_ARG(type));
            continue;
        }
        TRY(check_all(env, sub, below->map, problems, err));
    }
    return 0;
}

int helm_schema_check(struct engine_env *env,
                      const struct chart *chart,
                      struct tmap *values,
                      struct err *err)
{
    AUTO(buf) struct buf problems;
    buf_init(&problems, LIMIT_SCHEMA_PROBLEM_BYTES);
    buf_put_c(&problems, "values don't meet the specifications of the schema(s) in the following "
                         "chart(s):\n");
    size_t start = problems.n;
    TRY(check_all(env, chart, values, &problems, err));
    TRY(buf_check(&problems, "the list of problems with values", err));
    if (problems.n == start) {
        return 0;
    }
    return err_set_text(err, ERR_INVALID, str_trim(buf_str(&problems)));
}
