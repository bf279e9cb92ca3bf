/* Values of charts: reading them, and putting together what the user gave.
 *
 * Values are maps of struct tval, changed in place: templates change them too, and a subchart's values are
 * the very map its parent has under its name. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

/* All documents of a YAML text, the later ones merged into the first. ERR_INVALID with the position: YAML, or
 * not a map; ERR_LIMIT.
 *
 * maps   may go when the maps were copied.
 * texts  of keys and texts, which copies share; they also borrow from text. */
MUST_CHECK int values_from_yaml(
    struct arena *maps, struct arena *texts, struct str text, struct tmap **ret, struct err *err);

/* How two values files go together: maps are merged, all else in `over`, null too, replaces. `over` is
 * shared with dst afterwards, its keys too. */
void values_overlay(struct tmap *dst, const struct tmap *over);

/* The value at "a.b.c", NULL = none. values_table(): the map there, NULL when it is none. */
struct tval *values_find(const struct tmap *map, struct str path);
struct tmap *values_table(const struct tmap *map, struct str path);

/* ---- what a user gives ---- */

enum values_input_type { /* in the order Helm applies them, wherever they stand on the command line */
                         VALUES_FILE, /* YAML text */
                         VALUES_SET_JSON,
                         VALUES_SET,
                         VALUES_SET_STRING,
                         VALUES_SET_FILE,
                         VALUES_SET_LITERAL,
                         VALUES_INPUT_COUNT
};

struct values_input {
    enum values_input_type type;
    struct str name; /* of a file, for messages */
    struct str text;
};

/* Reads the file a --set-file names. */
struct values_reader {
    int (*read)(void *data, struct arena *arena, struct str path, struct str *ret, struct err *err);
    void *data;
};

/* All inputs as one map. reader: NULL refuses --set-file. ERR_INVALID naming the file or expression. */
MUST_CHECK int values_from_inputs(struct arena *arena,
                                  const struct values_input *inputs,
                                  size_t n,
                                  const struct values_reader *reader,
                                  struct tmap **ret,
                                  struct err *err);
