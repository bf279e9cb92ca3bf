/* Vars: reading and binding them, and replacing $(NAME) at the end of a build. */
#include "engine/kustomize/vars.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/num.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kdecode.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/resmap.h"

/* ---- reading ---- */

struct var_text {
    struct var var;
    struct str api_version;
};

#define VAR(field) offsetof(struct var_text, field)
static const struct kfield OBJECT_FIELDS[] = {
    {"apiVersion", KFIELD_STR, VAR(api_version), NULL, NULL, NULL},
    {"group", KFIELD_STR, VAR(var.object.gvk.group), NULL, "Gvk.", NULL},
    {"version", KFIELD_STR, VAR(var.object.gvk.version), NULL, "Gvk.", NULL},
    {"kind", KFIELD_STR, VAR(var.object.gvk.kind), NULL, "Gvk.", NULL},
    {"name", KFIELD_STR, VAR(var.object.name), NULL, NULL, NULL},
    {"namespace", KFIELD_STR, VAR(var.object.namespace), NULL, NULL, NULL},
};
static const struct ktable OBJECT_TABLE = KTABLE("Target", struct var_text, OBJECT_FIELDS);

static const struct kfield FIELD_FIELDS[] = {
    {"fieldPath", KFIELD_STR, VAR(var.field_path), NULL, NULL, NULL},
};
static const struct ktable FIELD_TABLE = KTABLE("FieldSelector", struct var_text, FIELD_FIELDS);

/* The tables above fill the same struct. */
static const struct kfield VAR_FIELDS[] = {
    {"name", KFIELD_STR, VAR(var.name), NULL, NULL, NULL},
    {"objref", KFIELD_STRUCT, 0, &OBJECT_TABLE, NULL, NULL},
    {"fieldref", KFIELD_STRUCT, 0, &FIELD_TABLE, NULL, NULL},
};
static const struct ktable VAR_TABLE = KTABLE("Var", struct var_text, VAR_FIELDS);

static void take_api_version(struct var_text *text)
{
    struct str group;
    struct str version;
    if (text->api_version.n == 0) {
        return;
    }
    if (!str_cut(text->api_version, '/', &group, &version)) {
        text->var.object.gvk.version = text->api_version;
    } else if (str_find_char(version, '/') == STR_NONE) {
        text->var.object.gvk.group = group;
        text->var.object.gvk.version = version;
    }
}

int vars_from_value(const struct klayer *layer,
                    const struct value *list,
                    struct vars *ret,
                    struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    if (value_type(list) != VALUE_NULL && list->type != VALUE_LIST) {
        (void)err_set(err, ERR_INVALID, "vars must be a list, not %s", value_type_noun(list->type));
        return err_at(err, STR_EMPTY, list->line, list->column);
    }
    struct vars vars = {arena_calloc(arena, value_len(list), sizeof(struct var)), 0};
    VALUE_FOREACH(list, it) {
        struct var_text text = {0};
        TRY_IN(kdecode_map(arena, it, &VAR_TABLE, KDECODE_STRICT, &text, err), err, "vars[%zu]",
               vars.n);
        take_api_version(&text);
        vars.items[vars.n++] = text.var;
    }
    *ret = vars;
    return 0;
}

/* ---- binding ---- */

/* Under what it is called now, or was once: exactly of the kind, in the namespace if the var says one. */
static bool is_meant(const struct klayer *layer, const struct kid *id, const struct var *var)
{
    return str_eq(id->name, var->object.name) && kgvk_eq(&id->gvk, &var->object.gvk) &&
           (var->object.namespace.n == 0 ||
            str_eq(kid_effective_namespace(layer->build->schema, id), var->object.namespace));
}

static bool ever_meant(const struct klayer *layer, const struct kres *res, const struct var *var)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        struct kid id = kres_previous_id(res, i);
        if (is_meant(layer, &id, var)) {
            return true;
        }
    }
    return is_meant(layer, &res->id, var);
}

static int bind(const struct klayer *layer, struct resmap *m, struct var *var, struct err *err)
{
    struct kres_list named = resmap_match_name(m, var->object.name);
    size_t n = 0;
    for (size_t i = 0; i < named.n; i++) {
        if (ever_meant(layer, named.items[i], var)) {
            var->bound = named.items[i];
            n++;
        }
    }
    if (n > 1) {
        return err_set(err, ERR_INVALID,
                       "found %zu resId matches for var " STR_FMT " (unable to disambiguate)", n,
                       STR_ARG(var->name));
    }
    return 0;
}

