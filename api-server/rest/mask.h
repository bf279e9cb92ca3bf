/* Rendered Secrets must not leave with their values. Pure. */
#pragma once

struct arena;
struct value;

/* A ManifestResponse in which the values of Secrets are runs of '+'. */
const struct value *mask_manifests(struct arena *arena, const struct value *response);
