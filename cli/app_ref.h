/* struct app_ref: an Application as users name it: "name", or "namespace/name" as lists show it. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

struct app_ref {
    struct str namespace; /* "" = the server's own */
    struct str name;
};

/* Borrowed from the text. ERR_INVALID. */
MUST_CHECK int app_ref_parse(const char *text, struct app_ref *ret, struct err *err);

struct app_param {
    const char *name; /* NULL at the end of an array */
    struct str value; /* "" = left out */
};

/* "/api/v1/applications/<name>[/<below>]?appNamespace=...&..."; below and params may be NULL. */
struct str app_ref_path(struct arena *arena,
                        const struct app_ref *ref,
                        const char *below,
                        const struct app_param *params);
/* path + "?" + params. */
struct str app_params_path(struct arena *arena, const char *path, const struct app_param *params);
