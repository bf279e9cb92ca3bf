/* Helm's rules for values are those of its Go code, step by step, as each odd case is one some chart relies on:
 * which side a null deletes on, which conflicts keep the map, what goes down to subcharts.
 *
 * Recursion follows maps, whose depth is bounded where they are made: by the YAML and JSON readers, by
 * --set's own limit, and by values_merge_tables() for what imports add. */
#include "engine/helm/values.h"

#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/helm/chart.h"
#include "engine/helm/strvals.h"

#define GLOBAL STR("global")

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

/* ---- reading ---- */

static int add_document(struct arena *arena,
                        struct tmap *to,
                        const struct value_yaml_doc *doc,
                        struct err *err)
{
    if (value_type(doc->value) == VALUE_NULL) {
        return 0;
    }
    if (doc->value->type != VALUE_MAP) {
        (void)err_set(err, ERR_INVALID, "values are a %s, not a map",
                      value_type_name(value_type(doc->value)));
        return err_at(err, STR_EMPTY, doc->line, 0);
    }
    values_overlay(arena, to, tval_from_value(arena, doc->value, false).map);
    return 0;
}

int values_from_yaml(struct arena *arena, struct str text, struct tmap **ret, struct err *err)
{
    struct value_yaml_docs docs;
    struct tmap *map = new_map(arena);
    TRY(value_from_yaml_stream(arena, text, NULL, &docs, err));
    for (size_t i = 0; i < docs.n; i++) {
        TRY(add_document(arena, map, &docs.items[i], err));
    }
    *ret = map;
    return 0;
}

/* ---- two maps ---- */

void values_overlay(struct arena *arena, struct tmap *dst, const struct tmap *over)
{
    KEYS_FOREACH(arena, over, key)
    {
        struct tval v = tmap_get(over, *key);
        struct tmap *below = map_of(tmap_find(dst, *key));
        if (below != NULL && v.kind == TVAL_MAP) {
            values_overlay(arena, below, v.map);
        } else {
            tmap_set(dst, *key, v);
        }
    }
}

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

static void
merge_at(struct arena *arena, struct tmap *dst, struct tmap *src, enum values_mode mode, int depth);

/* dst has a null: it hides what src has; coalescing, it has then done its work. */
static void apply_null(struct tmap *dst, struct tmap *src, struct str key, enum values_mode mode)
{
    struct tval *theirs = tmap_find(src, key);
    bool hides = theirs != NULL && theirs->kind != TVAL_NIL;
    tmap_set(src, key, tval_nil()); /* Helm leaves it in src, which others may still hold */
    if (hides && mode == VALUES_COALESCE) {
        (void)tmap_remove(dst, key); /* it is there: the caller went through dst */
    }
}

static void
merge_at(struct arena *arena, struct tmap *dst, struct tmap *src, enum values_mode mode, int depth)
{
    struct str *nulls;
    size_t n_nulls = 0;
    size_t n;
    const struct str *keys = tmap_keys(dst, arena, &n);
    if (depth > LIMIT_DOC_DEPTH) {
        return; /* deeper than any values a reader lets through: only made-up imports get here */
    }
    nulls = arena_calloc(arena, n + 1, sizeof(*nulls));
    for (size_t i = 0; i < n; i++) {
        if (is_nil(tmap_find(dst, keys[i]))) {
            nulls[n_nulls++] = keys[i];
        }
    }
    for (size_t i = 0; i < n_nulls; i++) {
        apply_null(dst, src, nulls[i], mode);
    }
    KEYS_FOREACH(arena, src, key)
    {
        struct tval theirs = tmap_get(src, *key);
        struct tval *ours = tmap_find(dst, *key);
        if (ours == NULL) {
            if (theirs.kind != TVAL_NIL || mode == VALUES_MERGE) {
                tmap_set(dst, *key, theirs);
            }
        } else if (ours->kind == TVAL_MAP && theirs.kind == TVAL_MAP) {
            merge_at(arena, ours->map, theirs.map, mode, depth + 1);
        }
    }
}

