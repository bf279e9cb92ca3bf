/* transform_references(): what refers to an object by name follows when the object was renamed.
 *
 * For each object the rows of the configuration that match what it was originally (found once for each kind) are walked;
 * a name found there is looked up among earlier names. Rules of kustomize 5.8. Cost: objects, and references in them. */
#include <stdlib.h>

#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/ref_index.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

/* One field of a kind, and what it refers to. */
struct row {
    const struct kgvk *target;
    const struct fieldspec *spec;
};

struct rows {
    VEC(struct row) items;
};

struct work {
    struct engine_env *env;
    struct arena *scratch; /* what only this step needs */
    uint32_t token;
    const struct kschema *schema;
    const struct namereferences *config;
    struct ref_index *index;
    struct map *rows; /* by group, version and kind: struct rows */
};

/* An object whose references are followed. */
struct referrer {
    const struct work *w;
    struct kres *res;
    const struct value *object; /* as far as it is changed */
    bool is_cluster;
    struct str namespace;      /* effective */
    VEC(struct str) accounts;  /* a RoleBinding: namespaces of its service accounts, sorted */
    const struct kgvk *target; /* of the row that is followed now */
    const struct kgvk *role;   /* that roleRef asks for; NULL = any */
};

struct candidates {
    VEC(struct kres *) items;
};

/* ---- which objects can be meant ---- */

static int compare_texts(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool is_account_namespace(const struct referrer *r, struct str namespace)
{
    return r->accounts.n > 0 && bsearch(&namespace, r->accounts.items, r->accounts.n,
                                        sizeof(namespace), compare_texts) != NULL;
}

static bool is_cluster_scoped(const struct work *w, const struct kid *id)
{
    return kschema_scope(w->schema, &id->gvk) == KSCOPE_CLUSTER;
}

static bool can_be_seen(const struct referrer *r, const struct kres *res)
{
    if (r->is_cluster || is_cluster_scoped(r->w, &res->id) ||
        str_eq(kid_effective_namespace(r->w->schema, &res->id), r->namespace)) {
        return true;
    }
    return str_eq_c(res->id.gvk.kind, "ServiceAccount") &&
           is_account_namespace(r, res->id.namespace);
}

/* Some identity it had before is of this kind. */
static bool was_kind(const struct kres *res, const struct kgvk *gvk)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        struct kid id = kres_previous_id(res, i);
        if (kgvk_selects(gvk, &id.gvk)) {
            return true;
        }
    }
    return false;
}

static int
gather(const struct referrer *r, struct ref_list from, struct candidates *to, struct err *err)
{
    TRY(budget_steps(r->w->env->budget, from.n + 1, err));
    for (size_t i = 0; i < from.n; i++) {
        struct kres *res = from.items[i];
        if (was_kind(res, r->target) && (r->role == NULL || was_kind(res, r->role)) &&
            can_be_seen(r, res)) {
            vec_push_in(r->w->scratch, &to->items, res);
        }
    }
    return 0;
}

