/* Chart repositories as targets of requests. */
#include "repo-server/source/chart_remote.h"

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/net/http_header.h"
#include "common/net/http_target.h"

#define DOCKER_NAME "docker.io"
#define DOCKER_HOST "registry-1." DOCKER_NAME

struct chart_remote {
    struct arena *arena;
    enum chart_remote_kind kind;
    struct url url;
    struct str shown;
    char key[DIGEST_SHA256_HEX_BYTES];
    struct buf authorization; /* erased at the end */
    struct http_target *own;
    struct http_target *foreign;
    unsigned refs;
};

static bool is_set(const char *s)
{
    return s != NULL && s[0] != '\0';
}

/* ---- the URL ---- */

static struct str with_scheme(struct arena *arena, const Belay__Repository *repo)
{
    struct str text = str_trim(str_from(repo->url));
    bool bare = text.n > 0 && str_find(text, STR("://")) == STR_NONE;
    return bare ? arena_printf(arena, "oci://" STR_FMT, STR_ARG(text)) : text;
}

static int find_kind(const Belay__Repository *repo,
                     struct str scheme,
                     enum chart_remote_kind *ret,
                     struct err *err)
{
    bool is_http = str_eq_c(scheme, "http") || str_eq_c(scheme, "https");
    if (str_eq_c(scheme, "oci")) {
        *ret = CHART_REMOTE_OCI;
        return 0;
    }
    if (!is_http) {
        return err_set(err, ERR_UNSUPPORTED,
                       "chart repository URLs with scheme '" STR_FMT "' are not supported "
                       "(use https, http or oci)",
                       STR_ARG(scheme));
    }
    *ret = repo->enable_oci ? CHART_REMOTE_OCI : CHART_REMOTE_HTTP;
    return 0;
}

static struct str show(struct arena *arena, const struct url *url)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    url_format_public(url, &text);
    return buf_to_arena(&text, arena);
}

static int read_url(struct chart_remote *r, const Belay__Repository *repo, struct err *err)
{
    struct url *url = &r->url;
    TRY_IN(url_parse(r->arena, with_scheme(r->arena, repo), url, err), err, "chart repository URL");
    TRY(find_kind(repo, url->scheme, &r->kind, err));
    url->fragment = str_of(NULL, 0);
    while (str_cut_suffix(&url->path, STR("/"))) {
    }
    r->shown = show(r->arena, url);
    if (url->host.n == 0) {
        return err_set(err, ERR_INVALID, "chart repository URL '%s' has no host", r->shown.p);
    }
    if (r->kind == CHART_REMOTE_OCI) {
        url->scheme = repo->insecure_oci_force_http ? STR("http") : STR("https");
        url->query = str_of(NULL, 0);
        if (str_eq_c(url->host, DOCKER_NAME)) {
            url->host = STR(DOCKER_HOST); /* what is written is no registry, but means one */
        }
    }
    return 0;
}

/* ---- credentials ---- */

static int
read_authorization(struct chart_remote *r, const Belay__Repository *repo, struct err *err)
{
    struct str user = is_set(repo->username) ? str_from(repo->username) : r->url.user;
    struct str password = is_set(repo->password) ? str_from(repo->password) : r->url.password;
    struct buf *value = &r->authorization;
    if (user.n > 0 || password.n > 0) {
        struct buf plain;
        buf_init(&plain, LIMIT_HTTP_HEADER_BYTES / 4);
        buf_put(&plain, user);
        buf_put_char(&plain, ':');
        buf_put(&plain, password);
        buf_put_c(value, "Basic ");
        b64_encode(value, buf_str(&plain), B64_STANDARD);
        int rc = buf_check(&plain, "user and password", err);
        mem_erase(plain.p, plain.n);
        buf_done(&plain);
        TRY(rc);
    } else if (is_set(repo->bearer_token)) {
        buf_put_c(value, "Bearer ");
        buf_put_c(value, repo->bearer_token);
    }
    r->url.user = r->url.password = str_of(NULL, 0);
    if (!http_header_is_value(buf_str(value))) {
        return err_set(err, ERR_INVALID, "bearer token contains a control character");
    }
    return buf_check(value, "Authorization header", err);
}

