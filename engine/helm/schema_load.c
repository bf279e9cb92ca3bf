/* Documents with schemas, and the resources in them: which identifier, anchors and draft count where.
 *
 * A document is asked for once.  All places where its draft has schemas are visited at once, so that identifiers and
 * anchors are known before anything is compiled. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "engine/helm/schema.h"
#include "engine/helm/schema_check_internal.h"
#include "engine/template/tval.h"

enum {
    META_CHAIN = 16, /* "$schema" of "$schema" and so on */
};

static struct map *new_map(struct arena *arena)
{
    struct map *m = map_new(NULL);
    arena_defer(arena, (void (*)(void *))map_free, m);
    return m;
}

void schema_set_init(struct schema_set *set,
                     struct arena *arena,
                     struct budget *budget,
                     const struct schema_opts *opts,
                     struct buf *report)
{
    *set = (struct schema_set){.arena = arena, .budget = budget, .opts = opts, .report = report};
    set->docs = new_map(arena);
    set->roots = new_map(arena);
    set->nodes = new_map(arena);
    set->next_end = &set->next;
    set->owner = set;
}

struct str schema_key(const struct value *const *v)
{
    return str_of((const char *)v, sizeof(*v));
}

bool schema_has_vocab(const struct schema_dialect *dialect, enum schema_vocab vocab)
{
    static const unsigned USUAL = SCHEMA_VOCAB_CORE | SCHEMA_VOCAB_APPLICATOR |
                                  SCHEMA_VOCAB_UNEVALUATED | SCHEMA_VOCAB_VALIDATION;
    if (vocab == SCHEMA_VOCAB_CORE || dialect->draft < SCHEMA_DRAFT_2019) {
        return true;
    }
    return ((dialect->vocabs != 0 ? dialect->vocabs : USUAL) & vocab) != 0;
}

/* ---- documents ---- */

static void warn_urn(const struct schema_set *set, struct str url)
{
    if (set->opts->warnings != NULL) {
        buf_printf(set->opts->warnings,
                   "unresolved URN reference ignored; using permissive schema: " STR_FMT "\n",
                   STR_ARG(url));
    }
}

static int
load_elsewhere(struct schema_set *set, struct str url, const struct value **ret, struct err *err)
{
    const struct schema_opts *o = set->opts;
    if (o->resolve != NULL) {
        TRY(o->resolve(o->data, set->arena, url, ret, err));
    }
    if (*ret == NULL && str_starts_with(url, STR("urn:"))) {
        warn_urn(set, url);
        *ret = &VALUE_TRUE;
    }
    if (*ret == NULL) {
        return err_set(err, ERR_INVALID,
                       "failing loading \"" STR_FMT "\": only http:// and https:// are read",
                       STR_ARG(url));
    }
    return 0;
}

static int
load_doc(struct schema_set *set, struct str url, const struct value **ret, struct err *err)
{
    const struct value *doc = map_find(set->docs, url);
    if (doc == NULL) {
        TRY(schema_meta_doc(set->arena, url, &doc, err));
    }
    if (doc == NULL) {
        TRY(load_elsewhere(set, url, &doc, err));
    }
    /* a map has no const values; nobody writes through it */
    map_set(set->docs, url, (void *)(uintptr_t)doc);
    *ret = doc;
    return 0;
}

/* ---- dialects ---- */

static struct str string_at(const struct value *schema, struct str keyword)
{
    return value_str(value_find(schema, keyword));
}

