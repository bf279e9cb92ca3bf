/* struct chart_remote: a chart repository or registry as a repository secret describes it, and what every
 * request to it needs: the URL, the credentials, how TLS is done.
 *
 * Immutable, counted references; loop thread only. */
#pragma once

#include <stdbool.h>

#include "common/base/cleanup.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/url.h"
#include "proto/repo.pb-c.h"

struct arena;
struct chart_remote;
struct http_target;

enum chart_remote_kind { CHART_REMOTE_HTTP, CHART_REMOTE_OCI };

/* URLs are http, https, or oci with https meant (http when the secret forces it), which is also meant when the
 * scheme is missing.  system_ca: trusted besides the secret's own CA; may be empty when there is none.
 * ERR_INVALID, ERR_UNSUPPORTED (other schemes); messages never show credentials. */
MUST_CHECK int chart_remote_new(const Belay__Repository *repo,
                                struct str system_ca,
                                struct chart_remote **ret,
                                struct err *err);
struct chart_remote *chart_remote_ref(struct chart_remote *remote);
void chart_remote_unref(struct chart_remote *remote); /* NULL is fine */
DEFINE_CLEANUP(chart_remote, struct chart_remote, chart_remote_unref);

/* The cache key of a repository: different for other credentials, known before it is parsed. */
void chart_remote_key_of(const Belay__Repository *repo, char ret[DIGEST_SHA256_HEX_BYTES]);

enum chart_remote_kind chart_remote_kind(const struct chart_remote *remote);
/* http or https, without credentials; the path has no "/" at its end. */
const struct url *chart_remote_url(const struct chart_remote *remote);
/* For messages: as it was written, without credentials. NUL-terminated. */
const char *chart_remote_shown(const struct chart_remote *remote);
/* The same of a repository that need not be right; "" when its URL cannot be read. */
struct str chart_remote_shown_of(struct arena *arena, const Belay__Repository *repo);
struct str chart_remote_key(const struct chart_remote *remote);
/* Value of an Authorization header with the repository's own user and password, or bearer token; "" when it
 * has none. */
struct str chart_remote_authorization(const struct chart_remote *remote);
/* How its own servers are reached, and others it sends us to: those see no client certificate. */
struct http_target *chart_remote_own_target(const struct chart_remote *remote);
struct http_target *chart_remote_foreign_target(const struct chart_remote *remote);

/* Whether what is meant for one URL's server may be sent to another's: scheme, host and port are the same, or
 * http has become https at the usual ports. */
bool chart_remote_same_server(const struct url *trusted, const struct url *url);
