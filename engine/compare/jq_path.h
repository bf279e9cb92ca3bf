/* jq expressions that are plain paths: .spec.replicas, .metadata.annotations."a/b", .spec.containers[].image,
 * .spec.ports[0]?. Most of those people write are; they need no jq.
 *
 * Paths, and the deletion of the places they name, as jq has them.  Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct value;

enum jq_step_type { JQ_STEP_KEY, JQ_STEP_INDEX, JQ_STEP_EACH };

struct jq_step {
    enum jq_step_type type;
    struct str key;
    int64_t index; /* negative: from the end */
    bool optional; /* "?": what it cannot look into has no places */
};

enum { JQ_STEPS_MAX = 64 };

struct jq_path {
    struct jq_step steps[JQ_STEPS_MAX];
    size_t n;
};

/* False: the expression is more than a plain path, or none; strings live in the arena. */
bool jq_path_parse(struct arena *arena, struct str expression, struct jq_path *ret);

/* v without the places; v itself when there are none, or when jq refuses to look into one of them (a string, ...). */
const struct value *
jq_path_delete(struct arena *arena, const struct jq_path *path, const struct value *v);

/* v without the places in a list of jq paths (lists of keys and indexes), as jq's delpaths. What is no path is
 * passed over. */
const struct value *
jq_paths_delete(struct arena *arena, const struct value *paths, const struct value *v);
