/* TLS settings of nng sockets; only for common/ipc. */
#pragma once

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/ipc/ipc_endpoint.h"

/* Both sides show a certificate and check that the other's is signed by the CA and valid now;
 * the client checks the name as well.  The files are read now.  *ret is to be freed with
 * nng_tls_config_free(). Errors: ERR_INVALID (missing setting, files that are not what they
 * should be), ERR_NOT_FOUND, ... */
MUST_CHECK int
ipc_tls_server_config(const struct ipc_tls *tls, nng_tls_config **ret, struct err *err);
MUST_CHECK int ipc_tls_client_config(const struct ipc_tls *tls,
                                     const char *server_name,
                                     nng_tls_config **ret,
                                     struct err *err);
