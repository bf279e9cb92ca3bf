/* Downloading an archive:
 *
 *   disk (pool) ─▶ there: done
 *              └▶ request ─▶ check and write (pool) ─▶ done */
#include "repo-server/source/chart_download.h"

#include <stdatomic.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/rt/op.h"
#include "common/rt/work.h"
#include "repo-server/source/chart_get.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/chart_store.h"
#include "repo-server/source/oci_get.h"

struct chart_archive {
    struct arena *arena;
    struct str bytes;
    char digest[DIGEST_SHA256_HEX_BYTES];
    atomic_uint refs;
};

struct chart_download {
    struct op op;
    struct arena *arena;
    struct chart_download_options options; /* its strings are in the arena */
    struct chart_remote *remote;
    struct url url;
    char key[DIGEST_SHA256_HEX_BYTES];
    struct str host; /* for messages */
    struct loop_task begin;
    struct chart_get *get; /* these and the job hold a reference to the op each */
    struct oci_get *oci;
    struct job job;
    struct buf body; /* the answer, while it is checked */
    struct chart_archive *archive;
    chart_download_fn done;
    void *data;
};

/* ---- archives ---- */

struct chart_archive *chart_archive_new(struct arena *arena, struct str bytes)
{
    struct chart_archive *a = MEM_NEW(struct chart_archive);
    a->arena = arena;
    a->bytes = bytes;
    digest_sha256_hex(bytes, a->digest);
    atomic_init(&a->refs, 1);
    return a;
}

struct chart_archive *chart_archive_ref(struct chart_archive *archive)
{
    (void)atomic_fetch_add(&archive->refs, 1); /* only the last one down matters */
    return archive;
}

void chart_archive_unref(struct chart_archive *archive)
{
    if (archive != NULL && atomic_fetch_sub(&archive->refs, 1) == 1) {
        arena_free(archive->arena);
        mem_free(archive);
    }
}

struct str chart_archive_bytes(const struct chart_archive *archive)
{
    return archive->bytes;
}

struct str chart_archive_digest(const struct chart_archive *archive)
{
    return str_from(archive->digest);
}

/* ---- the end ---- */

static void fail(struct chart_download *d, const struct err *why)
{
    struct err err = *why;
    if (d->options.what == CHART_DOWNLOAD_FILE) {
        (void)err_wrap(&err, "'%s'", chart_remote_shown(d->remote));
    } else {
        (void)err_wrap(&err, "chart repository '%s': archive", chart_remote_shown(d->remote));
    }
    op_finish(&d->op, &err);
}

static void submit(struct chart_download *d, job_run_fn run, job_done_fn done)
{
    struct err err;
    d->job = (struct job){.run = run, .done = done};
    if (work_submit(d->options.env->work, WORK_FILE, &d->job, &err) < 0) {
        fail(d, &err);
        return;
    }
    op_ref(&d->op);
}

/* ---- what came ---- */

static bool is_gzip(struct str bytes)
{
    return bytes.n > 2 && bytes.p[0] == '\x1f' && bytes.p[1] == '\x8b';
}

static void free_buf(void *p)
{
    mem_free(p);
}

static int run_check(struct job *job, struct err *err)
{
    struct chart_download *d = CONTAINER_OF(job, struct chart_download, job);
    struct err ignored;
    size_t n;
    struct arena *arena = arena_new();
    char *p = buf_take(&d->body, &n);
    arena_defer(arena, free_buf, p);
    AUTO(chart_archive) struct chart_archive *archive = chart_archive_new(arena, str_of(p, n));
    struct str wanted = d->options.digest;
    if (wanted.n > 0 && !str_eq(wanted, chart_archive_digest(archive))) {
        return err_set(err, ERR_INVALID, "its SHA-256 is %s, but should be " STR_FMT,
                       archive->digest, STR_ARG(wanted));
    }
    if (d->options.what == CHART_DOWNLOAD_CHART && !is_gzip(archive->bytes)) {
        return err_set(err, ERR_INVALID, "what " STR_FMT " sent is no chart archive",
                       STR_ARG(d->host));
    }
    /* a full disk costs another download, and no more */
    UNUSED int rc = chart_store_write_archive(d->options.env->store, str_from(d->key),
                                              archive->bytes, &ignored);
    d->archive = TAKE(archive);
    return 0;
}

static void on_checked(struct job *job, const struct err *err)
{
    struct chart_download *d = CONTAINER_OF(job, struct chart_download, job);
    if (!op_settled(&d->op)) {
        if (err != NULL) {
            fail(d, err);
        } else {
            op_finish(&d->op, NULL);
        }
    }
    op_unref(&d->op);
}

static void on_answer(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct chart_download *d = data;
    struct err err;
    d->get = NULL;
    d->oci = NULL;
    bool has_login = answer != NULL && chart_remote_authorization(d->remote).n > 0 &&
                     (answer->trusted || d->options.pass_credentials);
    if (op_settled(&d->op)) {
        /* cancelled: the outcome is known */
    } else if (failed != NULL) {
        fail(d, failed);
    } else if (chart_answer_check(answer, has_login, &err) < 0) {
        fail(d, &err);
    } else {
        d->host = arena_str(d->arena, answer->url->host);
        struct buf empty = d->body;
        d->body = *answer->body;
        *answer->body = empty;
        submit(d, run_check, on_checked);
    }
    op_unref(&d->op);
}

