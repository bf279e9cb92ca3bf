/* From YAML nodes to values: anchors, aliases, merge keys, keys as text, tags, limits.
 *
 * Independent of who reads the text.  A frame here stands beside each frame of the value builder.
 * Aliases share the anchored value, so they cost no memory, but count with all they stand for:
 * whoever walks the tree walks them again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/b64.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/value/value_internal.h"
#include "common/value/value_yaml_internal.h"

struct anchor {
    struct value value;
    size_t n_nodes; /* the value and all below it, aliases expanded */
    bool open;      /* its container has not ended: an alias would contain itself */
};

struct frame {
    bool map;
    bool want_key;
    bool merge_next;     /* the key read was "<<" */
    size_t anchor;       /* number + 1; 0 = none */
    size_t nodes_before; /* used before the container began */
    size_t merged_start; /* of its entries in value_yaml_tree.merged */
};

struct value_yaml_tree {
    struct arena *arena;
    enum value_yaml_schema schema;
    bool any_keys;
    struct value_builder builder;
    VEC(struct anchor) anchors;
    struct map *anchor_names; /* owned; to a position in anchors + 1; NULL until there is one */
    VEC(struct frame) frames;
    VEC(struct value_entry) merged; /* VALUE_YAML_CORE: waiting for the end of their map */
    size_t n_nodes;                 /* so far, aliases expanded */
    size_t n_alias_nodes;
    size_t max_nodes;
    size_t max_alias_nodes;
    size_t max_depth;
};

struct value_yaml_tree *value_yaml_tree_new(struct arena *arena, const struct value_yaml_opts *opts)
{
    struct value_yaml_tree *t = MEM_NEW(struct value_yaml_tree);
    t->arena = arena;
    t->schema = opts->schema;
    t->any_keys = opts->any_keys;
    t->max_nodes = opts->max_nodes != 0 ? opts->max_nodes : LIMIT_DOC_NODES;
    t->max_alias_nodes = opts->max_alias_nodes != 0 ? opts->max_alias_nodes : LIMIT_ALIAS_NODES;
    t->max_depth = opts->max_depth != 0 ? opts->max_depth : LIMIT_DOC_DEPTH;
    value_builder_init(&t->builder, arena, opts->duplicates);
    return t;
}

void value_yaml_tree_free(struct value_yaml_tree *t)
{
    if (t == NULL) {
        return;
    }
    value_builder_done(&t->builder);
    vec_done(&t->anchors);
    map_free(t->anchor_names);
    vec_done(&t->frames);
    vec_done(&t->merged);
    mem_free(t);
}

/* ---- small parts ---- */

static int at_node(const struct value_yaml_node *node, struct err *err)
{
    return err_at(err, STR_EMPTY, node->line, node->column);
}

static struct frame *top(struct value_yaml_tree *t)
{
    return t->frames.n > 0 ? &t->frames.items[t->frames.n - 1] : NULL;
}

static int count_nodes(struct value_yaml_tree *t,
                       size_t n,
                       const struct value_yaml_node *node,
                       struct err *err)
{
    if (n > t->max_nodes - t->n_nodes) {
        (void)err_set(err, ERR_LIMIT, "document has more than %zu values", t->max_nodes);
        return at_node(node, err);
    }
    t->n_nodes += n;
    return 0;
}

static int count_alias_nodes(struct value_yaml_tree *t,
                             size_t n,
                             const struct value_yaml_node *node,
                             struct err *err)
{
    if (n > t->max_alias_nodes - t->n_alias_nodes) {
        (void)err_set(err, ERR_LIMIT,
                      "document contains excessive aliasing: more than %zu values from aliases",
                      t->max_alias_nodes);
        return at_node(node, err);
    }
    t->n_alias_nodes += n;
    return count_nodes(t, n, node, err);
}

static size_t
anchor_add(struct value_yaml_tree *t, struct str name, struct value v, size_t n_nodes, bool open)
{
    struct anchor a = {.value = v, .n_nodes = n_nodes, .open = open};
    vec_push(&t->anchors, a);
    if (t->anchor_names == NULL) {
        t->anchor_names = map_new(NULL);
    }
    map_set(t->anchor_names, name, (void *)(uintptr_t)t->anchors.n);
    return t->anchors.n;
}

/* The newest anchor of that name, or NULL. */
static const struct anchor *anchor_find(const struct value_yaml_tree *t, struct str name)
{
    uintptr_t number = t->anchor_names != NULL ? (uintptr_t)map_find(t->anchor_names, name) : 0;
    return number > 0 ? &t->anchors.items[number - 1] : NULL;
}