void values_merge_tables(struct arena *arena,
                         struct tmap *dst,
                         struct tmap *src,
                         enum values_mode mode)
{
    merge_at(arena, dst, src, mode, 0);
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
static void coalesce_key(struct arena *arena,
                         const struct chart *chart,
                         struct tmap *v,
                         struct str key,
                         struct tval own,
                         enum values_mode mode)
{
    struct tval *given = tmap_find(v, key);
    if (given->kind == TVAL_NIL && mode == VALUES_COALESCE) {
        (void)tmap_remove(v, key); /* it was just found */
        return;
    }
    if (given->kind != TVAL_MAP || own.kind != TVAL_MAP) {
        return;
    }
    /* nulls for a subchart act when its own values are looked at */
    enum values_mode below = is_subchart(chart, key) ? VALUES_MERGE : mode;
    if (below == VALUES_COALESCE) {
        drop_nulls(arena, own.map);
    }
    values_merge_tables(arena, given->map, own.map, below);
}

static void coalesce_chart(struct arena *arena,
                           const struct chart *chart,
                           struct tmap *v,
                           enum values_mode mode)
{
    struct tmap *own = tval_copy(arena, tval_map(chart->values)).map;
    KEYS_FOREACH(arena, own, key)
    {
        struct tval value = tmap_get(own, *key);
        if (tmap_find(v, *key) != NULL) {
            coalesce_key(arena, chart, v, *key, value, mode);
            continue;
        }
        if (mode == VALUES_COALESCE && value.kind == TVAL_NIL) {
            continue;
        }
        if (mode == VALUES_COALESCE && value.kind == TVAL_MAP) {
            drop_nulls(arena, value.map);
        }
        tmap_set(v, *key, value);
    }
}

/* One key of the parent's globals goes into the subchart's, and wins there. */
static void push_global(struct arena *arena, struct tmap *to, struct str key, struct tval value)
{
    struct tval *there = tmap_find(to, key);
    struct tmap *copy;
    if (value.kind != TVAL_MAP) {
        if (map_of(there) == NULL) {
            tmap_set(to, key, value);
        }
        return;
    }
    if (there != NULL && there->kind != TVAL_MAP) {
        return;
    }
    copy = new_map(arena);
    KEYS_FOREACH(arena, value.map, k)
    {
        tmap_set(copy, *k, tmap_get(value.map, *k));
    }
    if (there != NULL) {
        /* always merge: nulls are dealt with when the subchart itself is coalesced */
        values_merge_tables(arena, copy, there->map, VALUES_MERGE);
    }
    tmap_set(to, key, tval_map(copy));
}

static void push_globals(struct arena *arena, struct tmap *sub, const struct tmap *parent)
{
    struct tval *to = tmap_find(sub, GLOBAL);
    struct tval *from = tmap_find(parent, GLOBAL);
    struct tmap *globals = to != NULL ? map_of(to) : new_map(arena);
    if (globals == NULL || (from != NULL && from->kind != TVAL_MAP)) {
        return;
    }
    if (from != NULL) {
        KEYS_FOREACH(arena, from->map, key)
        {
            push_global(arena, globals, *key, tmap_get(from->map, *key));
        }
    }
    tmap_set(sub, GLOBAL, tval_map(globals));
}

static int coalesce(struct arena *arena,
                    const struct chart *chart,
                    struct tmap *v,
                    enum values_mode mode,
                    struct err *err)
{
    coalesce_chart(arena, chart, v, mode);
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        const struct chart *sub = chart->subcharts[i];
        struct tval *there = tmap_find(v, sub->meta.name);
        if (there != NULL && there->kind != TVAL_MAP) {
            return err_set(err, ERR_INVALID, "type mismatch on " STR_FMT ": not a map",
                           STR_ARG(sub->meta.name));
        }
        struct tmap *below = there != NULL ? there->map : new_map(arena);
        tmap_set(v, sub->meta.name, tval_map(below));
        push_globals(arena, below, v);
        TRY(coalesce(arena, sub, below, mode, err));
    }
    return 0;
}

int values_coalesce(struct arena *arena,
                    const struct chart *chart,
                    const struct tmap *user,
                    enum values_mode mode,
                    struct tmap **ret,
                    struct err *err)
{
    struct tmap *v = new_map(arena);
    if (user != NULL) {
        KEYS_FOREACH(arena, user, key)
        {
            tmap_set(v, *key, tval_copy(arena, tmap_get(user, *key)));
        }
    }
    TRY(coalesce(arena, chart, v, mode, err));
    *ret = v;
    return 0;
}

/* ---- paths ---- */

struct tval *values_find(const struct tmap *map, struct str path)
{
    struct tval *v = NULL;
    struct str part;
    while (str_next(&path, '.', &part)) {
        if (map == NULL || (v = tmap_find(map, part)) == NULL) {
            return NULL;
        }
        map = map_of(v);
    }
    return v;
}

struct tmap *values_table(const struct tmap *map, struct str path)
{
    return map_of(values_find(map, path));
}

/* ---- inputs ---- */

static int
add_file(struct arena *arena, struct tmap *to, const struct values_input *in, struct err *err)
{
    struct tmap *map;
    if (values_from_yaml(arena, in->text, &map, err) < 0) {
        return err_at(err, in->name, 0, 0);
    }
    values_overlay(arena, to, map);
    return 0;
}

static int add_json_object(struct arena *arena, struct tmap *to, struct str text, struct err *err)
{
    const struct value *v;
    TRY_IN(value_from_json(arena, text, NULL, &v, err), err, "failed parsing --set-json data JSON");
    if (v->type == VALUE_MAP) {
        values_overlay(arena, to, tval_from_value(arena, v, false).map);
    }
    return 0;
}

static int add_input(struct arena *arena,
                     struct tmap *to,
                     const struct values_input *in,
                     const struct values_reader *reader,
                     struct err *err)
{
    static const struct {
        enum strvals_kind kind;
        const char *flag;
    } SETS[VALUES_INPUT_COUNT] = {
        [VALUES_SET_JSON] = {STRVALS_JSON, "--set-json"},
        [VALUES_SET] = {STRVALS_TYPED, "--set"},
        [VALUES_SET_STRING] = {STRVALS_STRING, "--set-string"},
        [VALUES_SET_FILE] = {STRVALS_FILE, "--set-file"},
        [VALUES_SET_LITERAL] = {STRVALS_LITERAL, "--set-literal"},
    };
    struct strvals_options options = {.kind = SETS[in->type].kind, .reader = reader};
    if (in->type == VALUES_FILE) {
        return add_file(arena, to, in, err);
    }
    if (in->type == VALUES_SET_JSON && str_starts_with(str_trim(in->text), STR("{"))) {
        return add_json_object(arena, to, str_trim(in->text), err);
    }
    TRY_IN(strvals_parse(arena, in->text, &options, to, err), err, "failed parsing %s data",
           SETS[in->type].flag);
    return 0;
}

int values_from_inputs(struct arena *arena,
                       const struct values_input *inputs,
                       size_t n,
                       const struct values_reader *reader,
                       struct tmap **ret,
                       struct err *err)
{
    struct tmap *map = new_map(arena);
    for (int type = 0; type < VALUES_INPUT_COUNT; type++) {
        for (size_t i = 0; i < n; i++) {
            if ((int)inputs[i].type == type) {
                TRY(add_input(arena, map, &inputs[i], reader, err));
            }
        }
    }
    *ret = map;
    return 0;
}
