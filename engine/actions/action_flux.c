/* Actions on Flux's kinds: reconcile now, suspend, resume. */
#include "engine/actions/action_internal.h"

#define SUSPENDED     "spec.suspend=true"
#define NOT_SUSPENDED "spec.suspend!=true"

static const struct action_row RECONCILED[] = {
    {
        .name = "reconcile",
        .disabled = SUSPENDED,
        .edits = {{ACTION_SET_TIME, "metadata.annotations.'reconcile.fluxcd.io/requestedAt'",
                   "By Argo CD at: {second}"}},
    },
    {
        .name = "resume",
        .disabled = NOT_SUSPENDED,
        .edits = {{ACTION_SET_FALSE, "spec.suspend", NULL}},
    },
    {
        .name = "suspend",
        .disabled = SUSPENDED,
        .edits = {{ACTION_SET_TRUE, "spec.suspend", NULL}},
    },
};

/* Alerts and providers are read when something happens, never reconciled: all but the first. */
#define SUSPENDABLE   (RECONCILED + 1)
#define N_SUSPENDABLE (ARRAY_LEN(RECONCILED) - 1)

static const struct action_kind KINDS[] = {
    {"kustomize.toolkit.fluxcd.io", "Kustomization", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"helm.toolkit.fluxcd.io", "HelmRelease", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"image.toolkit.fluxcd.io", "ImageRepository", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"image.toolkit.fluxcd.io", "ImageUpdateAutomation", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"notification.toolkit.fluxcd.io", "Receiver", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"notification.toolkit.fluxcd.io", "Alert", SUSPENDABLE, N_SUSPENDABLE},
    {"notification.toolkit.fluxcd.io", "Provider", SUSPENDABLE, N_SUSPENDABLE},
    {"source.toolkit.fluxcd.io", "Bucket", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"source.toolkit.fluxcd.io", "GitRepository", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"source.toolkit.fluxcd.io", "HelmChart", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"source.toolkit.fluxcd.io", "HelmRepository", RECONCILED, ARRAY_LEN(RECONCILED)},
    {"source.toolkit.fluxcd.io", "OCIRepository", RECONCILED, ARRAY_LEN(RECONCILED)},
};

const struct action_family ACTION_FLUX = {KINDS, ARRAY_LEN(KINDS)};
