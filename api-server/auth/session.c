/* Who is asking. */
#include "api-server/auth/session.h"

#include <string.h>

#include "api-server/api_server.h"
#include "api-server/auth/token.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/settings/settings.h"

enum {
    COOKIE_PIECES_MAX = 20,
    TOKEN_MAX_BYTES = 64 * 1024,
    ID_BYTES = 16,
};

struct revoked {
    struct list node;
    int64_t until_s; /* when the token would have ended; 0 = never */
    char id[];
};

static int64_t now_s(void)
{
    return clock_wall_ms(clock_system()) / 1000;
}

/* ---- the token of a request ---- */

/* A long token is "3:" and its first piece; the others are in argocd.token-1 and argocd.token-2. */
static struct str cookie_token(const struct rest_call *call)
{
    struct str whole = http_request_cookie(call->request, STR(SESSION_COOKIE));
    struct str count;
    struct str first;
    if (!str_cut(whole, ':', &count, &first)) {
        return whole;
    }
    __attribute__((cleanup(auto_cleanup_buf))) struct buf joined;
    buf_init(&joined, TOKEN_MAX_BYTES);
    buf_put(&joined, first);
    for (int i = 1; i < COOKIE_PIECES_MAX; i++) {
        struct str name = arena_printf(call->arena, "%s-%d", SESSION_COOKIE, i);
        struct str piece = http_request_cookie(call->request, name);
        if (piece.n == 0) {
            break;
        }
        buf_put(&joined, piece);
    }
    return buf_to_arena(&joined, call->arena);
}

struct str session_token_of(const struct rest_call *call)
{
    struct str header = http_request_header(call->request, STR("authorization"));
    struct str scheme = str_sub(header, 0, 7);
    if (str_eq_nocase(scheme, STR("bearer "))) {
        return str_trim(str_sub(header, 7, header.n));
    }
    return cookie_token(call);
}

/* ---- checking ---- */

static struct str signing_key(const struct rest_call *call)
{
    return settings_secret_value(call->server->settings, call->arena, STR("server.secretkey"));
}

static bool is_revoked(struct api_server *server, struct str id)
{
    LIST_FOREACH(&server->revoked, node) {
        const struct revoked *r = CONTAINER_OF(node, struct revoked, node);
        if (str_eq_c(id, r->id)) {
            return true;
        }
    }
    return false;
}

/* Tokens from before the last change of the password are void. */
static bool is_before_password(const struct rest_call *call, const struct token_claims *claims)
{
    struct str text =
        settings_secret_value(call->server->settings, call->arena, STR("admin.passwordMtime"));
    int64_t changed_ms = 0;
    struct err err;
    return text.n > 0 && clock_parse_rfc3339(text, &changed_ms, &err) == 0 &&
           claims->issued_s < changed_ms / 1000;
}

bool session_admin_enabled(const struct settings *settings)
{
    return !str_eq(settings_value(settings, STR("admin.enabled")), STR("false"));
}

static bool is_login_of_admin(const struct rest_call *call, const struct token_claims *claims)
{
    return str_eq(claims->subject, STR(SESSION_ADMIN ":login")) &&
           str_eq(claims->issuer, STR(TOKEN_ISSUER)) &&
           session_admin_enabled(call->server->settings);
}

void session_identify(struct rest_call *call)
{
    struct token_claims claims;
    struct err err;
    struct str token = session_token_of(call);
    if (call->server->config->disable_auth) {
        call->who = (struct principal){.logged_in = true, .username = STR(SESSION_ADMIN)};
        return;
    }
    if (token.n == 0 ||
        token_verify(call->arena, signing_key(call), token, now_s(), &claims, &err) < 0) {
        return;
    }
    if (!is_login_of_admin(call, &claims) || is_revoked(call->server, claims.id) ||
        is_before_password(call, &claims)) {
        return;
    }
    call->who = (struct principal){
        .logged_in = true,
        .username = STR(SESSION_ADMIN),
        .issuer = claims.issuer,
        .token_id = claims.id,
        .expires_s = claims.expires_s,
    };
}

/* ---- issuing and ending ---- */

static int64_t session_seconds(const struct rest_call *call)
{
    struct str text = settings_value(call->server->settings, STR("users.session.duration"));
    int64_t ms = 0;
    struct err err;
    if (text.n == 0 || clock_parse_duration(text, &ms, &err) < 0 || ms <= 0) {
        ms = call->server->config->session_ms;
    }
    return ms / 1000;
}

int session_issue(struct rest_call *call,
                  struct str username,
                  struct str *ret_token,
                  struct err *err)
{
    uint8_t random[ID_BYTES];
    char id[2 * ID_BYTES + 1];
    rand_fill(call->server->rand, random, sizeof(random));
    digest_hex(random, sizeof(random), id);
    struct token_claims claims = {
        .issuer = STR(TOKEN_ISSUER),
        .subject = arena_printf(call->arena, STR_FMT ":login", STR_ARG(username)),
        .id = str_from(id),
        .issued_s = now_s(),
        .not_before_s = now_s(),
        .expires_s = now_s() + session_seconds(call),
    };
    return token_sign(call->arena, signing_key(call), &claims, ret_token, err);
}

static void drop_ended(struct api_server *server)
{
    LIST_FOREACH(&server->revoked, node) {
        struct revoked *r = CONTAINER_OF(node, struct revoked, node);
        if (r->until_s != 0 && r->until_s < now_s()) {
            list_remove(&r->node);
            mem_free(r);
        }
    }
}

void session_revoke(struct rest_call *call)
{
    struct str id = call->who.token_id;
    if (id.n == 0) {
        return;
    }
    drop_ended(call->server);
    struct revoked *r = mem_zalloc(sizeof(*r) + id.n + 1);
    memcpy(r->id, id.p, id.n);
    r->until_s = call->who.expires_s;
    list_push(&call->server->revoked, &r->node);
}

void session_forget_revoked(struct api_server *server)
{
    for (struct list *node; (node = list_pop(&server->revoked)) != NULL;) {
        mem_free(CONTAINER_OF(node, struct revoked, node));
    }
}
