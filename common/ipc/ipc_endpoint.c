/* Addresses: splitting and refusing. Pure. */
#include "common/ipc/ipc_endpoint.h"

#include <sys/un.h>

#include "common/base/num.h"

static int parse_path(struct str path, struct ipc_endpoint *ret, struct err *err)
{
    if (path.n == 0 || path.p[0] != '/') {
        return err_set(err, ERR_INVALID, "ipc:// needs an absolute path");
    }
    size_t max = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
    if (path.n > max) {
        return err_set(err, ERR_INVALID, "the socket's path has more than %zu bytes", max);
    }
    ret->path = path;
    return 0;
}

static int parse_host_port(struct str text, struct ipc_endpoint *ret, struct err *err)
{
    size_t colon = str_rfind_char(text, ':');
    int64_t port;
    if (colon == STR_NONE) {
        return err_set(err, ERR_INVALID, "the port is missing");
    }
    ret->host = str_sub(text, 0, colon);
    ret->port = str_sub(text, colon + 1, text.n);
    TRY_IN(num_parse_int_range(ret->port, 0, 65535, &port, err), err, "port");
    bool bracketed = str_cut_prefix(&ret->host, STR("["));
    if (bracketed != str_cut_suffix(&ret->host, STR("]")) ||
        (!bracketed && str_find_char(ret->host, ':') != STR_NONE)) {
        return err_set(err, ERR_INVALID, "an IPv6 address stands in brackets: [::1]:8081");
    }
    if (ret->host.n == 0) {
        return err_set(err, ERR_INVALID, "the host is missing");
    }
    return 0;
}

/* Without TLS nobody is authenticated, so it stays on the machine. */
static bool is_loopback(struct str host)
{
    return str_starts_with(host, STR("127.")) || str_eq_c(host, "localhost") ||
           str_eq_c(host, "::1");
}

static int parse_rest(struct str rest, struct ipc_endpoint *ret, struct err *err)
{
    if (ret->scheme == IPC_SCHEME_IPC) {
        return parse_path(rest, ret, err);
    }
    TRY(parse_host_port(rest, ret, err));
    if (ret->scheme == IPC_SCHEME_TCP && !is_loopback(ret->host)) {
        return err_set(err, ERR_INVALID,
                       "tcp:// is for loopback addresses; between machines it is tls+tcp://");
    }
    return 0;
}

int ipc_endpoint_parse(struct str url, struct ipc_endpoint *ret, struct err *err)
{
    static const struct {
        struct str prefix;
        enum ipc_scheme scheme;
    } SCHEMES[] = {
        {{"ipc://", 6}, IPC_SCHEME_IPC},
        {{"tcp://", 6}, IPC_SCHEME_TCP},
        {{"tls+tcp://", 10}, IPC_SCHEME_TLS},
    };
    for (size_t i = 0; i < ARRAY_LEN(SCHEMES); i++) {
        struct str rest = url;
        if (str_cut_prefix(&rest, SCHEMES[i].prefix)) {
            struct ipc_endpoint endpoint = {.scheme = SCHEMES[i].scheme};
            TRY_IN(parse_rest(rest, &endpoint, err), err, "address '" STR_FMT "'", STR_ARG(url));
            *ret = endpoint;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "address '" STR_FMT "' does not begin with ipc://, tcp:// or tls+tcp://",
                   STR_ARG(url));
}
