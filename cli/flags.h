/* Command line flags by tables: a struct of values, and a row for each of its fields.
 *
 *     struct list_flags { const char *selector; struct flag_list projects; bool quiet; };
 *     static const struct flag_row LIST_ROWS[] = {
 *         {"selector", 'l', FLAG_STR, offsetof(struct list_flags, selector), "LABELS", NULL, "..."},
 *     };
 *     const struct flag_set LIST_FLAGS = FLAG_SET(struct list_flags, LIST_ROWS);
 *
 * Written as "--name value", "--name=value", "-n value", "-nvalue", and "--name", "--name=false" or "-n" for
 * switches; "--" ends the flags. A flag given again replaces its value, or adds to its list. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct buf;

enum flag_type {
    FLAG_BOOL,     /* bool */
    FLAG_STR,      /* const char *; NULL = not given */
    FLAG_LIST,     /* struct flag_list */
    FLAG_INT,      /* int64_t */
    FLAG_DURATION, /* int64_t milliseconds: Go's durations, a plain number is seconds */
    FLAG_TYPE_COUNT
};

struct flag_list {
    const char **items;
    size_t n;
};

struct flag_row {
    const char *name;
    char letter; /* 0 = none */
    enum flag_type type;
    size_t offset;   /* of the field in the struct */
    const char *arg; /* placeholder; "a|b|c" allows only these words; NULL for switches */
    const char *def; /* the default as text; NULL = none, 0, false */
    const char *doc; /* a phrase for the help */
};

struct flag_set {
    const struct flag_row *rows;
    size_t n;
    size_t size_bytes; /* of the struct */
};

#define FLAG_SET(type, rows)                  \
    {                                         \
        (rows), ARRAY_LEN(rows), sizeof(type) \
    }

/* A set and the struct it fills. */
struct flag_target {
    const struct flag_set *set;
    void *values;
};

/* The set's struct, in the arena, with all defaults (which must parse: assert). */
void *flags_new(struct arena *arena, const struct flag_set *set);

enum flags_until {
    FLAGS_ALL,         /* everything that is not a flag is collected in ret_args */
    FLAGS_TO_ARGUMENT, /* stop before the first argument */
};

/* Read args[0..n). ret_n: how many were used up; ret_args (may be NULL with FLAGS_TO_ARGUMENT): the
 * arguments that are no flags. Strings are borrowed from args.
 * ERR_INVALID: unknown flag (with the nearest one), missing or malformed value. */
MUST_CHECK int flags_parse(struct arena *arena,
                           const struct flag_target *targets,
                           size_t n_targets,
                           enum flags_until until,
                           struct flag_list args,
                           size_t *ret_n,
                           struct flag_list *ret_args,
                           struct err *err);

/* The lines of a help text: "  -o, --output FORMAT   what (default x)". */
void flags_help(const struct flag_set *set, struct buf *out);

/* Words of a text as a shell splits them, quotes and backslashes included. ERR_INVALID: open quote. */
MUST_CHECK int
flags_split(struct arena *arena, struct str text, struct flag_list *ret, struct err *err);
