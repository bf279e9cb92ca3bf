/* Charts in OCI registries: the versions there are, and where the archive of one is.
 *
 * Both are given as a struct helm_index, as if the registry were a chart repository: a tag is a version
 * with "_" for "+", a manifest a version with its digest. Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/url.h"
#include "repo-server/source/chart_env.h"

struct arena;
struct chart_remote;
struct helm_index;
struct oci_call;

/* index is NULL on failure, else borrowed. Exactly once, never before the start function returned. */
typedef void (*oci_done_fn)(struct helm_index *index, const struct err *err, void *data);

/* The name in the registry of a chart below the remote's path; chart "" = the path itself. ERR_INVALID. */
MUST_CHECK int oci_name(struct arena *arena,
                        const struct chart_remote *remote,
                        struct str chart,
                        struct str *ret,
                        struct err *err);
/* "/v2/<name>/<kind>/<what>" on the remote. */
void oci_url(struct arena *arena,
             const struct chart_remote *remote,
             struct str name,
             const char *kind,
             struct str what,
             struct url *ret);

/* name: of oci_name(), under which the versions stand in the index too; "" asks only whether the registry lets us
 * in, and gives an empty index. version: a tag's, or "" for all tags. Errors: those of downloads, ERR_NOT_FOUND, ERR_INVALID (no chart), ERR_LIMIT. */
struct oci_call *oci_start(const struct chart_env *env,
                           struct chart_remote *remote,
                           struct str name,
                           struct str version,
                           oci_done_fn done,
                           void *data);
/* done follows with ERR_CANCELED. */
void oci_cancel(struct oci_call *call);
