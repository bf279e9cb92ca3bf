/* YAML reader: documents that are plain enough go through the fast reader, all others through libyaml, whose
 * events are fed into the same tree.
 *
 * Text without directives falls apart at its "---" lines, so libyaml can be given a single document.  When
 * it finds an error there, it gets all the rest: only so the error is the one it finds in the whole text. */
#include "common/value/value_yaml.h"

#include <string.h>

#include <yaml.h>

#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value_yaml_internal.h"

struct reader {
    struct arena *arena;
    struct value_yaml_tree *tree; /* owned */
    enum value_yaml_extent extent;
    struct str text;
    VEC(struct value_yaml_doc) docs; /* in the arena */
};

/* libyaml at work on a part of the text. */
struct part {
    struct reader *reader;
    yaml_parser_t parser;
    struct str text;
    uint32_t lines_before;
    bool content;  /* the current document has a node that is not an empty scalar */
    uint32_t line; /* of the current document's first node; 0 = none yet */
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

/* The line go-yaml's message names, which is not always where the problem is; 0 = it names none. */
static int32_t go_line(const struct part *part)
{
    const yaml_parser_t *p = &part->parser;
    if (p->error == YAML_READER_ERROR) {
        return 0;
    }
    size_t line = part->lines_before + p->problem_mark.line;
    if (line != 0) {
        return (int32_t)(line + (p->error == YAML_SCANNER_ERROR ? 1 : 0));
    }
    return (int32_t)p->context_mark.line;
}

static int fail(const struct part *part, struct err *err)
{
    const yaml_parser_t *p = &part->parser;
    const char *problem = p->problem != NULL ? p->problem : "unknown problem parsing YAML content";
    (void)err_set(err, ERR_INVALID, "%s", problem);
    err->system_code = go_line(part);
    if (p->error == YAML_READER_ERROR) {
        return fail_at_offset(part->text, p->problem_offset, err);
    }
    return err_at(err, STR_EMPTY, part->lines_before + (uint32_t)p->problem_mark.line + 1,
                  (uint32_t)p->problem_mark.column + 1);
}

struct str value_yaml_error_text(struct arena *arena, const struct err *err)
{
    struct str message = str_from(err->message);
    if (str_starts_with(message, STR("json: ")) || str_starts_with(message, STR("unsupported "))) {
        return arena_str(arena, message);
    }
    if (err->system_code == 0) {
        return arena_printf(arena, "yaml: " STR_FMT, STR_ARG(message));
    }
    return arena_printf(arena, "yaml: line %d: " STR_FMT, err->system_code, STR_ARG(message));
}

/* ---- events ---- */

static struct str copy_name(struct part *part, const yaml_char_t *name)
{
    return name != NULL ? arena_str(part->reader->arena, str_from((const char *)name)) : STR_EMPTY;
}

static struct value_yaml_node node_at(const struct part *part, const yaml_event_t *e)
{
    return (struct value_yaml_node){
        .line = part->lines_before + (uint32_t)e->start_mark.line + 1,
        .column = (uint32_t)e->start_mark.column + 1,
    };
}

static int on_scalar(struct part *part, const yaml_event_t *e, struct err *err)
{
    struct value_yaml_node node = node_at(part, e);
    const char *bytes = (const char *)e->data.scalar.value;
    node.text = arena_str(part->reader->arena, str_of(bytes, e->data.scalar.length));
    node.anchor = copy_name(part, e->data.scalar.anchor);
    node.tag = value_yaml_tag_of((const char *)e->data.scalar.tag);
    node.implicit = e->data.scalar.plain_implicit;
    node.quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return value_yaml_tree_scalar(part->reader->tree, &node, err);
}

static int on_alias(struct part *part, const yaml_event_t *e, struct err *err)
{
    struct value_yaml_node node = node_at(part, e);
    node.anchor = str_from((const char *)e->data.alias.anchor);
    return value_yaml_tree_alias(part->reader->tree, &node, err);
}

static int on_start(struct part *part, const yaml_event_t *e, enum value_type type, struct err *err)
{
    struct value_yaml_node node = node_at(part, e);
    const yaml_char_t *anchor =
        type == VALUE_MAP ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
    node.anchor = copy_name(part, anchor);
    return value_yaml_tree_open(part->reader->tree, type, &node, err);
}

static int on_node(struct part *part, const yaml_event_t *e, struct err *err)
{
    if (part->line == 0) {
        part->line = part->lines_before + (uint32_t)e->start_mark.line + 1;
        part->content = e->type != YAML_SCALAR_EVENT || e->data.scalar.length > 0 ||
                        e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    }
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(part, e, err);
    case YAML_ALIAS_EVENT:
        return on_alias(part, e, err);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(part, e, VALUE_LIST, err);
    case YAML_MAPPING_START_EVENT:
        return on_start(part, e, VALUE_MAP, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return value_yaml_tree_close(part->reader->tree, err);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

/* Read to the end of the next document. 1 = there was one, 0 = end of the text. */
static int read_document(struct part *part, struct err *err)
{
    yaml_event_t e;
    yaml_event_type_t type = YAML_NO_EVENT;
    part->line = 0;
    part->content = false;
    while (type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
        if (!yaml_parser_parse(&part->parser, &e)) {
            return fail(part, err);
        }
        type = e.type;
        int rc = 0;
        if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
            type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            rc = on_node(part, &e, err);
        }
        yaml_event_delete(&e);
        TRY(rc);
    }
    return type == YAML_DOCUMENT_END_EVENT ? 1 : 0;
}

/* ---- documents ---- */

static bool has_enough(const struct reader *r)
{
    return r->extent == VALUE_YAML_FIRST && r->docs.n > 0;
}

/* The tree holds a whole document. */
static void take_document(struct reader *r, bool content, uint32_t line)
{
    struct value_yaml_doc doc = {.value = value_yaml_tree_finish(r->tree), .line = line};
    if (r->extent == VALUE_YAML_FIRST) {
        r->docs.items = arena_alloc(r->arena, sizeof(doc));
        r->docs.items[0] = doc;
        r->docs.n = r->docs.cap = 1;
    } else if (content) {
        vec_push_in(r->arena, &r->docs, doc);
    }
}

/* Read text[from, to) with libyaml; from is the start of a line. */
static int
read_part(struct reader *r, size_t from, size_t to, uint32_t lines_before, struct err *err)
{
    struct part part = {
        .reader = r,
        .text = str_sub(r->text, from, to),
        .lines_before = lines_before,
    };
    if (!yaml_parser_initialize(&part.parser)) {
        return err_set(err, ERR_INTERNAL, "YAML parser cannot start");
    }
    yaml_parser_set_input_string(
        &part.parser, (const unsigned char *)(part.text.n > 0 ? part.text.p : ""), part.text.n);
    int rc = has_enough(r) ? 0 : read_document(&part, err);
    while (rc == 1) {
        take_document(r, part.content, part.line);
        rc = has_enough(r) ? 0 : read_document(&part, err);
    }
    yaml_parser_delete(&part.parser);
    return rc;
}

/* The next line with a document's marker at or behind offset `from`, or the end; counts lines to there. */
static size_t find_marker(struct str text, size_t from, uint32_t *line)
{
    for (size_t at = from; at < text.n; at++) {
        if (text.p[at] != '\n') {
            continue;
        }
        (*line)++;
        struct str rest = str_sub(text, at + 1, text.n);
        bool ends = rest.n == 3 || (rest.n > 3 && strchr(" \t\n", rest.p[3]) != NULL);
        if (str_starts_with(rest, STR("---")) && ends) {
            return at + 1;
        }
    }
    return text.n;
}

static uint32_t count_lines(struct str text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n' ? 1 : 0;
    }
    return n;
}

/* Have libyaml read the document the fast reader gave up on, and let that go on behind it. */
static int read_document_slowly(struct reader *r, struct value_yaml_fast *fast, struct err *err)
{
    struct value_yaml_fast_place place = value_yaml_fast_place(fast);
    struct value_yaml_tree_mark mark = value_yaml_tree_mark(r->tree);
    size_t n_docs = r->docs.n;
    uint32_t line = place.line + count_lines(str_sub(r->text, place.start, place.content));
    size_t end = find_marker(r->text, place.content, &line);
    if (read_part(r, place.start, end, place.line - 1, err) == 0) {
        value_yaml_fast_seek(fast, end, line);
        return 1;
    }
    value_yaml_tree_rewind(r->tree, mark);
    r->docs.n = n_docs;
    return read_part(r, place.start, r->text.n, place.line - 1, err);
}

/* One document in the best way; 1 = go on, 0 = that was all. */
static int read_next(struct reader *r, struct value_yaml_fast *fast, struct err *err)
{
    struct value_yaml_tree_mark mark = value_yaml_tree_mark(r->tree);
    bool content = false;
    uint32_t line = 0;
    switch (value_yaml_fast_read(fast, &content, &line)) {
    case VALUE_YAML_FAST_DOCUMENT:
        take_document(r, content, line);
        return 1;
    case VALUE_YAML_FAST_GIVE_UP:
        value_yaml_tree_rewind(r->tree, mark);
        return read_document_slowly(r, fast, err);
    case VALUE_YAML_FAST_END:
        break;
    }
    return 0;
}

static int read_all(struct reader *r, enum value_yaml_reader how, struct err *err)
{
    struct value_yaml_fast *fast =
        how == VALUE_YAML_READER_BEST ? value_yaml_fast_new(r->arena, r->tree, r->text) : NULL;
    if (fast == NULL) {
        return read_part(r, 0, r->text.n, 0, err);
    }
    int rc = 1;
    while (rc == 1 && !has_enough(r)) {
        rc = read_next(r, fast, err);
    }
    return rc < 0 ? rc : 0;
}

/* ---- entry points ---- */

int value_yaml_read(struct arena *arena,
                    struct str text,
                    const struct value_yaml_opts *opts,
                    enum value_yaml_reader reader,
                    enum value_yaml_extent extent,
                    struct value_yaml_docs *ret,
                    struct err *err)
{
    static const struct value_yaml_opts DEFAULTS = {0};
    opts = opts != NULL ? opts : &DEFAULTS;
    size_t max_bytes = opts->max_bytes != 0 ? opts->max_bytes : LIMIT_DOC_BYTES;
    if (text.n > max_bytes) {
        return err_set(err, ERR_LIMIT, "YAML of %zu bytes is larger than %zu bytes", text.n,
                       max_bytes);
    }
    struct reader r = {.arena = arena, .text = text, .extent = extent};
    r.tree = value_yaml_tree_new(arena, opts);
    int rc = read_all(&r, reader, err);
    value_yaml_tree_free(r.tree);
    TRY(rc);
    *ret = (struct value_yaml_docs){.items = r.docs.items, .n = r.docs.n};
    return 0;
}

int value_from_yaml(struct arena *arena,
                    struct str text,
                    const struct value_yaml_opts *opts,
                    const struct value **ret,
                    struct err *err)
{
    struct value_yaml_docs docs;
    TRY(value_yaml_read(arena, text, opts, VALUE_YAML_READER_BEST, VALUE_YAML_FIRST, &docs, err));
    *ret = docs.n > 0 ? docs.items[0].value : &VALUE_NULL_VALUE;
    return 0;
}

int value_from_yaml_stream(struct arena *arena,
                           struct str text,
                           const struct value_yaml_opts *opts,
                           struct value_yaml_docs *ret,
                           struct err *err)
{
    return value_yaml_read(arena, text, opts, VALUE_YAML_READER_BEST, VALUE_YAML_ALL, ret, err);
}
