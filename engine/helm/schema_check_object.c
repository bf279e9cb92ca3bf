/* Rules for objects. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/regex/regex.h"
#include "common/value/value_build.h"
#include "engine/helm/schema_check_internal.h"

/* Properties that a rule is about, by name. */
struct names {
    VEC(struct str) shown;
    size_t n;
};

static void add_name(const struct schema_frame *f, struct names *names, struct str name)
{
    names->n++;
    if (!f->is_quiet) {
        struct str shown = schema_shown(f, name);
        vec_push_in(f->set->arena, &names->shown, shown);
    }
}

static struct str show_names(const struct schema_frame *f, const struct names *names)
{
    return schema_shown_list(f, names->shown.items, names->shown.n);
}

/* Those of a list that the object does not have. */
static int
find_missing(struct schema_frame *f, const struct value *list, struct names *ret, struct err *err)
{
    TRY(budget_steps(f->set->budget, 1 + value_len(list) / 8, err));
    VALUE_FOREACH(list, item) {
        if (value_is(item, VALUE_STRING) && value_find(f->value, value_str(item)) == NULL) {
            add_name(f, ret, value_str(item));
        }
    }
    return 0;
}

static int check_required(struct schema_frame *f, struct err *err)
{
    struct names missing = {0};
    TRY(find_missing(f, f->node->required, &missing, err));
    if (missing.n == 0) {
        return 0;
    }
    struct str list = show_names(f, &missing);
    return schema_add(f, err, "missing %s " STR_FMT, missing.n == 1 ? "property" : "properties",
                      STR_ARG(list));
}

/* What must be there when `name` is. */
static int
check_needed(struct schema_frame *f, const struct value *list, struct str name, struct err *err)
{
    struct names missing = {0};
    TRY(find_missing(f, list, &missing, err));
    if (missing.n == 0) {
        return 0;
    }
    struct str needed = show_names(f, &missing);
    struct str because = schema_shown(f, name);
    return schema_add(f, err, "properties " STR_FMT " required, if " STR_FMT " exists",
                      STR_ARG(needed), STR_ARG(because));
}

/* Rules that count when a property is there: lists of names, or schemas of the whole object. */
static int check_dependencies(struct schema_frame *f, enum schema_group which, struct err *err)
{
    const struct schema_nodes *group = &f->node->group[which];
    TRY(budget_steps(f->set->budget, 1 + group->n / 8, err));
    for (size_t i = 0; i < group->n; i++) {
        const struct value_entry *e = value_entry_at(group->value, i);
        if (value_find(f->value, e->key) == NULL) {
            continue;
        }
        if (group->items[i] != NULL) {
            TRY(schema_add_self(f, group->items[i], err));
        } else {
            TRY(check_needed(f, &e->value, e->key, err));
        }
    }
    return 0;
}

static int check_dependent_required(struct schema_frame *f, struct err *err)
{
    VALUE_MAP_FOREACH(f->node->dependent_required, e)
    {
        if (value_find(f->value, e->key) != NULL) {
            TRY(check_needed(f, &e->value, e->key, err));
        }
    }
    return 0;
}

/* ---- properties ---- */

/* The node of a property among "properties"; NULL = it is not there. */
static const struct schema_node *find_property(const struct schema_node *node, struct str name)
{
    const struct schema_nodes *group = &node->group[SCHEMA_PROPERTIES];
    const struct value *v = group->value != NULL ? value_find(group->value, name) : NULL;
    if (v == NULL) {
        return NULL;
    }
    size_t offset =
        (size_t)((const char *)v - (const char *)&value_entry_at(group->value, 0)->value);
    return group->items[offset / sizeof(struct value_entry)];
}

static int check_patterns(struct schema_frame *f,
                          const struct value_entry *e,
                          bool *ret_is_evaluated,
                          struct err *err)
{
    const struct schema_nodes *group = &f->node->group[SCHEMA_PATTERN_PROPERTIES];
    for (size_t i = 0; i < group->n; i++) {
        struct regex_span span;
        struct regex_job job = {.arena = f->set->arena,
                                .budget = f->set->budget,
                                .regex = f->node->patterns[i],
                                .text = e->key};
        int found = regex_find(&job, &span, err);
        TRY(found);
        if (found == 1) {
            *ret_is_evaluated = true;
            TRY(schema_add_child(f, group->items[i], &e->value, (struct schema_path){.key = e->key},
                                 err));
        }
    }
    return 0;
}

static int check_property(struct schema_frame *f,
                          const struct value_entry *e,
                          struct names *additional,
                          struct err *err)
{
    const struct schema_node *own = find_property(f->node, e->key);
    const struct schema_node *other = f->node->child[SCHEMA_ADDITIONAL_PROPERTIES];
    struct schema_path step = {.key = e->key};
    bool is_evaluated = own != NULL;
    if (own != NULL) {
        TRY(schema_add_child(f, own, &e->value, step, err));
    }
    TRY(check_patterns(f, e, &is_evaluated, err));
    if (!is_evaluated && other != NULL) {
        is_evaluated = true;
        if (!value_is(other->value, VALUE_BOOL)) {
            TRY(schema_add_child(f, other, &e->value, step, err));
        } else if (!value_bool(other->value, true)) {
            add_name(f, additional, e->key);
        }
    }
    if (is_evaluated) {
        schema_rest_evaluated(&f->rest, (size_t)(e - value_entry_at(f->value, 0)));
    }
    return 0;
}

static int check_properties(struct schema_frame *f, struct err *err)
{
    struct names additional = {0};
    TRY(budget_steps(f->set->budget, 1 + value_len(f->value) / 4, err));
    VALUE_MAP_FOREACH(f->value, e)
    {
        TRY(check_property(f, e, &additional, err));
    }
    if (additional.n == 0) {
        return 0;
    }
    struct str list = show_names(f, &additional);
    return schema_add(f, err, "additional properties " STR_FMT " not allowed", STR_ARG(list));
}

/* Names are checked as strings of their own, with paths that begin anew. */
static int check_names(struct schema_frame *f, struct err *err)
{
    const struct schema_node *node = f->node->child[SCHEMA_PROPERTY_NAMES];
    if (node == NULL) {
        return 0;
    }
    VALUE_MAP_FOREACH(f->value, e)
    {
        struct value name = value_of_str(e->key);
        struct schema_problems problems = {0};
        TRY(schema_check(f->set, node, &name, NULL, f->is_quiet, &problems, err));
        if (problems.n > 0) {
            struct str shown = schema_shown(f, e->key);
            TRY(schema_add_caused(f, &problems, err, "invalid propertyName " STR_FMT,
                                  STR_ARG(shown)));
        }
    }
    return 0;
}

int schema_check_object(struct schema_frame *f, struct err *err)
{
    const struct schema_node *node = f->node;
    int64_t min = node->count[SCHEMA_MIN_PROPERTIES];
    int64_t max = node->count[SCHEMA_MAX_PROPERTIES];
    size_t n = value_len(f->value);
    if (min >= 0 && (int64_t)n < min) {
        TRY(schema_add_count(f, "minProperties", n, min, err));
    }
    if (max >= 0 && (int64_t)n > max) {
        TRY(schema_add_count(f, "maxProperties", n, max, err));
    }
    TRY(check_required(f, err));
    TRY(check_dependencies(f, SCHEMA_DEPENDENCIES, err));
    TRY(check_properties(f, err));
    TRY(check_names(f, err));
    TRY(check_dependencies(f, SCHEMA_DEPENDENT_SCHEMAS, err));
    return check_dependent_required(f, err);
}