/* Follows "$schema" of schemas of schemas up to a draft. */
static int find_draft(struct schema_set *set,
                      const struct value *schema,
                      struct str self,
                      enum schema_draft fallback,
                      enum schema_draft *ret,
                      struct err *err)
{
    for (int i = 0; i < META_CHAIN; i++) {
        struct str name = string_at(schema, STR("$schema"));
        struct str fragment;
        *ret = fallback;
        if (!value_is(value_find(schema, STR("$schema")), VALUE_STRING)) {
            return 0;
        }
        *ret = schema_meta_draft(name);
        if (*ret != 0) {
            return 0;
        }
        schema_url_split(name, &name, &fragment);
        struct err why;
        if (schema_url_check(set->arena, name, &why) < 0) {
            return err_set(err, ERR_INVALID, "invalid $schema in \"" STR_FMT "\": %s",
                           STR_ARG(self), why.message);
        }
        if (str_eq(name, self)) {
            return err_set(err, ERR_INVALID, "draft \"" STR_FMT "\" is not supported",
                           STR_ARG(name));
        }
        TRY(load_doc(set, name, &schema, err));
        self = name;
    }
    return err_set(err, ERR_INVALID, "cycle in resolving $schema in \"" STR_FMT "\"",
                   STR_ARG(self));
}

/* The vocabularies that a schema of schemas demands; 0 = it names none. */
static int find_vocabs(const struct value *meta,
                       struct str url,
                       enum schema_draft draft,
                       unsigned *ret,
                       struct err *err)
{
    const struct value *list = value_find(meta, STR("$vocabulary"));
    *ret = 0;
    if (draft < SCHEMA_DRAFT_2019 || !value_is(list, VALUE_MAP)) {
        return 0;
    }
    VALUE_MAP_FOREACH(list, e)
    {
        unsigned vocab = schema_meta_vocab(draft, e->key);
        if (!value_bool(&e->value, false)) {
            continue;
        }
        if (vocab == 0) {
            return err_set(err, ERR_INVALID,
                           "unsupported vocabulary \"" STR_FMT "\" in \"" STR_FMT "\"",
                           STR_ARG(e->key), STR_ARG(url));
        }
        *ret |= vocab;
    }
    *ret |= SCHEMA_VOCAB_CORE;
    return 0;
}

/* The dialect that "$schema" names. */
static int name_dialect(struct schema_set *set,
                        struct str name,
                        enum schema_draft draft,
                        struct schema_dialect *ret,
                        struct err *err)
{
    struct str fragment;
    const struct value *meta = NULL;
    *ret = (struct schema_dialect){.draft = draft};
    if (schema_meta_draft(name) != 0) {
        return 0;
    }
    schema_url_split(name, &name, &fragment);
    TRY(load_doc(set, name, &meta, err));
    return find_vocabs(meta, name, draft, &ret->vocabs, err);
}

/* ---- resources ---- */

/* A schema being visited for its identifiers. */
struct visit {
    struct schema_set *set;
    struct schema_root *root;
    const struct value *schema;
    struct str pointer;
    struct str base; /* the identifier of the resource around it */
    struct schema_dialect dialect;
};

static int visit(const struct visit *v, struct err *err);

static struct str id_keyword(enum schema_draft draft)
{
    return draft == SCHEMA_DRAFT_4 ? STR("id") : STR("$id");
}

/* Up to draft 7 nothing counts beside "$ref". */
static bool is_only_reference(const struct value *schema, enum schema_draft draft)
{
    return draft < SCHEMA_DRAFT_2019 && value_find(schema, STR("$ref")) != NULL;
}

static struct str id_of(const struct value *schema, enum schema_draft draft)
{
    struct str id = STR_EMPTY;
    struct str fragment;
    if (!is_only_reference(schema, draft)) {
        schema_url_split(string_at(schema, id_keyword(draft)), &id, &fragment);
    }
    return id;
}

static int add_anchor(const struct visit *v,
                      struct schema_resource *resource,
                      struct str name,
                      bool is_dynamic,
                      struct err *err)
{
    struct schema_anchor anchor = {.name = name, .pointer = v->pointer, .is_dynamic = is_dynamic};
    TRY(budget_steps(v->set->budget, resource->anchors.n + 1, err));
    VEC_FOREACH(&resource->anchors, known) {
        if (!str_eq(known->name, name)) {
            continue;
        }
        if (!str_eq(known->pointer, v->pointer)) {
            return err_set(err, ERR_INVALID,
                           "duplicate anchor \"" STR_FMT "\" in \"" STR_FMT "\" at \"" STR_FMT
                           "\" and \"" STR_FMT "\"",
                           STR_ARG(name), STR_ARG(v->root->url), STR_ARG(known->pointer),
                           STR_ARG(v->pointer));
        }
        known->is_dynamic = known->is_dynamic || is_dynamic;
        return 0;
    }
    vec_push_in(v->set->arena, &resource->anchors, anchor);
    return 0;
}

