/* Targets of HTTP calls: a checked, immutable copy of the options, with the secrets erased at the
 * end. http_call.c turns it into curl options. Loop thread only. */
#include "common/net/http_target.h"

#include <assert.h>

#include "common/base/mem.h"
#include "common/net/http_header.h"
#include "common/net/tls.h"

enum { TARGET_STRINGS = 10 };

struct http_target {
    unsigned refs;
    struct http_target_opts opts; /* its strings are those of owned[] */
    struct {
        char *p;
        size_t n;
    } owned[TARGET_STRINGS];
    size_t n_owned;
};

static struct str keep(struct http_target *target, struct str s)
{
    if (s.n == 0) {
        return STR_EMPTY;
    }
    assert(target->n_owned < TARGET_STRINGS);
    char *p = mem_strndup(s.p, s.n);
    target->owned[target->n_owned].p = p;
    target->owned[target->n_owned++].n = s.n;
    return str_of(p, s.n);
}

static const char *keep_c(struct http_target *target, const char *s)
{
    return s != NULL ? keep(target, str_from(s)).p : NULL;
}

static int check_tls(const struct http_target_opts *opts, struct err *err)
{
    if ((opts->cert_pem.n > 0) != (opts->key_pem.n > 0)) {
        return err_set(err, ERR_INVALID, "client certificate and key must be given together");
    }
    if (opts->cert_pem.n > 0) {
        TRY(tls_pem_check(opts->cert_pem, opts->key_pem, "client certificate", err));
    }
    if (opts->ca_pem.n > 0) {
        TRY(tls_ca_check(opts->ca_pem, "CA certificates", err));
    }
    return 0;
}

static int check(const struct http_target_opts *opts, struct err *err)
{
    int n_ways = (opts->bearer.n > 0) + (opts->token != NULL) + (opts->user.n > 0);
    if (n_ways > 1) {
        return err_set(err, ERR_INVALID, "give either a bearer token or user and password");
    }
    if (!http_header_is_value(opts->bearer)) {
        return err_set(err, ERR_INVALID, "bearer token contains a control character");
    }
    return check_tls(opts, err);
}

int http_target_new(const struct http_target_opts *opts, struct http_target **ret, struct err *err)
{
    TRY(check(opts, err));
    struct http_target *target = MEM_NEW(struct http_target);
    target->refs = 1;
    target->opts = *opts;
    struct http_target_opts *own = &target->opts;
    own->ca_pem = keep(target, opts->ca_pem);
    own->cert_pem = keep(target, opts->cert_pem);
    own->key_pem = keep(target, opts->key_pem);
    own->bearer = keep(target, opts->bearer);
    own->user = keep(target, opts->user);
    own->password = keep(target, opts->password);
    own->server_name = keep_c(target, opts->server_name);
    own->proxy = keep_c(target, opts->proxy);
    own->no_proxy = keep_c(target, opts->no_proxy);
    *ret = target;
    return 0;
}

struct http_target *http_target_ref(struct http_target *target)
{
    assert(target->refs > 0);
    target->refs++;
    return target;
}

void http_target_unref(struct http_target *target)
{
    if (target == NULL || --target->refs > 0) {
        return;
    }
    for (size_t i = 0; i < target->n_owned; i++) {
        mem_erase(target->owned[i].p, target->owned[i].n);
        mem_free(target->owned[i].p);
    }
    mem_free(target);
}

const struct http_target_opts *http_target_get(const struct http_target *target)
{
    return &target->opts;
}
