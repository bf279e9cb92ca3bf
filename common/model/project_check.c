/* What is wrong with a project, and with an application in it. */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/model/project.h"
#include "common/model/window.h"

enum {
    WINDOW_DESCRIPTION_BYTES = 255,
};

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

/* The entry at this place of the list stands before it as well. */
static bool is_repeated(struct app_strs list, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (str_eq(list.items[i], list.items[at])) {
            return true;
        }
    }
    return false;
}

static void check_sources(struct problems *problems, const struct project *project)
{
    const struct app_strs *list = &project->source_repos;
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq_c(list->items[i], "!*")) {
            add_problem(problems, STR("source repository has an invalid format, '!*'"));
        }
        if (is_repeated(*list, i)) {
            add_problem(problems, arena_printf(problems->arena,
                                               "source repository '" STR_FMT "' already added",
                                               STR_ARG(list->items[i])));
        }
    }
    list = &project->source_namespaces;
    for (size_t i = 0; i < list->n; i++) {
        if (is_repeated(*list, i)) {
            add_problem(problems, arena_printf(problems->arena,
                                               "source namespace '" STR_FMT "' already added",
                                               STR_ARG(list->items[i])));
        }
    }
}

static void check_no_nothing(struct problems *problems, const char *what, struct str pattern)
{
    if (str_eq_c(pattern, "!*")) {
        add_problem(problems,
                    arena_printf(problems->arena, "%s has an invalid format, '!*'", what));
    }
}

/* A place is named by the server, or by the name where there is no server. */
static struct str place_of(const struct project_destination *entry)
{
    return entry->server.n > 0 ? entry->server : entry->name;
}

static void check_destinations(struct problems *problems, const struct project *project)
{
    for (size_t i = 0; i < project->destinations.n; i++) {
        const struct project_destination *entry = &project->destinations.items[i];
        check_no_nothing(problems, "name", entry->name);
        check_no_nothing(problems, "server", entry->server);
        check_no_nothing(problems, "namespace", entry->namespace);
        for (size_t k = 0; k < i; k++) {
            const struct project_destination *other = &project->destinations.items[k];
            if (str_eq(place_of(entry), place_of(other)) &&
                str_eq(entry->namespace, other->namespace)) {
                add_problem(problems,
                            arena_printf(problems->arena,
                                         "destination '" STR_FMT "/" STR_FMT "' already added",
                                         STR_ARG(place_of(entry)), STR_ARG(entry->namespace)));
                break;
            }
        }
    }
}

static void check_accounts(struct problems *problems, const struct project *project)
{
    for (size_t i = 0; i < project->service_accounts.n; i++) {
        const struct project_service_account *entry = &project->service_accounts.items[i];
        check_no_nothing(problems, "server", entry->server);
        check_no_nothing(problems, "namespace", entry->namespace);
        for (size_t k = 0; k < i; k++) {
            const struct project_service_account *other = &project->service_accounts.items[k];
            if (str_eq(entry->server, other->server) &&
                str_eq(entry->namespace, other->namespace)) {
                add_problem(problems,
                            arena_printf(problems->arena,
                                         "destinationServiceAccount '" STR_FMT "/" STR_FMT
                                         "' already added",
                                         STR_ARG(entry->server), STR_ARG(entry->namespace)));
                break;
            }
        }
    }
}

/* ---- roles ---- */

static bool is_project_resource(struct str name)
{
    static const char *const NAMES[] = {
        "applications", "applicationsets", "repositories", "clusters", "exec", "logs"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (str_eq_c(name, NAMES[i])) {
            return true;
        }
    }
    return false;
}

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
    if (!is_project_resource(parts[2])) {
        return "project resource must be: 'applications', 'applicationsets', 'repositories', "
               "'exec', "
               "'logs' or 'clusters'";
    }
    if (parts[3].n == 0) {
        return "action must not be empty";
    }
    if (!str_starts_with(parts[4], prefix)) {
        return "object must be of the project";
    }
    if (!str_eq_c(parts[5], "allow") && !str_eq_c(parts[5], "deny")) {
        return "effect must be 'allow' or 'deny'";
    }
    return NULL;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters and digits, with '-' and '_' between them. */
