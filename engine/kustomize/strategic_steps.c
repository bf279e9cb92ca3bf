/* Merging lists by several keys, or with elements that lack theirs.
 *
 * Kustomize's procedure is followed step by step, because its outcome follows from the steps: keys that nobody has are
 * left aside, elements that differ in a missing key only become one, elements without any key push others out. A cell
 * is what kustomize changes in place: an element is the same cell in every list it stands in. */
#include "common/base/vec.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/kustomize/strategic_internal.h"

struct cell {
    const struct value *v;
};

struct cells {
    VEC(struct cell *) list;
};

/* Keys and the values elements are looked for with; n_texts may be below n_keys. "" matches any value. */
struct probe {
    struct str keys[KMERGE_KEYS_MAX];
    struct str texts[KMERGE_KEYS_MAX];
    size_t n_keys;
    size_t n_texts;
};

struct key_values {
    struct str texts[KMERGE_KEYS_MAX]; /* one for each key of the rule; "" = missing */
};

struct steps {
    struct strategic *s;
    struct arena *arena;
    struct kschema_at at; /* of the elements */
    const struct kmerge_rule *rule;
    struct cells *object;
    struct cells
        *patch; /* the same as object when what is added is merged with itself; may be empty */
    struct cells items; /* the result so far */
    VEC(struct key_values) values;
    bool present[KMERGE_KEYS_MAX]; /* keys that some element has; all when none has any */
};

static bool is_empty(const struct value *v)
{
    return strategic_is_absent(v) || (v->type == VALUE_MAP && v->n == 0);
}

static struct cells *cells_of(struct arena *arena, const struct value *list)
{
    struct cells *cells = ARENA_NEW(arena, struct cells);
    VALUE_FOREACH(list, item) {
        struct cell *cell = ARENA_NEW(arena, struct cell);
        cell->v = item;
        vec_push_in(arena, &cells->list, cell);
    }
    return cells;
}

/* ---- which elements there are ---- */

static struct key_values values_of(const struct steps *w, const struct value *element)
{
    struct key_values values = {0};
    for (size_t i = 0; i < w->rule->n_keys; i++) {
        const struct value *v = value_find(element, w->rule->keys[i]);
        values.texts[i] = strategic_is_absent(v) ? STR_EMPTY : strategic_text(w->s, v);
    }
    return values;
}

static bool is_known(struct steps *w, const struct key_values *values)
{
    VEC_FOREACH(&w->values, known) {
        size_t i = 0;
        while (i < w->rule->n_keys && str_eq(known->texts[i], values->texts[i])) {
            i++;
        }
        if (i == w->rule->n_keys) {
            return true;
        }
    }
    return false;
}

static void collect_values(struct steps *w, struct cells *cells)
{
    VEC_FOREACH(&cells->list, cell) {
        struct key_values values = values_of(w, (*cell)->v);
        if (!is_known(w, &values)) {
            vec_push_in(w->arena, &w->values, values);
        }
    }
}

/* They agree in one key, and differ only where one of them has nothing. */
static bool match_values(const struct steps *w,
                         const struct key_values *a,
                         const struct key_values *b,
                         struct key_values *ret)
{
    bool common = false;
    for (size_t i = 0; i < w->rule->n_keys; i++) {
        bool same = str_eq(a->texts[i], b->texts[i]);
        if (!same && a->texts[i].n > 0 && b->texts[i].n > 0) {
            return false;
        }
        common = common || same;
        ret->texts[i] = a->texts[i].n > 0 ? a->texts[i] : b->texts[i];
    }
    return common;
}

static void join_values(struct steps *w)
{
    for (size_t i = 0; i < w->values.n; i++) {
        struct key_values one = w->values.items[i];
        for (size_t j = 0; j < w->values.n; j++) {
            struct key_values joined = {0};
            if (match_values(w, &one, &w->values.items[j], &joined)) {
                w->values.items[i] = joined;
                w->values.items[j] = joined;
            }
        }
    }
}

