/* .Capabilities: what a chart is told of the cluster and of Helm. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

/* A version of Kubernetes as clusters report them, vendors' suffixes included. */
struct kube_version {
    struct str version;    /* "v1.33.4-gke.1245000" */
    struct str normalized; /* "v1.33.4" */
    struct str major;
    struct str minor; /* digits only */
};

struct capabilities {
    struct kube_version kube;
    const struct str *api_versions;
    size_t n_api_versions;
};

/* text: "1.33.4", "v1.28+"; "" is the version of Helm's own client library. ERR_INVALID. */
MUST_CHECK int
kube_version_parse(struct arena *arena, struct str text, struct kube_version *ret, struct err *err);

/* extra: API versions beside those every Helm knows. ERR_INVALID: the version. */
MUST_CHECK int capabilities_make(struct arena *arena,
                                 struct str kube_version,
                                 const struct str *extra,
                                 size_t n_extra,
                                 const struct capabilities **ret,
                                 struct err *err);

struct tval capabilities_object(struct arena *arena, const struct capabilities *c);