static int bad_key(const struct value_yaml_tree *t, const struct value *v, struct err *err)
{
    if (v->type == VALUE_LIST || v->type == VALUE_MAP) {
        (void)err_set(err, ERR_INVALID, "invalid map key: %s",
                      v->type == VALUE_LIST ? "a sequence" : "a mapping");
    } else if (t->schema == VALUE_YAML_CORE) {
        (void)err_set(err, ERR_INVALID, "json: unsupported type: map[interface {}]interface {}");
    } else {
        (void)err_set(err, ERR_INVALID, "unsupported map key of type: %s",
                      v->type == VALUE_NULL ? "null" : "uint64");
    }
    return err_at(err, STR_EMPTY, v->line, v->column);
}

/* ---- scalars ---- */

static int decode_binary(struct value_yaml_tree *t, struct value *v, struct err *err)
{
    struct str bytes = STR_EMPTY;
    if (b64_decode(t->arena, str_of(v->s, v->n), B64_STANDARD, &bytes, err) < 0) {
        (void)err_set(err, ERR_INVALID, "!!binary value contains invalid base64 data");
        return err_at(err, STR_EMPTY, v->line, v->column);
    }
    AUTO(buf) struct buf valid; /* the way through JSON replaces what is not UTF-8 */
    buf_init(&valid, 3 * bytes.n);
    utf8_put_valid(&valid, bytes);
    bytes = buf_to_arena(&valid, t->arena);
    v->s = bytes.p;
    v->n = (uint32_t)bytes.n;
    return 0;
}

static const char *kind_tag(enum value_yaml_kind kind)
{
    static const char *const NAMES[] = {
        [VALUE_YAML_IS_STR] = "!!str",
        [VALUE_YAML_IS_NULL] = "!!null",
        [VALUE_YAML_IS_BOOL] = "!!bool",
        [VALUE_YAML_IS_INT] = "!!int",
        [VALUE_YAML_IS_UINT] = "!!int",
        [VALUE_YAML_IS_FLOAT] = "!!float",
        [VALUE_YAML_IS_TIMESTAMP] = "!!timestamp",
    };
    return NAMES[kind];
}

/* Check an explicit tag against what the text is; an integer may be a !!float. */
static int
check_tag(const struct value_yaml_node *node, struct value_yaml_plain *plain, struct err *err)
{
    static const char *const WANTED[VALUE_YAML_TAG_COUNT] = {
        [VALUE_YAML_TAG_BOOL] = "!!bool",           [VALUE_YAML_TAG_INT] = "!!int",
        [VALUE_YAML_TAG_FLOAT] = "!!float",         [VALUE_YAML_TAG_NULL] = "!!null",
        [VALUE_YAML_TAG_TIMESTAMP] = "!!timestamp",
    };
    const char *want = WANTED[node->tag];
    if (want == NULL || strcmp(want, kind_tag(plain->kind)) == 0) {
        return 0;
    }
    if (node->tag == VALUE_YAML_TAG_FLOAT && plain->kind == VALUE_YAML_IS_INT) {
        plain->f = (double)plain->i;
        plain->kind = VALUE_YAML_IS_FLOAT;
        return 0;
    }
    (void)err_set(err, ERR_INVALID, "cannot decode %s `" STR_FMT "` as a %s", kind_tag(plain->kind),
                  STR_ARG(node->text), want);
    return at_node(node, err);
}

/* The text of a float, unless a writer would take it for the digits of a large integer. */
static void keep_float_text(struct value *v, struct str text)
{
    if (str_find_char(text, '.') != STR_NONE || str_find_char(text, 'e') != STR_NONE) {
        v->lexeme = text.p;
        v->lexeme_n = (uint32_t)text.n;
    }
}

static void set_time(struct arena *arena, enum value_yaml_schema schema, struct value *v)
{
    char time[VALUE_YAML_TIME_BYTES];
    if (schema == VALUE_YAML_CORE && value_yaml_timestamp(str_of(v->s, v->n), time)) {
        struct str formatted = arena_str(arena, str_from(time));
        v->s = formatted.p;
        v->n = (uint32_t)formatted.n;
    }
}

