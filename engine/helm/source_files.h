/* Files that an Application's `helm` block names: in the tree of the chart, in that of another source
 * ("$ref/..."), or at a URL. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct engine_files;
struct value;

struct source_file {
    struct str shown;           /* for messages */
    struct engine_files *files; /* the tree; NULL: at a URL */
    struct str path;            /* clean; the URL */
};

struct source_file_list {
    struct source_file *items;
    size_t n;
    size_t cap;
};

/* What `name` means: relative to the chart's directory `chart`, with "/" to the root of its tree, with "$ref/" to the
 * root of that source's.  Variables of the build environment are put in. ERR_INVALID (leaves the tree). */
MUST_CHECK int source_file_locate(struct engine_env *env,
                                  struct str chart,
                                  struct str name,
                                  struct source_file *ret,
                                  struct err *err);

/* The text: 1 = *ret; 0 = at a URL and not here yet (engine_env's remote). ERR_NOT_FOUND, ERR_UNSUPPORTED (URLs
 * without a provider). */
MUST_CHECK int source_file_read(struct engine_env *env,
                                const struct source_file *file,
                                struct str *ret,
                                struct err *err);

/* The files of helm.valueFiles in the order in which they count, patterns replaced by what matches. */
MUST_CHECK int source_file_values(struct engine_env *env,
                                  struct str chart,
                                  const struct value *helm,
                                  struct source_file_list *ret,
                                  struct err *err);
