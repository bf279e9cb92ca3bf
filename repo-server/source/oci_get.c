/* Requests to registries: ask, be challenged, fetch a token, ask again.
 *
 * There is always exactly one download running, so an object needs no life of its own: it ends in the
 * callback of its last one. */
#include "repo-server/source/oci_get.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/oci_wire.h"

enum {
    TOKENS_MAX = 1000,
    TOKEN_MARGIN_MS = 10 * 1000, /* not used any more so long before it ends */
    BASIC_LASTS_MS = 60 * 60 * 1000,
};

struct token {
    struct buf value; /* of the Authorization header */
    int64_t expires_ms;
};

struct oci_tokens {
    struct map *by_key;
};

struct oci_get {
    struct arena *arena;
    struct oci_get_options options;
    struct chart_remote *remote;
    struct url url;
    struct str key; /* of the token */
    struct chart_get *get;
    bool challenged;
    chart_get_done_fn done;
    void *data;
};

/* ---- tokens ---- */

static void token_free(void *p)
{
    struct token *t = p;
    mem_erase(t->value.p, t->value.n);
    buf_done(&t->value);
    mem_free(t);
}

struct oci_tokens *oci_tokens_new(void)
{
    struct oci_tokens *tokens = MEM_NEW(struct oci_tokens);
    tokens->by_key = map_new(token_free);
    return tokens;
}

void oci_tokens_free(struct oci_tokens *tokens)
{
    if (tokens != NULL) {
        map_free(tokens->by_key);
        mem_free(tokens);
    }
}

static int
keep_token(struct oci_get *g, const char *kind, struct str token, int64_t lasts_ms, struct err *err)
{
    struct oci_tokens *tokens = g->options.env->tokens;
    struct token *t = MEM_NEW(struct token);
    buf_init(&t->value, LIMIT_HTTP_HEADER_BYTES);
    buf_put_c(&t->value, kind);
    buf_put(&t->value, token);
    t->expires_ms = loop_now_ms(g->options.env->loop) + lasts_ms;
    if (buf_check(&t->value, "token", err) < 0) {
        token_free(t);
        return err_wrap(err, "%s", chart_remote_shown(g->remote));
    }
    if (map_len(tokens->by_key) >= TOKENS_MAX) {
        map_clear(tokens->by_key); /* they are had again for one request each */
    }
    map_set(tokens->by_key, g->key, t);
    return 0;
}

/* "" when there is none that lasts. One that was just given is used, however short it lasts. */
static struct str find_token(struct oci_get *g)
{
    const struct token *t = map_find(g->options.env->tokens->by_key, g->key);
    int64_t now = loop_now_ms(g->options.env->loop);
    bool lasts = t != NULL && (g->challenged || t->expires_ms - now > TOKEN_MARGIN_MS);
    return lasts ? buf_str(&t->value) : STR_EMPTY;
}

/* ---- steps ---- */

static void finish(struct oci_get *g, const struct chart_answer *answer, const struct err *err)
{
    g->done(answer, err, g->data);
    chart_remote_unref(g->remote);
    arena_free(g->arena);
    mem_free(g);
}

static void on_answer(const struct chart_answer *answer, const struct err *err, void *data);

static void step_request(struct oci_get *g)
{
    struct str own = chart_remote_authorization(g->remote);
    struct str token = find_token(g);
    const struct http_header accept = {STR("Accept"), g->options.accept};
    if (token.n == 0 && str_starts_with(own, STR("Bearer "))) {
        token = own; /* given by the user: there is nothing to ask for one with */
    }
    struct chart_get_options options = {
        .loop = g->options.env->loop,
        .client = g->options.env->client,
        .remote = g->remote,
        .url = &g->url,
        .trusted = chart_remote_url(g->remote),
        .authorization = token,
        .headers = {&accept, g->options.accept.n > 0},
        .coding = g->options.coding,
        .max_bytes = g->options.max_bytes,
        .timeout_ms = g->options.timeout_ms,
    };
    g->get = chart_get_start(&options, on_answer, g);
}

static int take_token(struct oci_get *g, const struct chart_answer *answer, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct oci_token token;
    TRY(chart_answer_check(answer, chart_remote_authorization(g->remote).n > 0, err));
    TRY(oci_token_parse(arena, buf_str(answer->body), &token, err));
    return keep_token(g, "Bearer ", token.token, token.lasts_s * 1000, err);
}

