/* An Application from flags: what `app create` sends. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct arena;
struct value;

struct app_spec_flags {
    const char *name;
    const char *namespace; /* of the Application itself */
    const char *project;
    const char *repo;
    const char *path;
    const char *chart;
    const char *revision;
    const char *dest_server;
    const char *dest_name;
    const char *dest_namespace;
    const char *sync_policy;
    const char *directory_include;
    const char *directory_exclude;
    struct flag_list sync_options;
    struct flag_list labels;
    struct flag_list annotations;
    int64_t history_limit; /* -1 = not given */
    bool auto_prune;
    bool self_heal;
    bool allow_empty;
    bool directory_recurse;
    bool set_finalizer;
};

/* base: an Application to change, NULL = a new one. Flags that were given win; labels, annotations and
 * sync options are added.
 * ERR_INVALID: a label that is not KEY=VALUE, --auto-prune and the like without an automated policy. */
MUST_CHECK int app_spec_apply(struct arena *arena,
                              const struct value *base,
                              const struct app_spec_flags *flags,
                              const struct value **ret,
                              struct err *err);
/* Any of them was given, apart from the name and the namespace. */
bool app_spec_any(const struct app_spec_flags *flags);