/* Put what the plain text means into v, which is a string until then. */
static void apply_plain(struct arena *arena,
                        enum value_yaml_schema schema,
                        const struct value_yaml_plain *plain,
                        struct value *v)
{
    struct str text = str_of(v->s, v->n);
    if (plain->kind == VALUE_YAML_IS_STR) {
        return;
    }
    if (plain->kind == VALUE_YAML_IS_TIMESTAMP) {
        set_time(arena, schema, v);
        return;
    }
    v->n = 0;
    v->s = NULL;
    if (plain->kind == VALUE_YAML_IS_NULL) {
        v->type = VALUE_NULL;
        v->flags |= text.n == 0 ? VALUE_BLANK : 0;
    } else if (plain->kind == VALUE_YAML_IS_BOOL) {
        v->type = VALUE_BOOL;
        v->b = plain->b;
    } else if (plain->kind == VALUE_YAML_IS_INT) {
        v->type = VALUE_INT;
        v->i = plain->i;
        v->lexeme = text.p;
        v->lexeme_n = (uint32_t)text.n;
    } else if (plain->kind == VALUE_YAML_IS_FLOAT) {
        v->type = VALUE_FLOAT;
        v->f = plain->f;
        keep_float_text(v, text);
    } else { /* too large for int64_t: the digits in base ten are exact, the double is not */
        struct str digits = arena_printf(arena, "%llu", (unsigned long long)plain->u);
        v->type = VALUE_FLOAT;
        v->f = (double)plain->u;
        v->lexeme = digits.p;
        v->lexeme_n = (uint32_t)digits.n;
    }
}

/* JSON cannot hold infinities and NaN. */
static int check_finite(const struct value *v, struct err *err)
{
    if (v->type != VALUE_FLOAT || isfinite(v->f)) {
        return 0;
    }
    (void)err_set(err, ERR_INVALID, "json: unsupported value: %s",
                  isnan(v->f) ? "NaN"
                  : v->f > 0  ? "+Inf"
                              : "-Inf");
    return err_at(err, STR_EMPTY, v->line, v->column);
}

static struct value string_at(const struct value_yaml_node *node)
{
    return (struct value){
        .type = VALUE_STRING,
        .flags = node->quoted ? VALUE_QUOTED : 0,
        .column = (uint16_t)MIN(node->column, (uint32_t)UINT16_MAX),
        .line = node->line,
        .n = (uint32_t)node->text.n,
        .s = node->text.p,
    };
}

static int scalar_value(struct value_yaml_tree *t,
                        const struct value_yaml_node *node,
                        bool is_key,
                        struct value *ret,
                        struct err *err)
{
    struct value v = string_at(node);
    if (node->tag == VALUE_YAML_TAG_BINARY) {
        TRY(decode_binary(t, &v, err));
    }
    bool text_decides = node->tag == VALUE_YAML_TAG_NONE
                            ? node->implicit
                            : node->tag != VALUE_YAML_TAG_STR && node->tag < VALUE_YAML_TAG_BINARY;
    if (text_decides && (node->tag != VALUE_YAML_TAG_NONE || value_yaml_may_resolve(node->text))) {
        struct value_yaml_plain plain;
        value_yaml_resolve_plain(node->text, t->schema, &plain);
        TRY(check_tag(node, &plain, err));
        if (plain.kind == VALUE_YAML_IS_TIMESTAMP && is_key && t->schema == VALUE_YAML_CORE) {
            return bad_key(t, &v, err);
        }
        apply_plain(t->arena, t->schema, &plain, &v);
    }
    *ret = v;
    return is_key ? 0 : check_finite(&v, err);
}

int value_yaml_plain(struct arena *arena,
                     struct str text,
                     enum value_yaml_schema schema,
                     struct value *ret,
                     struct err *err)
{
    struct value v = value_of_str(text);
    if (value_yaml_may_resolve(text)) {
        struct value_yaml_plain plain;
        value_yaml_resolve_plain(text, schema, &plain);
        apply_plain(arena, schema, &plain, &v);
    }
    TRY(check_finite(&v, err));
    *ret = v;
    return 0;
}

/* ---- keys ---- */

static bool lexeme_is_digits(const struct value *v)
{
    uint64_t u = 0;
    return num_digits(str_of(v->lexeme, v->lexeme_n), 10, &u);
}

static const char *float_word(double f)
{
    return isnan(f) ? ".nan" : f > 0 ? ".inf" : "-.inf";
}