static int make_targets(struct chart_remote *r,
                        const Belay__Repository *repo,
                        struct str system_ca,
                        struct err *err)
{
    bool has_cert = is_set(repo->tls_client_cert);
    struct http_target_opts opts = {
        .verify = repo->insecure ? HTTP_VERIFY_OFF : HTTP_VERIFY_ON,
        .proxy = is_set(repo->proxy) ? repo->proxy : NULL,
        .no_proxy = is_set(repo->proxy) && is_set(repo->no_proxy) ? repo->no_proxy : NULL,
    };
    if (is_set(repo->tls_ca)) {
        opts.ca_pem = arena_printf(r->arena, STR_FMT "\n%s\n", STR_ARG(system_ca), repo->tls_ca);
    }
    TRY(http_target_new(&opts, &r->foreign, err));
    if (!has_cert) {
        r->own = http_target_ref(r->foreign);
        return 0;
    }
    opts.cert_pem = str_from(repo->tls_client_cert);
    opts.key_pem = str_from(repo->tls_client_key);
    return http_target_new(&opts, &r->own, err);
}

/* ---- life ---- */

void chart_remote_key_of(const Belay__Repository *repo, char ret[DIGEST_SHA256_HEX_BYTES])
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str bytes = ipc_pack(arena, &repo->base);
    digest_sha256_hex(bytes, ret);
    mem_erase((char *)(uintptr_t)bytes.p, bytes.n); /* has the credentials */
}

int chart_remote_new(const Belay__Repository *repo,
                     struct str system_ca,
                     struct chart_remote **ret,
                     struct err *err)
{
    AUTO(chart_remote) struct chart_remote *r = MEM_NEW(struct chart_remote);
    r->refs = 1;
    r->arena = arena_new();
    buf_init(&r->authorization, LIMIT_HTTP_HEADER_BYTES / 2);
    chart_remote_key_of(repo, r->key);
    TRY(read_url(r, repo, err));
    TRY_IN(read_authorization(r, repo, err), err, "chart repository '%s'", r->shown.p);
    TRY_IN(make_targets(r, repo, system_ca, err), err, "chart repository '%s'", r->shown.p);
    *ret = TAKE(r);
    return 0;
}

struct chart_remote *chart_remote_ref(struct chart_remote *remote)
{
    remote->refs++;
    return remote;
}

void chart_remote_unref(struct chart_remote *remote)
{
    if (remote == NULL || --remote->refs > 0) {
        return;
    }
    mem_erase(remote->authorization.p, remote->authorization.n);
    buf_done(&remote->authorization);
    http_target_unref(remote->own);
    http_target_unref(remote->foreign);
    arena_free(remote->arena);
    mem_free(remote);
}

/* ---- asking ---- */

enum chart_remote_kind chart_remote_kind(const struct chart_remote *remote)
{
    return remote->kind;
}

const struct url *chart_remote_url(const struct chart_remote *remote)
{
    return &remote->url;
}

const char *chart_remote_shown(const struct chart_remote *remote)
{
    return remote->shown.p;
}

struct str chart_remote_shown_of(struct arena *arena, const Belay__Repository *repo)
{
    struct url url;
    struct err ignored;
    if (url_parse(arena, with_scheme(arena, repo), &url, &ignored) < 0) {
        return STR_EMPTY;
    }
    return show(arena, &url);
}

struct str chart_remote_key(const struct chart_remote *remote)
{
    return str_from(remote->key);
}

struct str chart_remote_authorization(const struct chart_remote *remote)
{
    return buf_str(&remote->authorization);
}

struct http_target *chart_remote_own_target(const struct chart_remote *remote)
{
    return remote->own;
}

struct http_target *chart_remote_foreign_target(const struct chart_remote *remote)
{
    return remote->foreign;
}

bool chart_remote_same_server(const struct url *trusted, const struct url *url)
{
    if (!str_eq(trusted->host, url->host)) {
        return false;
    }
    if (str_eq(trusted->scheme, url->scheme)) {
        return url_port(trusted) == url_port(url);
    }
    return str_eq_c(trusted->scheme, "http") && str_eq_c(url->scheme, "https") &&
           url_port(trusted) == 80 && url_port(url) == 443;
}
