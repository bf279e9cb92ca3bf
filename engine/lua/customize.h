/* struct customizations: what argocd-cm says of kinds by scripts, as it was at one time.
 *
 * resource.customizations.health.<group>_<Kind>, .useOpenLibs. and .actions. beside it, and the map of all
 * kinds that older versions have under resource.customizations. Immutable and counted; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct customizations;
struct value;

struct customization {
    struct str kind;       /* "<group>/<Kind>", core "<Kind>"; "*" stands for any text */
    struct str health;     /* a script; "" = none */
    struct str health_key; /* where it stands in argocd-cm, for messages */
    bool open_libs;        /* of the health script */
    struct str actions;    /* YAML; "" = none */
    struct str actions_key;
};

/* From the data of argocd-cm, which is copied; NULL gives none.
 * Errors: ERR_INVALID, ERR_LIMIT for what resource.customizations holds. */
MUST_CHECK int
customizations_new(const struct value *data, struct customizations **ret, struct err *err);
/* NULL is fine. */
struct customizations *customizations_ref(struct customizations *c);
void customizations_unref(struct customizations *c);
DEFINE_CLEANUP(customizations, struct customizations, customizations_unref);

/* The one with a health script for the kind, NULL = none: its exact name goes before patterns, the
 * longest pattern before others. c may be NULL. */
const struct customization *
customizations_health(const struct customizations *c, struct str group, struct str kind);
/* The one with actions for exactly this kind. */
const struct customization *
customizations_actions(const struct customizations *c, struct str group, struct str kind);

/* They say the same. NULL is as empty. */
bool customizations_same(const struct customizations *a, const struct customizations *b);
/* Health of the kind is found the same way. */
bool customizations_same_health(const struct customizations *a,
                                const struct customizations *b,
                                struct str group,
                                struct str kind);
