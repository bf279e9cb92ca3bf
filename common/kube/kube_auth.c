/* Keeping credentials fresh.
 *
 * The http_target asks for the bearer token at the start of each request (write_token); client
 * certificates of a plugin make a new target.  A free of this object while a plugin runs cancels it and
 * leaves the last bit of freeing to its end. */
#include "common/kube/kube_auth.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_exec.h"
#include "common/net/http_client.h"
#include "common/rt/loop.h"

enum {
    TOKEN_FILE_CHECK_MS = 1000,
    /* a credential about to expire is replaced before it is used */
    EXPIRY_MARGIN_MS = 10 * 1000,
};

struct kube_auth {
    struct loop *loop;
    const struct kube_config *config;
    const char *const *environ;
    const struct clock *clock;
    struct http_target *target;
    struct buf token; /* of the file or the plugin */

    struct stat token_stat; /* of the file when it was read */
    bool token_read;
    int64_t token_checked_ms;

    struct kube_exec_run *run; /* NULL = no plugin runs */
    bool has_credential;
    int64_t expires_ms; /* 0 = never */
    struct list waiting;
    bool freed; /* by the owner; the plugin's end frees the rest */
};

/* ---- token file ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void set_token(struct kube_auth *auth, struct str token)
{
    mem_erase(auth->token.p, auth->token.n);
    buf_reset(&auth->token);
    buf_put(&auth->token, token);
}

static int read_token_file(struct kube_auth *auth, const char *path, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str text;
    TRY(fs_read_file(arena, path, LIMIT_KUBE_CONFIG_BYTES, &text, err));
    if (str_trim(text).n == 0) {
        return err_set(err, ERR_INVALID, "token file '%s' is empty", path);
    }
    set_token(auth, str_trim(text));
    return 0;
}

/* A file that is unreadable for a moment leaves the token as it was. */
static int refresh_token_file(struct kube_auth *auth, struct err *err)
{
    const char *path = auth->config->token_file.p;
    int64_t now_ms = loop_now_ms(auth->loop);
    if (auth->token_read && now_ms - auth->token_checked_ms < TOKEN_FILE_CHECK_MS) {
        return 0;
    }
    auth->token_checked_ms = now_ms;
    struct stat st = {0};
    if (stat(path, &st) == 0 && auth->token_read && same_file(&st, &auth->token_stat)) {
        return 0;
    }
    int rc = read_token_file(auth, path, err);
    if (rc < 0 && !auth->token_read) {
        return rc;
    }
    if (rc == 0) {
        auth->token_stat = st;
        auth->token_read = true;
    }
    return 0;
}

/* ---- target ---- */

static int write_token(void *data, struct buf *dst, struct err *err)
{
    struct kube_auth *auth = data;
    if (auth->config->token_file.n > 0) {
        TRY(refresh_token_file(auth, err));
    }
    buf_put(dst, buf_str(&auth->token));
    return 0;
}

static const char *optional(struct str s)
{
    return s.n > 0 ? s.p : NULL;
}

/* cert, key: of a plugin, else the configuration's. */
static int make_target(struct kube_auth *auth,
                       struct str cert,
                       struct str key,
                       struct http_target **ret,
                       struct err *err)
{
    const struct kube_config *config = auth->config;
    bool asks = config->token_file.n > 0 || auth->token.n > 0;
    struct http_target_opts opts = {
        .ca_pem = config->ca_pem,
        .cert_pem = cert,
        .key_pem = key,
        .verify = config->insecure ? HTTP_VERIFY_OFF : HTTP_VERIFY_ON,
        .server_name = optional(config->tls_server_name),
        .proxy = optional(config->proxy_url),
    };
    if (asks) {
        opts.token = write_token;
        opts.token_data = auth;
    } else if (config->token.n > 0) {
        opts.bearer = config->token;
    } else {
        opts.user = config->username;
        opts.password = config->password;
    }
    return http_target_new(&opts, ret, err);
}

static int replace_target(struct kube_auth *auth, struct str cert, struct str key, struct err *err)
{
    struct http_target *target;
    TRY(make_target(auth, cert, key, &target, err));
    http_target_unref(auth->target);
    auth->target = target;
    return 0;
}

