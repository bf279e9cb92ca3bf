/* Keywords of a schema into struct schema_node: which count in which draft, what they refer to, and regular
 * expressions. Nodes are compiled from a queue, so references may go in circles. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/regex/regex.h"
#include "engine/helm/schema_check_internal.h"
#include "engine/template/tval.h"

/* A node being compiled. */
struct job {
    struct schema_set *set;
    struct schema_node *node;
    const struct schema_resource *resource;
};

enum {
    NODE_STEPS = 16, /* a node takes about a kilobyte */
};

static const struct value *find(const struct job *job, const char *keyword)
{
    return value_find(job->node->value, str_from(keyword));
}

static const struct value *
find_type(const struct job *job, const char *keyword, enum value_type type)
{
    const struct value *v = find(job, keyword);
    return value_is(v, type) ? v : NULL;
}

static bool has_vocab(const struct job *job, enum schema_vocab vocab)
{
    return schema_has_vocab(&job->resource->dialect, vocab);
}

/* ---- the queue ---- */

/* The node of a value, to be compiled later when it is new. */
static int enqueue(struct schema_set *set,
                   struct schema_root *root,
                   struct str pointer,
                   const struct value *v,
                   struct schema_node **ret,
                   struct err *err)
{
    struct schema_node *node = map_find(set->nodes, schema_key(&v));
    if (node == NULL) {
        TRY(budget_steps(set->budget, NODE_STEPS, err));
        node = ARENA_NEW(set->arena, struct schema_node);
        node->value = v;
        node->root = root;
        node->pointer = pointer;
        for (size_t i = 0; i < SCHEMA_COUNT_COUNT; i++) {
            node->count[i] = -1;
        }
        map_set(set->nodes, schema_key(&v), node);
        *set->next_end = node;
        set->next_end = &node->next;
    }
    *ret = node;
    return 0;
}

static int enqueue_at(struct schema_set *set,
                      struct schema_root *root,
                      struct str pointer,
                      struct schema_node **ret,
                      struct err *err)
{
    const struct value *v = NULL;
    TRY(schema_root_lookup(set->arena, root, pointer, &v, err));
    return enqueue(set, root, pointer, v, ret, err);
}

static struct str pointer_to(const struct job *job, const char *keyword)
{
    return schema_pointer_add(job->set->arena, job->node->pointer, str_from(keyword));
}

static int
add_child(const struct job *job, const char *keyword, enum schema_child child, struct err *err)
{
    const struct value *v = find(job, keyword);
    if (v == NULL) {
        return 0;
    }
    return enqueue(job->set, job->node->root, pointer_to(job, keyword), v, &job->node->child[child],
                   err);
}

static int
add_ref(const struct job *job, const char *keyword, enum schema_child child, struct err *err)
{
    const struct value *ref = find_type(job, keyword, VALUE_STRING);
    struct schema_root *root = NULL;
    struct str pointer = STR_EMPTY;
    if (ref == NULL) {
        return 0;
    }
    TRY(schema_root_resolve(job->set, job->node->root, job->resource->id, value_str(ref), &root,
                            &pointer, err));
    return enqueue_at(job->set, root, pointer, &job->node->child[child], err);
}

/* A list or map of schemas. In a map of dependencies, lists are names and no schemas. */
static int
add_group(const struct job *job, const char *keyword, enum schema_group which, struct err *err)
{
    struct arena *arena = job->set->arena;
    const struct value *v = find(job, keyword);
    struct schema_nodes *group = &job->node->group[which];
    struct str pointer = pointer_to(job, keyword);
    bool is_list = which <= SCHEMA_TUPLE;
    if (!value_is(v, is_list ? VALUE_LIST : VALUE_MAP)) {
        return 0;
    }
    group->value = v;
    group->n = value_len(v);
    group->items = arena_calloc(arena, group->n + 1, sizeof(struct schema_node *));
    for (size_t i = 0; i < group->n; i++) {
        const struct value *item = is_list ? value_at(v, i) : &value_entry_at(v, i)->value;
        if (which == SCHEMA_DEPENDENCIES && value_is(item, VALUE_LIST)) {
            continue;
        }
        struct str at = is_list ? schema_pointer_add_index(arena, pointer, i)
                                : schema_pointer_add(arena, pointer, value_entry_at(v, i)->key);
        TRY(enqueue(job->set, job->node->root, at, item, &group->items[i], err));
    }
    return 0;
}

/* ---- regular expressions ---- */

