/* struct live_schemas: reduced OpenAPI documents of one cluster, by group and version. Loop thread only. */
#pragma once

#include <stdbool.h>

#include "common/base/str.h"

struct doc;
struct live_schemas;

struct live_schemas *live_schemas_new(void);
void live_schemas_free(struct live_schemas *schemas);
void live_schemas_clear(struct live_schemas *schemas);
/* False: not known; *ret NULL: the cluster has none. Borrowed until it is set again or cleared. */
bool live_schemas_find(const struct live_schemas *schemas,
                       struct str group,
                       struct str version,
                       struct doc **ret);
/* Takes a reference; NULL = the cluster has none. */
void live_schemas_set(struct live_schemas *schemas,
                      struct str group,
                      struct str version,
                      struct doc *doc);
