/* AppProject (argoproj.io/v1alpha1): what applications of a project may use.
 *
 * Borrowing as in application.h. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application.h"

struct arena;
struct repositories;
struct value;

struct project_destination {
    struct str server;
    struct str name;
    struct str namespace;
};

struct project_kind {
    struct str group;
    struct str kind;
    struct str name; /* cluster-scoped lists only; "" = all */
};

struct project_kinds {
    const struct project_kind *items;
    size_t n;
    bool set; /* the list is there, though perhaps empty */
};

struct project_role {
    struct str name;
    struct str description;
    struct app_strs policies;
    struct app_strs groups;
};

struct project_window {
    struct str kind; /* "allow" or "deny" */
    struct str schedule;
    struct str duration;
    struct app_strs applications;
    struct app_strs namespaces;
    struct app_strs clusters;
    bool manual_sync;
    bool and_operator;
    bool sync_overrun;
    struct str time_zone;
    struct str description;
};

struct project_service_account {
    struct str server;
    struct str namespace;
    struct str account; /* "name" or "namespace:name" */
};

struct project_signature_key {
    struct str id;
};

struct project_repo {
    struct str url; /* a glob; with "!" in front it excludes */
};

/* How commits of some repositories are verified. */
struct project_git_policy {
    struct {
        const struct project_repo *items;
        size_t n;
    } repos;
    bool has_gpg;
    struct str mode;
    struct app_strs keys;
};

struct project {
    struct str name;
    struct str namespace;
    struct str description;
    struct app_strs source_repos;
    struct {
        const struct project_destination *items;
        size_t n;
    } destinations;
    struct project_kinds cluster_whitelist;
    struct project_kinds cluster_blacklist;
    struct project_kinds namespace_whitelist;
    struct project_kinds namespace_blacklist;
    struct {
        const struct project_role *items;
        size_t n;
    } roles;
    struct {
        const struct project_window *items;
        size_t n;
    } windows;
    struct {
        const struct project_service_account *items;
        size_t n;
    } service_accounts;
    struct app_strs source_namespaces;
    struct {
        const struct project_signature_key *items;
        size_t n;
    } signature_keys; /* of old: counts only without sourceIntegrity */
    bool has_integrity;
    struct {
        const struct project_git_policy *items;
        size_t n;
    } git_policies;
    bool only_project_clusters;
    bool has_orphaned; /* orphanedResources is there */
    bool orphaned_warn;
    struct project_kinds orphaned_ignore;
    /* repositories of the project alone, which it may use without saying so; set by the caller after
     * decoding, NULL = none known */
    const struct repositories *own_repositories;
    const struct value *tree;
};

MUST_CHECK int
project_decode(struct arena *arena, const struct value *obj, struct project *ret, struct err *err);

/* The project every installation has when nobody made one: allows everything. */
extern const struct project PROJECT_DEFAULT;

/* What is wrong with the project itself; none = fine. */
struct app_strs project_problems(struct arena *arena, const struct project *project);

/* repo_url matches a positive entry and no negative one; URLs are compared normalised. */
bool project_permits_source(const struct project *project, struct str repo_url);

struct project_cluster {
    struct str server;
    struct str name;
    struct str project; /* of a project-scoped cluster; "" = everybody's */
};

/* cluster: the destination resolved to both server and name (one may be empty when unknown). */
bool project_permits_destination(const struct project *project,
                                 const struct project_cluster *cluster,
                                 struct str namespace);

/* An object of this kind may be deployed, seen and deleted. `name` only counts for cluster-scoped. */
bool project_permits_kind(const struct project *project,
                          struct str group,
                          struct str kind,
                          struct str name,
                          bool namespaced);

/* orphanedResources.ignore names it: globs; without a kind or name any. */
bool project_ignores_orphan(const struct project *project,
                            struct str group,
                            struct str kind,
                            struct str name);

/* Applications in `namespace` may use the project; those in the controller's own always may. Entries
 * are as in app_namespaces.h. */
bool project_permits_namespace(const struct project *project,
                               struct str namespace,
                               struct str controller_namespace);

/* Everything about an application's spec its project forbids, as the texts of InvalidSpecError
 * conditions; none = fine. */
struct app_strs project_app_problems(struct arena *arena,
                                     const struct project *project,
                                     const struct app_spec *spec,
                                     const struct project_cluster *cluster);

/* How commits of a repository are verified before they are used. */
struct project_integrity {
    struct str mode; /* "head" or "strict"; "" = they are not */
    struct app_strs keys;
};

/* ERR_INVALID when the project does not say one thing: nothing of the repository may be used then. */
MUST_CHECK int project_integrity(struct arena *arena,
                                 const struct project *project,
                                 struct str repo_url,
                                 struct project_integrity *ret,
                                 struct err *err);