static struct str quoted(struct arena *arena, struct str s)
{
    struct buf out;
    buf_init(&out, LIMIT_MIB);
    tval_quote(&out, s);
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

static int compile_regex(const struct job *job,
                         const char *keyword,
                         struct str pattern,
                         struct regex **ret,
                         struct err *err)
{
    struct err why;
    struct arena *arena = job->set->arena;
    TRY(budget_steps(job->set->budget, 1 + pattern.n, err));
    if (regex_compile(arena, pattern, ret, &why) == 0) {
        return 0;
    }
    if (why.code != ERR_INVALID) {
        *err = why;
        return err_wrap(err, "pattern '" STR_FMT "'", STR_ARG(pattern));
    }
    struct str where = schema_url_with(arena, job->node->root->url, pointer_to(job, keyword));
    return err_set(err, ERR_INVALID, "invalid regex " STR_FMT " at \"" STR_FMT "\": %s",
                   STR_ARG(quoted(arena, pattern)), STR_ARG(where), why.message);
}

static int compile_patterns(const struct job *job, struct err *err)
{
    const struct schema_nodes *group = &job->node->group[SCHEMA_PATTERN_PROPERTIES];
    job->node->patterns = arena_calloc(job->set->arena, group->n + 1, sizeof(struct regex *));
    for (size_t i = 0; i < group->n; i++) {
        TRY(compile_regex(job, "patternProperties", value_entry_at(group->value, i)->key,
                          &job->node->patterns[i], err));
    }
    return 0;
}

/* ---- scalars ---- */

static unsigned type_bit(struct str name)
{
    static const char *const NAMES[] = {"null",   "boolean", "number", "integer",
                                        "string", "array",   "object"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (str_eq_c(name, NAMES[i])) {
            return 1U << i;
        }
    }
    return 0;
}

static void compile_types(const struct job *job)
{
    const struct value *v = find(job, "type");
    job->node->types = type_bit(value_str(v));
    VALUE_FOREACH(v, item) {
        job->node->types |= type_bit(value_str(item));
    }
}

static void compile_count(const struct job *job, const char *keyword, enum schema_count which)
{
    struct schema_number n = schema_number_of(job->set->arena, find(job, keyword));
    if (n.is_set && schema_number_is_integer(&n)) {
        job->node->count[which] = n.f >= 0x1p62 ? INT64_MAX : (int64_t)n.f;
    }
}

static void compile_bound(const struct job *job, const char *keyword, enum schema_bound which)
{
    struct schema_number n = schema_number_of(job->set->arena, find(job, keyword));
    if (n.is_set) {
        job->node->bound[which] = ARENA_NEW(job->set->arena, struct schema_number);
        *job->node->bound[which] = n;
    }
}

/* In draft 4 exclusiveMinimum is a boolean that turns minimum into it. */
static void compile_bounds(const struct job *job)
{
    struct schema_number **bound = job->node->bound;
    compile_bound(job, "multipleOf", SCHEMA_MULTIPLE_OF);
    compile_bound(job, "maximum", SCHEMA_MAXIMUM);
    compile_bound(job, "minimum", SCHEMA_MINIMUM);
    compile_bound(job, "exclusiveMaximum", SCHEMA_EXCLUSIVE_MAXIMUM);
    compile_bound(job, "exclusiveMinimum", SCHEMA_EXCLUSIVE_MINIMUM);
    if (value_bool(find(job, "exclusiveMaximum"), false)) {
        bound[SCHEMA_EXCLUSIVE_MAXIMUM] = bound[SCHEMA_MAXIMUM];
        bound[SCHEMA_MAXIMUM] = NULL;
    }
    if (value_bool(find(job, "exclusiveMinimum"), false)) {
        bound[SCHEMA_EXCLUSIVE_MINIMUM] = bound[SCHEMA_MINIMUM];
        bound[SCHEMA_MINIMUM] = NULL;
    }
}

/* ---- by draft ---- */

static int compile_applicators(const struct job *job, struct err *err)
{
    TRY(add_group(job, "allOf", SCHEMA_ALL_OF, err));
    TRY(add_group(job, "anyOf", SCHEMA_ANY_OF, err));
    TRY(add_group(job, "oneOf", SCHEMA_ONE_OF, err));
    TRY(add_child(job, "not", SCHEMA_NOT, err));
    if (job->node->draft < SCHEMA_DRAFT_2020) {
        if (value_is(find(job, "items"), VALUE_LIST)) {
            TRY(add_group(job, "items", SCHEMA_TUPLE, err));
            TRY(add_child(job, "additionalItems", SCHEMA_ADDITIONAL_ITEMS, err));
        } else {
            TRY(add_child(job, "items", SCHEMA_ITEMS, err));
        }
    }
    TRY(add_group(job, "properties", SCHEMA_PROPERTIES, err));
    TRY(add_group(job, "patternProperties", SCHEMA_PATTERN_PROPERTIES, err));
    TRY(compile_patterns(job, err));
    TRY(add_child(job, "additionalProperties", SCHEMA_ADDITIONAL_PROPERTIES, err));
    return add_group(job, "dependencies", SCHEMA_DEPENDENCIES, err);
}

static int compile_validation(const struct job *job, struct err *err)
{
    struct schema_node *node = job->node;
    const struct value *pattern = find_type(job, "pattern", VALUE_STRING);
    compile_types(job);
    compile_bounds(job);
    node->enumeration = find_type(job, "enum", VALUE_LIST);
    compile_count(job, "minLength", SCHEMA_MIN_LENGTH);
    compile_count(job, "maxLength", SCHEMA_MAX_LENGTH);
    compile_count(job, "minItems", SCHEMA_MIN_ITEMS);
    compile_count(job, "maxItems", SCHEMA_MAX_ITEMS);
    compile_count(job, "minProperties", SCHEMA_MIN_PROPERTIES);
    compile_count(job, "maxProperties", SCHEMA_MAX_PROPERTIES);
    node->unique_items = value_bool(find(job, "uniqueItems"), false);
    node->required = find_type(job, "required", VALUE_LIST);
    if (pattern == NULL) {
        return 0;
    }
    node->pattern_text = value_str(pattern);
    return compile_regex(job, "pattern", node->pattern_text, &node->pattern, err);
}

static bool asserts_format(const struct job *job)
{
    if (job->set->is_meta || job->node->draft < SCHEMA_DRAFT_2019) {
        return true;
    }
    return job->resource->dialect.vocabs != 0 &&
           has_vocab(job, job->node->draft == SCHEMA_DRAFT_2019 ? SCHEMA_VOCAB_FORMAT
                                                                : SCHEMA_VOCAB_FORMAT_ASSERTION);
}

static int compile_draft4(const struct job *job, struct err *err)
{
    const struct value *format = find_type(job, "format", VALUE_STRING);
    if (has_vocab(job, SCHEMA_VOCAB_APPLICATOR)) {
        TRY(compile_applicators(job, err));
    }
    if (has_vocab(job, SCHEMA_VOCAB_VALIDATION)) {
        TRY(compile_validation(job, err));
    }
    if (format != NULL && asserts_format(job)) {
        job->node->format = schema_format_find(value_str(format));
    }
    return 0;
}

static int compile_draft6(const struct job *job, struct err *err)
{
    if (has_vocab(job, SCHEMA_VOCAB_APPLICATOR)) {
        TRY(add_child(job, "contains", SCHEMA_CONTAINS, err));
        TRY(add_child(job, "propertyNames", SCHEMA_PROPERTY_NAMES, err));
    }
    if (has_vocab(job, SCHEMA_VOCAB_VALIDATION)) {
        job->node->constant = find(job, "const");
    }
    return 0;
}

static int compile_draft7(const struct job *job, struct err *err)
{
    const struct value *condition = find(job, "if");
    if (condition == NULL || !has_vocab(job, SCHEMA_VOCAB_APPLICATOR)) {
        return 0;
    }
    TRY(add_child(job, "if", SCHEMA_IF, err));
    if (value_bool(condition, true)) {
        TRY(add_child(job, "then", SCHEMA_THEN, err));
    }
    return value_bool(condition, false) ? 0 : add_child(job, "else", SCHEMA_ELSE, err);
}

static int compile_draft2019(const struct job *job, struct err *err)
{
    struct schema_node *node = job->node;
    TRY(add_ref(job, "$recursiveRef", SCHEMA_RECURSIVE_REF, err));
    node->recursive_anchor = value_bool(find(job, "$recursiveAnchor"), false);
    if (has_vocab(job, SCHEMA_VOCAB_VALIDATION)) {
        if (node->child[SCHEMA_CONTAINS] != NULL) {
            compile_count(job, "minContains", SCHEMA_MIN_CONTAINS);
            compile_count(job, "maxContains", SCHEMA_MAX_CONTAINS);
        }
        node->dependent_required = find_type(job, "dependentRequired", VALUE_MAP);
    }
    if (has_vocab(job, SCHEMA_VOCAB_APPLICATOR)) {
        TRY(add_group(job, "dependentSchemas", SCHEMA_DEPENDENT_SCHEMAS, err));
    }
    if (has_vocab(job, node->draft == SCHEMA_DRAFT_2019 ? SCHEMA_VOCAB_APPLICATOR
                                                        : SCHEMA_VOCAB_UNEVALUATED)) {
        TRY(add_child(job, "unevaluatedItems", SCHEMA_UNEVALUATED_ITEMS, err));
        TRY(add_child(job, "unevaluatedProperties", SCHEMA_UNEVALUATED_PROPERTIES, err));
    }
    return 0;
}

static int compile_draft2020(const struct job *job, struct err *err)
{
    struct schema_node *node = job->node;
    struct str ref = value_str(find(job, "$dynamicRef"));
    struct str url;
    struct str anchor;
    TRY(add_ref(job, "$dynamicRef", SCHEMA_DYNAMIC_REF, err));
    if (node->child[SCHEMA_DYNAMIC_REF] != NULL) {
        schema_url_split(ref, &url, &anchor);
        (void)schema_url_decode(job->set->arena, anchor,
                                &anchor); /* add_ref() has refused bad ones */
        if (anchor.n > 0 && anchor.p[0] != '/') {
            node->dynamic_ref_anchor = anchor;
        }
    }
    node->dynamic_anchor = value_str(find(job, "$dynamicAnchor"));
    if (has_vocab(job, SCHEMA_VOCAB_APPLICATOR)) {
        TRY(add_group(job, "prefixItems", SCHEMA_TUPLE, err));
        TRY(add_child(job, "items", SCHEMA_ITEMS, err));
    }
    return 0;
}

static int compile_keywords(const struct job *job, struct err *err)
{
    enum schema_draft draft = job->node->draft;
    TRY(add_ref(job, "$ref", SCHEMA_REF, err));
    if (draft < SCHEMA_DRAFT_2019 && job->node->child[SCHEMA_REF] != NULL) {
        /* nothing counts beside it; in the library "const" does */
        job->node->constant = draft >= SCHEMA_DRAFT_6 ? find(job, "const") : NULL;
        return 0;
    }
    TRY(compile_draft4(job, err));
    if (draft >= SCHEMA_DRAFT_6) {
        TRY(compile_draft6(job, err));
    }
    if (draft >= SCHEMA_DRAFT_7) {
        TRY(compile_draft7(job, err));
    }
    if (draft >= SCHEMA_DRAFT_2019) {
        TRY(compile_draft2019(job, err));
    }
    return draft >= SCHEMA_DRAFT_2020 ? compile_draft2020(job, err) : 0;
}

/* ---- nodes ---- */

/* Dynamic references look for these in every resource they came through. */
static int compile_dynamic_anchors(const struct job *job, struct err *err)
{
    for (size_t i = 0; i < job->resource->anchors.n; i++) {
        const struct schema_anchor *anchor = &job->resource->anchors.items[i];
        struct schema_dynamic dynamic = {.name = anchor->name};
        if (anchor->is_dynamic) {
            TRY(enqueue_at(job->set, job->node->root, anchor->pointer, &dynamic.node, err));
            vec_push_in(job->set->arena, &job->node->dynamic, dynamic);
        }
    }
    return 0;
}

static void note_evaluated(struct schema_node *node)
{
    bool is_tuple = node->group[SCHEMA_TUPLE].value != NULL;
    node->all_properties_evaluated = node->child[SCHEMA_ADDITIONAL_PROPERTIES] != NULL;
    node->all_items_evaluated =
        node->child[SCHEMA_ITEMS] != NULL || node->child[SCHEMA_ADDITIONAL_ITEMS] != NULL;
    node->n_items_evaluated = is_tuple ? node->group[SCHEMA_TUPLE].n : 0;
}

static int compile_node(struct schema_set *set, struct schema_node *node, struct err *err)
{
    TRY(schema_root_add(set, node->root, node->pointer, node->value, err));
    struct job job = {
        .set = set, .node = node, .resource = schema_root_resource(node->root, node->pointer)};
    node->draft = job.resource->dialect.draft;
    TRY(enqueue_at(set, node->root, job.resource->pointer, &node->resource, err));
    if (node->draft >= SCHEMA_DRAFT_2020 && node->resource == node) {
        TRY(compile_dynamic_anchors(&job, err));
    }
    if (value_is(node->value, VALUE_BOOL)) {
        node->truth = value_bool(node->value, false) ? SCHEMA_TRUE : SCHEMA_FALSE;
    } else if (value_is(node->value, VALUE_MAP) && value_len(node->value) == 0) {
        node->truth = SCHEMA_TRUE;
    } else if (value_is(node->value, VALUE_MAP)) {
        TRY(compile_keywords(&job, err));
    }
    note_evaluated(node);
    return 0;
}

int schema_compile(struct schema_set *set,
                   struct schema_root *root,
                   struct str pointer,
                   struct schema_node **ret,
                   struct err *err)
{
    TRY(enqueue_at(set, root, pointer, ret, err));
    while (set->next != NULL) {
        struct schema_node *node = set->next;
        set->next = node->next;
        if (set->next == NULL) {
            set->next_end = &set->next;
        }
        TRY(compile_node(set, node, err));
    }
    return 0;
}

struct str schema_node_location(struct arena *arena, const struct schema_node *node)
{
    return node->root != NULL ? schema_url_with(arena, node->root->url, node->pointer)
                              : STR("urn:mem:metaschema#");
}
