/* The Git helper: framing around remote.c. */
#include "repo-server/git/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/ipc/ipc_convert.h"
#include "proto/git_worker.pb-c.h"
#include "repo-server/git/compact.h"
#include "repo-server/git/cred.h"
#include "repo-server/git/gitlib.h"
#include "repo-server/git/http_transport.h"
#include "repo-server/git/mirror.h"
#include "repo-server/git/remote.h"
#include "repo-server/git/verify.h"

enum {
    REQUEST_BYTES_MAX = 8 * 1024 * 1024,
};

static int read_request(struct arena *arena, Belay__GitWorkerRequest **ret, struct err *err)
{
    struct str all;
    ProtobufCMessage *message = NULL;
    TRY(fs_read_fd(arena, STDIN_FILENO, REQUEST_BYTES_MAX, &all, err));
    const unsigned char *p = (const unsigned char *)all.p;
    size_t n = all.n < WORKER_HEADER_BYTES
                   ? 0
                   : (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
    if (all.n != n + WORKER_HEADER_BYTES) {
        return err_set(err, ERR_INVALID, "request of %zu bytes is cut", all.n);
    }
    TRY(ipc_unpack(arena, &belay__git_worker_request__descriptor,
                   str_sub(all, WORKER_HEADER_BYTES, all.n), &message, err));
    *ret = (Belay__GitWorkerRequest *)(void *)message;
    if ((*ret)->repo == NULL) {
        return err_set(err, ERR_INVALID, "request has no repository");
    }
    return 0;
}

static int write_reply(struct arena *arena, const Belay__GitWorkerReply *reply, struct err *err)
{
    struct str bytes = ipc_pack(arena, &reply->base);
    const unsigned char header[WORKER_HEADER_BYTES] = {
        (unsigned char)(bytes.n >> 24), (unsigned char)(bytes.n >> 16),
        (unsigned char)(bytes.n >> 8), (unsigned char)bytes.n};
    TRY(fs_write_fd(STDOUT_FILENO, str_of((const char *)header, sizeof(header)), err));
    return fs_write_fd(STDOUT_FILENO, bytes, err);
}

static int
do_list(struct cred *cred, struct arena *arena, Belay__GitWorkerReply *reply, struct err *err)
{
    struct remote_adverts adverts = {0};
    TRY(remote_list(cred, arena, &adverts, err));
    Belay__GitWorkerRef *refs = arena_calloc(arena, adverts.n, sizeof(*refs));
    reply->refs = arena_calloc(arena, adverts.n, sizeof(Belay__GitWorkerRef *));
    reply->n_refs = adverts.n;
    for (size_t i = 0; i < adverts.n; i++) {
        belay__git_worker_ref__init(&refs[i]);
        refs[i].name = ipc_string(arena, adverts.items[i].name);
        refs[i].oid = ipc_string(arena, adverts.items[i].oid);
        refs[i].target = ipc_string(arena, adverts.items[i].target);
        reply->refs[i] = &refs[i];
    }
    return 0;
}

static int do_fetch(struct cred *cred,
                    struct arena *arena,
                    const Belay__GitWorkerRequest *request,
                    Belay__GitWorkerReply *reply,
                    struct err *err)
{
    AUTO_FD lock = -1;
    struct remote_fetched fetched = {0};
    struct remote_fetch options = {
        .mirror = request->mirror,
        .wants = (const char *const *)request->wants,
        .n_wants = request->n_wants,
    };
    cred->max_bytes = request->max_bytes;
    TRY(mirror_lock(request->mirror, &lock, err));
    if (request->recreate) {
        TRY(fs_remove_tree(request->mirror, err));
    }
    TRY(mirror_sweep(request->mirror, err));
    TRY(remote_fetch(cred, arena, &options, &fetched, err));
    reply->received_bytes = fetched.bytes;
    reply->received_objects = fetched.objects;
    reply->small_packs = (uint32_t)compact_count(request->mirror);
    return 0;
}

static int do_compact(const Belay__GitWorkerRequest *request, struct err *err)
{
    AUTO_FD lock = -1;
    TRY(mirror_lock(request->mirror, &lock, err));
    return compact_packs(request->mirror, clock_wall_ms(clock_system()) / 1000, err);
}

static int do_verify(struct arena *arena,
                     const Belay__GitWorkerRequest *request,
                     Belay__GitWorkerReply *reply,
                     struct err *err)
{
    if (request->verify == NULL) {
        return err_set(err, ERR_INVALID, "request has nothing to verify");
    }
    return verify_run(arena, request, &reply->integrity, err);
}

static int serve(struct arena *arena,
                 const Belay__GitWorkerRequest *request,
                 Belay__GitWorkerReply *reply,
                 struct err *err)
{
    struct repo_url url;
    struct cred cred;
    TRY(gitlib_init(err));
    if (request->op == BELAY__GIT_WORKER_OP__GIT_WORKER_VERIFY) {
        return do_verify(arena, request, reply, err); /* without a network */
    }
    TRY(repo_url_parse(arena, str_from(request->repo->url),
                       request->allow_file_urls ? REPO_URL_FILES : REPO_URL_NO_FILES, &url, err));
    TRY(cred_init(&cred, request->repo, &url, request->home, arena, err));
    if (url.transport == REPO_HTTP || url.transport == REPO_HTTPS) {
        TRY(http_transport_register(&cred, err));
    }
    switch (request->op) {
    case BELAY__GIT_WORKER_OP__GIT_WORKER_LIST:
        return do_list(&cred, arena, reply, err);
    case BELAY__GIT_WORKER_OP__GIT_WORKER_FETCH:
        return do_fetch(&cred, arena, request, reply, err);
    case BELAY__GIT_WORKER_OP__GIT_WORKER_COMPACT:
        return do_compact(request, err);
    case BELAY__GIT_WORKER_OP__GIT_WORKER_VERIFY:
    case BELAY__GIT_WORKER_OP__GIT_WORKER_OP_NONE:
    case _BELAY__GIT_WORKER_OP_IS_INT_SIZE:
        break;
    }
    return err_set(err, ERR_INVALID, "unknown operation %d", (int)request->op);
}

void worker_main(void)
{
    AUTO(arena) struct arena *arena = arena_new();
    Belay__GitWorkerRequest *request = NULL;
    Belay__GitWorkerReply reply = BELAY__GIT_WORKER_REPLY__INIT;
    struct err err;
    int rc = read_request(arena, &request, &err);
    if (rc == 0) {
        rc = serve(arena, request, &reply, &err);
    }
    if (rc < 0) {
        reply.status = ipc_status_from_err(arena, &err);
    }
    if (write_reply(arena, &reply, &err) < 0) {
        char text[ERR_MESSAGE_BYTES];
        err_format(&err, text, sizeof(text));
        (void)fprintf(stderr, "%s\n", text); /* the parent shows the last line */
        _exit(EXIT_FAILURE);
    }
    /* everything is said; the kernel tidies up faster than libgit2 and its libraries (some of which leak) */
    _exit(EXIT_SUCCESS);
}