static int collect_anchors(const struct visit *v, struct schema_resource *resource, struct err *err)
{
    enum schema_draft draft = resource->dialect.draft;
    const struct value *anchor = value_find(v->schema, STR("$anchor"));
    const struct value *dynamic = value_find(v->schema, STR("$dynamicAnchor"));
    if (draft < SCHEMA_DRAFT_2019) {
        struct str url;
        struct str name;
        schema_url_split(string_at(v->schema, id_keyword(draft)), &url, &name);
        if (is_only_reference(v->schema, draft) || name.n == 0) {
            return 0;
        }
        if (!schema_url_decode(v->set->arena, name, &name)) {
            return err_set(err, ERR_INVALID, "error in parsing anchor at \"" STR_FMT "\"",
                           STR_ARG(schema_url_with(v->set->arena, v->root->url, v->pointer)));
        }
        return name.p[0] == '/' ? 0 : add_anchor(v, resource, name, false, err);
    }
    if (value_is(anchor, VALUE_STRING)) {
        TRY(add_anchor(v, resource, value_str(anchor), false, err));
    }
    if (draft >= SCHEMA_DRAFT_2020 && value_is(dynamic, VALUE_STRING)) {
        TRY(add_anchor(v, resource, value_str(dynamic), true, err));
    }
    return 0;
}

static void add_resource(const struct visit *v, struct schema_resource *resource)
{
    map_set(v->root->resources, v->pointer, resource);
    map_set(v->root->by_id, resource->id, resource);
    map_set(v->root->by_value, schema_key(&v->schema), resource);
}

static int
visit_child(const struct visit *v, const struct value *schema, struct str pointer, struct err *err)
{
    struct visit child = *v;
    child.schema = schema;
    child.pointer = pointer;
    TRY(budget_enter(v->set->budget, err));
    int rc = visit(&child, err);
    budget_leave(v->set->budget);
    return rc;
}

static int
visit_list(const struct visit *v, const struct value *list, struct str pointer, struct err *err)
{
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < value_len(list); i++) {
        struct str at = schema_pointer_add_index(v->set->arena, pointer, i);
        TRY(visit_child(v, value_at(list, i), at, err));
    }
    return 0;
}

static int
visit_map(const struct visit *v, const struct value *map, struct str pointer, struct err *err)
{
    VALUE_MAP_FOREACH(map, e)
    {
        struct str at = schema_pointer_add(v->set->arena, pointer, e->key);
        TRY(visit_child(v, &e->value, at, err));
    }
    return 0;
}

enum place_form { PLACE_ONE = 1 << 0, PLACE_LIST = 1 << 1, PLACE_MAP = 1 << 2 };

struct place {
    const char *keyword;
    unsigned form;           /* enum place_form */
    enum schema_draft since; /* and later */
};

static const struct place PLACES[] = {
    {"definitions", PLACE_MAP, SCHEMA_DRAFT_4},
    {"not", PLACE_ONE, SCHEMA_DRAFT_4},
    {"allOf", PLACE_LIST, SCHEMA_DRAFT_4},
    {"anyOf", PLACE_LIST, SCHEMA_DRAFT_4},
    {"oneOf", PLACE_LIST, SCHEMA_DRAFT_4},
    {"properties", PLACE_MAP, SCHEMA_DRAFT_4},
    {"additionalProperties", PLACE_ONE, SCHEMA_DRAFT_4},
    {"patternProperties", PLACE_MAP, SCHEMA_DRAFT_4},
    {"items", PLACE_ONE | PLACE_LIST, SCHEMA_DRAFT_4},
    {"additionalItems", PLACE_ONE, SCHEMA_DRAFT_4},
    {"dependencies", PLACE_MAP, SCHEMA_DRAFT_4},
    {"propertyNames", PLACE_ONE, SCHEMA_DRAFT_6},
    {"contains", PLACE_ONE, SCHEMA_DRAFT_6},
    {"if", PLACE_ONE, SCHEMA_DRAFT_7},
    {"then", PLACE_ONE, SCHEMA_DRAFT_7},
    {"else", PLACE_ONE, SCHEMA_DRAFT_7},
    {"$defs", PLACE_MAP, SCHEMA_DRAFT_2019},
    {"dependentSchemas", PLACE_MAP, SCHEMA_DRAFT_2019},
    {"unevaluatedProperties", PLACE_ONE, SCHEMA_DRAFT_2019},
    {"unevaluatedItems", PLACE_ONE, SCHEMA_DRAFT_2019},
    {"contentSchema", PLACE_ONE, SCHEMA_DRAFT_2019},
    {"prefixItems", PLACE_LIST, SCHEMA_DRAFT_2020},
};

