/* destinationServiceAccounts of a project: the first entry that matches counts. */
#include "app-controller/impersonate.h"

#include "app-controller/app.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/model/project.h"
#include "common/settings/settings.h"

#define NEVER_IN_NAMES "!*[]{}\\/"

struct impersonation impersonation_of(const struct settings *settings)
{
    struct str on = settings_value(settings, STR("application.sync.impersonation.enabled"));
    struct str must = settings_value(settings, STR("application.sync.impersonation.enforced"));
    return (struct impersonation){
        .enabled = str_eq_c(on, "true"),
        .enforced = !str_eq_c(must, "false"),
    };
}

static int check_account(struct str account, struct err *err)
{
    bool wrong = str_trim(account).n == 0;
    for (size_t i = 0; i < account.n; i++) {
        wrong |= strchr(NEVER_IN_NAMES, account.p[i]) != NULL;
    }
    return wrong ? err_set(err, ERR_INVALID,
                           "default service account contains invalid chars '" STR_FMT "'",
                           STR_ARG(account))
                 : 0;
}

static const struct project_service_account *find_account(const struct impersonate_input *in)
{
    for (size_t i = 0; i < in->project->service_accounts.n; i++) {
        const struct project_service_account *a = &in->project->service_accounts.items[i];
        if (glob_match(a->server, in->server, GLOB_NO_SEPARATOR) &&
            glob_match(a->namespace, in->namespace, GLOB_NO_SEPARATOR)) {
            return a;
        }
    }
    return NULL;
}

int impersonate_user(struct arena *arena,
                     const struct impersonate_input *in,
                     struct str *ret,
                     struct err *err)
{
    *ret = STR_EMPTY;
    if (!in->rules.enabled) {
        return 0;
    }
    const struct project_service_account *a = find_account(in);
    if (a == NULL && in->rules.enforced) {
        return err_set(err, ERR_DENIED,
                       "failed to find a matching service account to impersonate: no matching "
                       "service account found for destination server " STR_FMT
                       " and namespace " STR_FMT,
                       STR_ARG(in->server), STR_ARG(in->namespace));
    }
    if (a == NULL) {
        return 0;
    }
    TRY(check_account(a->account, err));
    struct str ns = in->namespace.n > 0 ? in->namespace : in->app_namespace;
    struct str name;
    struct str of;
    if (str_cut(a->account, ':', &of, &name)) {
        *ret = arena_printf(arena, "system:serviceaccount:" STR_FMT, STR_ARG(a->account));
    } else {
        *ret = arena_printf(arena, "system:serviceaccount:" STR_FMT ":" STR_FMT, STR_ARG(ns),
                            STR_ARG(a->account));
    }
    return 0;
}

int impersonate_pass(struct pass *pass, struct str *ret, struct err *err)
{
    const struct app_spec *spec = &pass->model.spec;
    const struct project *project = settings_project(pass->ctl->settings, spec->project);
    const struct impersonate_input in = {
        .rules = impersonation_of(pass->ctl->settings),
        .project = project != NULL ? project : &PROJECT_DEFAULT,
        .server = live_cache_server(pass->cache),
        .namespace = spec->destination.namespace,
        .app_namespace = pass->app->namespace,
    };
    return impersonate_user(pass->arena, &in, ret, err);
}
