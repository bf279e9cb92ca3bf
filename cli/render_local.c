/* The engine over a local directory. */
#include "cli/render_local.h"

#include "cli/local_tree.h"
#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/rand.h"
#include "common/base/tzdata.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine.h"
#include "engine/engine_env.h"

static struct str text_or_empty(const char *s)
{
    return s != NULL ? str_from(s) : STR_EMPTY;
}

static const struct value *make_source(struct arena *arena,
                                       const struct render_local_options *options)
{
    if (options->path == NULL || options->path[0] == '\0') {
        return options->source;
    }
    return value_with(arena, options->source, value_new_str(arena, str_from(options->path)),
                      "path");
}

static int write_yaml(const struct engine_result *result, struct buf *out, struct err *err)
{
    for (size_t i = 0; i < result->n; i++) {
        const struct engine_object *o = &result->objects[i];
        buf_put_c(out, "---\n");
        if (value_to_yaml(out, o->object, NULL, err) < 0) {
            return err_at(err, o->file, o->line, 0);
        }
    }
    return 0;
}

static int write_json(struct arena *arena,
                      const struct engine_result *result,
                      struct buf *out,
                      struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < result->n; i++) {
        value_build_value(&b, result->objects[i].object);
    }
    value_build_end(&b);
    return output_value(out, value_build_finish(&b), OUTPUT_JSON, err);
}

/* As `kubectl -o name` writes them: "deployment.apps/web", "service/web". */
static void write_names(const struct engine_result *result, struct buf *out)
{
    for (size_t i = 0; i < result->n; i++) {
        const struct value *o = result->objects[i].object;
        struct str group = STR_EMPTY;
        struct str version;
        if (!str_cut(value_dig_str(o, "apiVersion"), '/', &group, &version)) {
            group = STR_EMPTY;
        }
        output_lower(out, value_dig_str(o, "kind"));
        buf_put_c(out, group.n > 0 ? "." : "");
        output_text(out, group);
        buf_put_char(out, '/');
        output_text(out, value_dig_str(o, "metadata", "name"));
        buf_put_char(out, '\n');
    }
}

static int write_objects(struct arena *arena,
                         const struct engine_result *result,
                         enum output_format format,
                         struct buf *out,
                         struct err *err)
{
    if (format == OUTPUT_JSON) {
        TRY(write_json(arena, result, out, err));
    } else if (format == OUTPUT_NAME) {
        write_names(result, out);
    } else {
        TRY(write_yaml(result, out, err));
    }
    return buf_check(out, "output", err);
}

int render_local(const struct render_local_options *options, struct buf *out, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(local_tree) struct local_tree *tree = NULL;
    TRY(local_tree_open(options->dir, &tree, err));
    struct budget budget = budget_unlimited();
    budget.depth = LIMIT_TEMPLATE_DEPTH;
    budget.steps = LIMIT_TEMPLATE_STEPS;
    budget.clock = clock_system();
    if (options->timeout_ms > 0) {
        budget.deadline_ms = clock_now_ms(budget.clock) + options->timeout_ms;
    }
    struct engine_env env = {
        .arena = arena,
        .budget = &budget,
        .files = local_tree_files(tree),
        .app = {.name = text_or_empty(options->app_name),
                .project = STR("default"),
                .namespace = text_or_empty(options->namespace)},
        .now_ms = clock_wall_ms(clock_system()),
        .rand = rand_system(),
        .zone = tzdata_read,
    };
    struct engine_source source = {.source = make_source(arena, options)};
    struct engine_result result;
    TRY(engine_render(&env, &source, &result, err));
    return write_objects(arena, &result, options->format, out, err);
}
