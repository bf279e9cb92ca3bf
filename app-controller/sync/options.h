/* Sync options: "Name=value" words in spec.syncPolicy.syncOptions, in an operation, and in the
 * annotation argocd.argoproj.io/sync-options of a resource.  Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/str.h"
#include "common/model/application_spec.h"

struct value;

#define SYNC_OPTIONS_ANNOTATION         "argocd.argoproj.io/sync-options"
#define SYNC_DELETE_APPROVED_ANNOTATION "argocd.argoproj.io/deletion-approved"

enum sync_consent {
    SYNC_CONSENT_GIVEN,
    SYNC_CONSENT_ASK,    /* ...=confirm */
    SYNC_CONSENT_REFUSED /* ...=false */
};

enum sync_propagation {
    SYNC_PROPAGATION_FOREGROUND,
    SYNC_PROPAGATION_BACKGROUND,
    SYNC_PROPAGATION_ORPHAN,
};

/* Start with sync_options_default(). */
struct sync_options {
    enum sync_consent prune;
    enum sync_consent delete;
    enum sync_propagation prune_propagation;
    bool validate;
    bool skip_dry_run_on_missing;
    bool apply_out_of_sync_only;
    bool prune_last;
    bool replace;
    bool force;
    bool server_side_apply;
    bool client_side_apply_migration;
    bool fail_on_shared_resource;
    bool respect_ignore_differences;
    bool create_namespace;
};

struct sync_options sync_options_default(void);
/* The words of a list over *options; words that are no option of an application are
 * skipped. Later words win. */
void sync_options_add(struct sync_options *options, struct app_strs words);

/* What holds for one resource: the application's options with the annotations of target and live over
 * them. Either may be NULL. */
struct sync_options sync_options_of(const struct sync_options *app,
                                    const struct value *target,
                                    const struct value *live);

/* "Foreground", "Background", "Orphan": as in DeleteOptions. */
const char *sync_propagation_name(enum sync_propagation propagation);
