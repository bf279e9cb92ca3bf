/* One HTTP transfer: options to curl, curl's callbacks, delivery to the caller.
 *
 * curl's callbacks (on_curl_*) never run the caller's code: headers go to call->headers, bytes to
 * call->body (collected) or call->pending (streamed), and a loop task tells the caller. When pending
 * is full the transfer is paused in curl, which fills the connection and so holds the peer
 * back. Loop thread only. */
#include "common/net/http_call.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http_client_internal.h"
#include "common/net/url.h"
#include "version.h"

enum {
    CALL_CONNECT_TIMEOUT_MS = 10 * 1000,
    CALL_PENDING_BYTES = 256 * 1024,   /* streamed bytes held before curl is paused */
    CALL_ERROR_BODY_BYTES = 64 * 1024, /* of the body of an error answer to a stream */
    CALL_HEADER_BYTES = 256 * 1024,    /* of a response */
    CALL_MESSAGE_BODY_BYTES = 300,     /* of a body quoted in an error */
    CALL_KEEPALIVE_S = 30,             /* TCP probes find dead peers of silent streams */
};

/* --- errors ---------------------------------------------------------------------------------- */

int err_from_curl(struct err *err, int curl_code, struct str url, const char *detail)
{
    static const struct {
        CURLcode curl;
        enum err_code code;
        const char *text;
    } rows[] = {
        {CURLE_UNSUPPORTED_PROTOCOL, ERR_INVALID, "only http and https URLs are supported"},
        {CURLE_URL_MALFORMAT, ERR_INVALID, "malformed URL"},
        {CURLE_COULDNT_RESOLVE_PROXY, ERR_UNAVAILABLE, "cannot resolve the proxy's name"},
        {CURLE_COULDNT_RESOLVE_HOST, ERR_UNAVAILABLE, "cannot resolve the host name"},
        {CURLE_COULDNT_CONNECT, ERR_UNAVAILABLE, "cannot connect"},
        {CURLE_PROXY, ERR_UNAVAILABLE, "proxy failed"},
        {CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, "timed out"},
        {CURLE_PEER_FAILED_VERIFICATION, ERR_DENIED,
         "the server's certificate is not trusted; give the CA that signed it, or turn off "
         "verification"},
        {CURLE_SSL_ISSUER_ERROR, ERR_DENIED, "the issuer of the server's certificate is wrong"},
        {CURLE_SSL_CERTPROBLEM, ERR_INVALID, "the client certificate cannot be used"},
        {CURLE_SSL_CACERT_BADFILE, ERR_INVALID, "the CA certificates cannot be read"},
        {CURLE_SSL_CONNECT_ERROR, ERR_UNAVAILABLE, "TLS handshake failed"},
        {CURLE_GOT_NOTHING, ERR_UNAVAILABLE, "the server closed the connection without an answer"},
        {CURLE_SEND_ERROR, ERR_UNAVAILABLE, "connection lost while sending"},
        {CURLE_RECV_ERROR, ERR_UNAVAILABLE, "connection lost while receiving"},
        {CURLE_PARTIAL_FILE, ERR_UNAVAILABLE, "connection lost in the middle of the answer"},
        {CURLE_HTTP2, ERR_UNAVAILABLE, "HTTP/2 connection failed"},
        {CURLE_HTTP2_STREAM, ERR_UNAVAILABLE, "HTTP/2 stream broken off"},
        {CURLE_TOO_MANY_REDIRECTS, ERR_INVALID, "too many redirects"},
        {CURLE_BAD_CONTENT_ENCODING, ERR_INVALID, "the answer's compression is broken"},
        {CURLE_WEIRD_SERVER_REPLY, ERR_INVALID, "the answer is not HTTP"},
        {CURLE_UNSUPPORTED_PROTOCOL, ERR_INVALID, "the answer is not HTTP"},
    };
    enum err_code code = ERR_INTERNAL;
    const char *text = libcurl_get()->easy_strerror((CURLcode)curl_code);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].curl == (CURLcode)curl_code) {
            code = rows[i].code;
            text = rows[i].text;
            break;
        }
    }
    bool more = detail != NULL && detail[0] != '\0';
    (void)err_set(err, code, STR_FMT ": %s%s%s%s", STR_ARG(url), text, more ? " (" : "",
                  more ? detail : "", more ? ")" : "");
    err->system_code = curl_code;
    return -(int)code;
}

