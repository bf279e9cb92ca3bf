/* struct oci_get: one request to an OCI registry, with the authentication it asks for.
 *
 * The first 401 names the way: user and password, or a token to be had from another server, which is asked for
 * one with them and remembered. Loop thread only. */
#pragma once

#include "common/base/cleanup.h"
#include "repo-server/source/chart_env.h"
#include "repo-server/source/chart_get.h"

struct oci_get;

/* Authorizations by registry, credentials and repository; erased at the end. */
struct oci_tokens *oci_tokens_new(void);
void oci_tokens_free(struct oci_tokens *tokens);
DEFINE_CLEANUP(oci_tokens, struct oci_tokens, oci_tokens_free);

struct oci_get_options {
    const struct chart_env *env; /* borrowed */
    struct chart_remote *remote; /* a reference is taken */
    struct str name;             /* of the repository in the registry; copied, as all below */
    const struct url *url;
    struct str accept; /* "" = anything */
    enum chart_get_coding coding;
    size_t max_bytes;
    int64_t timeout_ms; /* of each step */
};

/* As chart_get_start(): any status is an answer, a 401 when the registry took neither way. */
struct oci_get *
oci_get_start(const struct oci_get_options *options, chart_get_done_fn done, void *data);
void oci_get_cancel(struct oci_get *get);