static void find_present_keys(struct steps *w)
{
    bool any = false;
    for (size_t i = 0; i < w->rule->n_keys; i++) {
        VEC_FOREACH(&w->values, values) {
            w->present[i] = w->present[i] || values->texts[i].n > 0;
        }
        any = any || w->present[i];
    }
    for (size_t i = 0; !any && i < w->rule->n_keys; i++) {
        w->present[i] = true;
    }
}

static struct probe probe_of(const struct steps *w, const struct key_values *values)
{
    struct probe probe = {0};
    for (size_t i = 0; i < w->rule->n_keys; i++) {
        if (w->present[i]) {
            probe.keys[probe.n_keys] = w->rule->keys[i];
            probe.texts[probe.n_keys++] = values->texts[i];
        }
    }
    probe.n_texts = probe.n_keys;
    return probe;
}

/* ---- finding and placing ---- */

/* The first element that has the values of the probe, missing ones left aside unless all are missing. */
static struct cell *find_cell(const struct steps *w, struct cells *cells, const struct probe *probe)
{
    bool any = false;
    for (size_t i = 0; i < probe->n_keys; i++) {
        any = any || probe->texts[i].n > 0;
    }
    VEC_FOREACH(&cells->list, cell) {
        bool found = value_is((*cell)->v, VALUE_MAP);
        for (size_t i = 0; found && i < probe->n_keys; i++) {
            const struct value *v = value_find((*cell)->v, probe->keys[i]);
            bool counts = !any || probe->texts[i].n > 0;
            found = !counts || (v != NULL && str_eq(strategic_text(w->s, v), probe->texts[i]));
        }
        if (found) {
            return *cell;
        }
    }
    return NULL;
}

/* The field, when it has this text ("" = any). */
static bool
field_matches(const struct steps *w, const struct value *element, struct str key, struct str text)
{
    const struct value *v = value_find(element, key);
    return v != NULL && (text.n == 0 || str_eq(strategic_text(w->s, v), text));
}

/* Keys without a text say what the one before said. */
static bool cell_matches(const struct steps *w, const struct cell *cell, const struct probe *probe)
{
    for (size_t i = 0; i < probe->n_texts; i++) {
        if (!field_matches(w, cell->v, probe->keys[i], probe->texts[i])) {
            return false;
        }
    }
    return probe->n_texts > 0;
}

/* The cell takes the place of all that match, or goes to the end; without a cell they are removed. Empty elements
 * go, too; so does everything when the probe has no texts. */
static int place_cell(struct steps *w,
                      struct cells *cells,
                      const struct probe *probe,
                      struct cell *cell,
                      struct err *err)
{
    struct cells kept = {0};
    bool placed = false;
    bool maps_only = probe->n_texts > 0 && probe->texts[0].n > 0;
    TRY(budget_steps(w->s->env->budget, cells->list.n + 1, err));
    VEC_FOREACH(&cells->list, old) {
        if (is_empty((*old)->v)) {
            continue;
        }
        if (!value_is((*old)->v, VALUE_MAP)) {
            if (maps_only) {
                vec_push_in(w->arena, &kept.list, *old);
            } else if (probe->n_texts > 0) {
                return strategic_wrong_kind(VALUE_MAP, (*old)->v, err);
            }
            continue;
        }
        bool matches = cell_matches(w, *old, probe);
        if (!matches && probe->n_texts > 0) {
            vec_push_in(w->arena, &kept.list, *old);
        } else if (matches && cell != NULL) {
            vec_push_in(w->arena, &kept.list, cell);
            placed = true;
        }
    }
    if (cell != NULL && !placed) {
        vec_push_in(w->arena, &kept.list, cell);
    }
    *cells = kept;
    return 0;
}

/* ---- merging ---- */

/* Keys that were missing in the element and known from the other one. */
static int
add_missing_keys(struct steps *w, struct cell *cell, const struct probe *probe, struct err *err)
{
    const struct value_yaml_opts opts = {.schema = VALUE_YAML_CORE};
    for (size_t i = 0; i < probe->n_keys; i++) {
        if (probe->texts[i].n == 0 || value_find(cell->v, probe->keys[i]) != NULL) {
            continue;
        }
        const struct value *v = NULL;
        TRY(value_from_yaml(w->arena, probe->texts[i], &opts, &v, err));
        cell->v = value_map_set(w->arena, cell->v, probe->keys[i], v);
    }
    return 0;
}

