/* Rules applied to values: the order of rules, references, combinations, and what nothing has looked at.
 *
 * Frames stand on the C stack, so nesting is bounded.  A problem found makes no later rule unnecessary: all of them are
 * reported, but for those of the value's own type and constants, behind which nothing else is looked at. */
#include <math.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "engine/helm/schema_check_internal.h"

enum { REST_BITS = 64 };

/* ---- what no rule has looked at ---- */

/* Everything in the value that `node` does not look at anyway. */
static void rest_init(struct schema_rest *rest,
                      const struct value *v,
                      const struct schema_node *node,
                      bool is_wanted)
{
    bool is_map = value_is(v, VALUE_MAP);
    bool is_list = value_is(v, VALUE_LIST);
    size_t n = value_len(v);
    size_t first = is_list ? node->n_items_evaluated : 0;
    *rest = (struct schema_rest){.bits = NULL};
    if ((!is_map && !is_list) || first >= n) {
        return;
    }
    bool is_done = is_map ? node->all_properties_evaluated : node->all_items_evaluated;
    enum schema_child asks = is_map ? SCHEMA_UNEVALUATED_PROPERTIES : SCHEMA_UNEVALUATED_ITEMS;
    if (is_done || (!is_wanted && node->child[asks] == NULL)) {
        return;
    }
    size_t words = (n + REST_BITS - 1) / REST_BITS;
    rest->n = n;
    rest->bits = words == 1 ? &rest->small : mem_calloc(words, sizeof(uint64_t));
    for (size_t i = first; i < n; i++) {
        rest->bits[i / REST_BITS] |= UINT64_C(1) << (i % REST_BITS);
    }
}

static void rest_done(struct schema_rest *rest)
{
    if (rest->bits != &rest->small) {
        mem_free(rest->bits);
    }
    rest->bits = NULL;
}

static bool rest_has(const struct schema_rest *rest, size_t i)
{
    return rest->bits != NULL && (rest->bits[i / REST_BITS] >> (i % REST_BITS) & 1) != 0;
}

static bool rest_is_empty(const struct schema_rest *rest)
{
    for (size_t i = 0; rest->bits != NULL && i < rest->n; i += REST_BITS) {
        if (rest->bits[i / REST_BITS] != 0) {
            return false;
        }
    }
    return true;
}

void schema_rest_evaluated(struct schema_rest *rest, size_t i)
{
    if (rest->bits != NULL) {
        rest->bits[i / REST_BITS] &= ~(UINT64_C(1) << (i % REST_BITS));
    }
}

/* What the other schema has looked at counts here too. */
static void rest_merge(struct schema_rest *rest, const struct schema_rest *other)
{
    for (size_t i = 0; rest->bits != NULL && i < rest->n; i += REST_BITS) {
        rest->bits[i / REST_BITS] &= other->bits != NULL ? other->bits[i / REST_BITS] : 0;
    }
}

/* ---- the value itself ---- */

static const char *const TYPE_NAMES[] = {"null",   "boolean", "number", "integer",
                                         "string", "array",   "object"};

static unsigned type_of(const struct value *v)
{
    static const unsigned TYPES[VALUE_TYPE_COUNT] = {
        [VALUE_NULL] = SCHEMA_TYPE_NULL,     [VALUE_BOOL] = SCHEMA_TYPE_BOOLEAN,
        [VALUE_INT] = SCHEMA_TYPE_NUMBER,    [VALUE_FLOAT] = SCHEMA_TYPE_NUMBER,
        [VALUE_STRING] = SCHEMA_TYPE_STRING, [VALUE_LIST] = SCHEMA_TYPE_ARRAY,
        [VALUE_MAP] = SCHEMA_TYPE_OBJECT,
    };
    return TYPES[value_type(v)];
}

static bool is_integer(const struct value *v)
{
    return value_is(v, VALUE_INT) || (value_is(v, VALUE_FLOAT) && trunc(v->f) == v->f);
}

static const char *type_name(unsigned bit)
{
    size_t i = 0;
    while ((bit >> i & 1) == 0) {
        i++;
    }
    return TYPE_NAMES[i];
}

