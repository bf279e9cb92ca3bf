/* YAML reader: the events of libyaml, document by document, into a tree. */
#include "common/value/value_yaml.h"

#include <string.h>

#include <yaml.h>

#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value_yaml_internal.h"

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct value_yaml_tree *tree; /* owned */
    struct str text;
    bool content;  /* the current document has a node that is not an empty scalar */
    uint32_t line; /* of the current document's first node */
};

/* ---- errors ---- */

/* libyaml gives encoding errors an offset only. */
static int fail_at_offset(struct str text, size_t offset, struct err *err)
{
    struct str before = str_sub(text, 0, offset);
    uint32_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i < before.n; i++) {
        if (before.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return err_at(err, STR_EMPTY, line, (uint32_t)(before.n - start) + 1);
}

static int fail(const struct reader *r, struct err *err)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem != NULL ? p->problem : "unknown problem parsing YAML content";
    (void)err_set(err, ERR_INVALID, "%s", problem);
    if (p->error == YAML_READER_ERROR) {
        return fail_at_offset(r->text, p->problem_offset, err);
    }
    return err_at(err, STR_EMPTY, (uint32_t)p->problem_mark.line + 1,
                  (uint32_t)p->problem_mark.column + 1);
}

/* ---- events ---- */

static struct str copy_name(struct reader *r, const yaml_char_t *name)
{
    return name != NULL ? arena_str(r->arena, str_from((const char *)name)) : STR_EMPTY;
}

static struct value_yaml_node node_at(const yaml_event_t *e)
{
    return (struct value_yaml_node){
        .line = (uint32_t)e->start_mark.line + 1,
        .column = (uint32_t)e->start_mark.column + 1,
    };
}

static int on_scalar(struct reader *r, const yaml_event_t *e, struct err *err)
{
    struct value_yaml_node node = node_at(e);
    const char *bytes = (const char *)e->data.scalar.value;
    node.text = arena_str(r->arena, str_of(bytes, e->data.scalar.length));
    node.anchor = copy_name(r, e->data.scalar.anchor);
    node.tag = value_yaml_tag_of((const char *)e->data.scalar.tag);
    node.implicit = e->data.scalar.plain_implicit;
    node.quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return value_yaml_tree_scalar(r->tree, &node, err);
}

static int on_alias(struct reader *r, const yaml_event_t *e, struct err *err)
{
    struct value_yaml_node node = node_at(e);
    node.anchor = str_from((const char *)e->data.alias.anchor);
    return value_yaml_tree_alias(r->tree, &node, err);
}

static int on_start(struct reader *r, const yaml_event_t *e, enum value_type type, struct err *err)
{
    struct value_yaml_node node = node_at(e);
    const yaml_char_t *anchor =
        type == VALUE_MAP ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
    node.anchor = copy_name(r, anchor);
    return value_yaml_tree_open(r->tree, type, &node, err);
}

static int on_node(struct reader *r, const yaml_event_t *e, struct err *err)
{
    if (r->line == 0) {
        r->line = (uint32_t)e->start_mark.line + 1;
        r->content = e->type != YAML_SCALAR_EVENT || e->data.scalar.length > 0 ||
                     e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    }
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(r, e, err);
    case YAML_ALIAS_EVENT:
        return on_alias(r, e, err);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(r, e, VALUE_LIST, err);
    case YAML_MAPPING_START_EVENT:
        return on_start(r, e, VALUE_MAP, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return value_yaml_tree_close(r->tree, err);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

/* Read to the end of the next document. 1 = there was one, 0 = end of the stream. */
static int read_document(struct reader *r, struct err *err)
{
    yaml_event_t e;
    yaml_event_type_t type = YAML_NO_EVENT;
    r->line = 0;
    r->content = false;
    while (type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
        if (!yaml_parser_parse(&r->parser, &e)) {
            return fail(r, err);
        }
        type = e.type;
        int rc = 0;
        if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
            type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            rc = on_node(r, &e, err);
        }
        yaml_event_delete(&e);
        TRY(rc);
    }
    return type == YAML_DOCUMENT_END_EVENT ? 1 : 0;
}

/* ---- entry points ---- */

static const struct value_yaml_opts DEFAULTS = {0};

static int reader_init(struct reader *r,
                       struct arena *arena,
                       struct str text,
                       const struct value_yaml_opts *opts,
                       struct err *err)
{
    size_t max_bytes = opts->max_bytes != 0 ? opts->max_bytes : LIMIT_DOC_BYTES;
    if (text.n > max_bytes) {
        return err_set(err, ERR_LIMIT, "YAML of %zu bytes is larger than %zu bytes", text.n,
                       max_bytes);
    }
    *r = (struct reader){.arena = arena, .text = text};
    if (!yaml_parser_initialize(&r->parser)) {
        return err_set(err, ERR_INTERNAL, "YAML parser cannot start");
    }
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)(text.n > 0 ? text.p : ""),
                                 text.n);
    r->tree = value_yaml_tree_new(arena, opts);
    return 0;
}

static void reader_done(struct reader *r)
{
    value_yaml_tree_free(r->tree);
    yaml_parser_delete(&r->parser);
}

int value_from_yaml(struct arena *arena,
                    struct str text,
                    const struct value_yaml_opts *opts,
                    const struct value **ret,
                    struct err *err)
{
    struct reader r;
    TRY(reader_init(&r, arena, text, opts != NULL ? opts : &DEFAULTS, err));
    int rc = read_document(&r, err);
    if (rc == 1) {
        *ret = value_yaml_tree_finish(r.tree);
    } else if (rc == 0) {
        *ret = &VALUE_NULL_VALUE;
    }
    reader_done(&r);
    return rc < 0 ? rc : 0;
}

int value_from_yaml_stream(struct arena *arena,
                           struct str text,
                           const struct value_yaml_opts *opts,
                           struct value_yaml_docs *ret,
                           struct err *err)
{
    VEC(struct value_yaml_doc) docs = {0};
    struct reader r;
    TRY(reader_init(&r, arena, text, opts != NULL ? opts : &DEFAULTS, err));
    int rc = read_document(&r, err);
    while (rc == 1) {
        struct value_yaml_doc doc = {.value = value_yaml_tree_finish(r.tree), .line = r.line};
        if (r.content) {
            vec_push_in(arena, &docs, doc);
        }
        rc = read_document(&r, err);
    }
    reader_done(&r);
    TRY(rc);
    *ret = (struct value_yaml_docs){.items = docs.items, .n = docs.n};
    return 0;
}