/* The key a value makes: text as it is, numbers and booleans as sigs.k8s.io/yaml prints them. */
static int
key_text(struct value_yaml_tree *t, const struct value *v, struct str *ret, struct err *err)
{
    char text[NUM_FLOAT_BYTES];
    if (v->type == VALUE_STRING) {
        *ret = str_of(v->s, v->n);
        return 0;
    }
    if (t->schema == VALUE_YAML_CORE && !t->any_keys) {
        return bad_key(t, v, err);
    }
    if (t->schema == VALUE_YAML_CORE && v->type != VALUE_BOOL && v->lexeme_n > 0) {
        *ret = arena_str(t->arena, str_of(v->lexeme, v->lexeme_n));
        return 0;
    }
    if (v->type == VALUE_BOOL) {
        *ret = v->b ? STR("true") : STR("false");
        return 0;
    }
    if (v->type == VALUE_INT) {
        *ret = arena_printf(t->arena, "%lld", (long long)v->i);
        return 0;
    }
    if (v->type == VALUE_FLOAT && !lexeme_is_digits(v)) {
        (void)num_format_g32((float)v->f, text);
        const char *special = isfinite((float)v->f) ? text : float_word(v->f);
        *ret = arena_str(t->arena, str_from(special));
        return 0;
    }
    return bad_key(t, v, err);
}

static int set_key(struct value_yaml_tree *t, const struct value *v, struct err *err)
{
    struct str key;
    TRY(key_text(t, v, &key, err));
    value_build_key_borrowed(&t->builder, key);
    top(t)->want_key = false;
    return 0;
}

static bool is_merge(const struct value_yaml_node *node)
{
    return str_eq(node->text, STR("<<")) && (node->tag == VALUE_YAML_TAG_MERGE ||
                                             (node->tag == VALUE_YAML_TAG_NONE && node->implicit));
}

/* ---- merging ---- */

static int bad_merge(const struct value *v, struct err *err)
{
    (void)err_set(err, ERR_INVALID, "map merge requires map or sequence of maps as the value");
    return err_at(err, STR_EMPTY, v->line, v->column);
}

static void merge_map(struct value_yaml_tree *t, const struct value *map)
{
    VALUE_MAP_FOREACH(map, e)
    {
        if (t->schema == VALUE_YAML_CORE) {
            vec_push(&t->merged, *e);
        } else {
            value_build_key_borrowed(&t->builder, e->key);
            value_build_push(&t->builder, e->value);
        }
    }
}

/* The value of "<<" lies on the builder's stack: replace it by what it holds. Of a list the first map
 * wins, so it goes last. */
static int merge(struct value_yaml_tree *t, struct err *err)
{
    struct value v = t->builder.stack[--t->builder.n].value;
    struct value_yaml_node at = {.line = v.line, .column = v.column};
    if (v.type == VALUE_MAP) {
        TRY(count_alias_nodes(t, v.n, &at, err));
        merge_map(t, &v);
        return 0;
    }
    if (v.type != VALUE_LIST) {
        return bad_merge(&v, err);
    }
    for (size_t i = v.n; i > 0; i--) {
        const struct value *map = &v.items[i - 1];
        if (map->type != VALUE_MAP) {
            return bad_merge(map, err);
        }
        TRY(count_alias_nodes(t, map->n, &at, err));
        merge_map(t, map);
    }
    return 0;
}

/* The map that has just ended gets the entries merged into it; its own win. */
static void add_merged(struct value_yaml_tree *t, size_t merged_start)
{
    size_t n_merged = t->merged.n - merged_start;
    if (n_merged == 0) {
        return;
    }
    struct value *map = &t->builder.stack[t->builder.n - 1].value;
    size_t n = n_merged + map->n;
    struct value_entry *entries = arena_alloc(t->arena, n * sizeof(*entries));
    memcpy(entries, t->merged.items + merged_start, n_merged * sizeof(*entries));
    if (map->n > 0) {
        memcpy(entries + n_merged, map->entries, map->n * sizeof(*entries));
    }
    value_map_finish(t->arena, map, entries, n, NULL);
    t->merged.n = merged_start;
}

/* A value (not a key) is complete and on the builder's stack. */
static int after_value(struct value_yaml_tree *t, struct err *err)
{
    struct frame *f = top(t);
    if (f == NULL || !f->map) {
        return 0;
    }
    f->want_key = true;
    if (f->merge_next) {
        f->merge_next = false;
        return merge(t, err);
    }
    return 0;
}

/* ---- what the parsers call ---- */

int value_yaml_tree_scalar(struct value_yaml_tree *t,
                           const struct value_yaml_node *node,
                           struct err *err)
{
    struct frame *f = top(t);
    bool key = f != NULL && f->want_key;
    if (key && is_merge(node)) {
        f->merge_next = true;
        f->want_key = false;
        value_build_key_borrowed(&t->builder, node->text);
        return 0;
    }
    struct value v;
    TRY(scalar_value(t, node, key, &v, err));
    if (node->anchor.n > 0) {
        (void)anchor_add(t, node->anchor, v, 1, false);
    }
    if (key) {
        return set_key(t, &v, err);
    }
    TRY(count_nodes(t, 1, node, err));
    value_build_push(&t->builder, v);
    return after_value(t, err);
}

