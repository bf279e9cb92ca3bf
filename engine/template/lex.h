/* Tokens of templates, as text/template/parse scans them. Not thread-safe; borrows the text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/str.h"
#include "engine/template/ast.h"

enum lex_type {
    LEX_ERROR, /* the text of the token says what is wrong; nothing follows */
    LEX_EOF,
    LEX_TEXT,
    LEX_LEFT,  /* {{ */
    LEX_RIGHT, /* }} */
    LEX_SPACE,
    LEX_LEFT_PAREN,
    LEX_RIGHT_PAREN,
    LEX_PIPE,
    LEX_ASSIGN,  /* = */
    LEX_DECLARE, /* := */
    LEX_CHAR,    /* other printable ASCII: a comma */
    LEX_BOOL,
    LEX_RUNE,
    LEX_NUMBER,
    LEX_COMPLEX,
    LEX_STRING,
    LEX_RAW_STRING,
    LEX_IDENTIFIER,
    LEX_FIELD,    /* .name */
    LEX_VARIABLE, /* $ or $name */
    LEX_KEYWORD,  /* those that follow are shown as <keyword> */
    LEX_DOT,
    LEX_BLOCK,
    LEX_BREAK,
    LEX_CONTINUE,
    LEX_DEFINE,
    LEX_ELSE,
    LEX_END,
    LEX_IF,
    LEX_NIL,
    LEX_RANGE,
    LEX_TEMPLATE,
    LEX_WITH,
    LEX_TYPE_COUNT
};

struct lex_token {
    enum lex_type type;
    struct tpos pos; /* where it starts */
    struct str text; /* as written */
};

struct lex {
    struct arena *arena; /* of error texts */
    struct str text;
    size_t at;    /* scanned so far */
    size_t start; /* of the token being scanned */
    uint32_t paren_depth;
    bool in_action;
    struct lex_token failed; /* LEX_ERROR once that was given */
};

void lex_init(struct lex *l, struct arena *arena, struct str text);
/* After LEX_ERROR or LEX_EOF the same again. */
struct lex_token lex_next(struct lex *l);
/* As errors show a token: "unexpected <end> in operand". */
struct str lex_token_format(struct arena *arena, const struct lex_token *token);
