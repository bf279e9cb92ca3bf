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

/* for each key of a map as it was when the loop began */
#define KEYS_FOREACH(arena, map, key)                                        \
    size_t key##_n_;                                                         \
    for (const struct str *key = tmap_keys((map), (arena), &key##_n_),       \
                          *key##_end_ = key##_n_ > 0 ? key + key##_n_ : key; \
         key != key##_end_; key++)

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
static void drop_nulls(struct arena *arena, struct tmap *map)
{
    KEYS_FOREACH(arena, map, key)
    {
        struct tval *v = tmap_find(map, *key);
        if (is_nil(v)) {
            (void)tmap_remove(map, *key); /* it was just found */
        } else if (v->kind == TVAL_MAP) {
            drop_nulls(arena, v->map);
        }
    }
}

static void merge_at(const struct values_merge *m,
                     struct tmap *dst,
                     struct tmap *src,
                     const struct place *place,
                     int depth);

/* dst has a null: it hides what src has; coalescing, it has then done its work. */
static void
apply_null(const struct values_merge *m, struct tmap *dst, struct tmap *src, struct str key)
{
    struct tval *theirs = tmap_find(src, key);
    bool hides = theirs != NULL && theirs->kind != TVAL_NIL;
    tmap_set(src, key, tval_nil()); /* Helm leaves it in src, which others may still hold */
    if (hides && m->mode == VALUES_COALESCE) {
        (void)tmap_remove(dst, key); /* it is there: the caller went through dst */
    }
}

static void apply_nulls(const struct values_merge *m, struct tmap *dst, struct tmap *src)
{
    KEYS_FOREACH(m->arena, dst, key)
    {
        if (is_nil(tmap_find(dst, *key))) {
            apply_null(m, dst, src, *key);
        }
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
    apply_nulls(m, dst, src);
    KEYS_FOREACH(m->arena, src, key)
    {
        struct tval theirs = tmap_get(src, *key);
        struct tval *ours = tmap_find(dst, *key);
        if (ours != NULL) {
            const struct place below = {place, *key};
            merge_values(m, ours, theirs, &below, depth);
        } else if (theirs.kind != TVAL_NIL || m->mode == VALUES_MERGE) {
            tmap_set(dst, *key, theirs);
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
    if (below.mode == VALUES_COALESCE) {
        drop_nulls(m->arena, own.map);
    }
    merge_at(&below, given->map, own.map, place, 0);
}

static void coalesce_chart(const struct values_merge *m,
                           const struct chart *chart,
                           struct tmap *v,
                           const struct place *place)
{
    struct tmap *own = tval_copy(m->arena, tval_map(chart->values)).map;
    KEYS_FOREACH(m->arena, own, key)
    {
        struct tval value = tmap_get(own, *key);
        if (tmap_find(v, *key) != NULL) {
            const struct place below = {place, *key};
            coalesce_key(m, chart, v, value, &below);
            continue;
        }
        if (m->mode == VALUES_COALESCE && value.kind == TVAL_NIL) {
            continue;
        }
        if (m->mode == VALUES_COALESCE && value.kind == TVAL_MAP) {
            drop_nulls(m->arena, value.map);
        }
        tmap_set(v, *key, value);
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
        tmap_set(to, place->key, value);
        return;
    }
    if (there != NULL && there->kind != TVAL_MAP) {
        warn(m, "Conflict: cannot merge map onto non-map for \"", &key, "\". Skipping.", NULL);
        return;
    }
    struct tmap *copy = new_map(m->arena);
    KEYS_FOREACH(m->arena, value.map, k)
    {
        tmap_set(copy, *k, tmap_get(value.map, *k));
    }
    if (there != NULL) {
        /* nulls are dealt with when the subchart itself is coalesced */
        struct values_merge below = {m->arena, VALUES_MERGE, m->warnings};
        merge_at(&below, copy, there->map, place, 0);
    }
    tmap_set(to, place->key, tval_map(copy));
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
        KEYS_FOREACH(m->arena, from->map, key)
        {
            const struct place below = {place, *key};
            push_global(m, globals, tmap_get(from->map, *key), &below);
        }
    }
    tmap_set(sub, GLOBAL, tval_map(globals));
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
        tmap_set(v, sub->meta.name, tval_map(below));
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
    struct tmap *v = new_map(merge->arena);
    if (user != NULL) {
        KEYS_FOREACH(merge->arena, user, key)
        {
            tmap_set(v, *key, tval_copy(merge->arena, tmap_get(user, *key)));
        }
    }
    TRY(coalesce(merge, chart, v, NULL, err));
    *ret = v;
    return 0;
}
