/* The rules are common/model/window.h's; here the Application's place is found. */
#include "api-server/rest/windows.h"

#include "api-server/api_server.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/tzdata.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/model/cluster.h"
#include "common/model/window.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

static int
input_of(struct rest_call *call, const struct value *app, struct window_input *ret, struct err *err)
{
    struct settings *s = call->server->settings;
    struct application model;
    const struct cluster *cluster = NULL;
    struct clusters clusters = settings_clusters(s);
    struct err unknown; /* windows may concern an application of an unknown cluster, too */
    TRY(application_decode(call->arena, app, &model, err));
    const struct app_destination *to = &model.spec.destination;
    bool known = cluster_find(&clusters, to, &cluster, &unknown) == 0;
    const struct project *project = settings_project(s, model.spec.project);
    *ret = (struct window_input){
        .project = project != NULL ? project : &PROJECT_DEFAULT,
        .target = {.app = kube_name(app),
                   .namespace = to->namespace,
                   .server = known ? cluster->server : to->server,
                   .cluster = known ? cluster->name : to->name},
        .zone = tzdata_read,
        .now_ms = clock_wall_ms(clock_system()),
        .manual = true,
    };
    return 0;
}

int windows_check(struct rest_call *call, const struct value *app, struct err *err)
{
    struct window_input in;
    struct window_verdict verdict;
    TRY(input_of(call, app, &in, err));
    TRY(window_decide(call->arena, &in, &verdict, err));
    if (!verdict.allowed) {
        return err_set(err, ERR_DENIED, "cannot sync: blocked by sync window: " STR_FMT,
                       STR_ARG(window_reason(call->arena, &verdict)));
    }
    return 0;
}

static void
put_windows(struct value_builder *b, const char *key, const struct window_states *states, bool all)
{
    value_build_field_list(b, key);
    for (size_t i = 0; i < states->n; i++) {
        const struct window_state *s = &states->items[i];
        if (all || s->open) {
            value_build_map(b);
            value_build_field_str(b, "kind", s->window->kind);
            value_build_field_str(b, "schedule", s->window->schedule);
            value_build_field_str(b, "duration", s->window->duration);
            value_build_field_bool(b, "manualSync", s->window->manual_sync);
            value_build_end(b);
        }
    }
    value_build_end(b);
}

int windows_of_application(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    struct window_input in;
    struct window_states states;
    struct window_verdict verdict;
    TRY(applications_find(call, &doc, err));
    TRY(input_of(call, doc_root(doc), &in, err));
    TRY(window_states_at(call->arena, &in, &states, err));
    TRY(window_decide(call->arena, &in, &verdict, err));
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    put_windows(&b, "activeWindows", &states, false);
    put_windows(&b, "assignedWindows", &states, true);
    value_build_field_bool(&b, "canSync", verdict.allowed);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    return 0;
}

int windows_of_project(struct rest_call *call, struct err *err)
{
    struct str name = rest_param(call, 0);
    const struct project *project = settings_project(call->server->settings, name);
    if (project == NULL) {
        return err_set(err, ERR_NOT_FOUND, "appprojects.argoproj.io \"" STR_FMT "\" not found",
                       STR_ARG(name));
    }
    const struct value *windows = value_dig(project->tree, "spec", "syncWindows");
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_list(&b, "windows");
    for (size_t i = 0; i < project->windows.n; i++) {
        struct window_state state;
        TRY(window_state_at(call->arena, &project->windows.items[i], tzdata_read,
                            clock_wall_ms(clock_system()), &state, err));
        if (state.open) {
            value_build_value(&b, value_at(windows, i));
        }
    }
    value_build_end(&b);
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    return 0;
}