/* ---- the request ---- */

static void request_blob(struct chart_download *d)
{
    struct oci_get_options options = {
        .env = d->options.env,
        .remote = d->remote,
        .name = d->options.name,
        .url = &d->url,
        .accept = STR_EMPTY,
        .coding = CHART_GET_RAW,
        .max_bytes = LIMIT_CHART_ARCHIVE_BYTES,
        .timeout_ms = d->options.env->download_timeout_ms,
    };
    d->oci = oci_get_start(&options, on_answer, d);
}

static void request_url(struct chart_download *d)
{
    struct chart_get_options options = {
        .loop = d->options.env->loop,
        .client = d->options.env->client,
        .remote = d->remote,
        .url = &d->url,
        .trusted = d->options.pass_credentials ? &d->url : chart_remote_url(d->remote),
        .authorization = chart_remote_authorization(d->remote),
        .coding = CHART_GET_RAW,
        .max_bytes = LIMIT_CHART_ARCHIVE_BYTES,
        .timeout_ms = d->options.env->download_timeout_ms,
    };
    d->get = chart_get_start(&options, on_answer, d);
}

static void step_request(struct chart_download *d)
{
    op_ref(&d->op);
    if (d->options.name.n > 0) {
        request_blob(d);
    } else {
        request_url(d);
    }
}

/* ---- the disk ---- */

static int run_read(struct job *job, struct err *err)
{
    struct chart_download *d = CONTAINER_OF(job, struct chart_download, job);
    AUTO(arena) struct arena *arena = arena_new();
    struct str bytes;
    TRY(chart_store_read_archive(d->options.env->store, arena, str_from(d->key), d->options.digest,
                                 &bytes, err));
    d->archive = chart_archive_new(TAKE(arena), bytes);
    return 0;
}

/* What cannot be read is asked for. */
static void on_read(struct job *job, const struct err *err)
{
    struct chart_download *d = CONTAINER_OF(job, struct chart_download, job);
    if (!op_settled(&d->op)) {
        if (err == NULL) {
            op_finish(&d->op, NULL);
        } else {
            step_request(d);
        }
    }
    op_unref(&d->op);
}

/* ---- life ---- */

void chart_download_key(const struct chart_download_options *options,
                        char ret[DIGEST_SHA256_HEX_BYTES])
{
    AUTO(digest) struct digest *d = digest_new();
    /* of others' repositories one knows nothing, even when one knows the digest of a chart */
    digest_put_field(d, chart_remote_key(options->remote));
    digest_put_field(d, options->digest);
    digest_put_field(d, options->what == CHART_DOWNLOAD_FILE ? STR("file") : STR("chart"));
    if (options->digest.n == 0) {
        AUTO(buf) struct buf url;
        buf_init(&url, LIMIT_HTTP_URL_BYTES);
        url_format_public(options->url, &url);
        digest_put_field(d, buf_str(&url));
    }
    digest_finish_hex(d, ret);
}

static void on_begin(void *data)
{
    struct chart_download *d = data;
    if (d->options.from == CHART_DOWNLOAD_SERVER && d->options.digest.n == 0) {
        step_request(d);
    } else {
        submit(d, run_read, on_read);
    }
}

static void on_op_done(struct op *op UNUSED, const struct err *err, void *data)
{
    struct chart_download *d = data;
    d->done(err == NULL ? d->archive : NULL, err, d->data);
}

static void on_op_abort(struct op *op)
{
    struct chart_download *d = CONTAINER_OF(op, struct chart_download, op);
    loop_task_cancel(&d->begin);
    if (d->get != NULL) {
        chart_get_cancel(d->get);
    }
    if (d->oci != NULL) {
        oci_get_cancel(d->oci);
    }
    job_cancel(&d->job);
}

static void on_op_free(struct op *op)
{
    struct chart_download *d = CONTAINER_OF(op, struct chart_download, op);
    struct chart_users *users = d->options.env->users;
    chart_archive_unref(d->archive);
    chart_remote_unref(d->remote);
    buf_done(&d->body);
    arena_free(d->arena);
    mem_free(d);
    chart_users_remove(users);
}

static const struct op_class DOWNLOAD_CLASS = {"chart archive", on_op_abort, on_op_free};

struct chart_download *chart_download_start(const struct chart_download_options *options,
                                            chart_download_fn done,
                                            void *data)
{
    struct chart_download *d = MEM_NEW(struct chart_download);
    op_init(&d->op, options->env->loop, &DOWNLOAD_CLASS, on_op_done, d);
    d->arena = arena_new();
    d->options = *options;
    d->options.name = arena_str(d->arena, options->name);
    d->options.digest = arena_str(d->arena, options->digest);
    d->remote = chart_remote_ref(options->remote);
    url_copy(d->arena, options->url, &d->url);
    chart_download_key(options, d->key);
    d->done = done;
    d->data = data;
    options->env->users->n++;
    loop_task_post(options->env->loop, &d->begin, on_begin, d);
    return d;
}

void chart_download_cancel(struct chart_download *download)
{
    op_cancel(&download->op);
}
