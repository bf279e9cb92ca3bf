/* YAML text to trees and back, compatible with go-yaml as Helm, kustomize and kubectl use it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

/* How plain scalars and keys are understood. */
enum value_yaml_schema {
    /* go-yaml v2 as sigs.k8s.io/yaml, kubectl and Helm read: YAML 1.1 booleans ("yes", "on", "y", ...),
     * time stamps stay text, keys that are not strings become text, a merge overrides what stands
     * before it. */
    VALUE_YAML_JSON,
    /* go-yaml v3 as kustomize reads: only true and false are booleans, time stamps become RFC 3339
     * text, keys must be strings, what is written in a map wins over what is merged into it. */
    VALUE_YAML_CORE,
};

struct value_yaml_opts {
    enum value_yaml_schema schema;
    enum value_dup duplicates;
    size_t max_bytes;       /* 0 = LIMIT_DOC_BYTES */
    bool any_keys;          /* CORE: keys that are no strings count as text, as they are written */
    size_t max_nodes;       /* 0 = LIMIT_DOC_NODES; aliases count with all they stand for */
    size_t max_alias_nodes; /* 0 = LIMIT_ALIAS_NODES: of those, the ones that come from aliases */
    size_t max_depth;       /* 0 = LIMIT_DOC_DEPTH */
};

/* Parse the first document; the rest of the text is not looked at. An empty text is null.
 *
 * text  borrowed during the call only.
 * opts  NULL = all defaults.
 *
 * Every node has its line and column; strings that were quoted or a block have VALUE_QUOTED, nulls that are written as
 * nothing VALUE_BLANK. Results hold what JSON can: infinities and NaN are errors, as are tags that do not fit their text.
 * Errors: ERR_INVALID with line and column and go-yaml's wording, ERR_LIMIT. Any thread; O(text). */
MUST_CHECK int value_from_yaml(struct arena *arena,
                               struct str text,
                               const struct value_yaml_opts *opts,
                               const struct value **ret,
                               struct err *err);

/* What a failure of value_from_yaml() is called by sigs.k8s.io/yaml: "yaml: line 3: did not find ...". Its line
 * is go-yaml's count, kept in err->system_code, which may differ from the exact position. */
struct str value_yaml_error_text(struct arena *arena, const struct err *err);

struct value_yaml_doc {
    const struct value *value;
    uint32_t line; /* of the document's first node */
};

struct value_yaml_docs {
    const struct value_yaml_doc *items;
    size_t n;
};

/* Parse all documents of a stream; documents without content (only comments) are left out. Limits are
 * for the whole stream. */
MUST_CHECK int value_from_yaml_stream(struct arena *arena,
                                      struct str text,
                                      const struct value_yaml_opts *opts,
                                      struct value_yaml_docs *ret,
                                      struct err *err);

/* What an unquoted scalar of this text is read as. text: NUL-terminated, borrowed by the result. ERR_INVALID: an
 * infinity or NaN. */
MUST_CHECK int value_yaml_plain(struct arena *arena,
                                struct str text,
                                enum value_yaml_schema schema,
                                struct value *ret,
                                struct err *err);

enum value_yaml_style {
    VALUE_YAML_GO2, /* go-yaml v2: sigs.k8s.io/yaml, Helm's toYaml, kustomize: lists not indented under
                       their key, lines folded after 80 columns */
    VALUE_YAML_GO3, /* go-yaml v3 with indent 2: Helm's toYamlPretty: lists indented, no folding */
};

struct value_yaml_write {
    enum value_yaml_style style;
    bool insertion_order; /* of keys; else go-yaml's natural order */
    bool mask_sensitive;  /* "********" in place of VALUE_SENSITIVE scalars and subtrees */
};

/* Append v as one document without markers; ends with a line feed. NULL is null. opts: NULL = GO2.
 *
 * Errors: ERR_INVALID for NaN and infinities, ERR_LIMIT when the buffer's maximum was passed. */
MUST_CHECK int value_to_yaml(struct buf *b,
                             const struct value *v,
                             const struct value_yaml_write *opts,
                             struct err *err);
/* As above into an arena, at most LIMIT_DOC_BYTES. NUL-terminated. */
MUST_CHECK int value_to_yaml_in(struct arena *arena,
                                const struct value *v,
                                const struct value_yaml_write *opts,
                                struct str *ret,
                                struct err *err);
/* go-yaml's order of keys: digits by their number, letters after other characters. <0, 0, >0. */
int value_yaml_key_cmp(struct str a, struct str b, enum value_yaml_style style);
