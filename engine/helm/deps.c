/* In two passes over the tree: which charts take part, from the root down, as a parent's values decide about
 * its children; then imported values, from the leaves up, as a parent may pass on what it imported. */
#include "engine/helm/deps.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/semver.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "engine/helm/chart.h"
#include "engine/helm/values.h"
#include "engine/helm/values_coalesce.h"

struct chart_list {
    VEC(struct chart *) charts;
};

/* ---- present ---- */

static bool has_subchart(const struct chart *chart, struct str name)
{
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        if (str_eq(chart->subcharts[i]->meta.name, name)) {
            return true;
        }
    }
    return false;
}

int deps_check_present(const struct chart *chart, struct err *err)
{
    AUTO(buf) struct buf missing;
    buf_init(&missing, ERR_MESSAGE_BYTES);
    for (size_t i = 0; i < chart->meta.n_dependencies; i++) {
        struct str name = chart->meta.dependencies[i].name;
        if (!has_subchart(chart, name)) {
            buf_put_c(&missing, missing.n > 0 ? ", " : "");
            buf_put(&missing, name);
        }
    }
    if (missing.n == 0) {
        return 0;
    }
    return err_set(err, ERR_NOT_FOUND,
                   "an error occurred while checking for chart dependencies. You may need to run "
                   "'helm dependency build' to fetch missing dependencies: found in Chart.yaml, "
                   "but missing in charts/ directory: " STR_FMT,
                   STR_ARG(buf_str(&missing)));
}

/* ---- matching ---- */

/* A version or constraint that cannot be read matches nothing. */
static bool version_fits(struct str want, struct str version)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct semver_constraint *c;
    struct semver v;
    struct err ignored;
    return semver_constraint_parse(arena, want, &c, &ignored) == 0 &&
           semver_parse(version, &v, &ignored) == 0 && semver_constraint_check(c, &v);
}

static bool is_for(const struct chart_dependency *d, const struct chart *chart)
{
    return str_eq(d->name, chart->meta.name) && version_fits(d->version, chart->meta.version);
}

static bool is_declared(const struct chart *parent, const struct chart *sub)
{
    for (size_t i = 0; i < parent->meta.n_dependencies; i++) {
        if (is_for(&parent->meta.dependencies[i], sub)) {
            return true;
        }
    }
    return false;
}

/* One chart for each declaration, which may name the same one several times; undeclared ones come first. */
static void apply_declarations(struct arena *arena, struct chart *chart)
{
    struct chart_list out = {0};
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        if (!is_declared(chart, chart->subcharts[i])) {
            vec_push_in(arena, &out.charts, chart->subcharts[i]);
        }
    }
    for (size_t i = 0; i < chart->meta.n_dependencies; i++) {
        struct chart_dependency *d = &chart->meta.dependencies[i];
        for (size_t k = 0; k < chart->n_subcharts; k++) {
            if (is_for(d, chart->subcharts[k])) {
                struct chart *copy = chart_copy(arena, chart->subcharts[k], chart);
                copy->meta.name = d->alias.n > 0 ? d->alias : copy->meta.name;
                vec_push_in(arena, &out.charts, copy);
                break;
            }
        }
        d->name = d->alias.n > 0 ? d->alias : d->name;
        d->enabled = true;
    }
    chart->subcharts = out.charts.items;
    chart->n_subcharts = out.charts.n;
}

/* ---- tags and conditions ---- */

static void apply_tags(struct chart_dependency *d, const struct tmap *tags)
{
    bool has_true = false;
    bool has_false = false;
    for (size_t i = 0; tags != NULL && i < d->tags.n; i++) {
        const struct tval *v = tmap_find(tags, d->tags.items[i]);
        if (v != NULL && v->kind == TVAL_BOOL) {
            has_true = has_true || v->b;
            has_false = has_false || !v->b;
        }
    }
    d->enabled = has_true || !has_false;
}

/* The first path with a boolean decides. A path to a map counts as none. */
static void apply_conditions(struct arena *arena,
                             struct chart_dependency *d,
                             const struct tmap *values,
                             struct str prefix)
{
    struct str rest = str_trim(d->condition);
    struct str path;
    while (str_next(&rest, ',', &path)) {
        struct str whole = arena_printf(arena, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(path));
        const struct tval *v = path.n > 0 ? values_find(values, whole) : NULL;
        if (v != NULL && v->kind == TVAL_BOOL) {
            d->enabled = v->b;
            return;
        }
    }
}

static bool is_disabled(const struct chart *chart, struct str name)
{
    for (size_t i = 0; i < chart->meta.n_dependencies; i++) {
        const struct chart_dependency *d = &chart->meta.dependencies[i];
        if (!d->enabled && str_eq(d->name, name)) {
            return true;
        }
    }
    return false;
}