int value_yaml_tree_alias(struct value_yaml_tree *t,
                          const struct value_yaml_node *node,
                          struct err *err)
{
    const struct anchor *a = anchor_find(t, node->anchor);
    if (a == NULL) {
        (void)err_set(err, ERR_INVALID, "unknown anchor '" STR_FMT "' referenced",
                      STR_ARG(node->anchor));
        return at_node(node, err);
    }
    if (a->open) {
        (void)err_set(err, ERR_INVALID, "anchor '" STR_FMT "' value contains itself",
                      STR_ARG(node->anchor));
        return at_node(node, err);
    }
    struct value v = a->value;
    TRY(count_alias_nodes(t, a->n_nodes, node, err));
    if (top(t) != NULL && top(t)->want_key) {
        return set_key(t, &v, err);
    }
    TRY(check_finite(&v, err));
    value_build_push(&t->builder, v);
    return after_value(t, err);
}

int value_yaml_tree_open(struct value_yaml_tree *t,
                         enum value_type type,
                         const struct value_yaml_node *node,
                         struct err *err)
{
    struct value v = string_at(node);
    v.type = (uint8_t)type;
    v.flags = 0;
    v.n = 0;
    v.items = NULL;
    if (top(t) != NULL && top(t)->want_key) {
        return bad_key(t, &v, err);
    }
    if (t->frames.n >= t->max_depth) {
        (void)err_set(err, ERR_LIMIT, "document is nested deeper than %zu levels", t->max_depth);
        return at_node(node, err);
    }
    struct frame f = {
        .map = type == VALUE_MAP,
        .want_key = type == VALUE_MAP,
        .nodes_before = t->n_nodes,
        .merged_start = t->merged.n,
    };
    TRY(count_nodes(t, 1, node, err));
    if (node->anchor.n > 0) {
        f.anchor = anchor_add(t, node->anchor, v, 0, true);
    }
    vec_push(&t->frames, f);
    value_build_open(&t->builder, v);
    return 0;
}

static int check_duplicate(const struct value_yaml_tree *t, struct err *err)
{
    const struct value_entry *e = value_builder_duplicate(&t->builder);
    if (e == NULL) {
        return 0;
    }
    if (t->schema == VALUE_YAML_CORE) {
        (void)err_set(err, ERR_INVALID, "mapping key \"" STR_FMT "\" already defined",
                      STR_ARG(e->key));
    } else {
        (void)err_set(err, ERR_INVALID, "key \"" STR_FMT "\" already set in map", STR_ARG(e->key));
    }
    return err_at(err, STR_EMPTY, e->value.line, e->value.column);
}

int value_yaml_tree_close(struct value_yaml_tree *t, struct err *err)
{
    struct frame f = *top(t);
    t->frames.n--;
    value_build_end(&t->builder);
    TRY(check_duplicate(t, err));
    add_merged(t, f.merged_start);
    if (f.anchor > 0) {
        struct anchor *a = &t->anchors.items[f.anchor - 1];
        a->value = t->builder.stack[t->builder.n - 1].value;
        a->n_nodes = t->n_nodes - f.nodes_before;
        a->open = false;
    }
    return after_value(t, err);
}

static void forget_anchors(struct value_yaml_tree *t)
{
    t->anchors.n = 0;
    map_free(t->anchor_names);
    t->anchor_names = NULL;
}

struct value_yaml_tree_mark value_yaml_tree_mark(const struct value_yaml_tree *t)
{
    return (struct value_yaml_tree_mark){t->n_nodes, t->n_alias_nodes};
}

void value_yaml_tree_rewind(struct value_yaml_tree *t, struct value_yaml_tree_mark mark)
{
    enum value_dup dup = t->builder.dup;
    value_builder_done(&t->builder);
    value_builder_init(&t->builder, t->arena, dup);
    forget_anchors(t);
    t->frames.n = 0;
    t->merged.n = 0;
    t->n_nodes = mark.n_nodes;
    t->n_alias_nodes = mark.n_alias_nodes;
}

struct str value_yaml_tree_keep(struct value_yaml_tree *t, struct str text)
{
    return arena_str(t->arena, text);
}

const struct value *value_yaml_tree_finish(struct value_yaml_tree *t)
{
    forget_anchors(t);
    return value_build_finish(&t->builder);
}
