/* Running the Git helper: framing, its directory, its environment, its end. */
#include "repo-server/git/helper.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/str.h"
#include "common/ipc/ipc_convert.h"
#include "common/rt/config.h"
#include "common/rt/loop.h"
#include "common/rt/subproc.h"
#include "repo-server/git/mirror.h"
#include "repo-server/git/worker.h"

enum {
    ENVIRON_MAX = 8,
};

struct helper {
    struct arena *arena;
    struct subproc *proc;
    struct buf out;
    const char *home;
    const char *shown;
    int64_t timeout_ms;
    helper_done_fn done;
    void *data;
};

static void helper_free(struct helper *h)
{
    buf_done(&h->out);
    arena_free(h->arena);
    mem_free(h);
}

/* Nothing of ours but the proxies, which an installation sets for all of its processes. */
static const char **make_environ(struct arena *arena, const char *home)
{
    static const char *const PROXIES[] = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
                                          "https_proxy", "NO_PROXY",   "no_proxy"};
    const char **env = arena_calloc(arena, ENVIRON_MAX, sizeof(*env));
    size_t n = 0;
    env[n++] = arena_printf(arena, "HOME=%s", home).p;
    for (size_t i = 0; i < ARRAY_LEN(PROXIES); i++) {
        const char *value = config_env(PROXIES[i]);
        if (value != NULL) {
            env[n++] = arena_printf(arena, "%s=%s", PROXIES[i], value).p;
        }
    }
    return env;
}

static void on_stdout(struct subproc *proc UNUSED, struct str bytes, void *data)
{
    struct helper *h = data;
    buf_put(&h->out, bytes);
}

static int parse_reply(struct helper *h, const Belay__GitWorkerReply **ret, struct err *err)
{
    ProtobufCMessage *message = NULL;
    TRY(buf_check(&h->out, "reply of the Git helper", err));
    const unsigned char *p = (const unsigned char *)h->out.p;
    size_t n = h->out.n < WORKER_HEADER_BYTES
                   ? 0
                   : (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
    if (h->out.n < WORKER_HEADER_BYTES || h->out.n != n + WORKER_HEADER_BYTES) {
        return err_set(err, ERR_INTERNAL, "reply of the Git helper is cut");
    }
    TRY(ipc_unpack(h->arena, &belay__git_worker_reply__descriptor,
                   str_sub(buf_str(&h->out), WORKER_HEADER_BYTES, h->out.n), &message, err));
    const Belay__GitWorkerReply *reply = (const Belay__GitWorkerReply *)(void *)message;
    if (reply->status != NULL) {
        ipc_status_to_err(reply->status, err);
        return -(int)err->code;
    }
    *ret = reply;
    return 0;
}

static void on_exit_status(struct subproc *proc UNUSED, const struct err *why, void *data)
{
    struct helper *h = data;
    const Belay__GitWorkerReply *reply = NULL;
    struct err err;
    int rc;
    if (why == NULL) {
        rc = parse_reply(h, &reply, &err);
    } else if (why->code == ERR_TIMEOUT) {
        rc = err_set(&err, ERR_TIMEOUT, "repository '%s': no answer within %lld s", h->shown,
                     (long long)(h->timeout_ms / 1000));
    } else {
        err = *why;
        rc = err_wrap(&err, "repository '%s': Git helper", h->shown);
    }
    /* a few small files of a finished process */
    struct err leftover;
    if (fs_remove_tree(h->home, &leftover) < 0) {
        log_debug("directory of a Git helper stays until the next start", LF_ERR(&leftover));
    }
    h->done(rc < 0 ? NULL : reply, rc < 0 ? &err : NULL, h->data);
    helper_free(h);
}

static int send_request(struct helper *h, const Belay__GitWorkerRequest *request, struct err *err)
{
    struct str bytes = ipc_pack(h->arena, &request->base);
    const unsigned char header[WORKER_HEADER_BYTES] = {
        (unsigned char)(bytes.n >> 24), (unsigned char)(bytes.n >> 16),
        (unsigned char)(bytes.n >> 8), (unsigned char)bytes.n};
    int rc = subproc_write(h->proc, str_of((const char *)header, sizeof(header)), err);
    if (rc == 0) {
        rc = subproc_write(h->proc, bytes, err);
    }
    mem_erase((char *)(uintptr_t)bytes.p, bytes.n); /* the credentials in it */
    subproc_close_stdin(h->proc);
    return rc;
}

int helper_start(const struct helper_options *options,
                 Belay__GitWorkerRequest *request,
                 helper_done_fn done,
                 void *data,
                 struct helper **ret,
                 struct err *err)
{
    static const char *const ARGV[] = {"belay-repo-server", WORKER_FLAG, NULL};
    static const struct subproc_callbacks CALLBACKS = {.on_stdout = on_stdout,
                                                       .on_exit = on_exit_status};
    struct helper *h = MEM_NEW(struct helper);
    h->arena = arena_new();
    buf_init(&h->out, LIMIT_IPC_MESSAGE_BYTES);
    h->done = done;
    h->data = data;
    h->shown = arena_strdup(h->arena, options->shown);
    h->timeout_ms = options->deadline_ms - loop_now_ms(options->loop);
    struct str home = STR_EMPTY;
    int rc = mirror_temp_dir(options->store, h->arena, &home, err);
    if (rc == 0) {
        h->home = home.p;
        request->home = arena_strdup(h->arena, home.p);
        struct subproc_options proc = {
            .argv = ARGV,
            .environ = make_environ(h->arena, home.p),
            .deadline_ms = options->deadline_ms,
        };
        rc = subproc_start(options->loop, &proc, &CALLBACKS, h, &h->proc, err);
    }
    if (rc < 0) {
        helper_free(h);
        return rc;
    }
    /* a helper that does not read its request ends with an error of its own */
    struct err ignored;
    (void)send_request(h, request, &ignored);
    *ret = h;
    return 0;
}

void helper_cancel(struct helper *helper)
{
    subproc_kill(helper->proc);
}
