/* Plain directories: YAML and JSON files, as they are, as objects.
 *
 * Files are taken in path order, bytewise by name within a directory, as Go's filepath.Walk goes.  A YAML
 * file that does not look like Kubernetes objects is passed over; one that does and cannot be read is
 * an error with its position. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct engine_object;
struct value;

struct dir_options {
    bool recurse;
    bool disable_extension_filter; /* take files whatever their name ends with */
    struct str include;            /* glob over the path below the directory; "" = all */
    struct str exclude;            /* wins over include; "" = none */
    uint64_t max_bytes;            /* of all manifests together */
};

struct dir_result {
    const struct engine_object *objects;
    size_t n;
};

/* From source.directory; NULL is the default. ERR_INVALID for wrong types and malformed globs. */
MUST_CHECK int
dir_options_from_value(const struct value *directory, struct dir_options *ret, struct err *err);

/* path: clean, an existing directory.  Objects live in env's arena.
 * Errors: ERR_INVALID (file, line, column), ERR_LIMIT, ERR_DENIED (link out of the tree),
 * ERR_UNSUPPORTED (a jsonnet file). */
MUST_CHECK int dir_render(struct engine_env *env,
                          struct str path,
                          const struct dir_options *options,
                          struct dir_result *ret,
                          struct err *err);
