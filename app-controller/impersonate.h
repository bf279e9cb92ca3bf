/* Whom the controller is in a destination cluster: itself, or a service account of the project. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct pass;
struct project;
struct settings;

/* argocd-cm: application.sync.impersonation.enabled and .enforced. */
struct impersonation {
    bool enabled;
    bool enforced; /* without an account of the project nothing is done */
};

struct impersonation impersonation_of(const struct settings *settings);

struct impersonate_input {
    struct impersonation rules;
    const struct project *project;
    struct str server;    /* of the destination cluster */
    struct str namespace; /* of the destination */
    struct str
        app_namespace; /* where accounts are looked for when the destination names no namespace */
};

/* *ret: "system:serviceaccount:<namespace>:<name>", or "" for the controller itself.
 *
 * ERR_DENIED: the project has no account for the destination, and it has to be one. ERR_INVALID: the entry that
 * matches names no account. Pure. */
MUST_CHECK int impersonate_user(struct arena *arena,
                                const struct impersonate_input *in,
                                struct str *ret,
                                struct err *err);
/* The same for the application of a pass, after pass_resolve(). Loop thread only. */
MUST_CHECK int impersonate_pass(struct pass *pass, struct str *ret, struct err *err);