static bool is_role_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        bool inner = i > 0 && i + 1 < name.n && (name.p[i] == '-' || name.p[i] == '_');
        if (!is_alnum(name.p[i]) && !inner) {
            return false;
        }
    }
    return name.n > 0;
}

/* What would be another line or field of a policy. */
static bool is_group_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (strchr(",\r\n\t", name.p[i]) != NULL) { /* 0 ends such a text as well */
            return false;
        }
    }
    return name.n > 0;
}

static void check_groups(struct problems *problems, const struct project_role *role)
{
    for (size_t i = 0; i < role->groups.n; i++) {
        struct str group = role->groups.items[i];
        if (is_repeated(role->groups, i)) {
            add_problem(problems,
                        arena_printf(problems->arena,
                                     "group '" STR_FMT "' already exists for role '" STR_FMT "'",
                                     STR_ARG(group), STR_ARG(role->name)));
        } else if (!is_group_name(group)) {
            add_problem(problems, arena_printf(problems->arena, "invalid group name '" STR_FMT "'",
                                               STR_ARG(group)));
        }
    }
}

static void check_role(struct problems *problems,
                       const struct project *project,
                       const struct project_role *role)
{
    struct arena *arena = problems->arena;
    if (!is_role_name(role->name)) {
        add_problem(problems, arena_printf(arena,
                                           "invalid role name '" STR_FMT
                                           "'. Must consist of alphanumeric characters, '-' or "
                                           "'_', and must start and end with an alphanumeric "
                                           "character",
                                           STR_ARG(role->name)));
    }
    check_groups(problems, role);
    for (size_t i = 0; i < role->policies.n; i++) {
        if (is_repeated(role->policies, i)) {
            add_problem(problems,
                        arena_printf(arena,
                                     "policy '" STR_FMT "' already exists for role '" STR_FMT "'",
                                     STR_ARG(role->policies.items[i]), STR_ARG(role->name)));
            continue;
        }
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

static bool same_strs(struct app_strs a, struct app_strs b)
{
    for (size_t i = 0; i < a.n && a.n == b.n; i++) {
        if (!str_eq(a.items[i], b.items[i])) {
            return false;
        }
    }
    return a.n == b.n;
}

/* They differ at most in what they make exceptions for. */
static bool same_window(const struct project_window *a, const struct project_window *b)
{
    return str_eq(a->kind, b->kind) && str_eq(a->schedule, b->schedule) &&
           str_eq(a->duration, b->duration) && str_eq(a->time_zone, b->time_zone) &&
           a->and_operator == b->and_operator && same_strs(a->applications, b->applications) &&
           same_strs(a->namespaces, b->namespaces) && same_strs(a->clusters, b->clusters);
}

static void check_window_alone(struct problems *problems, const struct project *project, size_t at)
{
    const struct project_window *window = &project->windows.items[at];
    if (window->description.n > WINDOW_DESCRIPTION_BYTES) {
        add_problem(problems, arena_printf(problems->arena,
                                           "syncWindows[%zu]: the description is longer than %d "
                                           "characters",
                                           at, WINDOW_DESCRIPTION_BYTES));
    }
    for (size_t k = 0; k < at; k++) {
        if (same_window(&project->windows.items[k], window)) {
            add_problem(problems, arena_printf(problems->arena,
                                               "window '" STR_FMT "':'" STR_FMT "':'" STR_FMT
                                               "' already exists, update or edit",
                                               STR_ARG(window->kind), STR_ARG(window->schedule),
                                               STR_ARG(window->duration)));
            return;
        }
    }
}

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
        check_window_alone(problems, project, i);
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
    check_accounts(&problems, project);
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