int vars_add(const struct klayer *layer, struct vars *all, struct vars more, struct err *err)
{
    AUTO(map) struct map *names = map_new(NULL);
    size_t n = all->n + more.n;
    if (more.n == 0) {
        return 0;
    }
    struct var *items = arena_calloc(layer->build->env->arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        items[i] = i < all->n ? all->items[i] : more.items[i - all->n];
        if (map_has(names, items[i].name)) {
            return err_set(err, ERR_INVALID, "var '" STR_FMT "' already encountered",
                           STR_ARG(items[i].name));
        }
        map_set(names, items[i].name, items);
    }
    *all = (struct vars){items, n};
    return 0;
}

int vars_merge(const struct klayer *layer,
               struct resmap *m,
               struct vars *all,
               struct vars more,
               struct err *err)
{
    for (size_t i = 0; i < more.n; i++) {
        TRY(bind(layer, m, &more.items[i], err));
    }
    return vars_add(layer, all, more, err);
}

/* ---- values ---- */

struct replacement {
    struct str name;
    struct value value; /* null: of a type that cannot be put into text */
    struct str text;
    bool used;
};

struct replacements {
    struct replacement *items;
    size_t n;
    struct map *by_name; /* struct replacement, borrowed */
};

/* One step of a field path: "a", "a[3]" (two steps), "[key]" for a key with dots, "[k=v]" for an item. */
struct field_step {
    struct str name;
    struct str index; /* "" = none */
};

static struct field_step step_of(struct str part)
{
    struct field_step step = {part, STR_EMPTY};
    size_t open = str_rfind_char(part, '[');
    uint64_t n = 0;
    if (open != STR_NONE && part.p[part.n - 1] == ']') {
        struct str index = str_sub(part, open + 1, part.n - 1);
        if (num_digits(index, 10, &n)) {
            return (struct field_step){str_sub(part, 0, open), index};
        }
    }
    if (part.n > 1 && part.p[0] == '[' && part.p[part.n - 1] == ']' &&
        str_find_char(part, '=') == STR_NONE) {
        step.name = str_sub(part, 1, part.n - 1);
    }
    return step;
}

/* Up to the next dot that is neither escaped nor in brackets; escapes are taken out. */
static struct str next_part(struct arena *arena, struct str *rest)
{
    AUTO(buf) struct buf part;
    buf_init(&part, rest->n + 1);
    bool in_brackets = rest->n > 0 && rest->p[0] == '[';
    size_t i = 0;
    while (i < rest->n && (rest->p[i] != '.' || in_brackets)) {
        if (rest->p[i] == '\\' && i + 1 < rest->n && rest->p[i + 1] == '.') {
            i++;
        }
        in_brackets = in_brackets && rest->p[i] != ']';
        buf_put_char(&part, rest->p[i++]);
    }
    *rest = i < rest->n ? str_sub(*rest, i + 1, rest->n) : (struct str){NULL, 0};
    return arena_str(arena, str_of(part.p, part.n));
}

static const struct value *item_with(const struct value *list, struct str name, struct str value)
{
    VALUE_FOREACH(list, it) {
        const struct value *field = name.n > 0 ? value_find(it, name) : it;
        if (field != NULL && str_eq(value_str(field), value)) {
            return it;
        }
    }
    return NULL;
}

static const struct value *child(const struct value *v, struct str name)
{
    uint64_t index = 0;
    struct str key;
    struct str value;
    if (num_digits(name, 10, &index)) {
        return value_at(v, (size_t)index);
    }
    if (str_eq(name, STR("-"))) {
        return value_len(v) > 0 ? value_at(v, value_len(v) - 1) : NULL;
    }
    if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']' &&
        str_cut(str_sub(name, 1, name.n - 1), '=', &key, &value)) {
        return item_with(v, key, value);
    }
    return value_find(v, name);
}

static const struct value *
field_at(struct arena *arena, const struct value *object, struct str path)
{
    const struct value *v = object;
    while (path.p != NULL && v != NULL) {
        struct field_step step = step_of(next_part(arena, &path));
        if (step.name.n > 0) {
            v = child(v, step.name);
        }
        if (step.index.n > 0 && v != NULL) {
            v = child(v, step.index);
        }
    }
    return v;
}

