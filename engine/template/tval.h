/* struct tval: a value while a template runs, with the Go type Helm gives it.
 *
 * Templates see types (1 is an int, a number from values.yaml a float64), change maps in place (`set`,
 * `merge`) and share them, so their data is not struct value: maps and lists are references, as in Go.
 * A tval is passed by value; what it points to lives in the arena of the execution.  Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct tcall;
struct tmethod;
struct tlist;
struct tmap;
struct tobj;
struct value;

enum tval_kind {
    TVAL_NIL, /* an interface without a value: nil, a missing key, null in YAML */
    TVAL_BOOL,
    TVAL_INT,    /* literals, len, int; also runes */
    TVAL_INT64,  /* int64, add, --set, TOML */
    TVAL_UINT64, /* parts of a semver */
    TVAL_UINT8,  /* an element of bytes */
    TVAL_FLOAT64,
    TVAL_STRING,
    TVAL_BYTES, /* []byte: a file */
    TVAL_LIST,
    TVAL_MAP,
    TVAL_TIME,
    TVAL_DURATION, /* int64 nanoseconds */
    TVAL_MONTH,    /* an int with a name */
    TVAL_WEEKDAY,  /* likewise */
    TVAL_OBJECT,   /* a struct or pointer with fields and methods */
    TVAL_KIND_COUNT
};

/* Seconds since 1970 and the zone it is shown in. */
struct tval_time {
    int64_t s;
    int32_t ns;
    int32_t offset_s; /* of the zone at that moment */
    char zone[16];    /* "UTC", "CET", "datetime-local" */
};

struct tval {
    enum tval_kind kind;
    union {
        bool b;
        int64_t i; /* INT, INT64, UINT8, DURATION, MONTH, WEEKDAY */
        uint64_t u;
        double f;
        struct str s;           /* STRING, BYTES */
        struct tlist *list;     /* NULL = a nil slice */
        struct tmap *map;       /* never NULL */
        struct tobj *obj;       /* never NULL */
        struct tval_time *time; /* never NULL, immutable */
    };
};

/* Element type of a list or map. It shows in typeOf, in error texts and in what a missing key gives. */
enum tval_elem {
    TVAL_OF_ANY,    /* interface {}: missing keys are nil */
    TVAL_OF_STRING, /* missing keys are "" */
    TVAL_OF_INT,
    TVAL_OF_BYTES, /* of .Files */
    TVAL_OF_MAP,   /* map[string]interface {} */
    TVAL_OF_LIST,  /* []interface {} */
    TVAL_ELEM_COUNT
};

/* Lists share their items after `slice`, as Go's slices do. */
struct tlist {
    struct tval *items;
    size_t n;
    enum tval_elem elem;
    bool is_nil;                /* a nil slice with a type: JSON has null for it */
    const struct tclass *class; /* .Capabilities.APIVersions; NULL = a plain list */
    void *class_data;
};

/* Members that a map or object has beside its keys: .Files.Get, .Capabilities.APIVersions.Has. */
struct tclass {
    const char *type; /* as typeOf prints it: "*semver.Version", "common.Values" */
    const char *kind; /* as kindOf prints it: "struct", "ptr", "map", "slice" */
    /* A field; false: there is none of the name. NULL = has none. */
    bool (*field)(struct tcall *call, void *data, struct str name, struct tval *ret);
    const struct tmethod *methods; /* func.h; up to one without a name; NULL = has none */
    /* As %v prints it; NULL for maps and lists. */
    void (*print)(const void *data, struct buf *out);
    /* An object as encoding/json sees it; NULL: a string, what print prints. */
    struct tval (*to_json)(struct arena *arena, const void *data);
};

struct tobj {
    const struct tclass *class;
    void *data;
};

/* ---- making ---- */

static inline struct tval tval_nil(void)
{
    return (struct tval){.kind = TVAL_NIL};
}

static inline struct tval tval_bool(bool b)
{
    return (struct tval){.kind = TVAL_BOOL, .b = b};
}

static inline struct tval tval_int(int64_t i)
{
    return (struct tval){.kind = TVAL_INT, .i = i};
}

static inline struct tval tval_int64(int64_t i)
{
    return (struct tval){.kind = TVAL_INT64, .i = i};
}

static inline struct tval tval_float(double f)
{
    return (struct tval){.kind = TVAL_FLOAT64, .f = f};
}

/* Borrows the bytes: they live as long as the execution. */
static inline struct tval tval_str(struct str s)
{
    return (struct tval){.kind = TVAL_STRING, .s = s};
}

static inline struct tval tval_map(struct tmap *map)
{
    return (struct tval){.kind = TVAL_MAP, .map = map};
}

struct tval tval_obj(struct arena *arena, const struct tclass *class, void *data);
/* A list with room for n items, all nil; n items counted. */
struct tval tval_list_new(struct arena *arena, enum tval_elem elem, size_t n);
/* A list of strings, borrowed. */
struct tval tval_strings(struct arena *arena, const struct str *items, size_t n);

/* ---- maps ---- */

