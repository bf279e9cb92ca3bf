/* The syntax tree of templates, as text/template/parse has it. Nodes live in the arena of their set and are
 * immutable after parsing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct tfunc;
struct tnode;

enum tnode_type {
    TNODE_TEXT,
    TNODE_ACTION, /* {{ pipe }} */
    TNODE_IF,
    TNODE_WITH,
    TNODE_RANGE,
    TNODE_BREAK,
    TNODE_CONTINUE,
    TNODE_TEMPLATE,
    TNODE_TYPE_COUNT
};

enum tterm_type {
    TTERM_DOT,
    TTERM_NIL,
    TTERM_LITERAL,    /* bool, string, rune, number */
    TTERM_FIELD,      /* .A.B: names */
    TTERM_VARIABLE,   /* $x.A.B: names[0] is "$x" */
    TTERM_IDENTIFIER, /* a function */
    TTERM_CHAIN,      /* (pipe).A.B or "x".A: of + names */
    TTERM_PIPE,       /* ( pipe ) */
    TTERM_TYPE_COUNT
};

/* The slot of a variable that the parser has seen, but that has no value where it is used or assigned: in
 * `{{$x := $x}}`. Go's executor says "undefined variable: $x". */
#define TSLOT_UNDEFINED UINT32_MAX

/* Where in the text of the file. */
struct tpos {
    uint32_t offset;
};

/* The same for error messages. */
struct tplace {
    uint32_t line;   /* from 1 */
    uint32_t column; /* bytes from the start of the line, from 0, as Go prints it */
};

struct tterm {
    enum tterm_type type;
    /* A number literal: what it can be (1e3 may be given for an int). */
    bool is_int;
    bool is_float;
    bool is_number;
    bool is_char;
    struct tpos pos;
    struct str text; /* as written: literals and identifiers */
    union {
        struct { /* LITERAL */
            /* As typed when nothing asks for a type: int, float64, string, bool. TVAL_UINT64: a number too
             * large, "TEXT overflows int" unless a float is asked for. */
            struct tval literal;
            int64_t int_value;
            double float_value;
        };
        struct { /* FIELD, VARIABLE, CHAIN */
            const struct str *names;
            size_t n_names;
            const struct tterm *of; /* CHAIN */
            uint32_t
                slot; /* VARIABLE: its place on the stack of variables, resolved when parsed; 0 is $ */
        };
        struct tpipe *pipe;       /* PIPE */
        const struct tfunc *func; /* IDENTIFIER, bound when parsed */
    };
};

struct tcmd {
    const struct tterm *args; /* args[0] is the operand or function */
    size_t n;
    struct tpos pos;
};

struct tpipe {
    const struct tcmd *cmds;
    size_t n;
    /* Declared or assigned variables, at most two. */
    struct str vars[2];
    uint32_t slots[2];
    size_t n_vars;
    bool is_assign; /* = instead of := */
    struct tpos pos;
};

struct tnodes {
    const struct tnode *items;
    size_t n;
};

struct tnode {
    enum tnode_type type;
    uint32_t
        n_slots; /* variables on the stack when the node begins; what it declares goes at its end */
    struct tpos pos;
    struct tpipe *pipe; /* ACTION, IF, WITH, RANGE; TEMPLATE: NULL without one */
    union {
        struct str text; /* TEXT; name of TEMPLATE */
        struct {         /* IF, WITH, RANGE */
            struct tnodes body;
            struct tnodes other; /* else; items NULL: there is none */
        };
    };
};

/* One define, or the text of a file outside of defines. */
struct tdef {
    struct str name; /* as in {{ define "name" }} or the file's */
    struct str file; /* where the text stands, for messages */
    struct str text; /* of the file */
    struct tnodes body;
    uint32_t max_slots; /* variables at most at a time, $ included */
    bool blank;         /* only white space and comments: never replaces another */
};

/* White space only. */
bool tnodes_blank(const struct tnodes *body);
struct tplace tpos_place(struct str text, struct tpos pos);

/* Text of nodes as Go re-prints them for "at <...>"; Go 1.26 cuts nothing. */
void tterm_format(const struct tterm *term, struct buf *out);
void tcmd_format(const struct tcmd *cmd, struct buf *out);
void tpipe_format(const struct tpipe *pipe, struct buf *out);
void tnode_format(const struct tnode *node, struct buf *out);
