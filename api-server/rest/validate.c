/* Checks before an Application is written. */
#include "api-server/rest/validate.h"

#include "api-server/api_server.h"
#include "api-server/rest/call.h"
#include "api-server/rest/render.h"
#include "common/base/arena.h"
#include "common/model/application.h"
#include "common/model/cluster.h"
#include "common/model/project.h"
#include "common/settings/settings.h"
#include "common/value/value.h"

struct validation {
    const struct value *app;
    struct application model;
    void (*next)(struct rest_call *call, const struct value *app);
};

static int refuse(struct app_strs problems, struct err *err)
{
    if (problems.n == 0) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "application spec is invalid: " STR_FMT,
                   STR_ARG(problems.items[0]));
}

static int check_spec(struct rest_call *call, struct validation *v, struct err *err)
{
    const struct app_spec *spec = &v->model.spec;
    struct settings *s = call->server->settings;
    TRY(refuse(app_spec_problems(call->arena, spec), err));
    const struct project *project = settings_project(s, spec->project);
    if (project == NULL && !str_eq(spec->project, STR(APP_DEFAULT_PROJECT))) {
        return err_set(err, ERR_INVALID,
                       "application references project " STR_FMT " which does not exist",
                       STR_ARG(spec->project));
    }
    const struct cluster *cluster = NULL;
    struct clusters clusters = settings_clusters(s);
    if (cluster_find(&clusters, &spec->destination, &cluster, err) < 0) {
        err->code = ERR_INVALID; /* of this request, whatever it is for the one who looks for it */
        return err_wrap(err, "application destination spec is invalid");
    }
    struct project_cluster place = {cluster->server, cluster->name, cluster->project};
    const struct project *rules = project != NULL ? project : &PROJECT_DEFAULT;
    return refuse(project_app_problems(call->arena, rules, spec, &place), err);
}

static void
on_rendered(struct rest_call *call, const struct value *manifests UNUSED, const struct err *err)
{
    struct validation *v = call->state;
    if (err != NULL) {
        struct err told = *err;
        told.code = err_code_retryable(err->code) ? err->code : ERR_INVALID;
        (void)err_wrap(&told, "application spec is invalid");
        rest_reply_err(call, &told);
        return;
    }
    v->next(call, v->app);
}

void validate_application(struct rest_call *call,
                          const struct value *app,
                          void (*next)(struct rest_call *call, const struct value *app))
{
    struct validation *v = ARENA_NEW(call->arena, struct validation);
    struct err err;
    v->app = app;
    v->next = next;
    call->state = v;
    if (application_decode(call->arena, app, &v->model, &err) < 0 ||
        check_spec(call, v, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    if (!rest_query_bool(call, "validate", true)) {
        next(call, app);
        return;
    }
    struct render_request request = {
        .model = &v->model,
        .source = 0,
        .done = on_rendered,
    };
    render_start(call, &request);
}
