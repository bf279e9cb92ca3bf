/* Health by scripts of the operator: resource.customizations.health.<group>_<Kind> of argocd-cm, with
 * resource.customizations.useOpenLibs.<group>_<Kind>. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "engine/health/health.h"

struct clock;

struct health_override {
    struct str
        kind; /* "<group>/<Kind>", the kind alone in the core group; "*" stands for any text */
    struct str source;
    bool open_libs;
};

struct health_overrides {
    const struct health_override *items;
    size_t n;
};

/* From the data of argocd-cm. Texts are those of `data`. */
struct health_overrides health_overrides_read(struct arena *arena, const struct value *data);

/* As health_by_rules(), unless a script is there for the kind: its exact name goes before patterns, the
 * longest pattern before others. A script that fails gives Unknown with its message; one that returns
 * nothing gives NONE. */
struct health health_by_overrides(struct arena *arena,
                                  const struct health_overrides *overrides,
                                  const struct clock *clock,
                                  const struct value *live);