static int check_type(struct schema_frame *f, struct err *err)
{
    unsigned types = f->node->types;
    unsigned is = type_of(f->value);
    char want[96];
    struct str text = str_of(want, 0);
    if (types == 0 || (types & is) != 0 ||
        ((types & SCHEMA_TYPE_INTEGER) != 0 && is_integer(f->value))) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(TYPE_NAMES); i++) {
        if ((types >> i & 1) != 0) {
            struct str part = str_from(TYPE_NAMES[i]);
            struct str or = text.n > 0 ? STR(" or ") : STR_EMPTY;
            memcpy(want + text.n, or.p, or.n);
            memcpy(want + text.n + or.n, part.p, part.n);
            text.n += or.n + part.n;
        }
    }
    return schema_add(f, err, "got %s, want " STR_FMT, type_name(is), STR_ARG(text));
}

static int check_const(struct schema_frame *f, struct err *err)
{
    const struct value *want = f->node->constant;
    if (want == NULL || value_equal(f->value, want)) {
        return 0;
    }
    if (value_is(want, VALUE_LIST) || value_is(want, VALUE_MAP)) {
        return schema_add(f, err, "'const' failed");
    }
    struct str text = schema_shown_scalar(f, want);
    return schema_add(f, err, "value must be " STR_FMT, STR_ARG(text));
}

static int add_enum_problem(struct schema_frame *f, const struct value *list, struct err *err)
{
    size_t n = value_len(list);
    struct str *parts = arena_calloc(f->set->arena, n + 1, sizeof(struct str));
    for (size_t i = 0; i < n; i++) {
        const struct value *item = value_at(list, i);
        if (value_is(item, VALUE_LIST) || value_is(item, VALUE_MAP)) {
            return schema_add(f, err, "'enum' failed");
        }
        parts[i] = schema_shown_scalar(f, item);
    }
    struct str all = schema_shown_list(f, parts, n);
    return schema_add(f, err, "value must be %s" STR_FMT, n == 1 ? "" : "one of ", STR_ARG(all));
}

static int check_enum(struct schema_frame *f, struct err *err)
{
    const struct value *list = f->node->enumeration;
    TRY(budget_steps(f->set->budget, 1 + value_len(list) / 8, err));
    if (list == NULL) {
        return 0;
    }
    VALUE_FOREACH(list, item) {
        if (value_equal(f->value, item)) {
            return 0;
        }
    }
    return add_enum_problem(f, list, err);
}

static int check_format(struct schema_frame *f, struct err *err)
{
    struct err why;
    const struct schema_format *format = f->node->format;
    if (format == NULL || !value_is(f->value, VALUE_STRING)) {
        return 0;
    }
    TRY(budget_steps(f->set->budget, 1 + f->value->n / 64, err));
    if (schema_format_check(format, f->set->arena, value_str(f->value), &why) == 0) {
        return 0;
    }
    struct str got = schema_shown(f, value_str(f->value));
    struct str want = schema_format_name(format);
    return schema_add(f, err, STR_FMT " is not valid " STR_FMT ": %s", STR_ARG(got), STR_ARG(want),
                      why.message);
}

/* The rules behind which no other is looked at when they do not hold. */
static int check_value(struct schema_frame *f, struct err *err)
{
    static int (*const CHECKS[])(struct schema_frame *, struct err *) = {check_type, check_const,
                                                                         check_enum, check_format};
    if (value_is(f->value, VALUE_FLOAT) && !isfinite(f->value->f)) {
        return schema_add(f, err, "invalid jsonType float64");
    }
    for (size_t i = 0; i < ARRAY_LEN(CHECKS) && f->problems.n == 0; i++) {
        TRY(CHECKS[i](f, err));
    }
    return 0;
}