static int compare_places(const void *a, const void *b)
{
    const struct kres *x = *(struct kres *const *)a;
    const struct kres *y = *(struct kres *const *)b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Those that were called `name` wherever the referrer looks. */
static int
gather_seen(const struct referrer *r, struct str name, struct candidates *to, struct err *err)
{
    struct ref_index *index = r->w->index;
    if (r->is_cluster) {
        return gather(r, ref_index_by_name(index, name), to, err);
    }
    TRY(gather(r, ref_index_cluster(index, name), to, err));
    TRY(gather(r, ref_index_by_place(index, name, r->namespace), to, err));
    for (size_t i = 0; i < r->accounts.n; i++) {
        struct str place = r->accounts.items[i];
        if (place.n > 0 && !str_eq(place, r->namespace)) {
            TRY(gather(r, ref_index_by_place(index, name, place), to, err));
        }
    }
    if (to->items.n > 1) {
        qsort(to->items.items, to->items.n, sizeof(*to->items.items), compare_places);
    }
    return 0;
}

/* Whether anything the referrer looks at, of any kind and name, came from the namespace. */
static bool has_origin(const struct referrer *r, struct str namespace)
{
    struct ref_index *index = r->w->index;
    if (r->is_cluster) {
        return ref_index_has_origin(index, namespace);
    }
    if (ref_index_has_cluster_move(index, namespace) ||
        ref_index_has_move(index, namespace, r->namespace) ||
        (str_eq_c(r->namespace, "default") && ref_index_has_move(index, namespace, STR_EMPTY))) {
        return true;
    }
    for (size_t i = 0; i < r->accounts.n; i++) {
        if (ref_index_has_move(index, namespace, r->accounts.items[i])) {
            return true;
        }
    }
    return false;
}

/* A reference that says a namespace: the original one, if there is such a one, else the present one. */
static int gather_in(const struct referrer *r,
                     struct str name,
                     struct str namespace,
                     struct candidates *to,
                     struct err *err)
{
    struct ref_index *index = r->w->index;
    TRY(budget_steps(r->w->env->budget, r->accounts.n, err));
    return gather(r,
                  has_origin(r, namespace) ? ref_index_by_origin(index, name, namespace)
                                           : ref_index_by_place(index, name, namespace),
                  to, err);
}

/* ---- choosing one ---- */

struct texts {
    const struct str *items;
    size_t n;
};

enum affix_rule {
    AFFIX_EMPTY_IS_ANY,
    AFFIX_EXACT,
};

/* One list ends with the other. */
static bool same_end(struct texts a, struct texts b, enum affix_rule rule)
{
    size_t n = MIN(a.n, b.n);
    if (n == 0) {
        return rule == AFFIX_EMPTY_IS_ANY || a.n == b.n;
    }
    for (size_t i = 1; i <= n; i++) {
        if (!str_eq(a.items[a.n - i], b.items[b.n - i])) {
            return false;
        }
    }
    return true;
}

static bool same_affixes(const struct kres *a, const struct kres *b, enum affix_rule rule)
{
    return same_end((struct texts){a->prefixes.items, a->prefixes.n},
                    (struct texts){b->prefixes.items, b->prefixes.n}, rule) &&
           same_end((struct texts){a->suffixes.items, a->suffixes.n},
                    (struct texts){b->suffixes.items, b->suffixes.n}, rule);
}

static void keep_same_affixes(const struct referrer *r, struct candidates *c, enum affix_rule rule)
{
    size_t n = 0;
    for (size_t i = 0; i < c->items.n; i++) {
        if (same_affixes(c->items.items[i], r->res, rule)) {
            c->items.items[n++] = c->items.items[i];
        }
    }
    c->items.n = n;
}

enum what_matters {
    NAMES_MATTER,
    NAMES_AND_NAMESPACES_MATTER,
};

static bool all_alike(const struct candidates *c, enum what_matters what)
{
    const struct kid *first = &c->items.items[0]->id;
    for (size_t i = 1; i < c->items.n; i++) {
        const struct kid *id = &c->items.items[i]->id;
        if (!str_eq(id->name, first->name) ||
            (what == NAMES_AND_NAMESPACES_MATTER && !str_eq(id->namespace, first->namespace))) {
            return false;
        }
    }
    return true;
}

static int ambiguous(const struct referrer *r, const struct candidates *c, struct err *err)
{
    AUTO(buf) struct buf ids;
    buf_init(&ids, ERR_MESSAGE_BYTES);
    for (size_t i = 0; i < c->items.n && !ids.overflow; i++) {
        struct str id = kid_format(r->w->env->arena, &c->items.items[i]->id);
        buf_printf(&ids, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(id));
    }
    return err_set(err, ERR_INVALID, "found multiple possible referrals: %s", ids.p);
}

/* *ret is NULL when nothing is meant, or nothing that was renamed. */
static int choose(const struct referrer *r,
                  struct candidates *c,
                  enum what_matters what,
                  struct kres **ret,
                  struct err *err)
{
    if (c->items.n != 1) {
        keep_same_affixes(r, c, AFFIX_EMPTY_IS_ANY);
    }
    if (c->items.n > 1) {
        keep_same_affixes(r, c, AFFIX_EXACT);
    }
    if (c->items.n > 1 && !all_alike(c, what)) {
        return ambiguous(r, c, err);
    }
    *ret = c->items.n > 0 ? c->items.items[0] : NULL;
    return 0;
}

/* ---- fields ---- */

static int set_scalar(const struct fieldspec_visit *visit,
                      const struct value *leaf,
                      const struct value **ret,
                      struct err *err)
{
    const struct referrer *r = visit->data;
    struct str name = kres_text(visit->env->arena, leaf);
    struct candidates found = {0};
    struct kres *target = NULL;
    TRY(gather_seen(r, name, &found, err));
    TRY(choose(r, &found, NAMES_MATTER, &target, err));
    if (target == NULL || str_eq(target->id.name, name)) {
        *ret = leaf;
        return 0;
    }
    return fieldspec_set_text(visit, leaf, target->id.name, ret, err);
}

static int set_field(const struct fieldspec_visit *visit,
                     const char *key,
                     struct str text,
                     const struct value **map,
                     struct err *err)
{
    const struct value *old = value_find(*map, str_from(key));
    const struct value *new;
    TRY(fieldspec_set_text(visit, old != NULL ? old : &VALUE_NULL_VALUE, text, &new, err));
    *map = value_map_put(visit->env->arena, *map, str_from(key), new, visit->token);
    return 0;
}

static int set_map(const struct fieldspec_visit *visit,
                   const struct value *leaf,
                   const struct value **ret,
                   struct err *err)
{
    const struct referrer *r = visit->data;
    const struct value *name_field = value_find(leaf, STR("name"));
    const struct value *namespace = value_find(leaf, STR("namespace"));
    struct candidates found = {0};
    struct kres *target = NULL;
    if (name_field == NULL) {
        (void)err_set(err, ERR_INVALID, "path config error; no 'name' field in node");
        return err_at(err, visit->file, leaf->line, leaf->column);
    }
    struct str name = kres_text(visit->env->arena, name_field);
    if (namespace == NULL) {
        TRY(gather_seen(r, name, &found, err));
    } else {
        TRY(gather_in(r, name, kres_text(visit->env->arena, namespace), &found, err));
    }
    TRY(choose(r, &found, NAMES_AND_NAMESPACES_MATTER, &target, err));
    *ret = leaf;
    if (target == NULL || (str_eq(target->id.name, name) && target->id.namespace.n == 0)) {
        return 0;
    }
    TRY(set_field(visit, "name", target->id.name, ret, err));
    if (target->id.namespace.n > 0) { /* without one it is not said to be "default" */
        TRY(set_field(visit, "namespace", target->id.namespace, ret, err));
    }
    return 0;
}

static int set_item(const struct fieldspec_visit *visit,
                    const struct value *item,
                    const struct value **ret,
                    struct err *err)
{
    switch (value_type(item)) {
    case VALUE_NULL:
        *ret = item;
        return 0;
    case VALUE_MAP:
        return set_map(visit, item, ret, err);
    case VALUE_LIST:
        (void)err_set(err, ERR_INVALID,
                      "a list is expected to be either a string or a map of string");
        return err_at(err, visit->file, item->line, item->column);
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_STRING:
    case VALUE_TYPE_COUNT:
        break;
    }
    return set_scalar(visit, item, ret, err);
}

static int set_reference(const struct fieldspec_visit *visit,
                         const struct value *leaf,
                         const struct value **ret,
                         struct err *err)
{
    struct value *items = NULL;
    if (leaf->type != VALUE_LIST) {
        return set_item(visit, leaf, ret, err);
    }
    *ret = leaf;
    TRY(budget_steps(visit->env->budget, leaf->n, err));
    for (size_t i = 0; i < leaf->n; i++) {
        const struct value *after;
        TRY(set_item(visit, &leaf->items[i], &after, err));
        if (after == &leaf->items[i]) {
            continue;
        }
        if (items == NULL) {
            items = value_list_own(visit->env->arena, leaf, visit->token, ret);
        }
        items[i] = *after;
    }
    return 0;
}

/* ---- objects ---- */

/* The namespaces of service accounts that a RoleBinding names may hold what it refers to. */
static int read_accounts(struct referrer *r, struct err *err)
{
    const struct value *subjects = value_dig(r->object, "subjects");
    if (r->is_cluster || !str_eq_c(r->res->id.gvk.kind, "RoleBinding") ||
        !value_is(subjects, VALUE_LIST)) {
        return 0;
    }
    VALUE_FOREACH(subjects, it) {
        const struct value *namespace = value_dig(it, "namespace");
        if (namespace == NULL || !str_eq_c(value_dig_str(it, "kind"), "ServiceAccount")) {
            continue;
        }
        if (namespace->type != VALUE_STRING) {
            struct str id = kid_format(r->w->env->arena, &r->res->id);
            (void)err_set(err, ERR_INVALID,
                          "Invalid Input: namespace is blank for resource \"" STR_FMT "\"",
                          STR_ARG(id));
            return err_at(err, r->res->file, namespace->line, namespace->column);
        }
        vec_push_in(r->w->scratch, &r->accounts, value_str(namespace));
    }
    size_t n = 0;
    if (r->accounts.n > 1) {
        qsort(r->accounts.items, r->accounts.n, sizeof(struct str), compare_texts);
    }
    for (size_t i = 0; i < r->accounts.n; i++) {
        if (n == 0 || !str_eq(r->accounts.items[n - 1], r->accounts.items[i])) {
            r->accounts.items[n++] = r->accounts.items[i];
        }
    }
    r->accounts.n = n;
    return 0;
}

/* What roleRef says of its target; false when it does not say. */
static bool role_of(const struct referrer *r, const struct fieldspec *spec, struct kgvk *ret)
{
    const struct value *group = value_dig(r->object, "roleRef", "apiGroup");
    const struct value *kind = value_dig(r->object, "roleRef", "kind");
    if (!str_ends_with(spec->path, STR("roleRef/name")) || group == NULL || kind == NULL) {
        return false;
    }
    *ret = (struct kgvk){
        .group = kres_text(r->w->env->arena, group),
        .version = STR_EMPTY,
        .kind = kres_text(r->w->env->arena, kind),
    };
    return true;
}

static int follow(struct referrer *r, const struct row *row, struct err *err)
{
    struct kgvk role;
    struct fieldspec_visit visit = {
        .env = r->w->env,
        .token = r->w->token,
        .set = set_reference,
        .data = r,
        .file = r->res->file,
    };
    r->target = row->target;
    r->role = role_of(r, row->spec, &role) ? &role : NULL;
    int rc = fieldspec_apply(&visit, row->spec, r->object, &r->object, err);
    r->role = NULL;
    if (rc < 0) {
        struct str id = kid_format(r->w->env->arena, &r->res->id);
        return err_wrap(err, "updating name reference in '" STR_FMT "' field of '" STR_FMT "'",
                        STR_ARG(row->spec->path), STR_ARG(id));
    }
    return 0;
}

/* The rows for objects that were originally of this kind. */
static const struct rows *rows_of(const struct work *w, const struct kgvk *gvk)
{
    struct arena *arena = w->scratch;
    struct str key = kgvk_format(arena, gvk);
    struct rows *rows = map_find(w->rows, key);
    if (rows != NULL) {
        return rows;
    }
    rows = ARENA_NEW(arena, struct rows);
    for (size_t i = 0; i < w->config->n; i++) {
        const struct namereference *reference = &w->config->items[i];
        for (size_t k = 0; k < reference->referrers.n; k++) {
            const struct fieldspec *spec = &reference->referrers.items[k];
            if (kgvk_selects(&spec->gvk, gvk)) {
                vec_push_in(arena, &rows->items, ((struct row){&reference->target, spec}));
            }
        }
    }
    map_set(w->rows, key, rows);
    return rows;
}

static int transform_one(const struct work *w, struct kres *res, struct err *err)
{
    struct kid original = kres_original_id(res);
    const struct rows *rows = rows_of(w, &original.gvk);
    struct referrer r = {
        .w = w,
        .res = res,
        .object = res->object,
        .is_cluster = is_cluster_scoped(w, &res->id),
        .namespace = kid_effective_namespace(w->schema, &res->id),
    };
    TRY(read_accounts(&r, err));
    for (size_t i = 0; i < rows->items.n; i++) {
        TRY(follow(&r, &rows->items.items[i], err));
    }
    if (rows->items.n > 0) { /* also when it is the same: it may have been changed in place */
        kres_set(res, r.object);
    }
    return 0;
}

int transform_references(const struct klayer *layer, struct resmap *m, struct err *err)
{
    AUTO(map) struct map *rows = map_new(NULL);
    AUTO(arena) struct arena *scratch = arena_new();
    struct work w = {
        .scratch = scratch,
        .env = layer->build->env,
        .token = layer->build->edits,
        .schema = layer->build->schema,
        .config = &layer->config->name_references,
        .rows = rows,
    };
    if (w.config->n == 0) {
        return 0;
    }
    w.index = ref_index_new(scratch, m, w.schema);
    RESMAP_FOREACH(m, res)
    {
        if (res->object != NULL) {
            TRY(transform_one(&w, res, err));
        }
    }
    return 0;
}
