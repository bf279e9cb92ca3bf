/* The language in which the health of custom resources is written: rows of conditions and outcomes.
 *
 * A kind has a list of rules. The first rule whose condition holds gives status and message; when none
 * holds, there is no health. A file health_crd_<family>.c holds the kinds of one family.
 *
 * A condition is words that must all hold, "status.phase=Ready status.replicas>0":
 *
 *     PATH            there, and not null               !PATH           not there
 *     PATH=a|b        one of these texts                PATH!=a|b       none of these (or not there)
 *     PATH~Fail*|*x   as a glob                         PATH!~...       not so
 *     PATH<1  <=  >  >=   as numbers, what is not there is 0; two strings as texts (times)
 *
 * What is compared with may be "@PATH" instead of text. Text with spaces is 'quoted'.
 *
 * A PATH is keys between dots. "a[T].b" goes through the first item of list a whose type is T; "%T" is
 * short for "status.conditions[T]"; "a[0]" and "a[-1]" are the first and the last item. Keys and types with dots are 'quoted'. "#PATH" is the number of
 * children. In a rule with `each`, a path that begins with a dot starts at the current item.
 *
 * A message is text with {ALTERNATIVES}: paths or 'quoted' text, of which the first that is there is
 * printed (after "?" instead of "|": the first that is not empty); {$} is the kind's `name`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/model/status.h"

struct arena;
struct buf;
struct health;
struct value;

struct health_rule {
    const char *each; /* path of a list or map: the rule is tried with each item; adjacent rules
                         over the same list are tried together, item by item. NULL = once. */
    const char *when; /* NULL = always */
    enum health_status status;
    const char *message;
};

#define HEALTH_EACH(list, when, status, message)    \
    {                                               \
        list, when, HEALTH_STATUS_##status, message \
    }
#define HEALTH_COND(when, status, message)                         \
    {                                                              \
        "status.conditions", when, HEALTH_STATUS_##status, message \
    }
#define HEALTH_WHEN(when, status, message)          \
    {                                               \
        NULL, when, HEALTH_STATUS_##status, message \
    }
#define HEALTH_ELSE(status, message)                \
    {                                               \
        NULL, NULL, HEALTH_STATUS_##status, message \
    }

struct health_rules {
    const struct health_rule *rules;
    size_t n;
};
#define HEALTH_RULES(array)                       \
    {                                             \
        array, sizeof(array) / sizeof((array)[0]) \
    }

/* What tables cannot say; name as in the row. */
typedef struct health (*health_kind_fn)(struct arena *arena,
                                        const struct value *live,
                                        const char *name);

struct health_kind {
    const char *group; /* "*.example.com": every group that ends so */
    const char *kind;  /* NULL: every kind */
    struct health_rules rules;
    const char *name;  /* {$} */
    health_kind_fn fn; /* instead of rules */
};

struct health_family {
    const struct health_kind *kinds;
    size_t n;
};

struct health health_rules_run(struct arena *arena,
                               struct health_rules rules,
                               const char *name,
                               const struct value *live);

/* For functions of kinds: one condition, one message. item is what "." starts at, or NULL. */
bool health_holds(const struct value *live, const struct value *item, const char *when);
void health_message_put(struct buf *out,
                        const struct value *live,
                        const struct value *item,
                        const char *name,
                        const char *message);
/* The value at a path, NULL when there is none. */
const struct value *
health_path(const struct value *live, const struct value *item, const char *path);
/* A scalar as text: strings as they are, numbers and bools as JSON has them, lists joined by ", ". */
void health_text_put(struct buf *out, const struct value *v);
