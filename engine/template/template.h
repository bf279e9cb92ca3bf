/* Go's text/template with Helm's functions: a set of named templates, and running one of them.
 *
 * Behaviour: Go 1.26 text/template, sprig 3.3 and Helm 4.2's engine.  Pure: time, randomness and lookups come
 * from the environment; every loop is charged to the budget. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/crew.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct definition;
struct engine_env;
struct tdef;
struct template_set;

/* Lives in the arena, as does everything parsed into it. */
struct template_set *template_set_new(struct arena *arena);

/* Parse a file and add it and its defines to the set (a later define of a name replaces an
 * earlier one of another file, unless it is blank).
 *
 * name  of the file, borrowed; it is the name of the template of what stands outside defines.
 * text  borrowed as long as the set lives.
 *
 * Errors: ERR_INVALID, the message as Go's without "template: ", with the position; ERR_LIMIT. O(text). */
MUST_CHECK int template_parse(struct template_set *set,
                              struct str name,
                              struct str text,
                              struct budget *budget,
                              struct err *err);

/* As above, and gives what stands outside the defines, also when it is blank and did not replace another
 * template of the name: what `tpl` runs. */
MUST_CHECK int template_parse_main(struct template_set *set,
                                   struct str name,
                                   struct str text,
                                   struct budget *budget,
                                   const struct tdef **ret,
                                   struct err *err);

/* As template_parse(), but a file that defines nothing beside itself is parsed not before it is run: in the scratch
 * arena, and again when it is run with another one. */
MUST_CHECK int template_parse_late(struct template_set *set,
                                   struct str name,
                                   struct str text,
                                   struct budget *budget,
                                   struct err *err);
/* The arena for such files, and for what `tpl` parses. What the one before holds may go now. */
void template_use_scratch(struct template_set *set, struct arena *scratch);

/* A file that a crew parses before it is run. */
struct template_ahead {
    /* private */
    struct crew_task task;
    struct template_set *set;
    struct arena *arena;
    struct budget budget;
    struct definition *definition; /* NULL: nothing was offered */
    const struct tdef *def;
    const struct err *err;
};

/* Have the file, if it is to be parsed late, parsed into the arena: the one that template_use_scratch() is called with
 * before it runs. Nobody else uses that until template_ahead_take(). */
void template_ahead_offer(struct template_ahead *ahead,
                          struct template_set *set,
                          struct str name,
                          const struct budget *budget,
                          struct crew *crew,
                          struct arena *arena);
/* It is as if template_get() had been called, with its errors; or nothing when nothing was offered. */
MUST_CHECK int template_ahead_take(struct template_ahead *ahead,
                                   struct budget *budget,
                                   struct crew *crew,
                                   struct err *err);

/* The error that parsing the text gives. */
MUST_CHECK int template_check(struct template_set *set,
                              struct str name,
                              struct str text,
                              struct budget *budget,
                              struct err *err);

/* *ret is NULL when there is none. Fails when it is parsed late, with errors as those of template_parse(). */
MUST_CHECK int template_get(struct template_set *set,
                            struct str name,
                            struct budget *budget,
                            const struct tdef **ret,
                            struct err *err);
/* NULL: there is none that was parsed. */
const struct tdef *template_find(const struct template_set *set, struct str name);
/* For `tpl`: definitions that follow are dropped again by the pop. */
void template_push(struct template_set *set);
void template_pop(struct template_set *set);

/* What a key that a map does not have is. */
enum template_missing {
    TEMPLATE_MISSING_ZERO,  /* as in charts: nil, and a field of it is an error */
    TEMPLATE_MISSING_VALUE, /* Go's default: no value, and so is a field of it */
};

struct template_run {
    struct template_set *set;
    struct arena *arena; /* of values made while it runs */
    struct budget *budget;
    struct engine_env *env;
    enum template_missing missing;
    /* Set when a map of another arena got a value: it may refer to this run's arena and texts. NULL = not wanted. */
    bool *ret_escaped;
};

/* Run the template and append what it prints to out.
 *
 * Errors: ERR_INVALID with the whole chain in Helm's form as text of `chain` when that is not NULL
 * (struct err cuts long ones), the file, line and column of the outermost action as position; ERR_LIMIT naming
 * the template; ERR_TIMEOUT. */
MUST_CHECK int template_execute(const struct template_run *run,
                                struct str name,
                                struct tval data,
                                struct buf *out,
                                struct buf *chain,
                                struct err *err);
