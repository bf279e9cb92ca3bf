/* Projects: decoding and what they permit.
 *
 * Entries that begin with "!" forbid.  Where an entry both permits and forbids (a destination with a
 * forbidden server and a wildcard namespace), it permits everything but what it forbids, as in Argo
 * CD. */
#include "common/model/project.h"

#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/base/vec.h"
#include "common/model/app_namespaces.h"
#include "common/model/model_table.h"
#include "common/model/repository.h"
#include "common/value/value.h"

/* ---- decoding ---- */

static const struct value_field DESTINATION_FIELDS[] = {
    MODEL_FIELD("server", FIELD_STR, project_destination, server),
    MODEL_FIELD("name", FIELD_STR, project_destination, name),
    MODEL_FIELD("namespace", FIELD_STR, project_destination, namespace),
};
static const struct value_table DESTINATION =
    VALUE_TABLE(struct project_destination, DESTINATION_FIELDS);

static const struct value_field KIND_FIELDS[] = {
    MODEL_FIELD("group", FIELD_STR, project_kind, group),
    MODEL_FIELD("kind", FIELD_STR, project_kind, kind),
    MODEL_FIELD("name", FIELD_STR, project_kind, name),
};
static const struct value_table KIND = VALUE_TABLE(struct project_kind, KIND_FIELDS);

static const struct value_field ROLE_FIELDS[] = {
    MODEL_FIELD("name", FIELD_STR, project_role, name),
    MODEL_FIELD("description", FIELD_STR, project_role, description),
    MODEL_FIELD("policies", FIELD_STR_LIST, project_role, policies),
    MODEL_FIELD("groups", FIELD_STR_LIST, project_role, groups),
};
static const struct value_table ROLE = VALUE_TABLE(struct project_role, ROLE_FIELDS);

static const struct value_field WINDOW_FIELDS[] = {
    MODEL_FIELD("kind", FIELD_STR, project_window, kind),
    MODEL_FIELD("schedule", FIELD_STR, project_window, schedule),
    MODEL_FIELD("duration", FIELD_STR, project_window, duration),
    MODEL_FIELD("applications", FIELD_STR_LIST, project_window, applications),
    MODEL_FIELD("namespaces", FIELD_STR_LIST, project_window, namespaces),
    MODEL_FIELD("clusters", FIELD_STR_LIST, project_window, clusters),
    MODEL_FIELD("manualSync", FIELD_BOOL, project_window, manual_sync),
    MODEL_FIELD("andOperator", FIELD_BOOL, project_window, and_operator),
    MODEL_FIELD("syncOverrun", FIELD_BOOL, project_window, sync_overrun),
    MODEL_FIELD("timeZone", FIELD_STR, project_window, time_zone),
    MODEL_FIELD("description", FIELD_STR, project_window, description),
};
static const struct value_table WINDOW = VALUE_TABLE(struct project_window, WINDOW_FIELDS);

static const struct value_field ACCOUNT_FIELDS[] = {
    MODEL_FIELD("server", FIELD_STR, project_service_account, server),
    MODEL_FIELD("namespace", FIELD_STR, project_service_account, namespace),
    MODEL_FIELD("defaultServiceAccount", FIELD_STR, project_service_account, account),
};
static const struct value_table ACCOUNT =
    VALUE_TABLE(struct project_service_account, ACCOUNT_FIELDS);

static const struct value_field SIGNATURE_KEY_FIELDS[] = {
    MODEL_FIELD("keyID", FIELD_STR, project_signature_key, id),
};
static const struct value_table SIGNATURE_KEY =
    VALUE_TABLE(struct project_signature_key, SIGNATURE_KEY_FIELDS);

static const struct value_field REPO_FIELDS[] = {
    MODEL_FIELD("url", FIELD_STR, project_repo, url),
};
static const struct value_table REPO = VALUE_TABLE(struct project_repo, REPO_FIELDS);

static const struct value_field GPG_FIELDS[] = {
    MODEL_FIELD("mode", FIELD_STR, project_git_policy, mode),
    MODEL_FIELD("keys", FIELD_STR_LIST, project_git_policy, keys),
};
static const struct value_table GPG = VALUE_TABLE(struct project_git_policy, GPG_FIELDS);

static const struct value_field GIT_POLICY_FIELDS[] = {
    MODEL_NESTED("repos", FIELD_LIST, project_git_policy, repos, REPO),
    MODEL_FIELD("gpg", FIELD_SET, project_git_policy, has_gpg),
    MODEL_BLOCK("gpg", GPG),
};
static const struct value_table GIT_POLICY =
    VALUE_TABLE(struct project_git_policy, GIT_POLICY_FIELDS);

static const struct value_field INTEGRITY_GIT_FIELDS[] = {
    MODEL_NESTED("policies", FIELD_LIST, project, git_policies, GIT_POLICY),
};
static const struct value_table INTEGRITY_GIT = VALUE_TABLE(struct project, INTEGRITY_GIT_FIELDS);