static void remove_disabled(struct arena *arena, struct chart *chart)
{
    struct chart_dependency *kept =
        arena_calloc(arena, chart->meta.n_dependencies + 1, sizeof(*kept));
    size_t n = 0;
    size_t n_charts = 0;
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        if (!is_disabled(chart, chart->subcharts[i]->meta.name)) {
            chart->subcharts[n_charts++] = chart->subcharts[i];
        }
    }
    chart->n_subcharts = n_charts;
    for (size_t i = 0; i < chart->meta.n_dependencies; i++) {
        if (!is_disabled(chart, chart->meta.dependencies[i].name)) {
            kept[n++] = chart->meta.dependencies[i];
        }
    }
    /* none left is as none declared: nothing is imported then */
    chart->meta.dependencies = n > 0 ? kept : NULL;
    chart->meta.n_dependencies = n;
}

static int enable(struct arena *arena,
                  const struct values_merge *coalesce,
                  struct chart *chart,
                  const struct tmap *user,
                  struct str prefix,
                  struct err *err)
{
    struct tmap *values;
    if (chart->meta.dependencies == NULL) {
        return 0; /* Helm stops here too: what lies deeper is on */
    }
    apply_declarations(arena, chart);
    TRY(values_coalesce(coalesce, chart, user, &values, err));
    for (size_t i = 0; i < chart->meta.n_dependencies; i++) {
        apply_tags(&chart->meta.dependencies[i], values_table(values, STR("tags")));
        apply_conditions(arena, &chart->meta.dependencies[i], values, prefix);
    }
    remove_disabled(arena, chart);
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        struct chart *sub = chart->subcharts[i];
        struct str below =
            arena_printf(arena, STR_FMT STR_FMT ".", STR_ARG(prefix), STR_ARG(sub->meta.name));
        TRY(enable(arena, coalesce, sub, values, below, err));
    }
    return 0;
}

/* ---- imports ---- */

/* A map with the table at "a.b.c"; "." is the table itself. Keys borrow from the path. */
static int
wrap(struct arena *arena, struct str path, struct tmap *table, struct tmap **ret, struct err *err)
{
    size_t n = 0;
    if (str_eq_c(path, ".")) {
        *ret = table;
        return 0;
    }
    for (;;) {
        size_t dot = str_rfind_char(path, '.');
        struct tmap *outer = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
        tmap_set_borrowed(outer, str_sub(path, dot == STR_NONE ? 0 : dot + 1, path.n),
                          tval_map(table));
        table = outer;
        if (++n > LIMIT_SET_DEPTH) {
            return err_set(err, ERR_LIMIT, "import-values: more than %d levels", LIMIT_SET_DEPTH);
        }
        if (dot == STR_NONE) {
            *ret = table;
            return 0;
        }
        path = str_sub(path, 0, dot);
    }
}

/* child and parent of one entry of import-values; false for what is neither form. */
static bool
import_paths(struct arena *arena, const struct value *iv, struct str *child, struct str *parent)
{
    if (value_is(iv, VALUE_STRING)) {
        *child = arena_printf(arena, "exports." STR_FMT, STR_ARG(value_str(iv)));
        *parent = STR(".");
        return true;
    }
    *child = value_dig_str(iv, "child");
    *parent = value_dig_str(iv, "parent");
    return child->n > 0 && parent->n > 0;
}

static int import_from(const struct values_merge *merge,
                       const struct chart_dependency *d,
                       const struct tmap *values,
                       struct tmap *to,
                       struct err *err)
{
    struct arena *arena = merge->arena;
    VALUE_FOREACH(d->import_values, iv) {
        struct str child;
        struct str parent;
        struct tmap *imported;
        if (!import_paths(arena, iv, &child, &parent)) {
            continue;
        }
        struct tmap *table = values_table(
            values, arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(d->name), STR_ARG(child)));
        if (table != NULL) {
            TRY(wrap(arena, parent, table, &imported, err));
            values_merge_tables(merge, to, imported);
        }
    }
    return 0;
}

static int import(const struct values_merge *merge, struct chart *chart, struct err *err)
{
    struct arena *arena = merge->arena;
    struct tmap *values;
    struct tmap *imported = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        TRY(import(merge, chart->subcharts[i], err));
    }
    if (chart->meta.dependencies == NULL) {
        return 0;
    }
    TRY(values_coalesce(merge, chart, NULL, &values, err));
    for (size_t i = 0; i < chart->meta.n_dependencies; i++) {
        TRY(import_from(merge, &chart->meta.dependencies[i], values, imported, err));
    }
    if (tmap_len(imported) > 0) {
        /* imported tables may be parts of `values`: without a copy the two would be one */
        values = tval_copy(arena, tval_map(values)).map;
        values_merge_tables(merge, values, imported);
    }
    chart->values = values;
    return 0;
}

int deps_process(struct arena *arena,
                 struct arena *values_arena,
                 struct chart *chart,
                 const struct tmap *user,
                 struct buf *warnings,
                 struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    const struct values_merge coalesce = {scratch, VALUES_COALESCE, warnings, VALUES_SRC_KEPT};
    const struct values_merge merge = {values_arena, VALUES_MERGE, warnings, VALUES_SRC_USED_UP};
    TRY(enable(arena, &coalesce, chart, user, STR_EMPTY, err));
    return import(&merge, chart, err);
}
