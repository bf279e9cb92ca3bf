/* Session endpoints. Passwords are checked on the pool: bcrypt is slow on purpose. */
#include "api-server/rest/session.h"

#include "api-server/api_server.h"
#include "api-server/auth/login_limit.h"
#include "api-server/auth/session.h"
#include "api-server/rest/call.h"
#include "api-server/router.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/base/password.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/work.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

enum {
    USERNAME_BYTES_MAX = 32, /* failed ones are remembered */
};

/* Checked when there is no such user, so that the answer takes as long. It is the hash of nothing. */
#define NOBODY_HASH "$2a$10$aaaaaaaaaaaaaaaaaaaaaa0000000000000000000000000000000"

struct login {
    struct job job;
    struct rest_call *call;
    struct str username;
    struct str password;
    struct str hash;
    bool matches;
};

static int run_login(struct job *job, struct err *err UNUSED)
{
    struct login *l = CONTAINER_OF(job, struct login, job);
    l->matches = password_matches(l->password, l->hash);
    return 0;
}

/* more: "; Max-Age=0" ends it. */
static struct str set_cookie(const struct rest_call *call, struct str token, const char *more)
{
    struct str root = router_root_path(call->server);
    return arena_printf(call->arena,
                        "%s=" STR_FMT "; path=" STR_FMT "/; SameSite=Lax; HttpOnly%s%s",
                        SESSION_COOKIE, STR_ARG(token), STR_ARG(root),
                        http_request_is_tls(call->request) ? "; Secure" : "", more);
}

static int reply_token(struct rest_call *call, struct str token, struct err *err)
{
    struct value_builder b;
    struct str json;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "token", token);
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    TRY(value_to_json_in(call->arena, v, NULL, &json, err));
    rest_reply_json(call, json, HTTP_HEADERS({STR("set-cookie"), set_cookie(call, token, "")}));
    return 0;
}

static void count_login(struct rest_call *call, const char *status)
{
    metric_add(call->server->metrics, API_METRIC_LOGIN, 1, METRIC_LABELS(str_from(status)));
}

static int refuse_login(struct rest_call *call, struct err *err)
{
    count_login(call, "failure");
    return err_set(err, ERR_UNAUTHENTICATED, "Invalid username or password");
}

static int finish_login(const struct login *l, bool ok, struct err *err)
{
    struct rest_call *call = l->call;
    struct str token;
    login_limit_end(call->server->logins, l->username, ok, loop_now_ms(call->server->loop));
    if (!ok) {
        return refuse_login(call, err);
    }
    count_login(call, "success");
    TRY(session_issue(call, l->username, &token, err));
    return reply_token(call, token, err);
}

static void on_login(struct job *job, const struct err *failed)
{
    const struct login *l = CONTAINER_OF(job, struct login, job);
    struct err err;
    if (finish_login(l, failed == NULL && l->matches, &err) < 0) {
        rest_reply_err(l->call, &err);
    }
}

int session_create(struct rest_call *call, struct err *err)
{
    struct settings *s = call->server->settings;
    struct login *l = ARENA_NEW(call->arena, struct login);
    l->call = call;
    l->username = rest_body_str(call, "username");
    l->password = rest_body_str(call, "password");
    if (l->username.n == 0 || l->password.n == 0) {
        return err_set(err, ERR_UNAUTHENTICATED, "no credentials supplied");
    }
    if (l->username.n > USERNAME_BYTES_MAX) {
        return err_set(err, ERR_INVALID, "Username is too long (%d bytes max)", USERNAME_BYTES_MAX);
    }
    bool known = str_eq(l->username, STR(SESSION_ADMIN)) && session_admin_enabled(s);
    struct str hash = settings_secret_value(s, call->arena, STR("admin.password"));
    l->hash = known && hash.n > 0 ? hash : STR(NOBODY_HASH);
    if (!login_limit_begin(call->server->logins, l->username, loop_now_ms(call->server->loop))) {
        return refuse_login(call, err);
    }
    l->job.run = run_login;
    l->job.done = on_login;
    int rc = work_submit(call->server->work, WORK_HASH, &l->job, err);
    if (rc < 0) {
        login_limit_cancel(call->server->logins);
    }
    return rc;
}

int session_delete(struct rest_call *call, struct err *err UNUSED)
{
    session_revoke(call);
    struct str cookie = set_cookie(call, STR_EMPTY, "; Max-Age=0");
    rest_reply_json(call, STR("{\"token\":\"\"}"), HTTP_HEADERS({STR("set-cookie"), cookie}));
    return 0;
}

int session_userinfo(struct rest_call *call, struct err *err UNUSED)
{
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_bool(&b, "loggedIn", call->who.logged_in);
    if (call->who.logged_in) {
        value_build_field_str(&b, "username", call->who.username);
        value_build_field_str(&b, "iss", call->who.issuer);
    }
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}
