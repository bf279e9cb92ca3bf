/* Schemas before they are compiled: URLs, numbers, documents and the resources in them, schemas of schemas. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/map.h"
#include "common/base/str.h"
#include "common/base/vec.h"
#include "common/value/value.h"

struct buf;
struct schema_opts;

/* ---- schema_url.c ---- */

/* What stands before and behind the first '#'. */
void schema_url_split(struct str text, struct str *ret_url, struct str *ret_fragment);
/* net/url's Parse. ERR_INVALID with its words, after "parse ...: ". */
MUST_CHECK int schema_url_check(struct arena *arena, struct str url, struct err *err);
/* net/netip's ParseAddr. ERR_INVALID with its words. */
MUST_CHECK int schema_ip_check(struct arena *arena, struct str s, struct err *err);
bool schema_url_is_absolute(struct str url);
/* Without user and port; brackets of an address stay. */
struct str schema_url_hostname(struct str url);
struct str schema_url_path(struct str url);
/* net/url's ResolveReference on URLs without fragments. */
struct str schema_url_join(struct arena *arena, struct str base, struct str ref);
/* %41 as A; false = a malformed escape. */
bool schema_url_decode(struct arena *arena, struct str text, struct str *ret);
/* url#pointer with the pointer's steps escaped. */
struct str schema_url_with(struct arena *arena, struct str url, struct str pointer);
/* pointer/step */
struct str schema_pointer_add(struct arena *arena, struct str pointer, struct str step);
struct str schema_pointer_add_index(struct arena *arena, struct str pointer, size_t i);

/* ---- schema_number.c ---- */

/* 0.d1d2... * 10^exponent, without zeros at either end; no digits = 0. */
struct schema_number {
    struct str digits;
    int64_t exponent;
    bool negative;
    bool is_set;
    double f;
};

/* Of a schema: exactly as written. Not set when v is no number. */
struct schema_number schema_number_of(struct arena *arena, const struct value *v);
/* Of values: the shortest decimal of the float it is in Go. */
struct schema_number schema_number_of_instance(struct arena *arena, const struct value *v);
int schema_number_cmp(const struct schema_number *a, const struct schema_number *b);
bool schema_number_is_integer(const struct schema_number *n);
/* a is b times an integer. False for a b with more digits than 18, beside equality. */
bool schema_number_is_multiple(const struct schema_number *a, const struct schema_number *b);
/* As golang.org/x/text prints numbers in English: 1,234.5 and 1.5 x 10^06 in small print. */
void schema_number_put(struct buf *out, double f);
void schema_number_put_count(struct buf *out, int64_t n);

/* ---- schema_load.c ---- */

enum schema_vocab {
    SCHEMA_VOCAB_CORE = 1 << 0,
    SCHEMA_VOCAB_APPLICATOR = 1 << 1,
    SCHEMA_VOCAB_UNEVALUATED = 1 << 2,
    SCHEMA_VOCAB_VALIDATION = 1 << 3,
    SCHEMA_VOCAB_META_DATA = 1 << 4,
    SCHEMA_VOCAB_FORMAT = 1 << 5, /* 2019-09 */
    SCHEMA_VOCAB_CONTENT = 1 << 6,
    SCHEMA_VOCAB_FORMAT_ANNOTATION = 1 << 7, /* 2020-12 */
    SCHEMA_VOCAB_FORMAT_ASSERTION = 1 << 8,
};

enum schema_draft {
    SCHEMA_DRAFT_4 = 4,
    SCHEMA_DRAFT_6 = 6,
    SCHEMA_DRAFT_7 = 7,
    SCHEMA_DRAFT_2019 = 2019,
    SCHEMA_DRAFT_2020 = 2020,
};

struct schema_dialect {
    enum schema_draft draft;
    unsigned vocabs; /* enum schema_vocab; 0 = the usual ones of the draft */
};

struct schema_anchor {
    struct str name;
    struct str pointer;
    bool is_dynamic;
};

/* A schema with an identifier of its own, and the root of every document. */
struct schema_resource {
    struct str pointer; /* in its document */
    struct str id;
    struct schema_dialect dialect;
    VEC(struct schema_anchor) anchors;
};

struct schema_root {
    struct str url;
    const struct value *doc;
    struct map *resources; /* by pointer: struct schema_resource */
    struct map *by_id;     /* the same by identifier */
    struct map *by_value;  /* the same by schema_key() of the value */
    struct map *is_known;  /* schema_key() of every value known to be a schema */
};

struct schema_node;

/* All schemas one validation works with. */
struct schema_set {
    struct arena *arena;
    struct budget *budget;
    const struct schema_opts *opts;
    struct map *docs;         /* by URL: struct value */
    struct map *roots;        /* by URL: struct schema_root */
    struct map *nodes;        /* by schema_key() of the value: struct schema_node */
    struct schema_node *next; /* to be compiled, oldest first */
    struct schema_node **next_end;
    bool is_meta; /* the schemas of schemas: formats count, and are not checked themselves */
    struct schema_set *meta;  /* made when needed */
    struct schema_set *owner; /* whose schemas of schemas these are; itself when they are none */
    unsigned depth;           /* of schemas being applied: see LIMIT_SCHEMA_DEPTH */
    struct buf *report;       /* where the text of what is wrong with a schema goes */
    size_t problem_bytes;     /* see LIMIT_SCHEMA_PROBLEM_BYTES */
};

void schema_set_init(struct schema_set *set,
                     struct arena *arena,
                     struct budget *budget,
                     const struct schema_opts *opts,
                     struct buf *report);
/* A map's key for a value: its address. */
struct str schema_key(const struct value *const *v);

MUST_CHECK int
schema_root_get(struct schema_set *set, struct str url, struct schema_root **ret, struct err *err);
/* The resource that the value at the pointer belongs to. */
struct schema_resource *schema_root_resource(const struct schema_root *root, struct str pointer);
/* The value at a pointer. ERR_INVALID. */
MUST_CHECK int schema_root_lookup(struct arena *arena,
                                  const struct schema_root *root,
                                  struct str pointer,
                                  const struct value **ret,
                                  struct err *err);
/* What a reference from inside a resource means. */
MUST_CHECK int schema_root_resolve(struct schema_set *set,
                                   struct schema_root *root,
                                   struct str base,
                                   struct str ref,
                                   struct schema_root **ret_root,
                                   struct str *ret_pointer,
                                   struct err *err);
/* What a reference led to is a schema, though no keyword says so. */
MUST_CHECK int schema_root_add(struct schema_set *set,
                               struct schema_root *root,
                               struct str pointer,
                               const struct value *v,
                               struct err *err);
bool schema_has_vocab(const struct schema_dialect *dialect, enum schema_vocab vocab);

/* ---- schema_meta.c ---- */

/* The draft that a "$schema" names; 0 = none of the known. */
enum schema_draft schema_meta_draft(struct str url);
const char *schema_meta_url(enum schema_draft draft);
/* The vocabulary a URL names; 0 = unknown. */
unsigned schema_meta_vocab(enum schema_draft draft, struct str url);
/* A schema of schemas by its URL; *ret stays NULL when it is none. */
MUST_CHECK int
schema_meta_doc(struct arena *arena, struct str url, const struct value **ret, struct err *err);
/* What schemas of a dialect are checked against. */
MUST_CHECK int schema_meta_node(struct schema_set *set,
                                const struct schema_dialect *dialect,
                                struct schema_node **ret,
                                struct err *err);