struct http_target *kube_auth_target(struct kube_auth *auth)
{
    return auth->target;
}

/* ---- plugin ---- */

static void wake_all(struct kube_auth *auth, const struct err *err)
{
    struct list woken;
    list_init(&woken);
    for (struct list *node; (node = list_pop(&auth->waiting)) != NULL;) {
        list_push(&woken, node);
    }
    for (struct list *node; (node = list_pop(&woken)) != NULL;) {
        struct kube_auth_wait *wait = CONTAINER_OF(node, struct kube_auth_wait, node);
        wait->fn(wait->data, err);
    }
}

static int
take_credential(struct kube_auth *auth, const struct kube_credential *credential, struct err *err)
{
    bool has_cert = credential->cert_pem.n > 0;
    set_token(auth, credential->token);
    TRY(replace_target(auth, has_cert ? credential->cert_pem : auth->config->cert_pem,
                       has_cert ? credential->key_pem : auth->config->key_pem, err));
    auth->expires_ms = credential->expires_ms;
    auth->has_credential = true;
    return 0;
}

static void destroy(struct kube_auth *auth)
{
    mem_erase(auth->token.p, auth->token.n);
    buf_done(&auth->token);
    http_target_unref(auth->target);
    mem_free(auth);
}

static void
on_plugin(void *data, const struct kube_credential *credential, const struct err *run_err)
{
    struct kube_auth *auth = data;
    struct err err;
    auth->run = NULL;
    if (auth->freed) {
        destroy(auth);
        return;
    }
    if (credential != NULL && take_credential(auth, credential, &err) < 0) {
        run_err = &err;
    }
    wake_all(auth, run_err);
}

static bool is_valid(const struct kube_auth *auth)
{
    return auth->has_credential &&
           (auth->expires_ms == 0 ||
            clock_wall_ms(auth->clock) + EXPIRY_MARGIN_MS < auth->expires_ms);
}

bool kube_auth_ready(struct kube_auth *auth,
                     struct kube_auth_wait *wait,
                     kube_auth_fn fn,
                     void *data)
{
    ASSERT_LOOP(auth->loop);
    if (auth->config->exec == NULL || is_valid(auth)) {
        return true;
    }
    wait->fn = fn;
    wait->data = data;
    list_push(&auth->waiting, &wait->node);
    if (auth->run == NULL) {
        auth->run = kube_exec_start(auth->loop, auth->config, auth->environ, on_plugin, auth);
    }
    return false;
}

void kube_auth_forget(struct kube_auth_wait *wait)
{
    list_remove(&wait->node);
}

bool kube_auth_reject(struct kube_auth *auth)
{
    if (auth->config->exec != NULL) {
        auth->has_credential = false;
        return true;
    }
    if (auth->config->token_file.n > 0) {
        auth->token_checked_ms = loop_now_ms(auth->loop) - TOKEN_FILE_CHECK_MS;
        return true;
    }
    return false;
}

/* ---- life ---- */

int kube_auth_new(const struct kube_auth_opts *opts, struct kube_auth **ret, struct err *err)
{
    struct kube_auth *auth = MEM_NEW(struct kube_auth);
    auth->loop = opts->loop;
    auth->config = opts->config;
    auth->environ = opts->environ;
    auth->clock = opts->clock != NULL ? opts->clock : clock_system();
    list_init(&auth->waiting);
    buf_init(&auth->token, LIMIT_KUBE_CONFIG_BYTES);
    int rc = replace_target(auth, auth->config->cert_pem, auth->config->key_pem, err);
    if (rc < 0) {
        destroy(auth);
        return rc;
    }
    *ret = auth;
    return 0;
}

void kube_auth_free(struct kube_auth *auth)
{
    if (auth == NULL) {
        return;
    }
    assert(list_empty(&auth->waiting));
    if (auth->run != NULL) {
        auth->freed = true;
        kube_exec_cancel(auth->run);
        return;
    }
    destroy(auth);
}
