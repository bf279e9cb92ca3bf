/* Walking the path of a fieldspec through an object, and rebuilding what changed on the way back.
 *
 * Rules of kustomize 5.8: a list is entered element by element without a step of its own; what is missing is created only
 * when the spec and the visitor both say so, and never at a step with "[]" or below it by that step; null stops the walk
 * unless it stands where something may be created. Pure; the depth is charged to the budget. */
#include "engine/kustomize/fieldspec.h"

#include "common/base/budget.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kid.h"
#include "engine/kustomize/kres.h"

struct walk {
    const struct fieldspec_visit *visit;
    bool may_create;
};

struct step {
    struct str name;
    bool is_list;
    struct str rest; /* p is NULL after the last one */
};

static int walk(const struct walk *w,
                struct str path,
                const struct value *v,
                const struct value **ret,
                struct err *err);

/* ---- paths ---- */

static struct str without_escapes(struct arena *arena, struct str name)
{
    char *p = arena_bytes(arena, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '\\' && i + 1 < name.n && name.p[i + 1] == '/') {
            continue;
        }
        p[n++] = name.p[i];
    }
    p[n] = '\0';
    return str_of(p, n);
}

static struct step first_step(struct arena *arena, struct str path)
{
    size_t end = 0;
    bool escaped = false;
    while (end < path.n && (path.p[end] != '/' || (end > 0 && path.p[end - 1] == '\\'))) {
        escaped = escaped || path.p[end] == '/';
        end++;
    }
    struct step step = {.name = str_sub(path, 0, end)};
    if (end < path.n) {
        step.rest = str_sub(path, end + 1, path.n);
    }
    if (escaped) {
        step.name = without_escapes(arena, step.name);
    }
    step.is_list = str_cut_suffix(&step.name, STR("[]"));
    return step;
}

/* Kustomize reads such a step as an address in a list, which a map is not. */
static bool is_list_address(struct str name)
{
    struct str digits = name;
    uint64_t index = 0;
    (void)(str_cut_prefix(&digits, STR("-")) || str_cut_prefix(&digits, STR("+")));
    return str_eq(name, STR("-")) || str_eq(name, STR("*")) ||
           (name.p[0] == '[' && name.p[name.n - 1] == ']') || num_digits(digits, 10, &index);
}

/* ---- errors ---- */

static int at(const struct fieldspec_visit *visit, const struct value *v, struct err *err)
{
    return err_at(err, visit->file, v->line, v->column);
}

static const char *node_kind(const struct value *v)
{
    return v->type == VALUE_MAP    ? "MappingNode"
           : v->type == VALUE_LIST ? "SequenceNode"
                                   : "ScalarNode";
}

int fieldspec_wrong_kind(const struct fieldspec_visit *visit,
                         const struct value *leaf,
                         const char *wanted,
                         struct err *err)
{
    (void)err_set(err, ERR_INVALID, "wrong node kind: expected %s but got %s", wanted,
                  node_kind(leaf));
    return at(visit, leaf, err);
}

/* ---- the walk ---- */

static const struct value *created(enum fieldspec_create as)
{
    switch (as) {
    case FIELDSPEC_CREATE_MAP:
        return &VALUE_EMPTY_MAP;
    case FIELDSPEC_CREATE_LIST:
        return &VALUE_EMPTY_LIST;
    case FIELDSPEC_CREATE_NONE:
    case FIELDSPEC_CREATE_SCALAR:
        break;
    }
    return &VALUE_NULL_VALUE;
}

static enum fieldspec_create created_at(const struct walk *w, const struct step *step)
{
    if (step->is_list) {
        return FIELDSPEC_CREATE_LIST;
    }
    if (!w->may_create) {
        return FIELDSPEC_CREATE_NONE;
    }
    return step->rest.p == NULL ? w->visit->create : FIELDSPEC_CREATE_MAP;
}

static int walk_map(const struct walk *w,
                    struct str path,
                    const struct value *map,
                    const struct value **ret,
                    struct err *err)
{
    struct arena *arena = w->visit->env->arena;
    struct step step = first_step(arena, path);
    if (step.name.n == 0) {
        (void)err_set(err, ERR_INVALID, "cannot set or create an empty field name");
        return at(w->visit, map, err);
    }
    if (is_list_address(step.name)) {
        (void)fieldspec_wrong_kind(w->visit, map, "SequenceNode", err);
        return err_wrap(err, "fieldName: " STR_FMT, STR_ARG(step.name));
    }
    enum fieldspec_create as = created_at(w, &step);
    const struct value *before = value_find(map, step.name);
    const struct value *field = before;
    if (field == NULL && (!w->may_create || step.is_list)) {
        *ret = map;
        return 0;
    }
    if (field == NULL || (field->type == VALUE_NULL && as != FIELDSPEC_CREATE_NONE)) {
        field = created(as);
    }
    const struct value *after;
    TRY(walk(w, step.rest, field, &after, err));
    *ret = after == before ? map : value_map_put(arena, map, step.name, after, w->visit->token);
    return 0;
}