static struct str path_of(const struct var *var)
{
    return var->field_path.n > 0 ? var->field_path : STR("metadata.name");
}

/* Text of a value inside other text, as Go's %v. */
static struct str text_of(struct arena *arena, const struct value *v)
{
    char number[NUM_FLOAT_BYTES];
    if (v->type == VALUE_FLOAT) {
        (void)num_format_g(v->f, number);
        return arena_str(arena, str_from(number));
    }
    return kres_text(arena, v);
}

/* As messages show a var. */
static struct str var_format(struct arena *arena, const struct var *var)
{
    return arena_printf(arena, "{" STR_FMT " " STR_FMT " {" STR_FMT "}}", STR_ARG(var->name),
                        STR_ARG(kgvk_format(arena, &var->object.gvk)), STR_ARG(path_of(var)));
}

/* A number that is not written in decimal digits counts as its text: names get such forms by prefixes. */
static bool is_decimal(struct str text)
{
    uint64_t n = 0;
    (void)str_cut_prefix(&text, STR("-"));
    return num_digits(text, 10, &n);
}

static int read_value(const struct klayer *layer,
                      const struct resmap *m,
                      const struct var *var,
                      struct replacement *ret,
                      struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    const struct kres *res = var->bound;
    if (res == NULL || res->map != m || res->object == NULL) {
        return err_set(err, ERR_INVALID,
                       "var '" STR_FMT
                       "' cannot be mapped to a field in the set of known resources",
                       STR_ARG(var_format(arena, var)));
    }
    const struct value *v = field_at(arena, res->object, path_of(var));
    if (v == NULL) {
        return err_set(err, ERR_INVALID,
                       "field specified in var '" STR_FMT "' not found in corresponding resource",
                       STR_ARG(var_format(arena, var)));
    }
    *ret = (struct replacement){.name = var->name, .value = *v, .text = text_of(arena, v)};
    if (v->type == VALUE_NULL) { /* kustomize takes the word */
        ret->text = STR("null");
        ret->value = value_of_str(ret->text);
    } else if (v->type == VALUE_FLOAT) {
        ret->value = value_of_float(v->f);
    } else if (v->type == VALUE_INT && !is_decimal(ret->text)) {
        ret->value = value_of_str(arena_str(arena, ret->text));
    } else if (v->type == VALUE_LIST || v->type == VALUE_MAP) {
        ret->value = VALUE_NULL_VALUE;
    }
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return str_cmp(((const struct replacement *)a)->name, ((const struct replacement *)b)->name);
}

static int read_values(const struct klayer *layer,
                       const struct resmap *m,
                       const struct vars *vars,
                       struct replacements *ret,
                       struct err *err)
{
    ret->items = arena_calloc(layer->build->env->arena, vars->n, sizeof(*ret->items));
    for (size_t i = 0; i < vars->n; i++) {
        TRY(read_value(layer, m, &vars->items[i], &ret->items[ret->n++], err));
    }
    qsort(ret->items, ret->n, sizeof(*ret->items), compare_names);
    for (size_t i = 0; i < ret->n; i++) {
        map_set(ret->by_name, ret->items[i].name, &ret->items[i]);
    }
    return 0;
}

/* ---- replacing ---- */

/* The end of "$(NAME)" at the start of the text, or 0 when it is none. */
static size_t reference_end(struct str text)
{
    if (text.n < 2 || text.p[0] != '$' || text.p[1] != '(') {
        return 0;
    }
    size_t close = str_find_char(text, ')');
    return close == STR_NONE ? 0 : close + 1;
}

static struct replacement *find(const struct replacements *all, struct str reference)
{
    struct replacement *found = map_find(all->by_name, str_sub(reference, 2, reference.n - 1));
    if (found == NULL || found->value.type == VALUE_NULL) {
        return NULL;
    }
    found->used = true;
    return found;
}

