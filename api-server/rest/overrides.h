/* What argocd-cm says of single kinds, as the settings endpoint shows it. Pure. */
#pragma once

struct arena;
struct value;

/* data: of argocd-cm; NULL = none. A map from "<group>/<Kind>" (with stars for all) to an object with
 * "health.lua", "health.lua.useOpenLibs", "actions", "ignoreDifferences" and "ignoreResourceUpdates" as YAML texts,
 * "knownTypeFields". What cannot be read is left out: the controller tells of it. */
const struct value *overrides_of(struct arena *arena, const struct value *data);
