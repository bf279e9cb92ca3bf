/* What the YAML files share: scalar resolution, and the tree that both parsers feed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/value/value_yaml.h"

/* ---- scalars ---- */

/* The tags that change what a scalar means. */
enum value_yaml_tag {
    VALUE_YAML_TAG_NONE,
    VALUE_YAML_TAG_STR,
    VALUE_YAML_TAG_BOOL,
    VALUE_YAML_TAG_INT,
    VALUE_YAML_TAG_FLOAT,
    VALUE_YAML_TAG_NULL,
    VALUE_YAML_TAG_TIMESTAMP,
    VALUE_YAML_TAG_BINARY,
    VALUE_YAML_TAG_MERGE,
    VALUE_YAML_TAG_OTHER, /* ignored */
    VALUE_YAML_TAG_COUNT
};

/* "tag:yaml.org,2002:int" and so on; NULL = none. */
enum value_yaml_tag value_yaml_tag_of(const char *tag);

/* What a plain text is read as. */
enum value_yaml_kind {
    VALUE_YAML_IS_STR,
    VALUE_YAML_IS_NULL,
    VALUE_YAML_IS_BOOL,
    VALUE_YAML_IS_INT,
    VALUE_YAML_IS_UINT, /* above INT64_MAX */
    VALUE_YAML_IS_FLOAT,
    VALUE_YAML_IS_TIMESTAMP,
};

struct value_yaml_plain {
    enum value_yaml_kind kind;
    bool b;
    int64_t i;
    uint64_t u;
    double f;
};

/* Cheap test: false when the text is a string for certain. */
bool value_yaml_may_resolve(struct str text);
void value_yaml_resolve_plain(struct str text,
                              enum value_yaml_schema schema,
                              struct value_yaml_plain *ret);
/* A time stamp in one of go-yaml's forms, and it as RFC 3339 with nanoseconds. */
enum { VALUE_YAML_TIME_BYTES = 64 };
bool value_yaml_timestamp(struct str text, char ret_rfc3339[VALUE_YAML_TIME_BYTES]);
/* "1:30", which YAML 1.1 parsers read as 90. */
bool value_yaml_is_base60(struct str text);

/* ---- the tree ---- */

struct value_yaml_node {
    struct str text;   /* of a scalar; NUL-terminated, in the arena */
    struct str anchor; /* n = 0: none; valid as long as the arena */
    enum value_yaml_tag tag;
    bool implicit; /* a scalar whose text decides its type: plain, without tag */
    bool quoted;
    uint32_t line;
    uint32_t column;
};

struct value_yaml_tree;

struct value_yaml_tree *value_yaml_tree_new(struct arena *arena,
                                            const struct value_yaml_opts *opts);
void value_yaml_tree_free(struct value_yaml_tree *t);
DEFINE_CLEANUP(value_yaml_tree, struct value_yaml_tree, value_yaml_tree_free);

MUST_CHECK int value_yaml_tree_scalar(struct value_yaml_tree *t,
                                      const struct value_yaml_node *node,
                                      struct err *err);
MUST_CHECK int value_yaml_tree_alias(struct value_yaml_tree *t,
                                     const struct value_yaml_node *node,
                                     struct err *err);
MUST_CHECK int value_yaml_tree_open(struct value_yaml_tree *t,
                                    enum value_type type,
                                    const struct value_yaml_node *node,
                                    struct err *err);
MUST_CHECK int value_yaml_tree_close(struct value_yaml_tree *t, struct err *err);
/* The document is complete; anchors are forgotten, the budget goes on. */
const struct value *value_yaml_tree_finish(struct value_yaml_tree *t);
/* Where the budget stands between two documents, to begin one again. */
struct value_yaml_tree_mark {
    size_t n_nodes;
    size_t n_alias_nodes;
};

struct value_yaml_tree_mark value_yaml_tree_mark(const struct value_yaml_tree *t);
/* Forget what was read of the document that began at the mark. */
void value_yaml_tree_rewind(struct value_yaml_tree *t, struct value_yaml_tree_mark mark);
/* A terminated copy in the tree's arena. */
struct str value_yaml_tree_keep(struct value_yaml_tree *t, struct str text);

/* ---- the fast reader (value_yaml_fast.c) ---- */

struct value_yaml_fast;

enum value_yaml_fast_result {
    VALUE_YAML_FAST_DOCUMENT, /* one was read into the tree, which is to be finished */
    VALUE_YAML_FAST_END,
    VALUE_YAML_FAST_GIVE_UP, /* the document is for libyaml; the tree has to be rewound */
};

/* NULL when the whole text is for libyaml. The text is copied, but borrowed too until the last read. */
struct value_yaml_fast *
value_yaml_fast_new(struct arena *arena, struct value_yaml_tree *tree, struct str text);
/* Read the next document; whether it has content, and the line of its first node. */
enum value_yaml_fast_result
value_yaml_fast_read(struct value_yaml_fast *fast, bool *ret_content, uint32_t *ret_line);

/* Of the document read last, successfully or not. */
struct value_yaml_fast_place {
    size_t start;   /* offset of its first line, markers and comments before it included */
    size_t content; /* offset behind its marker */
    uint32_t line;  /* of start */
};
struct value_yaml_fast_place value_yaml_fast_place(const struct value_yaml_fast *fast);
/* Go on at the start of a line. */
void value_yaml_fast_seek(struct value_yaml_fast *fast, size_t offset, uint32_t line);

/* ---- the readers together ---- */

enum value_yaml_reader {
    VALUE_YAML_READER_BEST,
    VALUE_YAML_READER_LIBYAML, /* for tests: the one that defines what is right */
};

enum value_yaml_extent { VALUE_YAML_FIRST, VALUE_YAML_ALL };

/* What value_from_yaml() and value_from_yaml_stream() do; with VALUE_YAML_FIRST a document without content
 * counts too. */
MUST_CHECK int value_yaml_read(struct arena *arena,
                               struct str text,
                               const struct value_yaml_opts *opts,
                               enum value_yaml_reader reader,
                               enum value_yaml_extent extent,
                               struct value_yaml_docs *ret,
                               struct err *err);

/* ---- writing scalars (value_yaml_emit.c) ---- */

enum { VALUE_YAML_INDENT = 2 };

struct value_yaml_emitter {
    struct buf *b;
    const struct value_yaml_write *opts;
    size_t column;   /* characters */
    size_t width;    /* fold after this column */
    int indent;      /* -1 = outside of everything */
    bool whitespace; /* the last character was a blank */
    bool indention;  /* only blanks and indicators on this line so far */
};

enum value_yaml_indicator { VALUE_YAML_INLINE, VALUE_YAML_KEEPS_INDENTION };

/* A new line, unless this one has nothing on it, and blanks up to the indentation. */
void value_yaml_put_indent(struct value_yaml_emitter *e);
/* "-", "?", an opening quote: with a blank before it where one is needed. */
void value_yaml_put_indicator(struct value_yaml_emitter *e,
                              const char *text,
                              enum value_yaml_indicator kind);
/* ":", a closing quote: without. */
void value_yaml_put_close(struct value_yaml_emitter *e, char c);
/* A string in the style it needs. Keys of the usual form are never folded. */
void value_yaml_put_string(struct value_yaml_emitter *e, struct str text, bool simple_key);
/* What is no string: numbers, null, [], {}. */
void value_yaml_put_word(struct value_yaml_emitter *e, struct str text);
/* False when the key takes the "? " form. */
bool value_yaml_is_simple_key(struct str key);