int http_response_check(const struct http_response *response, struct err *err)
{
    if (response->status >= 200 && response->status < 300) {
        return 0;
    }
    struct str body = str_trim(buf_str(response->body));
    bool cut = body.n > CALL_MESSAGE_BODY_BYTES;
    body = str_sub(body, 0, CALL_MESSAGE_BODY_BYTES);
    enum err_code code =
        response->status >= 400 ? err_code_from_http(response->status) : ERR_INVALID;
    (void)err_set(err, code, "HTTP status %d %s%s" STR_FMT "%s", response->status,
                  http_header_reason(response->status), body.n > 0 ? ": " : "", STR_ARG(body),
                  cut ? "..." : "");
    err->system_code = response->status;
    return -(int)code;
}

/* --- what curl reports ----------------------------------------------------------------------- */

static void on_deliver(void *data);

static void deliver_soon(struct http_call *call)
{
    loop_task_post(call->op.loop, &call->deliver, on_deliver, call);
}

/* Something was received: the idle time begins anew. */
static void touch(struct http_call *call)
{
    if (call->opts.idle_timeout_ms > 0 && !call->user_paused) {
        timer_start(&call->idle, call->opts.idle_timeout_ms);
    }
}

static bool is_streamed(const struct http_call *call)
{
    int status = call->response.status;
    return call->opts.on_data != NULL && status >= 200 && status < 300;
}

/* "HTTP/1.1 200 OK": a new answer begins, maybe after an interim one or a redirect. */
static void begin_head(struct http_call *call, struct str line)
{
    struct str version;
    struct str rest;
    (void)str_cut(line, ' ', &version, &rest); /* without a blank rest is empty */
    int status = 0;
    for (size_t i = 0; i < rest.n && i < 3 && rest.p[i] >= '0' && rest.p[i] <= '9'; i++) {
        status = status * 10 + (rest.p[i] - '0');
    }
    call->response.status = status;
    call->response.http2 = str_starts_with(version, STR("HTTP/2"));
    call->headers.n = 0;
    call->head_done = false;
}

static void add_header(struct http_call *call, struct str line)
{
    struct http_header header;
    if (str_cut(line, ':', &header.name, &header.value)) {
        header.name = arena_str(call->arena, header.name);
        header.value = arena_str(call->arena, str_trim(header.value));
        vec_push_in(call->arena, &call->headers, header);
    }
}

static void end_head(struct http_call *call)
{
    call->response.headers = (struct http_headers){call->headers.items, call->headers.n};
    call->head_done = true;
    if (call->opts.on_head != NULL) {
        deliver_soon(call);
    }
}

static size_t on_curl_header(char *p, size_t size, size_t n_items, void *data)
{
    struct http_call *call = data;
    struct str line = str_trim(str_of(p, size * n_items));
    touch(call);
    call->header_bytes += size * n_items;
    if (call->header_bytes > CALL_HEADER_BYTES) {
        (void)err_set(&call->err, ERR_LIMIT, "response headers exceed %d bytes", CALL_HEADER_BYTES);
        return 0;
    }
    if (str_starts_with(line, STR("HTTP/"))) {
        begin_head(call, line);
    } else if (call->head_done) {
        /* trailers: nobody asked for them */
    } else if (line.n > 0) {
        add_header(call, line);
    } else if (call->response.status >= 200 &&
               (call->response.status / 100 != 3 || call->opts.max_redirects == 0)) {
        /* of a redirect that may be followed only the body or the end says that it is final */
        end_head(call);
    }
    return size * n_items;
}