static int visit_children(const struct visit *v, enum schema_draft draft, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(PLACES); i++) {
        struct str keyword = str_from(PLACES[i].keyword);
        const struct value *child = value_find(v->schema, keyword);
        if (child == NULL || draft < PLACES[i].since) {
            continue;
        }
        struct str pointer = schema_pointer_add(v->set->arena, v->pointer, keyword);
        if ((PLACES[i].form & PLACE_ONE) != 0) {
            TRY(visit_child(v, child, pointer, err));
        }
        if ((PLACES[i].form & PLACE_LIST) != 0) {
            TRY(visit_list(v, child, pointer, err));
        }
        if ((PLACES[i].form & PLACE_MAP) != 0) {
            TRY(visit_map(v, child, pointer, err));
        }
    }
    return 0;
}

/* What an identifier makes of the visited schema: a resource of its own, unless it is one already. */
static int
open_resource(struct visit *v, struct str id, const struct schema_dialect *dialect, struct err *err)
{
    struct err why;
    if (id.n > 0) {
        if (schema_url_check(v->set->arena, id, &why) < 0) {
            return err_set(err, ERR_INVALID, "error in parsing id at \"" STR_FMT "\"",
                           STR_ARG(schema_url_with(v->set->arena, v->root->url, v->pointer)));
        }
        v->base = schema_url_join(v->set->arena, v->base, id);
    }
    const struct schema_resource *known = map_find(v->root->by_id, v->base);
    if (known == NULL) {
        struct schema_resource *resource = ARENA_NEW(v->set->arena, struct schema_resource);
        resource->pointer = v->pointer;
        resource->id = v->base;
        resource->dialect = *dialect;
        add_resource(v, resource);
    } else if (!str_eq(known->pointer, v->pointer)) {
        return err_set(err, ERR_INVALID,
                       "duplicate id \"" STR_FMT "\" in \"" STR_FMT "\" at \"" STR_FMT
                       "\" and \"" STR_FMT "\"",
                       STR_ARG(v->base), STR_ARG(v->root->url), STR_ARG(v->pointer),
                       STR_ARG(known->pointer));
    }
    return 0;
}

static int visit_map_schema(struct visit *v, struct err *err)
{
    enum schema_draft draft;
    struct schema_dialect dialect = v->dialect;
    struct str self = v->pointer.n == 0 ? v->root->url : STR_EMPTY;
    bool is_named = value_is(value_find(v->schema, STR("$schema")), VALUE_STRING);
    TRY(find_draft(v->set, v->schema, self, v->dialect.draft, &draft, err));
    struct str id = id_of(v->schema, draft);
    if (id.n == 0 && v->pointer.n > 0) { /* "$schema" counts in resources only */
        draft = v->dialect.draft;
        is_named = false;
        id = id_of(v->schema, draft);
    }
    if (is_named) {
        TRY(name_dialect(v->set, string_at(v->schema, STR("$schema")), draft, &dialect, err));
    }
    if (id.n > 0 || v->pointer.n == 0) {
        TRY(open_resource(v, id, &dialect, err));
    }
    struct schema_resource *around = map_find(v->root->by_id, v->base);
    TRY(collect_anchors(v, around, err));
    v->dialect = around->dialect;
    return visit_children(v, draft, err);
}

