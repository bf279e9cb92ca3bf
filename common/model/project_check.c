/* What is wrong with a project, and with an application in it. */
#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/model/project.h"
#include "common/model/window.h"

struct problems {
    struct arena *arena;
    struct str *items;
    size_t n;
    size_t cap;
};

static void add_problem(struct problems *problems, struct str text)
{
    vec_push_in(problems->arena, problems, text);
}

static void check_sources(struct problems *problems, const struct project *project)
{
    const struct app_strs *list = &project->source_repos;
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq_c(list->items[i], "!*")) {
            add_problem(problems, STR("source repository has an invalid format, '!*'"));
        }
        for (size_t k = 0; k < i; k++) {
            if (str_eq(list->items[k], list->items[i])) {
                add_problem(problems, arena_printf(problems->arena,
                                                   "source repository '" STR_FMT "' already added",
                                                   STR_ARG(list->items[i])));
            }
        }
    }
}

static void check_destinations(struct problems *problems, const struct project *project)
{
    for (size_t i = 0; i < project->destinations.n; i++) {
        const struct project_destination *entry = &project->destinations.items[i];
        if (str_eq_c(entry->server, "!*")) {
            add_problem(problems, STR("server has an invalid format, '!*'"));
        }
        if (str_eq_c(entry->namespace, "!*")) {
            add_problem(problems, STR("namespace has an invalid format, '!*'"));
        }
        for (size_t k = 0; k < i; k++) {
            const struct project_destination *other = &project->destinations.items[k];
            if (str_eq(entry->server, other->server) && str_eq(entry->name, other->name) &&
                str_eq(entry->namespace, other->namespace)) {
                add_problem(problems,
                            arena_printf(problems->arena,
                                         "destination '" STR_FMT "/" STR_FMT "' already added",
                                         STR_ARG(entry->server), STR_ARG(entry->namespace)));
            }
        }
    }
}

/* ---- roles ---- */

/* "p, proj:<project>:<role>, <resource>, <action>, <project>/<object>, allow|deny" */
static const char *policy_problem(struct arena *arena,
                                  const struct project *project,
                                  const struct project_role *role,
                                  struct str policy)
{
    struct str parts[6] = {0};
    struct str rest = policy;
    struct str part;
    size_t n = 0;
    while (str_next(&rest, ',', &part)) {
        if (n < ARRAY_LEN(parts)) {
            parts[n] = str_trim(part);
        }
        n++;
    }
    struct str subject = arena_printf(arena, "proj:" STR_FMT ":" STR_FMT, STR_ARG(project->name),
                                      STR_ARG(role->name));
    struct str prefix = arena_printf(arena, STR_FMT "/", STR_ARG(project->name));
    if (n != ARRAY_LEN(parts) || !str_eq_c(parts[0], "p")) {
        return "must be of the form: 'p, sub, res, act, obj, eft'";
    }
    if (!str_eq(parts[1], subject)) {
        return "policy subject must be of the project's role";
    }
    if (parts[2].n == 0 || parts[3].n == 0) {
        return "resource and action must not be empty";
    }
    if (!str_starts_with(parts[4], prefix)) {
        return "object must be of the project";
    }
    if (!str_eq_c(parts[5], "allow") && !str_eq_c(parts[5], "deny")) {
        return "effect must be 'allow' or 'deny'";
    }
    return NULL;
}

static void check_role(struct problems *problems,
                       const struct project *project,
                       const struct project_role *role)
{
    struct arena *arena = problems->arena;
    if (role->name.n == 0) {
        add_problem(problems, STR("a role has no name"));
    }
    for (size_t i = 0; i < role->policies.n; i++) {
        const char *problem = policy_problem(arena, project, role, role->policies.items[i]);
        if (problem != NULL) {
            add_problem(problems, arena_printf(arena, "invalid policy rule '" STR_FMT "': %s",
                                               STR_ARG(role->policies.items[i]), problem));
        }
    }
}

static void check_roles(struct problems *problems, const struct project *project)
{
    for (size_t i = 0; i < project->roles.n; i++) {
        const struct project_role *role = &project->roles.items[i];
        check_role(problems, project, role);
        for (size_t k = 0; k < i; k++) {
            if (str_eq(project->roles.items[k].name, role->name)) {
                add_problem(problems,
                            arena_printf(problems->arena, "role '" STR_FMT "' already exists",
                                         STR_ARG(role->name)));
            }
        }
    }
}

/* ---- windows ---- */

static void check_windows(struct problems *problems, const struct project *project)
{
    for (size_t i = 0; i < project->windows.n; i++) {
        const struct project_window *window = &project->windows.items[i];
        if (!str_eq_c(window->kind, "allow") && !str_eq_c(window->kind, "deny")) {
            add_problem(problems,
                        arena_printf(problems->arena,
                                     "syncWindows[%zu]: kind '" STR_FMT "' must be allow or deny",
                                     i, STR_ARG(window->kind)));
        }
        if (window->applications.n + window->namespaces.n + window->clusters.n == 0) {
            add_problem(problems, arena_printf(problems->arena,
                                               "syncWindows[%zu]: needs at least one of "
                                               "applications, namespaces and clusters",
                                               i));
        }
        struct err err;
        if (window_check(window, &err) < 0) {
            char text[ERR_MESSAGE_BYTES];
            err_format(&err, text, sizeof(text));
            add_problem(problems, arena_printf(problems->arena, "syncWindows[%zu]: %s", i, text));
        }
    }
}

struct app_strs project_problems(struct arena *arena, const struct project *project)
{
    struct problems problems = {.arena = arena};
    check_sources(&problems, project);
    check_destinations(&problems, project);
    check_roles(&problems, project);
    check_windows(&problems, project);
    return (struct app_strs){problems.items, problems.n};
}

/* ---- applications ---- */

struct app_strs project_app_problems(struct arena *arena,
                                     const struct project *project,
                                     const struct app_spec *spec,
                                     const struct project_cluster *cluster)
{
    struct problems problems = {.arena = arena};
    for (size_t i = 0; i < spec->sources.n; i++) {
        struct str url = spec->sources.items[i].repo_url;
        if (!project_permits_source(project, url)) {
            add_problem(&problems, arena_printf(arena,
                                                "application repo " STR_FMT
                                                " is not permitted in project '" STR_FMT "'",
                                                STR_ARG(url), STR_ARG(project->name)));
        }
    }
    if (!project_permits_destination(project, cluster, spec->destination.namespace)) {
        add_problem(&problems,
                    arena_printf(arena,
                                 "application destination server '" STR_FMT
                                 "' and namespace '" STR_FMT
                                 "' do not match any of the allowed destinations in project "
                                 "'" STR_FMT "'",
                                 STR_ARG(cluster->server), STR_ARG(spec->destination.namespace),
                                 STR_ARG(project->name)));
    }
    return (struct app_strs){problems.items, problems.n};
}
