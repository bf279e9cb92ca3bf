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
    validated_fn next;
};

static int refuse(struct app_strs problems, struct err *err)
{
    if (problems.n == 0) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "application spec is invalid: " STR_FMT,
                   STR_ARG(problems.items[0]));
}

static int check_namespace(struct rest_call *call,
                           const struct validation *v,
                           const struct project *project,
                           struct err *err)
{
    struct str own = str_from(call->server->config->ns);
    struct str namespace = v->model.namespace.n > 0 ? v->model.namespace : own;
    if (!project_permits_namespace(project, namespace, own)) {
        return err_set(err, ERR_INVALID,
                       "application '" STR_FMT "' in namespace '" STR_FMT
                       "' is not permitted to use project '" STR_FMT "'",
                       STR_ARG(v->model.name), STR_ARG(namespace), STR_ARG(project->name));
    }
    return 0;
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
    const struct project *rules = project != NULL ? project : &PROJECT_DEFAULT;
    TRY(check_namespace(call, v, rules, err));
    const struct cluster *cluster = NULL;
    struct clusters clusters = settings_clusters(s);
    if (cluster_find(&clusters, &spec->destination, &cluster, err) < 0) {
        err->code = ERR_INVALID; /* of this request, whatever it is for the one who looks for it */
        return err_wrap(err, "application destination spec is invalid");
    }
    struct project_cluster place = {cluster->server, cluster->name, cluster->project};
    return refuse(project_app_problems(call->arena, rules, spec, &place), err);
}

static int
on_rendered(struct rest_call *call, const struct value *manifests UNUSED, struct err *err)
{
    const struct validation *v = call->state;
    return v->next(call, v->app, err);
}

static int on_not_rendered(struct rest_call *call UNUSED, struct err *err)
{
    if (!err_code_retryable(err->code)) {
        err->code = ERR_INVALID;
    }
    return err_wrap(err, "application spec is invalid");
}

int validate_application(struct rest_call *call,
                         const struct value *app,
                         validated_fn next,
                         struct err *err)
{
    struct validation *v = ARENA_NEW(call->arena, struct validation);
    v->app = app;
    v->next = next;
    call->state = v;
    TRY(application_decode(call->arena, app, &v->model, err));
    TRY(check_spec(call, v, err));
    if (!rest_query_bool(call, "validate", true)) {
        return next(call, app, err);
    }
    struct render_request request = {
        .model = &v->model,
        .source = 0,
        .done = on_rendered,
        .failed = on_not_rendered,
    };
    int rc = render_start(call, &request, err);
    return rc < 0 ? on_not_rendered(call, err) : 0;
}
