/* Loading an index:
 *
 *   disk (pool) ─▶ request with what is known ─▶ 304: that ─▶ done
 *                                             └▶ 200: parse and write (pool) ─▶ done */
#include "repo-server/source/index_load.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/rt/op.h"
#include "common/rt/work.h"
#include "repo-server/source/chart_get.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/chart_store.h"
#include "repo-server/source/helm_index.h"

struct index_load {
    struct op op;
    struct arena *arena;
    const struct chart_env *env;
    struct chart_remote *remote;
    char *key;                  /* the remote's, for the pool */
    struct helm_index *known;   /* NULL = nothing yet */
    struct helm_index *outcome; /* what done gets */
    struct loop_task begin;
    struct chart_get *get; /* it and the job hold a reference to the op each */
    struct job job;
    struct buf text; /* the answer, while it is parsed */
    struct chart_stored_index stored;
    struct helm_index *made; /* by the job */
    index_load_fn done;
    void *data;
};

static void fail(struct index_load *l, const struct err *why)
{
    struct err err = *why;
    (void)err_wrap(&err, "chart repository '%s'", chart_remote_shown(l->remote));
    op_finish(&l->op, &err);
}

static void succeed(struct index_load *l, struct helm_index *index)
{
    l->outcome = index;
    op_finish(&l->op, NULL);
}

static void submit(struct index_load *l, job_run_fn run, job_done_fn done)
{
    struct err err;
    l->job = (struct job){.run = run, .done = done};
    if (work_submit(l->env->work, WORK_FILE, &l->job, &err) < 0) {
        fail(l, &err);
        return;
    }
    op_ref(&l->op);
}

/* ---- a new index ---- */

static int run_parse(struct job *job, struct err *err)
{
    struct index_load *l = CONTAINER_OF(job, struct index_load, job);
    struct err ignored;
    l->stored.yaml = buf_str(&l->text);
    TRY(helm_index_parse(l->stored.yaml, &l->made, err));
    helm_index_set_validators(l->made, l->stored.etag, l->stored.last_modified);
    /* a full disk costs a download after the next restart, and no more */
    UNUSED int rc = chart_store_write_index(l->env->store, str_from(l->key), &l->stored, &ignored);
    return 0;
}

static void on_parsed(struct job *job, const struct err *err)
{
    struct index_load *l = CONTAINER_OF(job, struct index_load, job);
    buf_done(&l->text);
    if (!op_settled(&l->op)) {
        if (err != NULL) {
            fail(l, err);
        } else {
            succeed(l, l->made);
        }
    }
    op_unref(&l->op);
}

static int take_answer(struct index_load *l, const struct chart_answer *answer, struct err *err)
{
    if (answer->status == 304 && l->known != NULL) {
        return 1;
    }
    TRY(chart_answer_check(answer, chart_remote_authorization(l->remote).n > 0, err));
    l->stored.etag = arena_str(l->arena, http_header_find(answer->headers, STR("ETag")));
    l->stored.last_modified =
        arena_str(l->arena, http_header_find(answer->headers, STR("Last-Modified")));
    struct buf empty = l->text;
    l->text = *answer->body;
    *answer->body = empty;
    return 0;
}

static void on_answer(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct index_load *l = data;
    struct err err;
    l->get = NULL;
    if (!op_settled(&l->op)) {
        int rc = failed != NULL ? 0 : take_answer(l, answer, &err);
        if (failed != NULL || rc < 0) {
            fail(l, failed != NULL ? failed : &err);
        } else if (rc == 1) {
            succeed(l, l->known);
        } else {
            submit(l, run_parse, on_parsed);
        }
    }
    op_unref(&l->op);
}

/* ---- the request ---- */

static struct url index_url(struct index_load *l)
{
    struct url url = *chart_remote_url(l->remote);
    url.path = arena_printf(l->arena, STR_FMT "/index.yaml", STR_ARG(url.path));
    return url;
}

