/* Descriptions of sources by the repo-server.
 *
 * A source is a question for the server to ask, so it is not taken from just anybody: one of an application that exists has
 * to be one it has or had, and who asks for a new one must be allowed to create it. */
#include "api-server/rest/details.h"

#include "api-server/api_server.h"
#include "api-server/auth/rbac.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/call.h"
#include "api-server/rest/render.h"
#include "common/base/arena.h"
#include "common/base/num.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/model/project.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

/* ---- sources of applications ---- */

/* Of a spec or an entry of the history: the list it has, or a list of its only one. */
static const struct value *sources_in(struct arena *arena, const struct value *holder)
{
    const struct value *list = value_dig(holder, "sources");
    const struct value *one = value_dig(holder, "source");
    if (value_len(list) > 0) {
        return list;
    }
    return one != NULL ? value_list_append(arena, &VALUE_EMPTY_LIST, one) : &VALUE_EMPTY_LIST;
}

/* As they were deployed: a branch has moved on since. */
static const struct value *deployed_sources(struct arena *arena, const struct value *entry)
{
    bool many = value_len(value_dig(entry, "sources")) > 0;
    const struct value *revisions = value_dig(entry, "revisions");
    const struct value *out = &VALUE_EMPTY_LIST;
    size_t i = 0;
    VALUE_FOREACH(sources_in(arena, entry), source) {
        const struct value *revision =
            many ? value_at(revisions, i++) : value_dig(entry, "revision");
        out = value_list_append(
            arena, out,
            revision != NULL ? value_with(arena, source, revision, "targetRevision") : source);
    }
    return out;
}

static const struct value *find_deployed(const struct value *app, int64_t id)
{
    VALUE_FOREACH(value_dig(app, "status", "history"), entry) {
        if (value_int(value_dig(entry, "id"), -1) == id) {
            return entry;
        }
    }
    return NULL;
}