static void on_token(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct oci_get *g = data;
    struct err err;
    if (failed != NULL) {
        finish(g, NULL, failed);
    } else if (take_token(g, answer, &err) < 0) {
        (void)err_wrap(&err, "%s: asking for a token", chart_remote_shown(g->remote));
        finish(g, NULL, &err);
    } else {
        step_request(g);
    }
}

/* Where tokens are given: a plain http address would show the password to all on the way, so only a registry
 * that is itself spoken to so may name one. */
static int token_url(struct oci_get *g,
                     const struct oci_challenge *challenge,
                     struct url *ret,
                     struct err *err)
{
    AUTO(buf) struct buf query;
    buf_init(&query, LIMIT_HTTP_URL_BYTES);
    TRY_IN(url_parse(g->arena, challenge->realm, ret, err), err,
           "realm of the registry's challenge");
    bool https = str_eq_c(ret->scheme, "https");
    bool http = str_eq_c(ret->scheme, "http") && str_eq_c(g->url.scheme, "http");
    if (!https && !http) {
        return err_set(err, ERR_DENIED, "the registry asks for a token from an unsafe address");
    }
    if (ret->query.n > 0) {
        buf_put(&query, ret->query);
    }
    struct str scope = challenge->scope;
    if (scope.n == 0 && g->options.name.n > 0) {
        scope = arena_printf(g->arena, "repository:" STR_FMT ":pull", STR_ARG(g->options.name));
    }
    if (challenge->service.n > 0) {
        url_query_put(&query, STR("service"), challenge->service);
    }
    if (scope.n > 0) {
        url_query_put(&query, STR("scope"), scope);
    }
    TRY(buf_check(&query, "token URL", err));
    ret->query = buf_to_arena(&query, g->arena);
    ret->user = ret->password = str_of(NULL, 0);
    return 0;
}

static int step_token(struct oci_get *g, const struct oci_challenge *challenge, struct err *err)
{
    struct url url;
    TRY_IN(token_url(g, challenge, &url, err), err, "%s", chart_remote_shown(g->remote));
    struct chart_get_options options = {
        .loop = g->options.env->loop,
        .client = g->options.env->client,
        .remote = g->remote,
        .url = &url,
        .trusted = &url,
        .authorization = chart_remote_authorization(g->remote),
        .coding = CHART_GET_DECODED,
        .max_bytes = LIMIT_OCI_ANSWER_BYTES,
        .timeout_ms = g->options.env->request_timeout_ms,
    };
    g->get = chart_get_start(&options, on_token, g);
    return 0;
}

/* 1 = another download has begun; 0 = there is nothing more to try. */
static int meet(struct oci_get *g, const struct chart_answer *answer, struct err *err)
{
    struct oci_challenge challenge;
    struct str own = chart_remote_authorization(g->remote);
    oci_challenge_parse(g->arena, answer->headers, &challenge);
    g->challenged = true;
    (void)map_remove(g->options.env->tokens->by_key, g->key); /* it is refused, if there was one */
    if (str_starts_with(own, STR("Bearer "))) {
        return 0;
    }
    if (challenge.scheme == OCI_SCHEME_BEARER) {
        TRY(step_token(g, &challenge, err));
        return 1;
    }
    if (challenge.scheme == OCI_SCHEME_BASIC && own.n > 0) {
        TRY(keep_token(g, "", own, BASIC_LASTS_MS, err));
        step_request(g);
        return 1;
    }
    return 0;
}

static void on_answer(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct oci_get *g = data;
    struct err err;
    int rc = 0;
    if (failed == NULL && answer->status == 401 && answer->trusted && !g->challenged) {
        rc = meet(g, answer, &err);
    }
    if (rc < 0) {
        finish(g, NULL, &err);
    } else if (rc == 0) {
        finish(g, answer, failed);
    }
}

/* ---- life ---- */

struct oci_get *
oci_get_start(const struct oci_get_options *options, chart_get_done_fn done, void *data)
{
    struct oci_get *g = MEM_NEW(struct oci_get);
    g->arena = arena_new();
    g->options = *options;
    g->options.name = arena_str(g->arena, options->name);
    g->options.accept = arena_str(g->arena, options->accept);
    g->remote = chart_remote_ref(options->remote);
    url_copy(g->arena, options->url, &g->url);
    g->key = arena_printf(g->arena, STR_FMT " " STR_FMT, STR_ARG(chart_remote_key(g->remote)),
                          STR_ARG(g->options.name));
    g->done = done;
    g->data = data;
    step_request(g);
    return g;
}

void oci_get_cancel(struct oci_get *get)
{
    chart_get_cancel(get->get);
}
