/* Helm's rules for values are those of its Go code, step by step, as each odd case is one some chart relies on:
 * which side a null deletes on, which conflicts keep the map, what goes down to subcharts.
 *
 * Recursion follows maps, whose depth is bounded where they are made: by the YAML and JSON readers, by --set's own
 * limit, and by values_merge_tables() for what imports add. */
#include "engine/helm/values_coalesce.h"

#include "common/base/limits.h"
#include "engine/helm/chart.h"

#define GLOBAL STR("global")

/* Where in the values of the root chart something is, for warnings. */
struct place {
    const struct place *parent; /* NULL: key is the name of the root chart */
    struct str key;
};

static struct tmap *new_map(struct arena *arena)
{
    return tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
}

static struct tmap *map_of(const struct tval *v)
{
    return v != NULL && v->kind == TVAL_MAP ? v->map : NULL;
}

static bool is_nil(const struct tval *v)
{
    return v != NULL && v->kind == TVAL_NIL;
}

/* For each entry of a map, in which entries may be changed and removed meanwhile, not added. */
#define ENTRIES_FOREACH(map, key, v) \
    size_t key##_at_ = 0;            \
    struct str key;                  \
    for (struct tval * v; tmap_next((map), &key##_at_, &key, &(v));)

/* ---- warnings ---- */

static void put_place(struct buf *out, const struct place *place)
{
    if (place->parent != NULL) {
        put_place(out, place->parent);
        buf_put_char(out, '.');
    }
    buf_put(out, place->key);
}

static bool has_line(struct str text, struct str line)
{
    struct str other;
    while (str_next(&text, '\n', &other)) {
        if (str_eq(other, line)) {
            return true;
        }
    }
    return false;
}

/* "<before><place><after>", and the value in brackets. place and value may be NULL. */
static void warn(const struct values_merge *m,
                 const char *before,
                 const struct place *place,
                 const char *after,
                 const struct tval *value)
{
    if (m->warnings == NULL) {
        return;
    }
    AUTO(buf) struct buf line;
    buf_init(&line, LIMIT_KIB);
    buf_put_c(&line, before);
    if (place != NULL) {
        put_place(&line, place);
    }
    buf_put_c(&line, after);
    if (value != NULL) {
        buf_put_c(&line, " (");
        tval_print(&line, *value);
        buf_put_c(&line, ")");
    }
    if (!has_line(buf_str(m->warnings), buf_str(&line))) {
        buf_put(m->warnings, buf_str(&line));
        buf_put_char(m->warnings, '\n');
    }
}

/* ---- two maps ---- */

/* Take nulls of a chart's own values away, so that they do not hide globals. */
static void drop_nulls(struct tmap *map)
{
    ENTRIES_FOREACH(map, key, v)
    {
        if (is_nil(v)) {
            (void)tmap_remove(map, key); /* it was just found */
        } else if (v->kind == TVAL_MAP) {
            drop_nulls(v->map);
        }
    }
}

/* A value of src for dst. */
static struct tval taken(const struct values_merge *m, struct tval v)
{
    if (m->src == VALUES_SRC_USED_UP) {
        return v;
    }
    v = tval_copy(m->arena, v);
    if (v.kind == TVAL_MAP && m->mode == VALUES_COALESCE) {
        drop_nulls(v.map);
    }
    return v;
}

static void merge_at(const struct values_merge *m,
                     struct tmap *dst,
                     struct tmap *src,
                     const struct place *place,
                     int depth);

/* dst has a null where src has something: it hides that; coalescing, it has then done its work. */
static void
apply_null(const struct values_merge *m, struct tmap *dst, struct str key, struct tval *theirs)
{
    if (m->src == VALUES_SRC_USED_UP) {
        *theirs = tval_nil(); /* Helm leaves it in src, which others may still hold */
    }
    if (m->mode == VALUES_COALESCE) {
        (void)tmap_remove(dst, key); /* it was just found */
    }
}

/* A key that both have. */
static void merge_values(const struct values_merge *m,
                         struct tval *ours,
                         struct tval theirs,
                         const struct place *place,
                         int depth)
{
    if (ours->kind == TVAL_MAP && theirs.kind == TVAL_MAP) {
        merge_at(m, ours->map, theirs.map, place, depth + 1);
    } else if (theirs.kind == TVAL_MAP) {
        warn(m, "warning: cannot overwrite table with non table for ", place, "", &theirs);
    } else if (ours->kind == TVAL_MAP && theirs.kind != TVAL_NIL) {
        warn(m, "warning: destination for ", place, " is a table. Ignoring non-table value",
             &theirs);
    }
}

static void merge_at(const struct values_merge *m,
                     struct tmap *dst,
                     struct tmap *src,
                     const struct place *place,
                     int depth)
{
    if (depth > LIMIT_DOC_DEPTH) {
        return; /* deeper than any values a reader lets through: only made-up imports get here */
    }
    ENTRIES_FOREACH(src, key, theirs)
    {
        struct tval *ours = tmap_find(dst, key);
        if (is_nil(ours)) {
            if (theirs->kind != TVAL_NIL) {
                apply_null(m, dst, key, theirs);
            }
        } else if (ours != NULL) {
            const struct place below = {place, key};
            merge_values(m, ours, *theirs, &below, depth);
        } else if (theirs->kind != TVAL_NIL || m->mode == VALUES_MERGE) {
            tmap_set_borrowed(dst, key, taken(m, *theirs));
        }
    }
}

void values_merge_tables(const struct values_merge *merge, struct tmap *dst, struct tmap *src)
{
    merge_at(merge, dst, src, NULL, 0);
}

/* ---- charts ---- */

static bool is_subchart(const struct chart *chart, struct str key)
{
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        if (str_eq(chart->subcharts[i]->meta.name, key)) {
            return true;
        }
    }
    return false;
}

/* A key the chart has and v has too. */
static void coalesce_key(const struct values_merge *m,
                         const struct chart *chart,
                         struct tmap *v,
                         struct tval own,
                         const struct place *place)
{
    struct tval *given = tmap_find(v, place->key);
    if (given->kind == TVAL_NIL && m->mode == VALUES_COALESCE) {
        (void)tmap_remove(v, place->key); /* it was just found */
        return;
    }
    if (given->kind != TVAL_MAP) {
        return;
    }
    if (own.kind != TVAL_MAP) {
        if (own.kind != TVAL_NIL) {
            warn(m, "warning: skipped value for ", place, ": Not a table.", NULL);
        }
        return;
    }
    struct values_merge below = *m;
    if (is_subchart(chart, place->key)) {
        below.mode = VALUES_MERGE; /* nulls for a subchart act when its own values are looked at */
    }
    merge_at(&below, given->map, own.map, place, 0);
}

static void coalesce_chart(const struct values_merge *m,
                           const struct chart *chart,
                           struct tmap *v,
                           const struct place *place)
{
    ENTRIES_FOREACH(chart->values, key, value)
    {
        if (tmap_find(v, key) != NULL) {
            const struct place below = {place, key};
            coalesce_key(m, chart, v, *value, &below);
        } else if (m->mode != VALUES_COALESCE || value->kind != TVAL_NIL) {
            tmap_set_borrowed(v, key, taken(m, *value));
        }
    }
}

/* One key of the parent's globals goes into the subchart's, and wins there. */
static void push_global(const struct values_merge *m,
                        struct tmap *to,
                        struct tval value,
                        const struct place *place)
{
    const struct place key = {NULL, place->key};
    struct tval *there = tmap_find(to, place->key);
    if (value.kind != TVAL_MAP) {
        if (map_of(there) != NULL) {
            warn(m, "key ", &key, " is table. Skipping", NULL);
            return;
        }
        tmap_set_borrowed(to, place->key, value);
        return;
    }
    if (there != NULL && there->kind != TVAL_MAP) {
        warn(m, "Conflict: cannot merge map onto non-map for \"", &key, "\". Skipping.", NULL);
        return;
    }
    struct tmap *copy = new_map(m->arena);
    ENTRIES_FOREACH(value.map, k, v)
    {
        tmap_set_borrowed(copy, k, *v);
    }
    if (there != NULL) {
        /* nulls are dealt with when the subchart itself is coalesced */
        struct values_merge below = {m->arena, VALUES_MERGE, m->warnings, VALUES_SRC_USED_UP};
        merge_at(&below, copy, there->map, place, 0);
    }
    tmap_set_borrowed(to, place->key, tval_map(copy));
}

static void push_globals(const struct values_merge *m,
                         struct tmap *sub,
                         const struct tmap *parent,
                         const struct place *place)
{
    struct tval *to = tmap_find(sub, GLOBAL);
    struct tval *from = tmap_find(parent, GLOBAL);
    struct tmap *globals = to != NULL ? map_of(to) : new_map(m->arena);
    if (globals == NULL) {
        warn(m, "warning: skipping globals because destination global is not a table.", NULL, "",
             NULL);
        return;
    }
    if (from != NULL && from->kind != TVAL_MAP) {
        warn(m, "warning: skipping globals because source global is not a table.", NULL, "", NULL);
        return;
    }
    if (from != NULL) {
        ENTRIES_FOREACH(from->map, key, v)
        {
            const struct place below = {place, key};
            push_global(m, globals, *v, &below);
        }
    }
    tmap_set_borrowed(sub, GLOBAL, tval_map(globals));
}

/* place is that of the chart above. */
static int coalesce(const struct values_merge *m,
                    const struct chart *chart,
                    struct tmap *v,
                    const struct place *above,
                    struct err *err)
{
    const struct place place = {above, chart->meta.name};
    coalesce_chart(m, chart, v, &place);
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        const struct chart *sub = chart->subcharts[i];
        struct tval *there = tmap_find(v, sub->meta.name);
        if (there != NULL && there->kind != TVAL_MAP) {
            return err_set(err, ERR_INVALID, "type mismatch on " STR_FMT ": not a map",
                           STR_ARG(sub->meta.name));
        }
        struct tmap *below = there != NULL ? there->map : new_map(m->arena);
        tmap_set_borrowed(v, sub->meta.name, tval_map(below));
        push_globals(m, below, v, &place);
        TRY(coalesce(m, sub, below, &place, err));
    }
    return 0;
}

int values_coalesce(const struct values_merge *merge,
                    const struct chart *chart,
                    const struct tmap *user,
                    struct tmap **ret,
                    struct err *err)
{
    struct values_merge m = *merge;
    struct tmap *v = new_map(merge->arena);
    m.src = VALUES_SRC_KEPT;
    if (user != NULL) {
        ENTRIES_FOREACH(user, key, given)
        {
            tmap_set_borrowed(v, key, tval_copy(merge->arena, *given));
        }
    }
    TRY(coalesce(&m, chart, v, NULL, err));
    *ret = v;
    return 0;
}
