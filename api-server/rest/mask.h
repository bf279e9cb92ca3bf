/* Rendered Secrets must not leave with their values. Pure. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

/* A ManifestResponse in which the values of Secrets are runs of '+', and so are their annotations with the keys that
 * `annotations` lists with commas. */
const struct value *
mask_manifests(struct arena *arena, struct str annotations, const struct value *response);
