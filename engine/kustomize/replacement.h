/* One entry of `replacements`: fields of other objects get a value that stands in one of them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value_decode.h"
#include "engine/kustomize/selector.h"

struct replacement_options {
    struct str delimiter;
    int64_t index;
    struct str encoding; /* has no meaning */
    bool create;
};

struct replacement_source {
    struct kid id; /* plain; empty parts match anything */
    struct str field_path;
    struct replacement_options options;
};

struct replacement_target {
    bool has_select;
    struct selector select;
    const struct value *reject; /* list of selectors, or NULL */
    struct value_strs field_paths;
    struct replacement_options options;
};

struct replacement {
    struct str path; /* of a file that has it, or a list */
    bool has_source;
    struct replacement_source source;
    bool has_source_value;
    struct str source_value;
    bool has_targets;
    struct value_slice targets; /* struct replacement_target */
};

/* YAML or JSON inside a string, printed again after it was edited: JSON as JSON, YAML in the styles its text had. Comments are
 * lost. original: what the tree was read from. ERR_INVALID. */
struct engine_env;
MUST_CHECK int replacement_print_text(struct engine_env *env,
                                      const struct value *v,
                                      struct str original,
                                      struct str *ret,
                                      struct err *err);
