/* Host keys in OpenSSH's known_hosts format: plain and hashed names, patterns, [host]:port, @revoked.
 *
 * Lines with @cert-authority are passed over: certificates are not supported.  Pure; any thread. */
#pragma once

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

enum known_hosts_verdict {
    KNOWN_HOSTS_MATCH,
    KNOWN_HOSTS_UNKNOWN,  /* no line for the host */
    KNOWN_HOSTS_MISMATCH, /* lines for the host, none with this key */
    KNOWN_HOSTS_REVOKED,  /* a @revoked line has this key */
};

/* text  the lines; malformed ones are passed over, as OpenSSH does.
 * host  as in the URL, without brackets; port 22 also matches lines without a port.
 * key   the raw public key blob of the server. */
enum known_hosts_verdict
known_hosts_check(struct str text, struct str host, uint16_t port, struct str key);

/* The line that would make the host known: "host ssh-ed25519 AAAA...", for messages; nothing for a blob
 * that does not begin with its type. */
void known_hosts_put_line(struct buf *dst, struct str host, uint16_t port, struct str key);