static const struct value_field INTEGRITY_FIELDS[] = {
    MODEL_BLOCK("git", INTEGRITY_GIT),
};
static const struct value_table INTEGRITY = VALUE_TABLE(struct project, INTEGRITY_FIELDS);

static const struct value_field ORPHANED_FIELDS[] = {
    MODEL_FIELD("warn", FIELD_BOOL, project, orphaned_warn),
    MODEL_NESTED("ignore", FIELD_LIST, project, orphaned_ignore, KIND),
};
static const struct value_table ORPHANED = VALUE_TABLE(struct project, ORPHANED_FIELDS);

static const struct value_field SPEC_FIELDS[] = {
    MODEL_FIELD("description", FIELD_STR, project, description),
    MODEL_FIELD("sourceRepos", FIELD_STR_LIST, project, source_repos),
    MODEL_NESTED("destinations", FIELD_LIST, project, destinations, DESTINATION),
    MODEL_FIELD("clusterResourceWhitelist", FIELD_SET, project, cluster_whitelist.set),
    MODEL_NESTED("clusterResourceWhitelist", FIELD_LIST, project, cluster_whitelist, KIND),
    MODEL_FIELD("clusterResourceBlacklist", FIELD_SET, project, cluster_blacklist.set),
    MODEL_NESTED("clusterResourceBlacklist", FIELD_LIST, project, cluster_blacklist, KIND),
    MODEL_FIELD("namespaceResourceWhitelist", FIELD_SET, project, namespace_whitelist.set),
    MODEL_NESTED("namespaceResourceWhitelist", FIELD_LIST, project, namespace_whitelist, KIND),
    MODEL_FIELD("namespaceResourceBlacklist", FIELD_SET, project, namespace_blacklist.set),
    MODEL_NESTED("namespaceResourceBlacklist", FIELD_LIST, project, namespace_blacklist, KIND),
    MODEL_NESTED("roles", FIELD_LIST, project, roles, ROLE),
    MODEL_NESTED("syncWindows", FIELD_LIST, project, windows, WINDOW),
    MODEL_NESTED("destinationServiceAccounts", FIELD_LIST, project, service_accounts, ACCOUNT),
    MODEL_FIELD("sourceNamespaces", FIELD_STR_LIST, project, source_namespaces),
    MODEL_FIELD("permitOnlyProjectScopedClusters", FIELD_BOOL, project, only_project_clusters),
    MODEL_FIELD("orphanedResources", FIELD_SET, project, has_orphaned),
    MODEL_BLOCK("orphanedResources", ORPHANED),
    MODEL_NESTED("signatureKeys", FIELD_LIST, project, signature_keys, SIGNATURE_KEY),
    MODEL_FIELD("sourceIntegrity", FIELD_SET, project, has_integrity),
    MODEL_BLOCK("sourceIntegrity", INTEGRITY),
};
static const struct value_table SPEC = VALUE_TABLE(struct project, SPEC_FIELDS);

int project_decode(struct arena *arena,
                   const struct value *obj,
                   struct project *ret,
                   struct err *err)
{
    struct project project = {
        .name = value_dig_str(obj, "metadata", "name"),
        .namespace = value_dig_str(obj, "metadata", "namespace"),
        .orphaned_warn = true,
        .tree = obj,
    };
    TRY_IN(value_decode_at(arena, value_dig(obj, "spec"), "spec", &SPEC, VALUE_DECODE_LAX, &project,
                           err),
           err, "project '" STR_FMT "'", STR_ARG(project.name));
    *ret = project;
    return 0;
}

static const struct project_destination ANY_DESTINATION = {
    {"*", 1},
    {"", 0},
    {"*", 1},
};
static const struct str ANY[] = {{"*", 1}};
static const struct project_kind ANY_KIND = {
    {"*", 1},
    {"*", 1},
    {"", 0},
};

const struct project PROJECT_DEFAULT = {
    .name = {APP_DEFAULT_PROJECT, sizeof(APP_DEFAULT_PROJECT) - 1},
    .source_repos = {ANY, 1},
    .destinations = {&ANY_DESTINATION, 1},
    .cluster_whitelist = {&ANY_KIND, 1, true},
    .orphaned_warn = true,
};

/* ---- patterns ---- */

static bool is_deny(struct str pattern)
{
    return str_starts_with(pattern, STR("!"));
}

static struct str without_deny(struct str pattern)
{
    (void)str_cut_prefix(&pattern, STR("!")); /* not there is fine */
    return pattern;
}

/* "*" alone matches across separators too. */
static bool is_glob_match(struct str pattern, struct str text, char separator)
{
    return str_eq_c(pattern, "*") || glob_match(pattern, text, separator);
}

