/* Rendering a directory on disk, without any server: what `belay render DIR` prints. */
#pragma once

#include "cli/output.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct value;

struct render_local_options {
    const char *dir;            /* root of the tree: nothing above it is reached */
    const char *path;           /* of the source below dir; NULL or "" = dir itself */
    const struct value *source; /* ApplicationSource settings (directory, helm, ...); NULL = none */
    const char *app_name;       /* for .argocd-source-<app>.yaml; NULL = none */
    const char *namespace;      /* destination; NULL = none */
    enum output_format format;  /* YAML, JSON, or NAME: "kind.group/name" lines */
    int64_t timeout_ms;         /* 0 = none */
};

/* Append the objects in the order of the source: as YAML documents, each after a line "---", as one JSON
 * list, or their names.
 *
 * Errors: as engine_render(); ERR_NOT_FOUND for the directory. Blocking. */
MUST_CHECK int
render_local(const struct render_local_options *options, struct buf *out, struct err *err);