static void step_request(struct index_load *l)
{
    struct http_header headers[2];
    size_t n = 0;
    struct url url = index_url(l);
    if (l->known != NULL && helm_index_etag(l->known).n > 0) {
        headers[n++] = (struct http_header){STR("If-None-Match"), helm_index_etag(l->known)};
    }
    if (l->known != NULL && helm_index_last_modified(l->known).n > 0) {
        headers[n++] =
            (struct http_header){STR("If-Modified-Since"), helm_index_last_modified(l->known)};
    }
    struct chart_get_options options = {
        .loop = l->env->loop,
        .client = l->env->client,
        .remote = l->remote,
        .url = &url,
        .trusted = &url,
        .authorization = chart_remote_authorization(l->remote),
        .headers = {headers, n},
        .coding = CHART_GET_DECODED,
        .max_bytes = LIMIT_HELM_INDEX_BYTES,
        .timeout_ms = l->env->download_timeout_ms,
    };
    l->get = chart_get_start(&options, on_answer, l);
    op_ref(&l->op);
}

/* ---- the disk ---- */

static int run_read(struct job *job, struct err *err)
{
    struct index_load *l = CONTAINER_OF(job, struct index_load, job);
    AUTO(arena) struct arena *arena = arena_new();
    struct chart_stored_index stored;
    TRY(chart_store_read_index(l->env->store, arena, str_from(l->key), &stored, err));
    TRY(helm_index_parse(stored.yaml, &l->made, err));
    helm_index_set_validators(l->made, stored.etag, stored.last_modified);
    return 0;
}

/* What cannot be read is asked for. */
static void on_read(struct job *job, const struct err *err UNUSED)
{
    struct index_load *l = CONTAINER_OF(job, struct index_load, job);
    l->known = TAKE(l->made);
    if (!op_settled(&l->op)) {
        step_request(l);
    }
    op_unref(&l->op);
}

/* ---- life ---- */

static void on_begin(void *data)
{
    struct index_load *l = data;
    if (l->known != NULL) {
        step_request(l);
    } else {
        submit(l, run_read, on_read);
    }
}

static void on_op_done(struct op *op UNUSED, const struct err *err, void *data)
{
    struct index_load *l = data;
    l->done(err == NULL ? l->outcome : NULL, err, l->data);
}

static void on_op_abort(struct op *op)
{
    struct index_load *l = CONTAINER_OF(op, struct index_load, op);
    loop_task_cancel(&l->begin);
    if (l->get != NULL) {
        chart_get_cancel(l->get);
    }
    job_cancel(&l->job);
}

static void on_op_free(struct op *op)
{
    struct index_load *l = CONTAINER_OF(op, struct index_load, op);
    struct chart_users *users = l->env->users;
    helm_index_unref(l->known);
    helm_index_unref(l->made);
    chart_remote_unref(l->remote);
    buf_done(&l->text);
    arena_free(l->arena);
    mem_free(l);
    chart_users_remove(users);
}

static const struct op_class LOAD_CLASS = {"chart index", on_op_abort, on_op_free};

struct index_load *index_load_start(const struct chart_env *env,
                                    struct chart_remote *remote,
                                    struct helm_index *known,
                                    index_load_fn done,
                                    void *data)
{
    struct index_load *l = MEM_NEW(struct index_load);
    op_init(&l->op, env->loop, &LOAD_CLASS, on_op_done, l);
    l->arena = arena_new();
    l->env = env;
    l->remote = chart_remote_ref(remote);
    l->key = arena_strdup(l->arena, chart_remote_key(remote).p);
    l->known = known != NULL ? helm_index_ref(known) : NULL;
    l->done = done;
    l->data = data;
    env->users->n++;
    loop_task_post(env->loop, &l->begin, on_begin, l);
    return l;
}

void index_load_cancel(struct index_load *load)
{
    op_cancel(&load->op);
}
