/* Many tasks side by side, within limits. */
#include "app-controller/sync/run_internal.h"

static void run_more(struct pass *pass);

static void on_task_done(void *data)
{
    struct pass *pass = data;
    struct run *run = run_of(pass);
    run->n_open--;
    run_more(pass);
}

static void start_task(struct pass *pass, struct plan_task *task)
{
    struct run *run = run_of(pass);
    struct apply_request request = {
        .loop = pass->ctl->loop,
        .arena = pass->arena,
        .cache = pass->cache,
        .plan = &run->plan,
        .task = task,
        .as_user = run->as_user,
        .validate_only = run->validate_only,
        .stopping = &pass->ctl->stopping,
        .done = on_task_done,
        .data = pass,
    };
    run->n_open++;
    run->each(&request);
}

/* Start what may start: the current group, up to the limit; groups one after another. */
static void run_more(struct pass *pass)
{
    struct run *run = run_of(pass);
    size_t limit = (size_t)pass->ctl->config->apply_parallelism;
    if (run->n_open == 0 && run->next_task == run->group_from) {
        if (run->group_from == run->n_list) {
            run->after_list(pass);
            return;
        }
        size_t n = run->list == run->step.run ? step_group(&run->step, run->group_from)
                                              : run->n_list - run->group_from;
        run->group_from += n;
    }
    while (run->next_task < run->group_from && run->n_open < limit) {
        start_task(pass, run->list[run->next_task++]);
    }
}

void run_tasks(struct pass *pass,
               struct plan_task **list,
               size_t n,
               void (*each)(const struct apply_request *request),
               pass_fn after)
{
    struct run *run = run_of(pass);
    run->list = list;
    run->n_list = n;
    run->each = each;
    run->after_list = after;
    run->group_from = run->next_task = run->n_open = 0;
    run_more(pass);
}