/* A pattern with "!" matches all that it does not name. */
static bool is_match(struct str pattern, struct str text)
{
    bool hit = is_glob_match(without_deny(pattern), text, GLOB_NO_SEPARATOR);
    return is_deny(pattern) ? !hit : hit;
}

/* ---- sources ---- */

static bool is_own_repository(const struct project *project, struct str repo_url)
{
    const struct repositories *own = project->own_repositories;
    for (size_t i = 0; own != NULL && i < own->n; i++) {
        if (!own->items[i].creds && str_eq(own->items[i].project, project->name) &&
            repository_url_same(own->items[i].url, repo_url)) {
            return true;
        }
    }
    return false;
}

bool project_permits_source(const struct project *project, struct str repo_url)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str url = repository_url_normalize(arena, repo_url);
    bool permitted = is_own_repository(project, repo_url);
    for (size_t i = 0; i < project->source_repos.n; i++) {
        struct str entry = project->source_repos.items[i];
        struct str pattern = repository_url_normalize(arena, without_deny(entry));
        if (!is_glob_match(pattern, url, '/')) {
            continue;
        }
        if (is_deny(entry)) {
            return false;
        }
        permitted = true;
    }
    return permitted;
}

/* ---- destinations ---- */

enum verdict { VERDICT_NONE, VERDICT_PERMITTED, VERDICT_DENIED };

/* What one entry says of a place: it may name the cluster by name, by address, or both. */
static enum verdict judge_destination(const struct project_destination *entry,
                                      const struct project_cluster *cluster,
                                      struct str namespace)
{
    bool name = cluster->name.n > 0 && is_match(entry->name, cluster->name);
    bool server = cluster->server.n > 0 && is_match(entry->server, cluster->server);
    bool place = is_match(entry->namespace, namespace);
    if ((server || name) && place) {
        return VERDICT_PERMITTED;
    }
    bool denied = (!name && is_deny(entry->name)) || (!server && is_deny(entry->server) && place) ||
                  (!place && is_deny(entry->namespace) && server);
    return denied ? VERDICT_DENIED : VERDICT_NONE;
}

bool project_permits_destination(const struct project *project,
                                 const struct project_cluster *cluster,
                                 struct str namespace)
{
    bool permitted = false;
    for (size_t i = 0; i < project->destinations.n; i++) {
        enum verdict verdict =
            judge_destination(&project->destinations.items[i], cluster, namespace);
        if (verdict == VERDICT_DENIED) {
            return false;
        }
        permitted = permitted || verdict == VERDICT_PERMITTED;
    }
    bool scoped = str_eq(cluster->project, project->name);
    return permitted && (scoped || !project->only_project_clusters);
}

/* ---- kinds ---- */

static bool
is_listed(const struct project_kinds *kinds, struct str group, struct str kind, struct str name)
{
    for (size_t i = 0; i < kinds->n; i++) {
        const struct project_kind *entry = &kinds->items[i];
        if (is_glob_match(entry->group, group, GLOB_NO_SEPARATOR) &&
            is_glob_match(entry->kind, kind, GLOB_NO_SEPARATOR) &&
            (entry->name.n == 0 || is_glob_match(entry->name, name, GLOB_NO_SEPARATOR))) {
            return true;
        }
    }
    return false;
}

bool project_permits_kind(const struct project *project,
                          struct str group,
                          struct str kind,
                          struct str name,
                          bool namespaced)
{
    if (!namespaced) {
        return is_listed(&project->cluster_whitelist, group, kind, name) &&
               !is_listed(&project->cluster_blacklist, group, kind, name);
    }
    bool white = !project->namespace_whitelist.set ||
                 is_listed(&project->namespace_whitelist, group, kind, STR_EMPTY);
    return white && !is_listed(&project->namespace_blacklist, group, kind, STR_EMPTY);
}

/* ---- namespaces of applications ---- */

bool project_ignores_orphan(const struct project *project,
                            struct str group,
                            struct str kind,
                            struct str name)
{
    for (size_t i = 0; i < project->orphaned_ignore.n; i++) {
        const struct project_kind *entry = &project->orphaned_ignore.items[i];
        if (is_glob_match(entry->group, group, GLOB_NO_SEPARATOR) &&
            (entry->kind.n == 0 || is_glob_match(entry->kind, kind, GLOB_NO_SEPARATOR)) &&
            (entry->name.n == 0 || is_glob_match(entry->name, name, GLOB_NO_SEPARATOR))) {
            return true;
        }
    }
    return false;
}

bool project_permits_namespace(const struct project *project,
                               struct str namespace,
                               struct str controller_namespace)
{
    if (str_eq(namespace, controller_namespace)) {
        return true;
    }
    for (size_t i = 0; i < project->source_namespaces.n; i++) {
        if (app_namespaces_match(project->source_namespaces.items[i], namespace)) {
            return true;
        }
    }
    return false;
}
