/* Namespaces whose Applications count: the control plane's own, and those of the setting
 * application.namespaces.
 *
 * Patterns are globs or, between slashes, Go's regular expressions. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/model/application_spec.h"

struct arena;

bool app_namespaces_match(struct str pattern, struct str namespace);

struct app_namespaces {
    struct str own; /* the control plane's */
    struct app_strs patterns;
};

/* From configuration: items are n NUL-terminated patterns; borrowed. */
struct app_namespaces
app_namespaces_of(struct arena *arena, const char *own, const char *const *items, size_t n);

bool app_namespaces_permit(const struct app_namespaces *in, struct str namespace);

/* What has to be watched to see them all: names, each once; or "" alone, all namespaces, as soon as there is
 * a pattern that is no plain name. */
struct app_strs app_namespaces_watched(struct arena *arena, const struct app_namespaces *in);
