/* Health by scripts of the operator: resource.customizations.health.<group>_<Kind> of argocd-cm, before the
 * rules. A script that fails gives Unknown with its message and the name of its key; one that returns nothing
 * gives NONE.  Pure; any thread. */
#pragma once

#include <stddef.h>

#include "engine/health/health.h"

struct clock;
struct customizations;

/* As health_by_rules(), unless a script is there for the kind. */
struct health health_by_overrides(struct arena *arena,
                                  const struct customizations *scripts,
                                  const struct clock *clock,
                                  const struct value *live);
/* As health_of(), unless a script is there for the kind. Scripts may take a second: not on a loop. */
struct health health_of_scripted(struct arena *arena,
                                 const struct customizations *scripts,
                                 const struct clock *clock,
                                 const struct value *live);

/* Health of objects as scripts see it, found out beforehand for those who cannot run any. */
struct health_verdict {
    const struct value *live;
    struct health health;
};
struct health_verdicts {
    const struct health_verdict *items;
    size_t n;
};

/* Of those objects for whose kind there is a script. */
struct health_verdicts health_verdicts_of(struct arena *arena,
                                          const struct customizations *scripts,
                                          const struct clock *clock,
                                          const struct value *const *lives,
                                          size_t n_lives);
/* The verdict on the object, else health_of(). live is one of the `lives` above. */
struct health health_by_verdicts(struct arena *arena,
                                 const struct health_verdicts *verdicts,
                                 const struct value *live);
