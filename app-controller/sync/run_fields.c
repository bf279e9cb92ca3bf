/* Fields nobody knows, for API servers that drop them without a word: those before 1.25. Later ones are asked to
 * refuse them (`fieldValidation`).
 *
 * Checked are the tasks Argo CD has kubectl check: not what Validate=false excepts, nor what replaces a live object.
 * Objects whose CustomResourceDefinition comes with the sync are not either: the cluster's document does not know
 * them yet, or as they were. What the document at hand refuses is checked against a new one before it counts, as a
 * definition may have changed since. */
#include "app-controller/live/live_cache.h"
#include "app-controller/live/live_types.h"
#include "app-controller/sync/run_internal.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/kube/kube_api.h"
#include "common/rt/work.h"
#include "common/value/value.h"
#include "engine/compare/validate.h"

enum {
    FIRST_MINOR = 25, /* that refuses unknown fields itself */
};

struct fields {
    struct pass *pass;
    pass_fn next;
    struct plan_task **tasks;
    size_t n_tasks;
    enum live_types_age age;
    struct live_types_wait wait;
    struct job job;
    struct arena *arena; /* of the job */
    struct doc *types;
    struct str *problems; /* of the tasks */
};

/* ---- checking, on the pool ---- */

static int check_all(struct job *job, struct err *err UNUSED)
{
    struct fields *f = CONTAINER_OF(job, struct fields, job);
    for (size_t i = 0; i < f->n_tasks && !job_canceled(job); i++) {
        f->problems[i] = validate_object(f->arena, doc_root(f->types), f->tasks[i]->target);
    }
    return 0;
}

/* ---- on the loop ---- */

static void ask(struct fields *f, enum live_types_age age);

static void go_on(struct fields *f, const struct err *err)
{
    struct pass *pass = f->pass;
    pass_fn next = f->next;
    for (size_t i = 0; i < f->n_tasks && err == NULL; i++) {
        f->tasks[i]->invalid = arena_str(pass->arena, f->problems[i]);
    }
    arena_free(f->arena);
    doc_unref(f->types);
    mem_free(f);
    if (err == NULL) {
        next(pass);
    } else if (err->code == ERR_CANCELED) {
        pass_end(pass);
    } else {
        pass_retry_later(pass, err);
    }
}

static bool has_problems(const struct fields *f)
{
    for (size_t i = 0; i < f->n_tasks; i++) {
        if (f->problems[i].n > 0) {
            return true;
        }
    }
    return false;
}

static void on_checked(struct job *job, const struct err *err)
{
    struct fields *f = CONTAINER_OF(job, struct fields, job);
    if (err == NULL && f->age == LIVE_TYPES_KNOWN && has_problems(f)) {
        doc_unref(TAKE(f->types));
        ask(f, LIVE_TYPES_FRESH);
        return;
    }
    go_on(f, err);
}

static void fail_all(struct fields *f, const struct err *why)
{
    char text[1024];
    err_format(why, text, sizeof(text));
    for (size_t i = 0; i < f->n_tasks; i++) {
        f->problems[i] =
            arena_printf(f->arena, "error validating data: failed to download openapi: %s", text);
    }
    go_on(f, NULL);
}

static void on_types(void *data, struct doc *doc, const struct err *err)
{
    struct fields *f = data;
    struct err failure;
    if (err != NULL && err->code == ERR_CANCELED) {
        go_on(f, err);
        return;
    }
    if (err != NULL) {
        fail_all(f, err);
        return;
    }
    f->types = doc_ref(doc);
    f->job = (struct job){.run = check_all, .done = on_checked};
    if (work_submit(f->pass->ctl->work, WORK_DIFF, &f->job, &failure) < 0) {
        go_on(f, &failure);
    }
}

static void ask(struct fields *f, enum live_types_age age)
{
    f->age = age;
    f->wait = (struct live_types_wait){.done = on_types, .data = f};
    live_types_ask(live_cache_types(f->pass->cache), age, &f->wait);
}

static bool checks_itself(const struct kube_api *api)
{
    int minor = kube_api_server_minor(api);
    return api == NULL || kube_api_server_major(api) != 1 || minor == 0 || minor >= FIRST_MINOR;
}

static bool is_checked(const struct plan_task *t)
{
    bool replaces = t->options.replace && t->live != NULL;
    return t->target != NULL && t->options.validate && !t->skip_dry_run && !replaces;
}

void run_check_fields(struct pass *pass, pass_fn next)
{
    struct run *run = run_of(pass);
    struct plan_task **tasks = arena_calloc(pass->arena, run->step.n_run + 1, sizeof(*tasks));
    size_t n = 0;
    for (size_t i = 0; i < run->step.n_run; i++) {
        if (is_checked(run->step.run[i])) {
            tasks[n++] = run->step.run[i];
        }
    }
    if (n == 0 || checks_itself(live_cache_api(pass->cache))) {
        next(pass);
        return;
    }
    struct fields *f = MEM_NEW(struct fields);
    f->pass = pass;
    f->next = next;
    f->tasks = tasks;
    f->n_tasks = n;
    f->arena = arena_new();
    f->problems = arena_calloc(f->arena, n, sizeof(*f->problems));
    ask(f, LIVE_TYPES_KNOWN);
}