static int check_by_type(struct schema_frame *f, struct err *err)
{
    switch (value_type(f->value)) {
    case VALUE_MAP:
        return schema_check_object(f, err);
    case VALUE_LIST:
        return schema_check_array(f, err);
    case VALUE_STRING:
        return schema_check_string(f, err);
    case VALUE_INT:
    case VALUE_FLOAT:
        return schema_check_number(f, err);
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return 0;
}

/* ---- references ---- */

static struct str location_between(const struct schema_frame *f)
{
    struct arena *arena = f->set->arena;
    struct str here = schema_node_location(arena, f->node);
    struct str above = schema_node_location(arena, f->parent->node);
    return str_sub(here, above.n, here.n);
}

/* The keywords on the way from the root to a frame. */
static struct str keywords_to(const struct schema_frame *f)
{
    struct str all = STR_EMPTY;
    for (; f->parent != NULL; f = f->parent) {
        struct str step = f->keyword != NULL ? arena_printf(f->set->arena, "/%s", f->keyword)
                                             : location_between(f);
        all = arena_printf(f->set->arena, STR_FMT STR_FMT, STR_ARG(step), STR_ARG(all));
    }
    return all;
}

/* A schema that leads back to itself with nothing of the value consumed would never end. */
static int check_cycle(struct schema_frame *f, struct err *err)
{
    const struct schema_frame *p = f->parent;
    while (p != NULL && p->level == f->level && p->node != f->node) {
        p = p->parent;
    }
    if (p == NULL || p->level != f->level) {
        return 0;
    }
    if (f->is_quiet) {
        return schema_add(f, err, "%s", "");
    }
    struct str one = keywords_to(f);
    struct str two = keywords_to(p);
    struct str url = schema_node_location(f->set->arena, f->node);
    return schema_add(f, err,
                      "both " STR_FMT " and " STR_FMT " resolve to \"" STR_FMT
                      "\" causing reference cycle",
                      STR_ARG(one), STR_ARG(two), STR_ARG(url));
}

static int check_ref(struct schema_frame *f,
                     const struct schema_node *node,
                     const char *keyword,
                     struct err *err)
{
    struct schema_problem *cause = NULL;
    struct schema_problem *problem = NULL;
    TRY(schema_check_self(f, node, keyword, f->is_quiet, &cause, err));
    if (cause == NULL) {
        return 0;
    }
    TRY(schema_problem_new(f, &problem, err, "validation failed"));
    problem->kind = SCHEMA_PROBLEM_REFERENCE;
    if (cause->kind == SCHEMA_PROBLEM_GROUP) {
        problem->causes = cause->causes;
    } else {
        schema_problems_add(&problem->causes, cause);
    }
    schema_problems_add(&f->problems, problem);
    return 0;
}

static const struct schema_node *find_recursive(const struct schema_frame *f,
                                                const struct schema_node *fallback)
{
    for (; f != NULL; f = f->parent) {
        fallback = f->node->resource->recursive_anchor ? f->node : fallback;
    }
    return fallback;
}

static const struct schema_node *
find_dynamic(const struct schema_frame *f, struct str name, const struct schema_node *fallback)
{
    for (; f != NULL; f = f->parent) {
        const struct schema_node *resource = f->node->resource;
        for (size_t i = 0; i < resource->dynamic.n; i++) {
            const struct schema_dynamic *anchor = &resource->dynamic.items[i];
            fallback = str_eq(anchor->name, name) ? anchor->node : fallback;
        }
    }
    return fallback;
}

/* A dynamic reference means the outermost schema of its name among those that led here. */
static int check_dynamic_refs(struct schema_frame *f, struct err *err)
{
    const struct schema_node *recursive = f->node->child[SCHEMA_RECURSIVE_REF];
    const struct schema_node *dynamic = f->node->child[SCHEMA_DYNAMIC_REF];
    struct str name = f->node->dynamic_ref_anchor;
    if (recursive != NULL) {
        recursive = recursive->recursive_anchor ? find_recursive(f, recursive) : recursive;
        TRY(check_ref(f, recursive, "$recursiveRef", err));
    }
    if (dynamic != NULL) {
        bool is_bound = name.n > 0 && str_eq(dynamic->dynamic_anchor, name);
        dynamic = is_bound ? find_dynamic(f, name, dynamic) : dynamic;
        TRY(check_ref(f, dynamic, "$dynamicRef", err));
    }
    return 0;
}

/* ---- combinations ---- */

static int check_not(struct schema_frame *f, struct err *err)
{
    const struct schema_node *node = f->node->child[SCHEMA_NOT];
    struct schema_problem *problem = NULL;
    if (node == NULL) {
        return 0;
    }
    TRY(schema_check_self(f, node, NULL, true, &problem, err));
    return problem != NULL ? 0 : schema_add(f, err, "'not' failed");
}

static int check_all_of(struct schema_frame *f, struct err *err)
{
    const struct schema_nodes *all = &f->node->group[SCHEMA_ALL_OF];
    struct schema_problems problems = {0};
    for (size_t i = 0; i < all->n && (problems.n == 0 || !f->is_quiet); i++) {
        struct schema_problem *problem = NULL;
        TRY(schema_check_self(f, all->items[i], NULL, f->is_quiet, &problem, err));
        schema_problems_add(&problems, problem);
    }
    return problems.n == 0 ? 0 : schema_add_caused(f, &problems, err, "'allOf' failed");
}

static int check_any_of(struct schema_frame *f, struct err *err)
{
    const struct schema_nodes *any = &f->node->group[SCHEMA_ANY_OF];
    struct schema_problems problems = {0};
    bool is_matched = any->n == 0;
    for (size_t i = 0; i < any->n; i++) {
        struct schema_problem *problem = NULL;
        TRY(schema_check_self(f, any->items[i], NULL, f->is_quiet, &problem, err));
        schema_problems_add(&problems, problem);
        is_matched = is_matched || problem == NULL;
        if (problem == NULL && rest_is_empty(&f->rest)) {
            break; /* else the others may look at more of the value */
        }
    }
    return is_matched ? 0 : schema_add_caused(f, &problems, err, "'anyOf' failed");
}

static int check_one_of(struct schema_frame *f, struct err *err)
{
    const struct schema_nodes *one = &f->node->group[SCHEMA_ONE_OF];
    struct schema_problems problems = {0};
    size_t matched = one->n;
    for (size_t i = 0; i < one->n; i++) {
        struct schema_problem *problem = NULL;
        bool is_quiet = f->is_quiet || matched != one->n;
        TRY(schema_check_self(f, one->items[i], NULL, is_quiet, &problem, err));
        if (problem != NULL) {
            schema_problems_add(&problems, matched == one->n ? problem : NULL);
        } else if (matched == one->n) {
            matched = i;
        } else {
            return schema_add(f, err, "'oneOf' failed, subschemas %zu, %zu matched", matched, i);
        }
    }
    if (one->n == 0 || matched != one->n) {
        return 0;
    }
    return schema_add_caused(f, &problems, err, "'oneOf' failed, none matched");
}

static int check_if(struct schema_frame *f, struct err *err)
{
    const struct schema_node *condition = f->node->child[SCHEMA_IF];
    struct schema_problem *problem = NULL;
    if (condition == NULL) {
        return 0;
    }
    TRY(schema_check_self(f, condition, NULL, true, &problem, err));
    const struct schema_node *then = f->node->child[problem == NULL ? SCHEMA_THEN : SCHEMA_ELSE];
    return then != NULL ? schema_add_self(f, then, err) : 0;
}

/* ---- the rest ---- */

static int check_rest(struct schema_frame *f, struct err *err)
{
    bool is_map = value_is(f->value, VALUE_MAP);
    enum schema_child child = is_map ? SCHEMA_UNEVALUATED_PROPERTIES : SCHEMA_UNEVALUATED_ITEMS;
    const struct schema_node *node = f->node->child[child];
    if (node == NULL || f->rest.bits == NULL) {
        return 0;
    }
    for (size_t i = 0; i < f->rest.n; i++) {
        const struct value_entry *e = value_entry_at(f->value, i);
        struct schema_path step = {.key = e != NULL ? e->key : (struct str){NULL, 0}, .index = i};
        const struct value *v = e != NULL ? &e->value : value_at(f->value, i);
        if (rest_has(&f->rest, i)) {
            TRY(schema_add_child(f, node, v, step, err));
        }
    }
    rest_done(&f->rest);
    return 0;
}

static int check_behind(struct schema_frame *f, struct err *err)
{
    if (f->problems.n > 0 && f->is_quiet) {
        return 0;
    }
    bool is_new = f->node->draft >= SCHEMA_DRAFT_2019;
    if (is_new) {
        TRY(check_dynamic_refs(f, err));
    }
    TRY(check_not(f, err));
    TRY(check_all_of(f, err));
    TRY(check_any_of(f, err));
    TRY(check_one_of(f, err));
    TRY(check_if(f, err));
    return is_new ? check_rest(f, err) : 0;
}

/* ---- frames ---- */

static int check_rules(struct schema_frame *f, struct err *err)
{
    const struct schema_node *ref = f->node->child[SCHEMA_REF];
    TRY(check_cycle(f, err));
    if (f->problems.n == 0) {
        TRY(check_value(f, err));
    }
    if (f->problems.n > 0) {
        return 0;
    }
    if (ref != NULL) {
        TRY(check_ref(f, ref, "$ref", err));
        if (f->node->draft < SCHEMA_DRAFT_2019) {
            return 0;
        }
    }
    TRY(check_by_type(f, err));
    return check_behind(f, err);
}

static int check_frame(struct schema_frame *f, struct err *err)
{
    TRY(budget_steps(f->set->budget, 1, err));
    if (f->node->truth == SCHEMA_TRUE) {
        return 0;
    }
    if (f->node->truth == SCHEMA_FALSE) {
        return schema_add(f, err, "false schema");
    }
    if (f->set->depth >= LIMIT_SCHEMA_DEPTH) {
        return err_set(err, ERR_LIMIT, "JSON schemas nest deeper than %d", LIMIT_SCHEMA_DEPTH);
    }
    TRY(budget_enter(f->set->budget, err));
    f->set->depth++;
    int rc = check_rules(f, err);
    f->set->depth--;
    budget_leave(f->set->budget);
    return rc;
}

/* The frame's problems as one; NULL = none. */
static int finish(struct schema_frame *f, struct schema_problem **ret, struct err *err)
{
    *ret = f->problems.first;
    if (f->problems.n < 2) {
        return 0;
    }
    TRY(schema_problem_new(f, ret, err, "validation failed"));
    (*ret)->kind = SCHEMA_PROBLEM_GROUP;
    (*ret)->causes = f->problems;
    return 0;
}

/* Schemas inside schemas may be of another draft: what is checked there follows that one's schema of schemas. */
static int switch_meta(struct schema_frame *f, struct err *err)
{
    struct schema_node *meta = NULL;
    if (f->meta == NULL || f->node != f->meta) {
        return 0;
    }
    const struct schema_resource *resource =
        map_find(f->meta_root->by_value, schema_key(&f->value));
    if (resource == NULL) {
        return 0;
    }
    TRY(schema_meta_node(f->set->owner, &resource->dialect, &meta, err));
    f->meta = meta;
    f->node = meta;
    return 0;
}

static int
run(struct schema_frame *f, bool is_rest_wanted, struct schema_problem **ret, struct err *err)
{
    rest_init(&f->rest, f->value, f->node, is_rest_wanted);
    int rc = switch_meta(f, err);
    rc = rc < 0 ? rc : check_frame(f, err);
    return rc < 0 ? rc : finish(f, ret, err);
}

int schema_check_self(struct schema_frame *f,
                      const struct schema_node *node,
                      const char *keyword,
                      bool is_quiet,
                      struct schema_problem **ret,
                      struct err *err)
{
    struct schema_frame own = {.set = f->set,
                               .node = node,
                               .value = f->value,
                               .path = f->path,
                               .parent = f,
                               .keyword = keyword,
                               .meta = f->meta,
                               .meta_root = f->meta_root,
                               .level = f->level,
                               .is_quiet = f->is_quiet || is_quiet};
    int rc = run(&own, !rest_is_empty(&f->rest), ret, err);
    if (rc == 0 && *ret == NULL) {
        rest_merge(&f->rest, &own.rest);
    }
    rest_done(&own.rest);
    return rc;
}

int schema_check_child(struct schema_frame *f,
                       const struct schema_node *node,
                       const struct value *value,
                       struct schema_path step,
                       struct schema_problem **ret,
                       struct err *err)
{
    step.parent = f->path;
    struct schema_frame own = {.set = f->set,
                               .node = node,
                               .value = value,
                               .path = &step,
                               .parent = f,
                               .meta = f->meta,
                               .meta_root = f->meta_root,
                               .level = f->level + 1,
                               .is_quiet = f->is_quiet};
    int rc = run(&own, false, ret, err);
    rest_done(&own.rest);
    return rc;
}

int schema_add_self(struct schema_frame *f, const struct schema_node *node, struct err *err)
{
    struct schema_problem *problem = NULL;
    TRY(schema_check_self(f, node, NULL, f->is_quiet, &problem, err));
    schema_problems_add(&f->problems, problem);
    return 0;
}

int schema_add_child(struct schema_frame *f,
                     const struct schema_node *node,
                     const struct value *value,
                     struct schema_path step,
                     struct err *err)
{
    struct schema_problem *problem = NULL;
    TRY(schema_check_child(f, node, value, step, &problem, err));
    schema_problems_add(&f->problems, problem);
    return 0;
}

int schema_check(struct schema_set *set,
                 const struct schema_node *node,
                 const struct value *value,
                 const struct schema_root *meta_root,
                 bool is_quiet,
                 struct schema_problems *ret,
                 struct err *err)
{
    struct schema_frame f = {.set = set,
                             .node = node,
                             .value = value,
                             .meta = meta_root != NULL ? node : NULL,
                             .meta_root = meta_root,
                             .is_quiet = is_quiet};
    rest_init(&f.rest, value, node, false);
    int rc = check_frame(&f, err);
    rest_done(&f.rest);
    bool is_group = f.problems.n == 1 && f.problems.first->kind == SCHEMA_PROBLEM_GROUP;
    *ret = is_group ? f.problems.first->causes : f.problems;
    return rc;
}