/* Returns the cell that is changed, or NULL when nothing is left. */
static int merge_cells(
    struct steps *w, struct cell *object, struct cell *patch, struct cell **ret, struct err *err)
{
    struct strategic_merged merged;
    struct strategic_pair pair = {object != NULL ? object->v : NULL,
                                  patch != NULL ? patch->v : NULL};
    TRY(strategic_walk(w->s, w->at, pair, &merged, err));
    if (patch != NULL) {
        /* a directive acts once */
        (void)strategic_directive_of(w->s, patch->v, &patch->v);
    }
    *ret = NULL;
    if (merged.v == NULL || is_empty(merged.v)) {
        return 0;
    }
    struct cell *changed = merged.is_patch || object == NULL ? patch : object;
    changed->v = merged.v;
    *ret = changed;
    return 0;
}

static int merge_values(struct steps *w, const struct key_values *values, struct err *err)
{
    struct cell *cell = NULL;
    struct probe probe = probe_of(w, values);
    struct cell *object = find_cell(w, w->object, &probe);
    struct cell *patch = find_cell(w, w->patch, &probe);
    TRY(budget_steps(w->s->env->budget, w->object->list.n + w->patch->list.n + 1, err));
    TRY(merge_cells(w, object, patch, &cell, err));
    if (cell == NULL) {
        return place_cell(w, w->object, &probe, NULL, err);
    }
    TRY(add_missing_keys(w, cell, &probe, err));
    return place_cell(w, &w->items, &probe, cell, err);
}

/* The object's elements after those of the patch, in the place of what they were merged to. */
static int append_object(struct steps *w, struct err *err)
{
    struct probe keys = probe_of(w, &w->values.items[0]);
    VEC_FOREACH(&w->object->list, cell) {
        struct probe probe = keys;
        probe.n_texts = 0;
        if (!strategic_is_absent((*cell)->v) && !value_is((*cell)->v, VALUE_MAP)) {
            return strategic_wrong_kind(VALUE_MAP, (*cell)->v, err);
        }
        for (size_t i = 0; i < keys.n_keys; i++) {
            const struct value *v = value_find((*cell)->v, keys.keys[i]);
            if (v == NULL) {
                vec_push_in(w->arena, &w->items.list, *cell);
            } else {
                probe.texts[probe.n_texts++] = strategic_text(w->s, v);
            }
        }
        if (keys.n_keys > 1) {
            TRY(place_cell(w, &w->items, &probe, NULL, err));
        }
        TRY(place_cell(w, &w->items, &probe, *cell, err));
    }
    return 0;
}

static const struct value *list_of(struct arena *arena, struct cells *cells)
{
    VEC(struct value) items = {0};
    VEC_FOREACH(&cells->list, cell) {
        vec_push_in(arena, &items, *(*cell)->v);
    }
    return value_new_list(arena, items.items, items.n);
}

int strategic_merge_stepwise(struct strategic *s,
                             struct kschema_at at,
                             const struct kmerge_rule *rule,
                             struct strategic_pair pair,
                             const struct value **ret,
                             struct err *err)
{
    struct arena *arena = s->env->arena;
    struct steps w = {.s = s, .arena = arena, .at = at, .rule = rule};
    uint64_t n = (uint64_t)value_len(pair.object) + value_len(pair.patch);
    TRY(budget_steps(s->env->budget, n * n, err));
    w.object = cells_of(arena, pair.object);
    w.patch = pair.patch == pair.object ? w.object : cells_of(arena, pair.patch);
    collect_values(&w, w.patch);
    collect_values(&w, w.object);
    if (w.values.n == 0) {
        *ret = pair.object;
        return 0;
    }
    if (rule->n_keys > 1) {
        join_values(&w);
    }
    find_present_keys(&w);
    VEC_FOREACH(&w.values, values) {
        TRY(merge_values(&w, values, err));
    }
    TRY(append_object(&w, err));
    *ret = list_of(arena, &w.items);
    return 0;
}