/* class NULL: a plain map[string]T. data is for the class. */
struct tmap *
tmap_new(struct arena *arena, enum tval_elem elem, const struct tclass *class, void *data);
/* A nil map of Go: empty, null in JSON, and not to be set by templates. */
struct tmap *tmap_new_nil(struct arena *arena, enum tval_elem elem);
bool tmap_is_nil(const struct tmap *map);
/* The same map as a value of another type, .Values: what is set in one is in the other. Data of the class is the
 * map itself, without a class. */
struct tmap *tmap_as(struct arena *arena, struct tmap *map, const struct tclass *class);
/* What tmap_as() was given; else the map itself. */
struct tmap *tmap_base(struct tmap *map);
/* Where its entries live. */
struct arena *tmap_arena(const struct tmap *map);
size_t tmap_len(const struct tmap *map);
enum tval_elem tmap_elem(const struct tmap *map);
const struct tclass *tmap_class(const struct tmap *map);
void *tmap_data(const struct tmap *map);
/* NULL: there is none. Valid until the map changes. */
struct tval *tmap_find(const struct tmap *map, struct str key);
/* The value, or the zero of the element type. */
struct tval tmap_get(const struct tmap *map, struct str key);
/* Copies the key into the map's arena. */
void tmap_set(struct tmap *map, struct str key, struct tval v);
/* As above for a key that lives as long as the map. */
void tmap_set_borrowed(struct tmap *map, struct str key, struct tval v);
/* False: there was none. */
bool tmap_remove(struct tmap *map, struct str key);
/* Room for n entries in a map that is empty and new. */
void tmap_reserve(struct tmap *map, size_t n);
/* A map with the same entries, the values shared. Keys must live as long as the clone. */
struct tmap *tmap_clone(struct arena *arena, const struct tmap *map);
/* The next entry in no order from *at on (start with 0); false at the end. The map must not change meanwhile,
 * the value may. */
bool tmap_next(const struct tmap *map, size_t *at, struct str *ret_key, struct tval **ret);
/* The keys in bytewise order, a snapshot. */
struct str *tmap_keys(const struct tmap *map, struct arena *arena, size_t *ret_n);

/* ---- types and truth ---- */

/* Go's type as reflect prints it: "string", "float64", "map[string]interface {}"; nil: "<nil>". */
struct str tval_type_name(struct arena *arena, struct tval v);
/* "invalid", "string", "int", "map", "slice", "struct", "ptr". */
const char *tval_kind_name(struct tval v);
/* text/template's rule; also what sprig calls not empty. */
bool tval_true(struct tval v);
/* reflect.DeepEqual: types must match. */
bool tval_equal(struct tval a, struct tval b);
/* Items of a list or map, bytes of a string; -1 for what has no length. */
int64_t tval_len(struct tval v);
/* Item i of a list, bytes too. */
struct tval tval_at(struct tval list, size_t i);
bool tval_is_list(struct tval v); /* LIST or BYTES */

/* ---- conversion ---- */

/* %v: what {{ . }} prints, but "<nil>" for nil. Bytes inside out->max_bytes. */
void tval_print(struct buf *out, struct tval v);
/* sprig's toString: bytes are text, all else is as %v. */
struct str tval_text(struct arena *arena, struct tval v);
/* As %v prints a float64: the shortest digits that read back, with an exponent below -4 or from 6 on. */
void tval_print_float(struct buf *out, double f);
/* time.Duration's String: "1m30s". */
void tval_print_duration(struct buf *out, int64_t ns);
/* strconv.Quote, as %q and quote print strings. */
void tval_quote(struct buf *out, struct str s);
enum tval_quoting { TVAL_QUOTE_UNICODE, TVAL_QUOTE_ASCII /* \u for all that is not ASCII */ };
/* As above with ' or " around it. */
void tval_quote_as(struct buf *out, struct str s, char quote, enum tval_quoting quoting);
/* spf13/cast ToInt64, ToInt and ToFloat64 with sprig's rules; 0 for what is no number. */
int64_t tval_to_int64(struct tval v);
double tval_to_float(struct tval v);
/* strconv.ParseInt(text, 0, 64): with 0x, 0b, 0o or 0 before the digits, and underscores between; false: it is
 * none, or out of range. */
bool tval_parse_int(struct str text, int64_t *ret);
/* strconv.ParseFloat(text, 64), likewise. */
bool tval_parse_float(struct str text, double *ret);

/* Data of YAML or JSON as Helm reads it: every number a float64, or (ints) integers as int64. Deep copy:
 * the result may be changed. Strings are borrowed. */
struct tval tval_from_value(struct arena *arena, const struct value *v, bool ints);
/* Back to a tree for JSON and YAML: maps sorted by key, times and objects as Go's encoding/json writes
 * them. ERR_INVALID for NaN and infinities, ERR_LIMIT for loops. */
MUST_CHECK int
tval_to_value(struct arena *arena, struct tval v, const struct value **ret, struct err *err);
/* Deep copy of maps and lists. */
struct tval tval_copy(struct arena *arena, struct tval v);
