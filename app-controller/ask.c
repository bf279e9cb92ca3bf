/* A few requests at a time, in the order of the questions. */
#include "app-controller/ask.h"

#include "app-controller/how.h"
#include "app-controller/live/live_cache.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_discovery.h"
#include "common/rt/loop.h"
#include "common/value/value.h"

enum {
    PARALLEL = 10, /* requests of one application; the client has its own rate */
};

struct ask {
    struct ask_opts opts;
    size_t next; /* question: answers first, then schemas */
    size_t n_open;
};

struct question {
    struct ask *ask;
    size_t i;
};

static void go_on(struct ask *a);

static void finish(void *data)
{
    struct ask *a = data;
    struct ask_opts opts = a->opts;
    mem_free(a);
    live_cache_release(opts.cache);
    opts.done(opts.data);
}

static struct question *question_new(struct ask *a, size_t i)
{
    struct question *q = ARENA_NEW(a->opts.how->arena, struct question);
    *q = (struct question){a, i};
    a->n_open++;
    return q;
}

/* ---- objects ---- */

static void fail(struct how *how, struct how_answer *answer, const struct err *err)
{
    struct err *copy = ARENA_NEW(how->arena, struct err);
    *copy = *err;
    answer->err = copy;
}

static void on_answer(void *data, const struct kube_reply *reply)
{
    struct question *q = data;
    struct ask *a = q->ask;
    struct how *how = a->opts.how;
    struct how_answer *answer = &how->answers.items[q->i];
    if (reply->err != NULL) {
        fail(how, answer, reply->err);
    } else {
        arena_hold(how->arena, reply->doc);
        answer->doc = reply->doc;
    }
    a->n_open--;
    go_on(a);
}

static void ask_answer(struct ask *a, size_t i)
{
    struct how_answer *answer = &a->opts.how->answers.items[i];
    struct kube_gvk gvk = kube_gvk_of(answer->target);
    const struct kube_resource *r =
        kube_api_find_kind(a->opts.api, gvk.group, gvk.version, gvk.kind);
    struct err err;
    if (answer->doc != NULL || answer->err != NULL) {
        return;
    }
    if (r == NULL) {
        (void)err_set(&err, ERR_NOT_FOUND,
                      "the cluster does not have the kind " STR_FMT "/" STR_FMT, STR_ARG(gvk.group),
                      STR_ARG(gvk.kind));
        fail(a->opts.how, answer, &err);
        return;
    }
    bool dry_run = answer->what == HOW_DRY_RUN;
    if (dry_run && a->opts.denied != NULL) {
        fail(a->opts.how, answer, a->opts.denied);
        return;
    }
    struct kube_request request = {
        .verb = dry_run ? KUBE_PATCH : KUBE_GET,
        .target = {.group = r->group,
                   .version = r->version,
                   .resource = r->resource,
                   .kind = r->kind,
                   .namespace = r->namespaced ? kube_namespace(answer->target) : STR_EMPTY,
                   .name = kube_name(answer->target)},
        .patch = KUBE_PATCH_APPLY,
        .body = dry_run ? answer->target : NULL,
        .field_manager = dry_run ? STR(DIFF_MANAGER) : STR_EMPTY,
        .force = dry_run,
        .dry_run = dry_run,
        .as_user = dry_run ? a->opts.as_user : STR_EMPTY,
        .done = on_answer,
        .data = question_new(a, i),
    };
    (void)kube_start(live_cache_client(a->opts.cache), &request);
}

/* ---- schemas ---- */

static void on_schema(void *data, const struct kube_reply *reply)
{
    struct question *q = data;
    struct ask *a = q->ask;
    struct how_schema *schema = &a->opts.how->schemas.items[q->i];
    schema->asked = true;
    schema->missing = reply->err != NULL && reply->err->code == ERR_NOT_FOUND;
    if (reply->err == NULL) {
        schema->text = arena_str(a->opts.how->arena, reply->body);
    }
    a->n_open--;
    go_on(a);
}

static void ask_schema(struct ask *a, size_t i)
{
    struct how_schema *schema = &a->opts.how->schemas.items[i];
    struct arena *arena = a->opts.how->arena;
    if (schema->asked) {
        return;
    }
    struct str path =
        schema->group.n > 0
            ? arena_printf(arena, "/openapi/v3/apis/" STR_FMT "/" STR_FMT, STR_ARG(schema->group),
                           STR_ARG(schema->version))
            : arena_printf(arena, "/openapi/v3/api/" STR_FMT, STR_ARG(schema->version));
    struct kube_request request = {
        .verb = KUBE_GET,
        .raw_path = path,
        .raw_body = true,
        .done = on_schema,
        .data = question_new(a, i),
    };
    (void)kube_start(live_cache_client(a->opts.cache), &request);
}

/* ---- */

static void go_on(struct ask *a)
{
    const struct how *how = a->opts.how;
    size_t n = how->answers.n + how->schemas.n;
    while (a->n_open < PARALLEL && a->next < n) {
        size_t i = a->next++;
        if (i < how->answers.n) {
            ask_answer(a, i);
        } else {
            ask_schema(a, i - how->answers.n);
        }
    }
    if (a->n_open == 0 && a->next == n) {
        a->next++; /* once */
        loop_post(kube_client_loop(live_cache_client(a->opts.cache)), finish, a);
    }
}

void ask_start(const struct ask_opts *opts)
{
    struct ask *a = MEM_NEW(struct ask);
    *a = (struct ask){.opts = *opts};
    live_cache_use(opts->cache);
    go_on(a);
}
