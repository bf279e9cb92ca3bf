/* Git over HTTP(S) for libgit2, through libcurl: the helper process's transport for http and https.
 *
 * libgit2's own has no client certificates, no check of IP addresses in certificates and trouble with servers
 * that ask for a password; curl has all of it.  Credentials are sent with the first request, to the host
 * they are for only. Redirects are followed for the list of references, as git does, never from https
 * to http. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct cred;

/* Take over http:// and https:// for this process.  cred is borrowed; what fails is told in cred->err. */
MUST_CHECK int http_transport_register(struct cred *cred, struct err *err);