static size_t collect(struct http_call *call, struct str bytes)
{
    if (call->opts.on_data == NULL) {
        buf_put(&call->body, bytes);
        if (call->body.overflow) {
            (void)err_set(&call->err, ERR_LIMIT, "the answer is larger than %zu bytes",
                          call->body.max_bytes);
            return 0;
        }
        return bytes.n;
    }
    buf_put(&call->body, str_sub(bytes, 0, CALL_ERROR_BODY_BYTES - call->body.n));
    if (call->body.n == CALL_ERROR_BODY_BYTES) {
        call->body_cut = true;
        return 0;
    }
    return bytes.n;
}

static size_t on_curl_data(char *p, size_t size, size_t n_items, void *data)
{
    struct http_call *call = data;
    struct str bytes = str_of(p, size * n_items);
    touch(call);
    if (!call->head_done) {
        end_head(call);
    }
    if (!is_streamed(call)) {
        return collect(call, bytes);
    }
    if (call->pending.n >= CALL_PENDING_BYTES) {
        call->curl_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    buf_put(&call->pending, bytes);
    deliver_soon(call);
    return bytes.n;
}

/* --- setting up ------------------------------------------------------------------------------ */

#define SET(easy, option, value)                                              \
    do {                                                                      \
        CURLcode set_rc_ = libcurl_get()->easy_setopt(easy, option, (value)); \
        if (set_rc_ != CURLE_OK) {                                            \
            return err_from_curl(err, set_rc_, STR(#option), NULL);           \
        }                                                                     \
    } while (0)

static int set_blob(CURL *easy, CURLoption option, struct str pem, struct err *err)
{
    struct curl_blob blob = {
        .data = (void *)(uintptr_t)pem.p, .len = pem.n, .flags = CURL_BLOB_NOCOPY};
    SET(easy, option, &blob);
    return 0;
}

static int set_tls(struct http_call *call, const struct http_target_opts *opts, struct err *err)
{
    CURL *easy = call->easy;
    bool verify = opts->verify == HTTP_VERIFY_ON;
    SET(easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    SET(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (opts->ca_pem.n > 0) {
        /* the folder of system certificates would be trusted as well */
        SET(easy, CURLOPT_CAPATH, NULL);
        TRY(set_blob(easy, CURLOPT_CAINFO_BLOB, opts->ca_pem, err));
    }
    if (opts->cert_pem.n > 0) {
        SET(easy, CURLOPT_SSLCERTTYPE, "PEM");
        SET(easy, CURLOPT_SSLKEYTYPE, "PEM");
        TRY(set_blob(easy, CURLOPT_SSLCERT_BLOB, opts->cert_pem, err));
        TRY(set_blob(easy, CURLOPT_SSLKEY_BLOB, opts->key_pem, err));
    }
    if (opts->proxy != NULL) {
        SET(easy, CURLOPT_PROXY, opts->proxy);
        SET(easy, CURLOPT_NOPROXY, opts->no_proxy != NULL ? opts->no_proxy : "");
    }
    return 0;
}

static int
add_header_line(struct http_call *call, struct str name, struct str value, struct err *err)
{
    if (!http_header_is_token(name) || !http_header_is_value(value)) {
        return err_set(err, ERR_INVALID, "invalid HTTP header '" STR_FMT "'", STR_ARG(name));
    }
    struct buf line;
    buf_init(&line, LIMIT_HTTP_HEADER_BYTES);
    buf_put(&line, name);
    buf_put_c(&line, value.n > 0 ? ": " : ";"); /* curl's way to write an empty header */
    buf_put(&line, value);
    int rc = buf_check(&line, "HTTP header", err);
    if (rc == 0) {
        struct curl_slist *list = libcurl_get()->slist_append(call->send_headers, line.p);
        assert(list != NULL); /* else out of memory */
        call->send_headers = list;
    }
    mem_erase(line.p, line.n);
    buf_done(&line);
    return rc;
}

/* A line as it stands: "Expect:" takes a header of curl's own away. */
static void add_raw_line(struct http_call *call, const char *line)
{
    struct curl_slist *list = libcurl_get()->slist_append(call->send_headers, line);
    assert(list != NULL); /* else out of memory */
    call->send_headers = list;
}

static int set_bearer(struct http_call *call, const struct http_target_opts *opts, struct err *err)
{
    struct buf value;
    buf_init(&value, LIMIT_HTTP_HEADER_BYTES);
    buf_put_c(&value, "Bearer ");
    buf_put(&value, opts->bearer);
    int rc = opts->token != NULL ? opts->token(opts->token_data, &value, err) : 0;
    if (rc >= 0) {
        rc = add_header_line(call, STR("Authorization"), buf_str(&value), err);
    }
    mem_erase(value.p, value.n);
    buf_done(&value);
    return rc;
}

static int
set_credentials(struct http_call *call, const struct http_target_opts *opts, struct err *err)
{
    if (http_header_find(call->opts.headers, STR("Authorization")).p != NULL) {
        return 0; /* the caller's own goes first */
    }
    if (opts->bearer.n > 0 || opts->token != NULL) {
        return set_bearer(call, opts, err);
    }
    if (opts->user.n > 0) {
        SET(call->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        SET(call->easy, CURLOPT_USERNAME, opts->user.p);
        SET(call->easy, CURLOPT_PASSWORD, opts->password.n > 0 ? opts->password.p : "");
    }
    return 0;
}

/* TLS name other than the host: the URL gets that name, the connection goes to the real host, and the
 * Host header stays as it was. */
static int set_server_name(struct http_call *call,
                           const struct http_target_opts *opts,
                           struct url *url,
                           struct err *err)
{
    if (opts->server_name == NULL || !str_eq_c(url->scheme, "https") ||
        str_eq_c(url->host, opts->server_name)) {
        return 0;
    }
    bool v6 = str_find_char(url->host, ':') != STR_NONE;
    const char *open = v6 ? "[" : "";
    const char *shut = v6 ? "]" : "";
    struct str to = arena_printf(call->arena, "%s:%u:%s" STR_FMT "%s:%u", opts->server_name,
                                 url_port(url), open, STR_ARG(url->host), shut, url_port(url));
    call->connect_to = libcurl_get()->slist_append(NULL, to.p);
    assert(call->connect_to != NULL); /* else out of memory */
    SET(call->easy, CURLOPT_CONNECT_TO, call->connect_to);
    if (http_header_find(call->opts.headers, STR("Host")).p == NULL) {
        struct str host = url->port != 0 ? arena_printf(call->arena, "%s" STR_FMT "%s:%u", open,
                                                        STR_ARG(url->host), shut, url->port)
                                         : arena_printf(call->arena, "%s" STR_FMT "%s", open,
                                                        STR_ARG(url->host), shut);
        TRY(add_header_line(call, STR("Host"), host, err));
    }
    url->host = arena_str(call->arena, str_from(opts->server_name));
    return 0;
}

/* HTTP/2 where TLS can agree on it, and then rather wait for a connection being made than open another.
 * Without TLS curl would wait for the whole first answer to learn that there is no HTTP/2. */
static int set_version(struct http_call *call,
                       const struct http_target_opts *opts,
                       const struct url *url,
                       struct err *err)
{
    bool try_2 =
        opts->version == HTTP_VERSION_ANY && !call->opts.pausable && str_eq_c(url->scheme, "https");
    SET(call->easy, CURLOPT_HTTP_VERSION,
        (long)(try_2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    SET(call->easy, CURLOPT_PIPEWAIT, try_2 ? 1L : 0L);
    call->pool = try_2 ? HTTP_POOL_ANY : HTTP_POOL_VERSION_1;
    return 0;
}

static int set_url(struct http_call *call, const struct http_target_opts *opts, struct err *err)
{
    struct url url;
    TRY(url_parse(call->arena, call->opts.url, &url, err));
    if (!str_eq_c(url.scheme, "http") && !str_eq_c(url.scheme, "https")) {
        return err_set(err, ERR_INVALID, "only http and https URLs are supported, not " STR_FMT,
                       STR_ARG(url.scheme));
    }
    TRY(set_version(call, opts, &url, err));
    struct buf text;
    buf_init(&text, 4 * LIMIT_HTTP_URL_BYTES); /* user and password may grow by escaping */
    url_format_public(&url, &text);
    call->url_public = buf_to_arena(&text, call->arena);
    int rc = set_server_name(call, opts, &url, err);
    if (rc >= 0) {
        buf_reset(&text);
        url_format(&url, &text);
        struct str whole = buf_to_arena(&text, call->arena);
        CURLcode code = libcurl_get()->easy_setopt(call->easy, CURLOPT_URL, whole.p);
        rc = code == CURLE_OK ? 0 : err_from_curl(err, (int)code, call->url_public, NULL);
    }
    mem_erase(text.p, text.n);
    buf_done(&text);
    return rc;
}

static int set_method(struct http_call *call, struct err *err)
{
    CURL *easy = call->easy;
    const char *method = call->opts.method != NULL ? call->opts.method : "GET";
    if (!http_header_is_token(str_from(method))) {
        return err_set(err, ERR_INVALID, "invalid HTTP method '%s'", method);
    }
    if (strcmp(method, "HEAD") == 0) {
        SET(easy, CURLOPT_NOBODY, 1L);
    } else if (call->opts.body.p != NULL) {
        call->send_body = mem_strndup(call->opts.body.p, call->opts.body.n);
        SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->opts.body.n);
        SET(easy, CURLOPT_POSTFIELDS, call->send_body);
    }
    SET(easy, CURLOPT_CUSTOMREQUEST, method);
    return 0;
}

static int set_headers(struct http_call *call, struct err *err)
{
    for (size_t i = 0; i < call->opts.headers.n; i++) {
        const struct http_header *header = &call->opts.headers.items[i];
        TRY(add_header_line(call, header->name, header->value, err));
    }
    if (call->opts.body.p != NULL &&
        http_header_find(call->opts.headers, STR("Content-Type")).p == NULL) {
        add_raw_line(call, "Content-Type:"); /* not curl's form encoding */
    }
    add_raw_line(call, "Expect:"); /* waiting for 100-continue costs a round trip or a second */
    SET(call->easy, CURLOPT_HTTPHEADER, call->send_headers);
    return 0;
}

static int set_transfer(struct http_call *call, struct err *err)
{
    CURL *easy = call->easy;
    const struct http_call_opts *opts = &call->opts;
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    SET(easy, CURLOPT_USERAGENT, "belay/" BELAY_VERSION);
    SET(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(easy, CURLOPT_TCP_KEEPIDLE, (long)CALL_KEEPALIVE_S);
    SET(easy, CURLOPT_TCP_KEEPINTVL, (long)CALL_KEEPALIVE_S / 2);
    SET(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (call->opts.on_data == NULL && !call->opts.no_compression) {
        /* a stream that is being unpacked cannot be paused (libcurl up to 7.88 then fails with a write
         * error), and sixty unpackers cost more memory than sixty watches' bytes are worth */
        SET(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    SET(easy, CURLOPT_PATH_AS_IS, 1L);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS,
        (long)(opts->connect_timeout_ms > 0 ? opts->connect_timeout_ms : CALL_CONNECT_TIMEOUT_MS));
    SET(easy, CURLOPT_FOLLOWLOCATION, opts->max_redirects > 0 ? 1L : 0L);
    SET(easy, CURLOPT_MAXREDIRS, (long)opts->max_redirects);
    SET(easy, CURLOPT_ERRORBUFFER, call->curl_detail);
    SET(easy, CURLOPT_PRIVATE, (char *)call);
    SET(easy, CURLOPT_HEADERFUNCTION, on_curl_header);
    SET(easy, CURLOPT_HEADERDATA, call);
    SET(easy, CURLOPT_WRITEFUNCTION, on_curl_data);
    SET(easy, CURLOPT_WRITEDATA, call);
    return 0;
}

static int set_up(struct http_call *call, struct err *err)
{
    static const struct http_target_opts defaults;
    const struct http_target_opts *target =
        call->target != NULL ? http_target_get(call->target) : &defaults;
    TRY(set_transfer(call, err));
    TRY(set_url(call, target, err));
    TRY(set_tls(call, target, err));
    TRY(set_credentials(call, target, err));
    TRY(set_method(call, err));
    return set_headers(call, err);
}

/* --- life ------------------------------------------------------------------------------------ */

/* Give the transfer up. curl tells a HTTP/2 server so only with its next frame on that connection
 * (7.88 and newer, curl issue 17611), which may be never: so the connection is not kept when it
 * carries nothing else. */
static void give_up(struct http_call *call)
{
    loop_task_cancel(&call->deliver);
    if (call->attached) {
        (void)libcurl_get()->easy_setopt(call->easy, CURLOPT_FORBID_REUSE, 1L); /* never fails */
        http_client_detach(call->client, call);
    }
}

static void on_idle(void *data)
{
    struct http_call *call = data;
    struct err err;
    char waited[CLOCK_DURATION_BYTES];
    clock_format_duration(call->opts.idle_timeout_ms, waited);
    (void)err_set(&err, ERR_TIMEOUT, "nothing received for %s", waited);
    give_up(call);
    op_finish(&call->op, &err);
}

static void on_abort(struct op *op)
{
    struct http_call *call = CONTAINER_OF(op, struct http_call, op);
    timer_stop(&call->idle);
    give_up(call);
}

static void on_done(struct op *op UNUSED, const struct err *err, void *data)
{
    struct http_call *call = data;
    call->done_told = true;
    if (err == NULL) {
        call->opts.done(&call->response, NULL, call->opts.data);
        return;
    }
    struct err with_url = *err;
    if (with_url.system_code == 0) {
        (void)err_wrap(&with_url, STR_FMT, STR_ARG(call->url_public)); /* curl's have it already */
    }
    call->opts.done(NULL, &with_url, call->opts.data);
}

static void on_free(struct op *op)
{
    struct http_call *call = CONTAINER_OF(op, struct http_call, op);
    struct http_client *client = call->client;
    http_client_detach(client, call);
    http_client_forget(client, call);
    http_call_free(call);
}

static const struct op_class call_class = {"HTTP request", on_abort, on_free};

int http_call_new(struct http_client *client,
                  struct loop *loop,
                  struct http_target *target,
                  const struct http_call_opts *opts,
                  struct http_call **ret,
                  struct err *err)
{
    assert(opts->done != NULL);
    struct http_call *call = MEM_NEW(struct http_call);
    op_init(&call->op, loop, &call_class, on_done, call);
    timer_init(&call->idle, loop, on_idle, call);
    call->client = client;
    call->target = target != NULL ? http_target_ref(target) : NULL;
    call->opts = *opts;
    call->arena = arena_new();
    call->easy = libcurl_get()->easy_init();
    assert(call->easy != NULL); /* else out of memory */
    size_t max_body = opts->max_body_bytes > 0 ? opts->max_body_bytes : LIMIT_HTTP_RESPONSE_BYTES;
    buf_init(&call->body, opts->on_data != NULL ? CALL_ERROR_BODY_BYTES : max_body);
    buf_init(&call->pending, CALL_PENDING_BYTES + CURL_MAX_WRITE_SIZE);
    call->response.body = &call->body;
    int rc = set_up(call, err);
    if (rc < 0) {
        http_call_free(call);
        return rc;
    }
    /* what the caller lent is not valid any longer */
    call->opts.url = STR_EMPTY;
    call->opts.body = STR_EMPTY;
    call->opts.headers = (struct http_headers){NULL, 0};
    call->opts.method = NULL;
    touch(call);
    op_set_deadline(&call->op, opts->timeout_ms > 0 ? loop_now_ms(loop) + opts->timeout_ms : 0);
    *ret = call;
    return 0;
}

static void free_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item != NULL; item = item->next) {
        mem_erase(item->data, strlen(item->data)); /* may be credentials */
    }
    libcurl_get()->slist_free_all(list);
}

void http_call_free(struct http_call *call)
{
    assert(!call->attached);
    timer_stop(&call->idle);
    loop_task_cancel(&call->deliver);
    libcurl_get()->easy_cleanup(call->easy);
    free_list(call->send_headers);
    libcurl_get()->slist_free_all(call->connect_to);
    mem_free(call->send_body);
    buf_done(&call->body);
    buf_done(&call->pending);
    arena_free(call->arena);
    http_target_unref(call->target);
    mem_free(call);
}

/* --- delivery -------------------------------------------------------------------------------- */

static void deliver_head(struct http_call *call)
{
    if (call->head_done && !call->head_told) {
        call->head_told = true;
        if (call->opts.on_head != NULL) {
            call->opts.on_head(&call->response, call->opts.data);
        }
    }
}

static void deliver_pending(struct http_call *call)
{
    if (call->pending.n == 0 || call->user_paused) {
        return;
    }
    struct buf bytes = call->pending;
    buf_init(&call->pending, bytes.max_bytes);
    call->opts.on_data(buf_str(&bytes), call->opts.data);
    buf_reset(&bytes);
    call->pending = bytes; /* nothing came meanwhile: curl was not called */
}

/* Let curl go on. It may hand over held-back bytes at once, which come to call->pending. */
static void continue_curl(struct http_call *call)
{
    if (!call->curl_paused || call->user_paused || call->complete) {
        return;
    }
    call->curl_paused = false;
    CURLcode code = libcurl_get()->easy_pause(call->easy, CURLPAUSE_CONT);
    if (code != CURLE_OK) {
        http_client_detach(call->client, call);
        http_call_complete(call, code);
    }
}

/* One step at a time: each may end in the caller cancelling the call. */
static void on_deliver(void *data)
{
    struct http_call *call = data;
    static void (*const steps[])(struct http_call * call) = {deliver_head, deliver_pending,
                                                             continue_curl};
    for (size_t i = 0; i < ARRAY_LEN(steps) && !op_settled(&call->op); i++) {
        steps[i](call);
    }
    if (op_settled(&call->op)) {
        return;
    }
    if (call->complete && call->pending.n == 0) {
        op_finish(&call->op, call->err.code != ERR_OK ? &call->err : NULL);
    }
}

void http_call_complete(struct http_call *call, CURLcode code)
{
    call->complete = true;
    timer_stop(&call->idle);
    bool cut_on_purpose = call->body_cut && code == CURLE_WRITE_ERROR;
    if (code != CURLE_OK && !cut_on_purpose && call->err.code == ERR_OK) {
        (void)err_from_curl(&call->err, (int)code, call->url_public, call->curl_detail);
    }
    if (!call->head_done && call->err.code == ERR_OK) {
        end_head(call); /* a redirect without a body that was not followed */
    }
    deliver_soon(call);
}

void http_call_cancel(struct http_call *call)
{
    if (!call->done_told) {
        op_cancel(&call->op);
    }
}

void http_call_pause(struct http_call *call)
{
    assert(call->opts.pausable);
    call->user_paused = true;
    timer_stop(&call->idle);
}

void http_call_resume(struct http_call *call)
{
    if (!call->user_paused || op_settled(&call->op)) {
        return;
    }
    call->user_paused = false;
    if (!call->complete) {
        touch(call);
    }
    deliver_soon(call);
}
