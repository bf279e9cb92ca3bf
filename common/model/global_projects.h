/* Global projects: AppProjects that others inherit from, as argocd-cm's globalProjects says.
 *
 *     - projectName: base
 *       labelSelector: {matchLabels: {...}, matchExpressions: [{key, operator, values}]}
 *
 * Pure, any thread. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct label_selector;
struct value;

struct global_project {
    struct str name;
    const struct label_selector *selector;
};

struct global_projects {
    const struct global_project *items;
    size_t n;
};

/* text: the YAML of the setting, "" = none. An entry whose selector is empty matches every project. ERR_INVALID. */
MUST_CHECK int global_projects_parse(struct arena *arena,
                                     struct str text,
                                     struct global_projects *ret,
                                     struct err *err);

/* The AppProject with the lists of those it inherits from appended to its own. find gives a project by name, NULL =
 * there is none. Returns obj itself when it inherits nothing. */
const struct value *global_projects_apply(struct arena *arena,
                                          const struct global_projects *globals,
                                          const struct value *obj,
                                          const struct value *(*find)(void *data, struct str name),
                                          void *data);
