/* Actions on objects: what a user can do to one beyond syncing it (restart, suspend, create a job).
 *
 * Finding out what an object offers, and what running an action would change: patched objects and
 * objects to create. Nothing is sent anywhere.  Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

struct action_param {
    struct str name;
    struct str def; /* "" = none */
};

struct action {
    struct str name;
    struct str display_name; /* "" = the name */
    struct str icon_class;
    bool disabled;
    const struct action_param *params;
    size_t n_params;
};

struct action_list {
    const struct action *items; /* by name */
    size_t n;
};

/* What the built-in actions of the object's kind are, and which are disabled just now. */
struct action_list action_discover(struct arena *arena, const struct value *live);

/* As the REST API has them: [{name, disabled, iconClass, displayName, params: [{name, default}]}]. */
const struct value *action_list_to_value(struct arena *arena, const struct action_list *list);

struct action_arg {
    struct str name;
    struct str value;
};

struct action_run {
    const struct value *live;
    struct str name;
    const struct action_arg *args;
    size_t n_args;
    int64_t now_ms; /* wall clock */
};

enum action_op {
    ACTION_PATCH, /* the live object as it shall be */
    ACTION_CREATE,
};

struct action_change {
    enum action_op op;
    const struct value *object;
};

struct action_changes {
    const struct action_change *items;
    size_t n;
};

/* ERR_NOT_FOUND: the kind has no such action; ERR_INVALID: a parameter is missing or wrong. That an
 * action is disabled is for the caller to check. Results share with run->live. */
MUST_CHECK int action_run(struct arena *arena,
                          const struct action_run *run,
                          struct action_changes *ret,
                          struct err *err);
