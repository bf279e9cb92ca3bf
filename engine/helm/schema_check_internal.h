/* Schemas applied to values, and what comes out. */
#pragma once

#include "engine/helm/schema_internal.h"

/* ---- schema_problem.c ---- */

struct schema_problem;

struct schema_problems {
    struct schema_problem *first;
    struct schema_problem *last;
    size_t n;
};

enum schema_problem_kind {
    SCHEMA_PROBLEM_RULE,
    SCHEMA_PROBLEM_GROUP,     /* several at one place */
    SCHEMA_PROBLEM_REFERENCE, /* not shown when it has one cause */
};

struct schema_problem {
    enum schema_problem_kind kind;
    struct str path;    /* of the value, as printed */
    struct str message; /* "" = nobody wants to know */
    struct schema_problems causes;
    struct schema_problem *next;
};

void schema_problems_add(struct schema_problems *list, struct schema_problem *problem);
/* "- at ...: ...\n", causes indented below. */
MUST_CHECK int schema_problems_put(struct buf *out,
                                   const struct schema_problems *list,
                                   struct budget *budget,
                                   struct err *err);
struct schema_frame;

/* Parts of messages, in the arena; empty when nobody wants to know. */
struct str schema_shown(const struct schema_frame *f,
                        struct str text); /* 'text', with Go's escapes */
struct str schema_shown_number(const struct schema_frame *f, double n);
struct str schema_shown_count(const struct schema_frame *f, int64_t n);
/* A scalar of a schema, as written there. */
struct str schema_shown_scalar(const struct schema_frame *f, const struct value *v);
/* first, second, third */
struct str schema_shown_list(const struct schema_frame *f, const struct str *parts, size_t n);

/* A problem of the frame's value. ERR_LIMIT. */
PRINTF(4, 5)
MUST_CHECK int schema_problem_new(
    struct schema_frame *f, struct schema_problem **ret, struct err *err, const char *fmt, ...);
/* The same among the frame's problems. */
PRINTF(3, 4)
MUST_CHECK int schema_add(struct schema_frame *f, struct err *err, const char *fmt, ...);
/* And with causes below. */
PRINTF(4, 5)
MUST_CHECK int schema_add_caused(struct schema_frame *f,
                                 const struct schema_problems *causes,
                                 struct err *err,
                                 const char *fmt,
                                 ...);
/* "minItems: got 3, want 2" */
MUST_CHECK int schema_add_count(
    struct schema_frame *f, const char *what, size_t got, int64_t want, struct err *err);

/* ---- schema_check.c ---- */

/* Steps from the instance's root to a value. */
struct schema_path {
    const struct schema_path *parent;
    struct str key; /* p is NULL: index */
    size_t index;
};

/* Properties or items no rule has looked at, as bits. */
struct schema_rest {
    uint64_t *bits; /* NULL = none */
    size_t n;
    uint64_t small;
};

/* A schema being applied to a value. They form a chain up to the root, which dynamic references look through. */
struct schema_frame {
    struct schema_set *set;
    const struct schema_node *node;
    const struct value *value;
    const struct schema_path *path;
    const struct schema_frame *parent;
    const char *keyword; /* "$ref": how the parent came here; NULL = a keyword inside it */
    const struct schema_node *meta; /* schemas are checked: where it begins anew */
    const struct schema_root *meta_root;
    uint32_t level; /* equal for schemas applied to the same value */
    bool is_quiet;  /* only whether there are problems is of interest */
    struct schema_rest rest;
    struct schema_problems problems;
};

/* Apply a schema to a document. Returns 0 with *ret NULL when it is satisfied. */
MUST_CHECK int schema_check(struct schema_set *set,
                            const struct schema_node *node,
                            const struct value *value,
                            const struct schema_root *meta_root,
                            bool is_quiet,
                            struct schema_problems *ret,
                            struct err *err);

/* Apply another schema to the frame's value, or one to a value inside: problems go into *ret, NULL = none. */
MUST_CHECK int schema_check_self(struct schema_frame *f,
                                 const struct schema_node *node,
                                 const char *keyword,
                                 bool is_quiet,
                                 struct schema_problem **ret,
                                 struct err *err);
MUST_CHECK int schema_check_child(struct schema_frame *f,
                                  const struct schema_node *node,
                                  const struct value *value,
                                  struct schema_path step,
                                  struct schema_problem **ret,
                                  struct err *err);
/* The same, added to the frame's own problems. */
MUST_CHECK int
schema_add_self(struct schema_frame *f, const struct schema_node *node, struct err *err);
MUST_CHECK int schema_add_child(struct schema_frame *f,
                                const struct schema_node *node,
                                const struct value *value,
                                struct schema_path step,
                                struct err *err);
void schema_rest_evaluated(struct schema_rest *rest, size_t i);

/* schema_check_object.c, _array.c, _scalar.c: the rules for one type. */
MUST_CHECK int schema_check_object(struct schema_frame *f, struct err *err);
MUST_CHECK int schema_check_array(struct schema_frame *f, struct err *err);
MUST_CHECK int schema_check_string(struct schema_frame *f, struct err *err);
MUST_CHECK int schema_check_number(struct schema_frame *f, struct err *err);

/* ---- schema_format.c ---- */

/* NULL = nobody knows it, so everything is of it. */
const struct schema_format *schema_format_find(struct str name);
struct str schema_format_name(const struct schema_format *format);
/* ERR_INVALID with the reason when s is not of the format. */
MUST_CHECK int schema_format_check(const struct schema_format *format,
                                   struct arena *arena,
                                   struct str s,
                                   struct err *err);

/* schema_format_time.c */
MUST_CHECK int schema_format_date(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_time(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_date_time(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_duration(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_period(struct arena *arena, struct str s, struct err *err);
/* schema_format_net.c */
MUST_CHECK int schema_format_ipv4(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_ipv6(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_hostname(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_email(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_uri(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_uri_reference(struct arena *arena, struct str s, struct err *err);
MUST_CHECK int schema_format_uri_template(struct arena *arena, struct str s, struct err *err);
/* 'c' as Go's %q prints a character. */
struct str schema_format_char(struct arena *arena, uint32_t rune);
