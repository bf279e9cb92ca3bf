/* Functions of templates: tables by family, and what a function may use. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct engine_env;
struct template_exec;

/* What a running function sees. */
struct tcall {
    struct arena *arena;        /* of the execution: results live here */
    struct budget *budget;      /* charged by loops over input and by output */
    struct engine_env *env;     /* time, randomness, lookup; NULL in tests that need none */
    struct template_exec *exec; /* for include and tpl; NULL outside an execution */
    const char *name;           /* of the function, for error texts */
};

/* Before a value becomes part of a map that an argument is or holds. */
void tcall_escapes(const struct tcall *call, const struct tmap *into);

/* args were counted and checked against the signature. Sets ret on success. A failure's message is the
 * text Go's function would give: the executor adds "error calling NAME: ". */
typedef int (*tfunc_fn)(
    struct tcall *call, const struct tval *args, size_t n_args, struct tval *ret, struct err *err);

/* The parameters of a tfunc_fn, few of which use all of them: static int len(TFUNC_PARAMS) */
#define TFUNC_PARAMS                                                                 \
    struct tcall *call UNUSED, const struct tval *args UNUSED, size_t n_args UNUSED, \
        struct tval *ret UNUSED, struct err *err UNUSED

struct tfunc {
    const char *name;
    /* One letter for each parameter, the Go type that arguments are checked against:
     *   s string   i int   b bool   a interface {}   m map[string]interface {}   f float64   l int64
     *   L []interface {}
     * and at the end '*' when the last one is variadic: "sa*". */
    const char *params;
    tfunc_fn fn;
};

/* A method: data is that of the receiver. */
struct tmethod {
    const char *name;
    const char *
        params; /* as above, and  d time.Duration  t time.Time  z *time.Location  v *semver.Version */
    int (*fn)(struct tcall *call,
              void *data,
              const struct tval *args,
              size_t n_args,
              struct tval *ret,
              struct err *err);
};

/* The parameters of a method: static int year(TMETHOD_PARAMS) */
#define TMETHOD_PARAMS                                                            \
    struct tcall *call UNUSED, void *data UNUSED, const struct tval *args UNUSED, \
        size_t n_args UNUSED, struct tval *ret UNUSED, struct err *err UNUSED

/* NULL: the class has none of the name. */
const struct tmethod *tmethod_find(const struct tclass *class, struct str name);

struct tfunc_table {
    const struct tfunc *rows;
    size_t n;
};
#define TFUNC_TABLE(rows)                        \
    {                                            \
        (rows), sizeof(rows) / sizeof((rows)[0]) \
    }

/* The families; each in funcs_<family>.c. */
extern const struct tfunc_table
    TFUNCS_CORE; /* text/template's own: print, len, index, eq, html, ... */
extern const struct tfunc_table TFUNCS_STRING; /* strings and lists of them */
extern const struct tfunc_table TFUNCS_CASE;   /* upper and lower case, camelcase and the like */
extern const struct tfunc_table TFUNCS_REGEX;  /* regular expressions */
extern const struct tfunc_table TFUNCS_PATH;   /* paths */
extern const struct tfunc_table TFUNCS_URL;    /* URLs */
extern const struct tfunc_table TFUNCS_MATH;   /* numbers, conversions, types, logic and defaults */
extern const struct tfunc_table TFUNCS_LIST;   /* lists */
extern const struct tfunc_table TFUNCS_DICT;   /* dicts */
extern const struct tfunc_table TFUNCS_ENCODING; /* YAML, JSON, TOML, base64 and 32, digests */
extern const struct tfunc_table TFUNCS_DATE;     /* times and durations */
extern const struct tfunc_table TFUNCS_CRYPTO;   /* keys, certificates, passwords, random texts */
extern const struct tfunc_table TFUNCS_SEMVER;   /* semver, semverCompare */
extern const struct tfunc_table
    TFUNCS_HELM; /* include, tpl, required, fail, lookup, getHostByName */

/* NULL: there is none. Thread-safe. */
const struct tfunc *tfunc_find(struct str name);
/* Names in the order of the tables, for suggestions and completeness tests; NULL at the end. */
const struct tfunc *tfunc_at(size_t i);
