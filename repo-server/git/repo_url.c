/* Repository URLs, on top of common/net/url. */
#include "repo-server/git/repo_url.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/net/url.h"

static const struct {
    const char *scheme;
    enum repo_transport transport;
} SCHEMES[] = {
    {"http", REPO_HTTP}, {"https", REPO_HTTPS}, {"ssh", REPO_SSH},
    {"file", REPO_FILE}, {"git+ssh", REPO_SSH}, {"ssh+git", REPO_SSH},
};

static int find_transport(struct str scheme, enum repo_transport *ret, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(SCHEMES); i++) {
        if (str_eq_c(scheme, SCHEMES[i].scheme)) {
            *ret = SCHEMES[i].transport;
            return 0;
        }
    }
    return err_set(err, ERR_UNSUPPORTED,
                   "repository URLs with scheme '" STR_FMT "' are not supported "
                   "(use https, http or ssh)",
                   STR_ARG(scheme));
}

static struct str format(struct arena *arena,
                         const struct url *url,
                         void (*fn)(const struct url *url, struct buf *dst))
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_HTTP_URL_BYTES);
    fn(url, &b);
    return buf_to_arena(&b, arena);
}

static void make_key(const struct repo_url *u, char ret[DIGEST_SHA256_HEX_BYTES])
{
    struct str path = u->path;
    while (str_cut_suffix(&path, STR("/"))) {
    }
    (void)str_cut_suffix(&path, STR(".git")); /* both spellings are common */
    AUTO(digest) struct digest *d = digest_new();
    /* http and https are different repositories: one must not be filled through the other */
    uint8_t transport = (uint8_t)u->transport;
    digest_put_field(d, str_of((const char *)&transport, 1));
    digest_put_field(d, u->host);
    digest_put_field(d, str_of((const char *)&u->port, sizeof(u->port)));
    digest_put_field(d, path);
    digest_finish_hex(d, ret);
}

int repo_url_parse(struct arena *arena,
                   struct str text,
                   enum repo_url_files files,
                   struct repo_url *ret,
                   struct err *err)
{
    struct url url;
    struct repo_url u = {0};
    TRY_IN(url_parse_git(arena, str_trim(text), &url, err), err, "repository URL");
    TRY(find_transport(url.scheme, &u.transport, err));
    u.user = url.user.p != NULL ? url.user : STR_EMPTY;
    u.host = url.host;
    u.path = url.path;
    u.shown = format(arena, &url, url_format_public);
    url.password = str_of(NULL, 0);
    u.text = format(arena, &url, url_format);
    if (u.transport == REPO_FILE) {
        if (files == REPO_URL_NO_FILES) {
            return err_set(err, ERR_DENIED, "repository '" STR_FMT "': file URLs are not allowed",
                           STR_ARG(u.shown));
        }
        TRY(url_unescape(arena, url.path, &u.path, err));
    } else {
        u.port = url_port(&url);
        if (u.host.n == 0 || u.path.n <= 1) {
            return err_set(err, ERR_INVALID, "repository URL '" STR_FMT "' has no host or no path",
                           STR_ARG(u.shown));
        }
    }
    make_key(&u, u.key);
    *ret = u;
    return 0;
}
