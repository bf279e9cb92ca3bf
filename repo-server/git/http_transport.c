/* A libgit2 subtransport on curl: two requests, "list what you have" (GET) and "send me this" (POST).
 *
 * libgit2 pulls: each read drives the transfer until there is something to hand out, so a pack of any
 * size is never held in memory. */
#include "repo-server/git/http_transport.h"

#include <string.h>

#include <curl/curl.h>
#include <git2.h>
#include <git2/sys/transport.h>

#include "common/base/buf.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/url.h"
#include "repo-server/git/cred.h"

#define SERVICE        "git-upload-pack"
#define LIST_SUFFIX    "/info/refs?service=" SERVICE
#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"
/* some servers speak the smart protocol only with what calls itself git */
#define USER_AGENT "git/2.39 (belay)"

enum {
    CONNECT_TIMEOUT_MS = 15 * 1000,
    REDIRECTS_MAX = 5,
    POLL_MS = 1000,
    REQUEST_BYTES_MAX = 64 * 1024 * 1024, /* wants and haves of one negotiation */
    HTTP_OK = 200,
    HTTP_ERRORS = 400,
};

struct transport {
    git_smart_subtransport parent;
    struct cred *cred;
    struct arena *arena; /* cred's */
    CURLM *multi;
    struct str base; /* of the repository; another one after a redirect */
    bool foreign;    /* that one is on another host: no credentials */
};

struct stream {
    git_smart_subtransport_stream parent;
    struct transport *transport;
    CURL *easy;
    struct curl_slist *headers;
    bool is_post;
    bool started;
    bool over;
    CURLcode result;
    struct buf request;
    struct buf received;
    size_t n_read; /* of received */
    char message[CURL_ERROR_SIZE];
};

/* ---- failures ---- */

static int failed(struct cred *cred)
{
    git_error_set_str(GIT_ERROR_HTTP, cred->err.message);
    return GIT_EUSER;
}

static const struct {
    CURLcode code;
    enum err_code err;
    const char *text;
} CURL_ERRORS[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERR_UNAVAILABLE, "host name cannot be resolved"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERR_UNAVAILABLE, "name of the proxy cannot be resolved"},
    {CURLE_COULDNT_CONNECT, ERR_UNAVAILABLE, "host cannot be reached"},
    {CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, "no answer in time"},
    {CURLE_PEER_FAILED_VERIFICATION, ERR_DENIED,
     "TLS certificate is not trusted (its CA belongs into argocd-tls-certs-cm)"},
    {CURLE_SSL_CERTPROBLEM, ERR_DENIED, "TLS client certificate cannot be used"},
    {CURLE_TOO_MANY_REDIRECTS, ERR_INVALID, "too many redirects"},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_DENIED, "protocol is not allowed"},
    {CURLE_OUT_OF_MEMORY, ERR_LIMIT, "out of memory"},
};

static int transfer_failed(struct stream *s)
{
    struct cred *cred = s->transport->cred;
    enum err_code code = ERR_UNAVAILABLE;
    const char *text = "connection failed";
    for (size_t i = 0; i < ARRAY_LEN(CURL_ERRORS); i++) {
        if (CURL_ERRORS[i].code == s->result) {
            code = CURL_ERRORS[i].err;
            text = CURL_ERRORS[i].text;
        }
    }
    (void)err_set(&cred->err, code, "repository '%s': %s: %s", cred->url->shown.p, text,
                  s->message[0] != '\0' ? s->message : curl_easy_strerror(s->result));
    cred->err.system_code = (int32_t)s->result;
    return failed(cred);
}

static bool has_login(const Belay__Repository *repo)
{
    return repo->password[0] != '\0' || repo->username[0] != '\0' || repo->bearer_token[0] != '\0';
}

static int status_failed(struct stream *s, long status)
{
    struct cred *cred = s->transport->cred;
    enum err_code code = err_code_from_http((int)status);
    const char *text = "server failed";
    if (status == 401) {
        text = !has_login(cred->repo)
                   ? "authentication required, but the repository has no user name and password"
                   : "authentication failed";
    } else if (status == 403) {
        text = "access denied";
    } else if (status == 404) {
        text = "repository not found";
    } else if (status == 429) {
        code = ERR_UNAVAILABLE;
        text = "server asks to come back later";
    } else if (status < HTTP_ERRORS) {
        code = ERR_INVALID;
        text = "unexpected answer";
    }
    (void)err_set(&cred->err, code, "repository '%s': %s (HTTP status %ld)", cred->url->shown.p,
                  text, status);
    cred->err.system_code = (int32_t)status;
    return failed(cred);
}

