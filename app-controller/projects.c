/* Finalizers of projects: checked when a project or an Application changes, and again a while after a write
 * that failed. */
#include "app-controller/projects.h"

#include "app-controller/app.h"
#include "app-controller/controller.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/tzdata.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/model/project.h"
#include "common/rt/timer.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

enum {
    RETRY_MS = 10000,
};

struct projects {
    struct controller *ctl;
    struct timer retry;
};

static void on_retry(void *data)
{
    projects_check(data, STR_EMPTY);
}

struct projects *projects_new(struct controller *ctl)
{
    struct projects *projects = MEM_NEW(struct projects);
    projects->ctl = ctl;
    timer_init(&projects->retry, ctl->loop, on_retry, projects);
    return projects;
}

void projects_free(struct projects *projects)
{
    if (projects != NULL) {
        timer_stop(&projects->retry);
        mem_free(projects);
    }
}

static void on_patched(void *data, const struct kube_reply *reply)
{
    struct projects *projects = data;
    const struct err *err = reply->err;
    if (err == NULL || err->code == ERR_NOT_FOUND || err->code == ERR_CANCELED) {
        return;
    }
    if (err->code != ERR_CONFLICT) {
        log_warn("project could not be written", LF_ERR(err));
    }
    if (!projects->ctl->stopping) {
        timer_start(&projects->retry, RETRY_MS);
    }
}

static bool is_used(const struct controller *ctl, struct str name)
{
    MAP_FOREACH(ctl->apps, it) {
        if (str_eq(app_project(it.value), name)) {
            return true;
        }
    }
    return false;
}

/* The resourceVersion in the patch keeps a finalizer somebody adds meanwhile. */
static void let_go(struct projects *projects, const struct value *obj)
{
    AUTO(arena) struct arena *arena = arena_new();
    obj = kube_without_finalizer(arena, obj, STR(APP_FINALIZER));
    const struct value *left = value_dig(obj, "metadata", "finalizers");
    const struct value *patch =
        value_with(arena, NULL, left != NULL ? left : &VALUE_EMPTY_LIST, "metadata", "finalizers");
    patch = value_with(arena, patch, value_new_str(arena, kube_resource_version(obj)), "metadata",
                       "resourceVersion");
    struct kube_request request = {
        .verb = KUBE_PATCH,
        .target = {.group = STR(APP_GROUP),
                   .version = STR(APP_VERSION),
                   .resource = STR(APP_PROJECT_RESOURCE),
                   .kind = STR(APP_PROJECT_KIND),
                   .namespace = kube_namespace(obj),
                   .name = kube_name(obj)},
        .patch = KUBE_PATCH_MERGE,
        .body = patch,
        .done = on_patched,
        .data = projects,
    };
    log_info("project deleted", LF_STR("project", kube_name(obj)));
    (void)kube_start(projects->ctl->client, &request);
}

/* As for Argo CD such a zone counts as UTC, which is hardly what was meant. */
static void tell_unknown_zones(struct arena *arena, const struct project *project)
{
    for (size_t i = 0; i < project->windows.n; i++) {
        struct str zone = project->windows.items[i].time_zone;
        struct str data = STR_EMPTY;
        struct err err;
        if (zone.n > 0 && (tzdata_read(arena, zone, &data, &err) < 0 || data.n == 0)) {
            struct str message = arena_printf(arena,
                                              "syncWindows[%zu]: time zone '" STR_FMT
                                              "' is not known; the schedule is taken as UTC",
                                              i, STR_ARG(zone));
            log_warn("project has a problem", LF_STR("project", project->name),
                     LF_STR("message", message));
        }
    }
}

void projects_tell_problems(const struct projects *projects, struct str name)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct project *project = settings_project(projects->ctl->settings, name);
    if (project == NULL) {
        return; /* gone */
    }
    struct app_strs problems = project_problems(arena, project);
    for (size_t i = 0; i < problems.n; i++) {
        log_warn("project has a problem", LF_STR("project", name),
                 LF_STR("message", problems.items[i]));
    }
    tell_unknown_zones(arena, project);
}

void projects_check(struct projects *projects, struct str name)
{
    struct controller *ctl = projects->ctl;
    size_t at = 0;
    if (ctl->stopping || !ctl->apps_known) {
        return;
    }
    for (const struct project *p; (p = settings_project_next(ctl->settings, &at)) != NULL;) {
        bool meant = name.n == 0 || str_eq(p->name, name);
        if (meant && kube_is_deleting(p->tree) && kube_has_finalizer(p->tree, STR(APP_FINALIZER)) &&
            !is_used(ctl, p->name)) {
            let_go(projects, p->tree);
        }
    }
}
