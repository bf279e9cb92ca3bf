/* Where objects come from and what changed them, as `buildMetadata` has it noted. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kres.h"

struct resmap;

/* What `path`, an entry of the kustomization at `origin`, comes from: a file, directory or repository. NULL stays NULL. */
const struct korigin *
korigin_append(struct arena *arena, const struct korigin *origin, struct str path);
/* A field of the kustomization `file` at `origin`, by the kind of its plugin. NULL stays NULL. */
const struct korigin *
korigin_field(struct arena *arena, const struct korigin *origin, struct str file, const char *kind);
/* A plugin with a config of its own. NULL when that has no origin. */
const struct korigin *korigin_plugin(struct arena *arena, const struct kres *config);

/* What has no origin yet gets this one; NULL: nothing is noted. */
void korigin_mark_generated(struct resmap *m, const struct korigin *origin);
/* A transformer ran over all of m; NULL: nothing is noted. */
void korigin_mark_transformed(struct arena *arena, struct resmap *m, const struct korigin *origin);

/* As the annotations have it: YAML of one origin, and of the list of transformations. */
MUST_CHECK int korigin_to_text(struct arena *arena,
                               const struct korigin *origin,
                               struct str *ret,
                               struct err *err);
MUST_CHECK int korigin_transformations_to_text(struct arena *arena,
                                               const struct kres *res,
                                               struct str *ret,
                                               struct err *err);