static int visit(const struct visit *v, struct err *err)
{
    struct visit own = *v;
    TRY(budget_steps(v->set->budget, 1 + v->pointer.n / 64, err));
    if (map_has(v->root->is_known, schema_key(&v->schema))) {
        return 0;
    }
    if (value_is(v->schema, VALUE_MAP)) {
        TRY(visit_map_schema(&own, err));
    } else if (v->pointer.n == 0) {
        TRY(open_resource(&own, STR_EMPTY, &v->dialect, err));
    }
    map_set(v->root->is_known, schema_key(&v->schema), v->root);
    return 0;
}

/* ---- roots ---- */

/* A schema against the schema of schemas. The whole text goes where problems go. */
static int check_schema(struct schema_set *set,
                        const struct schema_root *root,
                        struct str pointer,
                        const struct value *v,
                        struct err *err)
{
    const struct schema_dialect *dialect = &schema_root_resource(root, pointer)->dialect;
    struct schema_node *meta = NULL;
    struct schema_problems problems = {0};
    TRY(schema_meta_node(set, dialect, &meta, err));
    TRY(schema_check(set->meta, meta, v, root, false, &problems, err));
    if (problems.n == 0) {
        return 0;
    }
    struct str where = schema_url_with(set->arena, root->url, pointer);
    struct str rules = meta->root != NULL ? schema_url_with(set->arena, meta->root->url, STR_EMPTY)
                                          : STR("urn:mem:metaschema");
    buf_printf(set->report,
               "\"" STR_FMT "\" is not valid against metaschema: jsonschema validation failed "
               "with '" STR_FMT "'\n",
               STR_ARG(where), STR_ARG(rules));
    TRY(schema_problems_put(set->report, &problems, set->budget, err));
    return err_set(err, ERR_INVALID, "\"" STR_FMT "\" is not valid against metaschema",
                   STR_ARG(where));
}

static bool is_official(struct str url)
{
    return str_starts_with(url, STR("http://json-schema.org/")) ||
           str_starts_with(url, STR("https://json-schema.org/"));
}

static int
add_root(struct schema_set *set, struct str url, struct schema_root **ret, struct err *err)
{
    struct schema_root *root = ARENA_NEW(set->arena, struct schema_root);
    root->url = url;
    root->resources = new_map(set->arena);
    root->by_id = new_map(set->arena);
    root->by_value = new_map(set->arena);
    root->is_known = new_map(set->arena);
    TRY(load_doc(set, url, &root->doc, err));
    struct visit v = {.set = set,
                      .root = root,
                      .schema = root->doc,
                      .pointer = STR_EMPTY,
                      .base = url,
                      .dialect = {.draft = SCHEMA_DRAFT_2020}};
    TRY(visit(&v, err));
    if (!is_official(url)) {
        TRY(check_schema(set, root, STR_EMPTY, root->doc, err));
    }
    map_set(set->roots, url, root);
    *ret = root;
    return 0;
}

int schema_root_get(struct schema_set *set,
                    struct str url,
                    struct schema_root **ret,
                    struct err *err)
{
    *ret = map_find(set->roots, url);
    return *ret != NULL ? 0 : add_root(set, url, ret, err);
}

struct schema_resource *schema_root_resource(const struct schema_root *root, struct str pointer)
{
    for (;;) {
        struct schema_resource *resource = map_find(root->resources, pointer);
        if (resource != NULL || pointer.n == 0) {
            return resource;
        }
        size_t slash = str_rfind_char(pointer, '/');
        pointer = str_sub(pointer, 0, slash == STR_NONE ? 0 : slash);
    }
}

int schema_root_add(struct schema_set *set,
                    struct schema_root *root,
                    struct str pointer,
                    const struct value *v,
                    struct err *err)
{
    if (map_has(root->is_known, schema_key(&v))) {
        return 0;
    }
    struct schema_resource *around = schema_root_resource(root, pointer);
    struct visit own = {.set = set,
                        .root = root,
                        .schema = v,
                        .pointer = pointer,
                        .base = around->id,
                        .dialect = around->dialect};
    TRY(visit(&own, err));
    return is_official(root->url) ? 0 : check_schema(set, root, pointer, v, err);
}