/* A login page is not a repository. */
static int check_content_type(struct stream *s)
{
    struct cred *cred = s->transport->cred;
    const char *wanted =
        s->is_post ? "application/x-" SERVICE "-result" : "application/x-" SERVICE "-advertisement";
    char *type = NULL;
    CURLcode rc = curl_easy_getinfo(s->easy, CURLINFO_CONTENT_TYPE, &type);
    if (rc == CURLE_OK && type != NULL && str_eq_nocase(str_from(type), str_from(wanted))) {
        return 0;
    }
    (void)err_set(&cred->err, ERR_INVALID,
                  "repository '%s': not a Git repository: the server answers with '%s'",
                  cred->url->shown.p, type != NULL ? type : "");
    return failed(cred);
}

/* ---- one transfer ---- */

static long status_of(CURL *easy)
{
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status); /* 0 before the answer */
    return status;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *data)
{
    struct stream *s = data;
    if (status_of(s->easy) == HTTP_OK) {
        buf_put(&s->received, str_of(bytes, size * n));
    }
    return s->received.overflow ? 0 : size * n; /* the text of an error page is not shown */
}

static struct str system_ca(struct arena *arena)
{
    struct str text = STR_EMPTY;
    struct err ignored; /* without one only the repository's own certificates count */
    return fs_read_file(arena, SYSTEM_CA_FILE, LIMIT_DOC_BYTES, &text, &ignored) < 0 ? STR_EMPTY
                                                                                     : text;
}

/* Options are set one by one, the first failure is kept. */
#define SET(rc, easy, option, value)                             \
    do {                                                         \
        if (*(rc) == CURLE_OK) {                                 \
            *(rc) = curl_easy_setopt((easy), (option), (value)); \
        }                                                        \
    } while (0)

static void set_blob(CURLcode *rc, CURL *easy, CURLoption option, struct str bytes)
{
    struct curl_blob blob = {(void *)(uintptr_t)bytes.p, bytes.n, CURL_BLOB_COPY};
    SET(rc, easy, option, &blob);
}