static int walk_list(const struct walk *w,
                     struct str path,
                     const struct value *list,
                     const struct value **ret,
                     struct err *err)
{
    struct arena *arena = w->visit->env->arena;
    struct value *items = NULL;
    *ret = list;
    TRY(budget_steps(w->visit->env->budget, list->n, err));
    for (size_t i = 0; i < list->n; i++) {
        const struct value *after;
        TRY(walk(w, path, &list->items[i], &after, err));
        if (after == &list->items[i]) {
            continue;
        }
        if (items == NULL) {
            items = value_list_own(arena, list, w->visit->token, ret);
        }
        items[i] = *after;
    }
    return 0;
}

static int walk_inside(const struct walk *w,
                       struct str path,
                       const struct value *v,
                       const struct value **ret,
                       struct err *err)
{
    if (v->type == VALUE_LIST) {
        return walk_list(w, path, v, ret, err);
    }
    if (v->type == VALUE_MAP) {
        return walk_map(w, path, v, ret, err);
    }
    (void)err_set(err, ERR_INVALID, "expected sequence or mapping node");
    return at(w->visit, v, err);
}

/* path.p is NULL at the end. */
static int walk(const struct walk *w,
                struct str path,
                const struct value *v,
                const struct value **ret,
                struct err *err)
{
    if (path.p == NULL) {
        return w->visit->set(w->visit, v, ret, err);
    }
    if (v->type == VALUE_NULL) {
        *ret = v;
        return 0;
    }
    TRY(budget_enter(w->visit->env->budget, err));
    int rc = walk_inside(w, path, v, ret, err);
    budget_leave(w->visit->env->budget);
    return rc;
}

int fieldspec_apply(const struct fieldspec_visit *visit,
                    const struct fieldspec *spec,
                    const struct value *object,
                    const struct value **ret,
                    struct err *err)
{
    struct walk w = {
        .visit = visit,
        .may_create = spec->create && visit->create != FIELDSPEC_CREATE_NONE,
    };
    struct str path = spec->path.p != NULL ? spec->path : STR_EMPTY;
    (void)str_cut_prefix(&path, STR("/"));
    if (walk(&w, path, object, ret, err) < 0) {
        struct kid id = kid_from_object(object);
        struct str text = kid_format(visit->env->arena, &id);
        return err_wrap(err, "considering field '" STR_FMT "' of object " STR_FMT,
                        STR_ARG(spec->path), STR_ARG(text));
    }
    return 0;
}

int fieldspecs_apply(const struct fieldspec_visit *visit,
                     struct fieldspecs specs,
                     struct kres *res,
                     struct err *err)
{
    struct fieldspec_visit with_file = *visit;
    with_file.file = res->file;
    const struct value *object = res->object;
    bool is_reached = false;
    for (size_t i = 0; i < specs.n && object != NULL; i++) {
        if (kgvk_selects(&specs.items[i].gvk, &res->id.gvk)) {
            is_reached = true;
            TRY(fieldspec_apply(&with_file, &specs.items[i], object, &object, err));
        }
    }
    if (is_reached) { /* also when it is the same: it may have been changed in place */
        kres_set(res, object);
    }
    return 0;
}

/* ---- for set functions ---- */

static bool is_scalar(const struct value *v)
{
    return v->type != VALUE_LIST && v->type != VALUE_MAP;
}

int fieldspec_set_scalar(const struct fieldspec_visit *visit,
                         const struct value *leaf,
                         const struct value *scalar,
                         const struct value **ret,
                         struct err *err)
{
    if (!is_scalar(leaf)) {
        return fieldspec_wrong_kind(visit, leaf, "ScalarNode", err);
    }
    *ret = scalar;
    return 0;
}

int fieldspec_set_text(const struct fieldspec_visit *visit,
                       const struct value *leaf,
                       struct str text,
                       const struct value **ret,
                       struct err *err)
{
    if (!is_scalar(leaf)) {
        return fieldspec_wrong_kind(visit, leaf, "ScalarNode", err);
    }
    struct arena *arena = visit->env->arena;
    TRY(budget_bytes(visit->env->budget, text.n, err));
    struct value *v = arena_alloc(arena, sizeof(*v));
    struct str kept = arena_str(arena, text);
    if (leaf->type == VALUE_STRING && (leaf->flags & VALUE_QUOTED) != 0) {
        *v = value_of_str(kept);
    } else {
        TRY(value_yaml_plain(arena, kept, VALUE_YAML_CORE, v, err));
    }
    v->flags |= leaf->flags;
    v->line = leaf->line;
    v->column = leaf->column;
    *ret = v;
    return 0;
}