static bool find_equal(const struct value *sources, const struct value *source, size_t *ret)
{
    for (size_t i = 0; i < value_len(sources); i++) {
        if (value_equal(value_at(sources, i), source)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static const struct value *
with_sources(struct arena *arena, const struct value *app, const struct value *sources)
{
    return value_with(arena, value_without(arena, app, "spec", "source"), sources, "spec",
                      "sources");
}

static int describe(struct rest_call *call,
                    const struct value *app,
                    struct render_request *request,
                    struct err *err)
{
    struct application *model = ARENA_NEW(call->arena, struct application);
    TRY(application_decode(call->arena, app, model, err));
    if (request->source >= model->spec.sources.n) {
        return err_set(err, ERR_INVALID, "the application has no source with this index");
    }
    request->model = model;
    request->describe = true;
    return render_start(call, request, err);
}

/* ---- app details ---- */

struct question {
    struct str namespace; /* of the application; "" = the control plane's */
    struct str name;
    struct str project;
    const struct value *source;
};

static int read_question(struct rest_call *call, struct question *ret, struct err *err)
{
    const struct value *source = rest_body(call, "source");
    struct str before;
    struct str name;
    if (!value_is(source, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "missing payload in request");
    }
    ret->namespace = STR_EMPTY;
    ret->name = rest_body_str(call, "appName");
    ret->project = rest_body_str(call, "appProject");
    if (ret->project.n == 0) {
        ret->project = STR(APP_DEFAULT_PROJECT);
    }
    if (str_cut(ret->name, '/', &before, &name)) {
        TRY(application_check_namespace(call, before, err));
        ret->namespace = before;
        ret->name = name;
    }
    ret->source =
        value_with(call->arena, source, value_new_str(call->arena, rest_param(call, 0)), "repoURL");
    return 0;
}

/* One that is still being written: the tree it would have. */
static int
new_app(struct rest_call *call, const struct question *q, const struct value **ret, struct err *err)
{
    struct arena *arena = call->arena;
    TRY(rbac_enforce_other(call, "create", q->project,
                           application_object(call, q->namespace, q->name), err));
    const struct value *app =
        value_with(arena, NULL, value_new_str(arena, q->name), "metadata", "name");
    app = q->namespace.n > 0 ? kube_with_namespace(arena, app, q->namespace) : app;
    app = value_with(arena, app, value_new_str(arena, q->project), "spec", "project");
    *ret = with_sources(arena, app, value_list_append(arena, &VALUE_EMPTY_LIST, q->source));
    return 0;
}

/* The version id of the question is no better than a hint: what counts is that it was deployed. */
static int known_app(struct rest_call *call,
                     const struct question *q,
                     const struct value *app,
                     const struct value **ret,
                     size_t *ret_index,
                     struct err *err)
{
    const struct value *sources = sources_in(call->arena, value_dig(app, "spec"));
    TRY(rbac_enforce_other(call, "get", q->project, application_object(call, q->namespace, q->name),
                           err));
    bool found = find_equal(sources, q->source, ret_index);
    VALUE_FOREACH(value_dig(app, "status", "history"), entry) {
        if (!found) {
            sources = deployed_sources(call->arena, entry);
            found = find_equal(sources, q->source, ret_index);
        }
    }
    if (!found || !str_eq(application_project(app), q->project)) {
        return err_set(err, ERR_DENIED, "permission denied");
    }
    *ret = with_sources(call->arena, app, sources);
    return 0;
}

static int check_source(struct rest_call *call, const struct question *q, struct err *err)
{
    struct str url = value_dig_str(q->source, "repoURL");
    const struct project *project = settings_project(call->server->settings, q->project);
    if (project == NULL && str_eq_c(q->project, APP_DEFAULT_PROJECT)) {
        project = &PROJECT_DEFAULT;
    }
    if (project == NULL || !project_permits_source(project, url)) {
        return err_set(err, ERR_DENIED,
                       "repository '" STR_FMT "' not permitted in project '" STR_FMT "'",
                       STR_ARG(url), STR_ARG(q->project));
    }
    return 0;
}

static int on_details(struct rest_call *call, const struct value *details, struct err *err UNUSED)
{
    rest_reply(call, value_without(call->arena, details, "chart"));
    return 0;
}

int details_app(struct rest_call *call, struct err *err)
{
    struct question q;
    struct render_request request = {.done = on_details};
    const struct value *app;
    TRY(read_question(call, &q, err));
    struct doc *doc = application_lookup(call, q.namespace, q.name);
    if (doc == NULL) {
        TRY(new_app(call, &q, &app, err));
    } else {
        arena_hold(call->arena, doc);
        TRY(known_app(call, &q, doc_root(doc), &app, &request.source, err));
    }
    TRY(check_source(call, &q, err));
    return describe(call, app, &request, err);
}

/* ---- charts ---- */

static int on_chart(struct rest_call *call, const struct value *details, struct err *err UNUSED)
{
    const struct value *chart = value_dig(details, "chart");
    rest_reply(call, chart != NULL ? chart : &VALUE_EMPTY_MAP);
    return 0;
}

static int number_query(struct rest_call *call, const char *name, int64_t *ret, struct err *err)
{
    struct str text = rest_query(call, name);
    *ret = -1;
    return text.n == 0 ? 0 : num_parse_int_range(text, 0, INT32_MAX, ret, err);
}

/* The sources of the application, or of an entry of its history. */
static int chart_sources(struct rest_call *call,
                         const struct value *app,
                         const struct value **ret,
                         struct err *err)
{
    int64_t id;
    TRY_IN(number_query(call, "versionId", &id, err), err, "versionId");
    const struct value *entry = id < 0 ? NULL : find_deployed(app, id);
    if (id >= 0 && entry == NULL) {
        return err_set(err, ERR_INVALID, "the history has no entry %lld", (long long)id);
    }
    *ret = entry != NULL ? deployed_sources(call->arena, entry)
                         : sources_in(call->arena, value_dig(app, "spec"));
    return 0;
}

int details_chart(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    struct render_request request = {.revision = rest_param(call, 1), .done = on_chart};
    const struct value *sources = NULL;
    int64_t index;
    TRY(applications_find(call, &doc, err));
    arena_hold(call->arena, doc);
    TRY_IN(number_query(call, "sourceIndex", &index, err), err, "sourceIndex");
    TRY(chart_sources(call, doc_root(doc), &sources, err));
    request.source = index < 0 ? 0 : (size_t)index;
    const struct value *source = value_at(sources, request.source);
    if (source != NULL && value_dig_str(source, "chart").n == 0) {
        return err_set(err, ERR_INVALID, "the source is not a chart of a repository");
    }
    return describe(call, with_sources(call->arena, doc_root(doc), sources), &request, err);
}