/* ---- pointers and references ---- */

static struct str unescape(struct arena *arena, struct str step, bool *ok)
{
    char *out = arena_bytes(arena, step.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < step.n; i++) {
        out[n] = step.p[i];
        if (step.p[i] == '~') {
            char next = i + 1 < step.n ? step.p[i + 1] : '\0';
            *ok = *ok && (next == '0' || next == '1');
            out[n] = next == '1' ? '/' : '~';
            i++;
        }
        n++;
    }
    return str_of(out, n);
}

static const struct value *step_into(const struct value *v, struct str step)
{
    uint64_t index;
    if (value_is(v, VALUE_MAP)) {
        return value_find(v, step);
    }
    if (value_is(v, VALUE_LIST) && num_digits(step, 10, &index) && index < value_len(v)) {
        return value_at(v, (size_t)index);
    }
    return NULL;
}

int schema_root_lookup(struct arena *arena,
                       const struct schema_root *root,
                       struct str pointer,
                       const struct value **ret,
                       struct err *err)
{
    const struct value *v = root->doc;
    struct str rest = pointer;
    struct str step;
    bool ok = true;
    (void)str_next(&rest, '/', &step);
    while (v != NULL && str_next(&rest, '/', &step)) {
        v = step_into(v, unescape(arena, step, &ok));
        if (!ok) {
            return err_set(err, ERR_INVALID, "invalid json-pointer \"" STR_FMT "\"",
                           STR_ARG(schema_url_with(arena, root->url, pointer)));
        }
    }
    if (v == NULL) {
        return err_set(err, ERR_INVALID, "json-pointer in \"" STR_FMT "\" not found",
                       STR_ARG(schema_url_with(arena, root->url, pointer)));
    }
    *ret = v;
    return 0;
}

static int resolve_fragment(struct schema_set *set,
                            const struct schema_root *root,
                            const struct schema_resource *resource,
                            struct str fragment,
                            struct str *ret,
                            struct err *err)
{
    if (fragment.n == 0 || fragment.p[0] == '/') {
        *ret = arena_printf(set->arena, STR_FMT STR_FMT, STR_ARG(resource->pointer),
                            STR_ARG(fragment));
        return 0;
    }
    TRY(budget_steps(set->budget, resource->anchors.n + 1, err));
    for (size_t i = 0; i < resource->anchors.n; i++) {
        const struct schema_anchor *anchor = &resource->anchors.items[i];
        if (str_eq(anchor->name, fragment)) {
            *ret = anchor->pointer;
            return 0;
        }
    }
    return err_set(
        err, ERR_INVALID, "anchor in \"" STR_FMT "\" not found in schema \"" STR_FMT "\"",
        STR_ARG(schema_url_with(set->arena, resource->id, fragment)), STR_ARG(root->url));
}

int schema_root_resolve(struct schema_set *set,
                        struct schema_root *root,
                        struct str base,
                        struct str ref,
                        struct schema_root **ret_root,
                        struct str *ret_pointer,
                        struct err *err)
{
    struct str url;
    struct str fragment;
    schema_url_split(ref, &url, &fragment);
    if (!schema_url_decode(set->arena, fragment, &fragment) ||
        schema_url_check(set->arena, url, err) < 0) {
        return err_set(err, ERR_INVALID, "error in parsing \"" STR_FMT "\"", STR_ARG(ref));
    }
    url = schema_url_join(set->arena, base, url);
    const struct schema_resource *resource =
        str_eq(url, root->url) ? map_find(root->resources, STR_EMPTY) : map_find(root->by_id, url);
    if (resource == NULL) {
        TRY(schema_root_get(set, url, &root, err));
        resource = map_find(root->resources, STR_EMPTY);
    }
    *ret_root = root;
    return resolve_fragment(set, root, resource, fragment, ret_pointer, err);
}