static void set_tls(struct stream *s, CURLcode *rc)
{
    const Belay__Repository *repo = s->transport->cred->repo;
    struct arena *arena = s->transport->arena;
    if (repo->insecure) {
        SET(rc, s->easy, CURLOPT_SSL_VERIFYPEER, 0L);
        SET(rc, s->easy, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (repo->tls_ca[0] != '\0') {
        struct str all =
            arena_printf(arena, STR_FMT "\n%s\n", STR_ARG(system_ca(arena)), repo->tls_ca);
        set_blob(rc, s->easy, CURLOPT_CAINFO_BLOB, all);
    }
    if (repo->tls_client_cert[0] != '\0' && !s->transport->foreign) {
        set_blob(rc, s->easy, CURLOPT_SSLCERT_BLOB, str_from(repo->tls_client_cert));
        set_blob(rc, s->easy, CURLOPT_SSLKEY_BLOB, str_from(repo->tls_client_key));
    }
}

static void set_login(struct stream *s, CURLcode *rc)
{
    const Belay__Repository *repo = s->transport->cred->repo;
    if (s->transport->foreign || !has_login(repo)) {
        return;
    }
    if (repo->bearer_token[0] != '\0') {
        SET(rc, s->easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        SET(rc, s->easy, CURLOPT_XOAUTH2_BEARER, repo->bearer_token);
        return;
    }
    const char *user = repo->username[0] != '\0'             ? repo->username
                       : s->transport->cred->url->user.n > 0 ? s->transport->cred->url->user.p
                                                             : "git";
    SET(rc, s->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    SET(rc, s->easy, CURLOPT_USERNAME, user);
    SET(rc, s->easy, CURLOPT_PASSWORD, repo->password);
}

static void set_network(struct stream *s, CURLcode *rc)
{
    const Belay__Repository *repo = s->transport->cred->repo;
    bool https = s->transport->cred->url->transport == REPO_HTTPS;
    SET(rc, s->easy, CURLOPT_PROTOCOLS_STR, https ? "https" : "http,https");
    SET(rc, s->easy, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
    SET(rc, s->easy, CURLOPT_FOLLOWLOCATION, s->is_post ? 0L : 1L);
    SET(rc, s->easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    SET(rc, s->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    SET(rc, s->easy, CURLOPT_NOSIGNAL, 1L);
    SET(rc, s->easy, CURLOPT_USERAGENT, USER_AGENT);
    SET(rc, s->easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (repo->proxy[0] != '\0') {
        SET(rc, s->easy, CURLOPT_PROXY, repo->proxy);
        SET(rc, s->easy, CURLOPT_NOPROXY, repo->no_proxy);
    }
}

static bool add_header(struct stream *s, const char *header)
{
    struct curl_slist *longer = curl_slist_append(s->headers, header);
    s->headers = longer != NULL ? longer : s->headers;
    return longer != NULL;
}

static void set_request(struct stream *s, CURLcode *rc)
{
    struct transport *t = s->transport;
    struct str url = arena_printf(t->arena, STR_FMT "%s", STR_ARG(t->base),
                                  s->is_post ? "/" SERVICE : LIST_SUFFIX);
    SET(rc, s->easy, CURLOPT_URL, url.p);
    if (!s->is_post) {
        return;
    }
    if (!add_header(s, "Content-Type: application/x-" SERVICE "-request") ||
        !add_header(s, "Accept: application/x-" SERVICE "-result") || !add_header(s, "Expect:")) {
        *rc = CURLE_OUT_OF_MEMORY;
        return;
    }
    SET(rc, s->easy, CURLOPT_POST, 1L);
    SET(rc, s->easy, CURLOPT_POSTFIELDS, s->request.p);
    SET(rc, s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->request.n);
    SET(rc, s->easy, CURLOPT_HTTPHEADER, s->headers);
}

static int start(struct stream *s)
{
    CURLcode rc = CURLE_OK;
    s->started = true;
    s->easy = curl_easy_init();
    if (s->easy == NULL || s->request.overflow) {
        s->result = CURLE_OUT_OF_MEMORY;
        return transfer_failed(s);
    }
    SET(&rc, s->easy, CURLOPT_ERRORBUFFER, s->message);
    SET(&rc, s->easy, CURLOPT_WRITEFUNCTION, on_body);
    SET(&rc, s->easy, CURLOPT_WRITEDATA, s);
    set_network(s, &rc);
    set_tls(s, &rc);
    set_login(s, &rc);
    set_request(s, &rc);
    if (rc == CURLE_OK && curl_multi_add_handle(s->transport->multi, s->easy) != CURLM_OK) {
        rc = CURLE_FAILED_INIT;
    }
    if (rc != CURLE_OK) {
        s->result = rc;
        return transfer_failed(s);
    }
    return 0;
}

/* After a redirect the repository is where the list of references came from. */
static void learn_base(struct stream *s)
{
    struct transport *t = s->transport;
    const char *text = NULL;
    struct url url;
    struct err ignored; /* curl has been there, so it is a URL */
    if (s->is_post || curl_easy_getinfo(s->easy, CURLINFO_EFFECTIVE_URL, &text) != CURLE_OK) {
        return;
    }
    struct str base = str_from(text);
    if (!str_cut_suffix(&base, STR(LIST_SUFFIX)) || str_eq(base, t->base) ||
        url_parse(t->arena, base, &url, &ignored) < 0) {
        return;
    }
    t->base = arena_str(t->arena, base);
    t->foreign = !str_eq(url.host, t->cred->url->host) || url_port(&url) != t->cred->url->port;
}

static int check_outcome(struct stream *s)
{
    if (s->result != CURLE_OK) {
        return transfer_failed(s);
    }
    long status = status_of(s->easy);
    if (status != HTTP_OK) {
        return status_failed(s, status);
    }
    int rc = check_content_type(s);
    if (rc == 0) {
        learn_base(s);
    }
    return rc;
}

/* Go on with the transfer until there are bytes or it is over. */
static int pump(struct stream *s)
{
    CURLM *multi = s->transport->multi;
    while (s->received.n == s->n_read && !s->over) {
        int n_running = 0;
        int n_messages = 0;
        CURLMcode rc = curl_multi_perform(multi, &n_running);
        if (rc == CURLM_OK && n_running > 0 && s->received.n == s->n_read) {
            rc = curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
        }
        const CURLMsg *message = curl_multi_info_read(multi, &n_messages);
        if (message != NULL && message->msg == CURLMSG_DONE) {
            s->over = true;
            s->result = message->data.result;
            return check_outcome(s);
        }
        if (rc != CURLM_OK) {
            s->result = CURLE_FAILED_INIT;
            return transfer_failed(s);
        }
    }
    return 0;
}

/* ---- what libgit2 calls ---- */

static int on_read(git_smart_subtransport_stream *stream, char *to, size_t size, size_t *ret_n)
{
    struct stream *s = (struct stream *)(void *)stream;
    int rc = s->started ? 0 : start(s);
    if (rc == 0) {
        rc = pump(s);
    }
    if (rc < 0) {
        return rc;
    }
    size_t n = MIN(size, s->received.n - s->n_read);
    memcpy(to, s->received.p + s->n_read, n);
    s->n_read += n;
    if (s->n_read == s->received.n) {
        buf_reset(&s->received);
        s->n_read = 0;
    }
    *ret_n = n;
    return 0;
}

static int on_write(git_smart_subtransport_stream *stream, const char *bytes, size_t n)
{
    struct stream *s = (struct stream *)(void *)stream;
    buf_put(&s->request, str_of(bytes, n)); /* too much is told by start() */
    return 0;
}

static void on_stream_free(git_smart_subtransport_stream *stream)
{
    struct stream *s = (struct stream *)(void *)stream;
    if (s->easy != NULL) {
        (void)curl_multi_remove_handle(s->transport->multi, s->easy); /* or it was never added */
        curl_easy_cleanup(s->easy);
    }
    curl_slist_free_all(s->headers);
    buf_done(&s->request);
    buf_done(&s->received);
    mem_free(s);
}

static int on_action(git_smart_subtransport_stream **ret,
                     git_smart_subtransport *transport,
                     const char *url UNUSED,
                     git_smart_service_t action)
{
    if (action != GIT_SERVICE_UPLOADPACK_LS && action != GIT_SERVICE_UPLOADPACK) {
        git_error_set_str(GIT_ERROR_HTTP, "only fetching is supported");
        return -1;
    }
    struct stream *s = MEM_NEW(struct stream);
    s->parent.subtransport = transport;
    s->parent.read = on_read;
    s->parent.write = on_write;
    s->parent.free = on_stream_free;
    s->transport = (struct transport *)(void *)transport;
    s->is_post = action == GIT_SERVICE_UPLOADPACK;
    buf_init(&s->request, REQUEST_BYTES_MAX);
    buf_init(&s->received, LIMIT_IPC_MESSAGE_BYTES);
    *ret = &s->parent;
    return 0;
}

static int on_close(git_smart_subtransport *transport UNUSED)
{
    return 0;
}

static void on_free(git_smart_subtransport *transport)
{
    struct transport *t = (struct transport *)(void *)transport;
    (void)curl_multi_cleanup(t->multi); /* its handles are gone */
    mem_free(t);
}

static int on_new(git_smart_subtransport **ret, git_transport *owner UNUSED, void *data)
{
    struct cred *cred = data;
    struct transport *t = MEM_NEW(struct transport);
    t->parent.action = on_action;
    t->parent.close = on_close;
    t->parent.free = on_free;
    t->cred = cred;
    t->arena = cred->arena;
    t->multi = curl_multi_init();
    t->base = cred->url->shown;
    while (str_cut_suffix(&t->base, STR("/"))) {
    }
    if (t->multi == NULL) {
        mem_free(t);
        git_error_set_str(GIT_ERROR_HTTP, "out of memory");
        return -1;
    }
    *ret = &t->parent;
    return 0;
}

int http_transport_register(struct cred *cred, struct err *err)
{
    static git_smart_subtransport_definition definition;
    definition = (git_smart_subtransport_definition){.callback = on_new, .rpc = 1, .param = cred};
    int ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK &&
             git_transport_register("http", git_transport_smart, &definition) == 0 &&
             git_transport_register("https", git_transport_smart, &definition) == 0;
    return ok ? 0 : err_set(err, ERR_INTERNAL, "cannot set up Git over HTTP");
}
