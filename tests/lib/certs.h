/* Certificates for tests: authorities, and identities signed by them, as PEM files in a folder. */
#pragma once

struct certs_ca;

/* Files "<name>.crt" and "<name>.key" in dir; failures end the test. */
struct certs_ca *certs_ca_new(const char *dir, const char *name);
void certs_ca_free(struct certs_ca *ca);

enum certs_validity { CERTS_VALID, CERTS_EXPIRED };

/* Files "<name>.crt" and "<name>.key" in dir: an identity for server and client use, valid for
 * `host` (a DNS name). */
void certs_issue(struct certs_ca *ca,
                 const char *dir,
                 const char *name,
                 const char *host,
                 enum certs_validity validity);