/* "$$" is one dollar; a reference to nothing known stays. */
static void put_replaced(struct buf *b, const struct replacements *all, struct str text)
{
    while (text.n > 0) {
        size_t dollar = str_find_char(text, '$');
        buf_put(b, str_sub(text, 0, MIN(dollar, text.n)));
        if (dollar == STR_NONE) {
            return;
        }
        text = str_sub(text, dollar, text.n);
        size_t end = reference_end(text);
        const struct replacement *found = end > 0 ? find(all, str_sub(text, 0, end)) : NULL;
        if (found != NULL) {
            buf_put(b, found->text);
        } else if (end > 0) {
            buf_put(b, str_sub(text, 0, end));
        } else {
            buf_put_char(b, '$');
            end = text.n > 1 && text.p[1] == '$' ? 2 : 1;
        }
        text = str_sub(text, end, text.n);
    }
}

static int replaced(const struct fieldspec_visit *visit,
                    const struct value *text,
                    struct value *ret,
                    struct err *err)
{
    const struct replacements *all = visit->data;
    struct str s = value_str(text);
    if (str_find_char(s, '$') == STR_NONE) {
        *ret = *text;
        return 0;
    }
    const struct replacement *whole = reference_end(s) == s.n ? find(all, s) : NULL;
    if (whole != NULL) { /* keeps its type */
        *ret = whole->value;
        return 0;
    }
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_DOC_BYTES);
    put_replaced(&b, all, s);
    TRY(budget_bytes(visit->env->budget, b.n, err));
    TRY(buf_check(&b, "text with vars", err));
    *ret = value_of_str(arena_str(visit->env->arena, str_of(b.p, b.n)));
    ret->flags |= VALUE_QUOTED;
    return 0;
}

static int replace_in_map(const struct fieldspec_visit *visit,
                          const struct value *map,
                          const struct value **ret,
                          struct err *err)
{
    struct value_entry *entries = value_map_own(visit->env->arena, map, 0, ret);
    for (size_t i = 0; i < map->n; i++) {
        if (entries[i].value.type == VALUE_STRING) {
            TRY(replaced(visit, &map->entries[i].value, &entries[i].value, err));
        }
    }
    return 0;
}

static int replace_in_list(const struct fieldspec_visit *visit,
                           const struct value *list,
                           const struct value **ret,
                           struct err *err)
{
    struct value *items = value_list_own(visit->env->arena, list, 0, ret);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].type != VALUE_STRING) {
            (void)err_set(err, ERR_INVALID, "invalid value type expect a string");
            return err_at(err, visit->file, list->items[i].line, list->items[i].column);
        }
        TRY(replaced(visit, &list->items[i], &items[i], err));
    }
    return 0;
}

static int replace(const struct fieldspec_visit *visit,
                   const struct value *leaf,
                   const struct value **ret,
                   struct err *err)
{
    if (leaf->type == VALUE_MAP) {
        return replace_in_map(visit, leaf, ret, err);
    }
    if (leaf->type == VALUE_LIST) {
        return replace_in_list(visit, leaf, ret, err);
    }
    *ret = leaf;
    if (leaf->type == VALUE_STRING) {
        struct value *v = arena_alloc(visit->env->arena, sizeof(*v));
        TRY(replaced(visit, leaf, v, err));
        *ret = v;
    }
    return 0;
}

static void warn_unused(const struct klayer *layer, const struct replacements *all)
{
    const struct kustomize_options *options = layer->build->options;
    AUTO(buf) struct buf names;
    buf_init(&names, LIMIT_DOC_BYTES);
    for (size_t i = 0; i < all->n; i++) {
        if (!all->items[i].used) {
            buf_put_c(&names, names.n > 0 ? "," : "well-defined vars that were never replaced: ");
            buf_put(&names, all->items[i].name);
        }
    }
    if (names.n > 0 && options != NULL && options->warn != NULL) {
        options->warn(str_of(names.p, names.n), options->warn_data);
    }
}

int vars_expand(const struct klayer *layer,
                struct resmap *m,
                const struct vars *vars,
                struct err *err)
{
    AUTO(map) struct map *by_name = map_new(NULL);
    struct replacements all = {.by_name = by_name};
    struct fieldspec_visit visit = {.env = layer->build->env, .set = replace, .data = &all};
    if (vars->n == 0) {
        return 0;
    }
    TRY(read_values(layer, m, vars, &all, err));
    RESMAP_FOREACH(m, res)
    {
        TRY(fieldspecs_apply(&visit, layer->config->fields[KCONFIG_VAR_REFERENCE], res, err));
    }
    warn_unused(layer, &all);
    return 0;
}
