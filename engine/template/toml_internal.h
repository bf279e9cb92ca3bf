/* What the parts of the TOML reader share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/map.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

/* A dotted key. */
struct toml_key {
    struct str *parts;
    size_t n;
    size_t cap;
};

struct toml_reader {
    struct arena *arena;
    struct budget *budget;
    struct str text;
    size_t at;
    bool at_eof;    /* the last character taken was the end */
    size_t pos;     /* behind the first part of the key read last: where errors about keys are */
    uint32_t depth; /* of arrays and inline tables */
    struct tmap *root;
    struct toml_key context; /* of the table in scope */
    struct str current_key;
    /* Paths of tables that were only implied so far, and of arrays; by path alone, as the library has it. */
    struct map *implicits;
    struct map *arrays;
    struct buf path;
};

enum { TOML_EOF = 0 }; /* as a character: the real one is refused before */

/* Where an error is said to be. */
enum toml_where {
    TOML_HERE,
    TOML_PREVIOUS_LINE,
    TOML_AT_KEY,
};

PRINTF(4, 5)
int toml_fail(struct toml_reader *r, enum toml_where where, struct err *err, const char *fmt, ...);

/* The next character, taken or not, or -ERR_INVALID for one that may not stand in TOML. */
MUST_CHECK int32_t toml_next(struct toml_reader *r, struct err *err);
MUST_CHECK int32_t toml_peek(struct toml_reader *r, struct err *err);
/* 1 = it was taken, 0 = another one follows. */
MUST_CHECK int toml_accept(struct toml_reader *r, int32_t want, struct err *err);
/* Spaces and tabs; the character behind them, not taken. */
MUST_CHECK int32_t toml_skip_blanks(struct toml_reader *r, struct err *err);

/* "'x'" or "\"x\"" as Go's %q prints it. */
struct str toml_quote_rune(struct toml_reader *r, int32_t rune);
struct str toml_quote(struct toml_reader *r, struct str s);
/* "a.b.\"c d\"" */
void toml_put_key(struct buf *out, const struct str *parts, size_t n);
/* With quotes unless it is a bare key. */
void toml_put_key_part(struct buf *out, struct str part);
void toml_put_quoted(struct buf *out, struct str s);

/* The opening quote (three of them) has been taken. */
MUST_CHECK int
toml_read_string(struct toml_reader *r, char quote, struct str *ret, struct err *err);
MUST_CHECK int
toml_read_long_string(struct toml_reader *r, char quote, struct str *ret, struct err *err);
/* Numbers, dates, true, false: the first character is not taken. */
MUST_CHECK int toml_read_plain(struct toml_reader *r, struct tval *ret, struct err *err);
/* Any kind of date and time. false: it is none. */
bool toml_parse_time(struct arena *arena, struct str text, struct tval *ret);
void toml_put_time(struct buf *out, const struct tval_time *t);

#define TOML_ZONE_DATETIME "datetime-local"
#define TOML_ZONE_DATE     "date-local"
#define TOML_ZONE_TIME     "time-local"
