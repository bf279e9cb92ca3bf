/* struct settings: the control plane's configuration in its namespace, kept current by watches.
 *
 * argocd-cm, argocd-rbac-cm, argocd-ssh-known-hosts-cm, argocd-tls-certs-cm, argocd-gpg-keys-cm; secrets of repositories and
 * clusters; AppProjects. Changes apply without restart. What cannot be read (a repository secret without
 * url) is left out and reported by settings_problems(). Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/model/cluster.h"
#include "common/model/project.h"
#include "common/model/repository.h"
#include "common/settings/references.h"

struct arena;
struct config_pairs;
struct doc;
struct kube_client;
struct settings;
typedef struct Belay__GenerateManifestsRequest Belay__GenerateManifestsRequest;
typedef struct Belay__Integrity Belay__Integrity;
typedef struct Belay__PublicKey Belay__PublicKey;
typedef struct Belay__Repository Belay__Repository;

enum settings_part {
    SETTINGS_CONFIG,       /* argocd-cm and its siblings */
    SETTINGS_SECRET,       /* argocd-secret, and those that references may lead to */
    SETTINGS_REPOSITORIES, /* repositories and credentials */
    SETTINGS_CLUSTERS,
    SETTINGS_PROJECTS,
};

struct settings_opts {
    struct kube_client *client; /* borrowed, must outlive the settings */
    struct str namespace;       /* copied */
    bool want_secret;           /* keep argocd-secret and what references may lead to, too */
    bool ignore_signatures;     /* no project's rules on signatures count */
    /* Something changed; name is that of the project for SETTINGS_PROJECTS, else "". */
    void (*on_change)(void *data, enum settings_part part, struct str name);
    /* Everything has been read once. */
    void (*on_synced)(void *data);
    void *data;
};

struct settings *settings_new(const struct settings_opts *opts);
/* `freed` (may be NULL) runs when the last watch has ended. */
void settings_free(struct settings *settings, void (*freed)(void *data), void *data);
bool settings_synced(const struct settings *settings);

/* A key of argocd-cm; the empty slice when it is not set. Valid until the next on_change. */
struct str settings_value(const struct settings *settings, struct str key);
/* argocd-cm as it was read; NULL = none. Borrowed until the next on_change. */
struct doc *settings_config(const struct settings *settings);
/* What the config maps say of settings that flags have, too: argocd-cmd-params-cm, and of argocd-cm the keys that
 * begin with "timeout.". In the arena, valid until the next on_change. */
struct config_pairs settings_params(const struct settings *settings, struct arena *arena);
/* A key of argocd-rbac-cm. */
struct str settings_rbac_value(const struct settings *settings, struct str key);
/* A key of argocd-secret, decoded into the arena. */
struct str
settings_secret_value(const struct settings *settings, struct arena *arena, struct str key);
/* argocd-secret as it was read; NULL = none. */
struct doc *settings_secret(const struct settings *settings);
/* The YAML of a key of argocd-cm, references followed; NULL when it is not set. Needs want_secret. */
MUST_CHECK int settings_tree(const struct settings *settings,
                             struct arena *arena,
                             struct str key,
                             references_missing *missing,
                             const struct value **ret,
                             struct err *err);
/* As settings_secret_value(), for keys that may hold a reference themselves. */
struct str settings_secret_resolved(const struct settings *settings,
                                    struct arena *arena,
                                    struct str key,
                                    references_missing *missing);

/* What is wrong with a setting that then does not count; NULL = nothing. */
const struct err *settings_problem(const struct settings *settings);

/* Valid until the next on_change. */
struct repositories settings_repositories(const struct settings *settings);
/* With the built-in entry for the cluster we run in, unless a secret describes it; without that cluster when
 * cluster.inClusterEnabled is "false". */
struct clusters settings_clusters(const struct settings *settings);
/* NULL = there is no such project. With what it inherits from global projects, and its own repositories. Valid until
 * the next on_change. */
const struct project *settings_project(const struct settings *settings, struct str name);
/* Start with *at = 0; NULL at the end. */
const struct project *settings_project_next(const struct settings *settings, size_t *at);
/* The whole AppProject, with what it inherits; NULL when there is none. */
struct doc *settings_project_doc(const struct settings *settings, struct str name);

/* The repository as the repo-server wants it: credentials, known hosts and CA for its host filled in.
 * Strings live in the arena. */
void settings_repository(const struct settings *settings,
                         struct arena *arena,
                         struct str url,
                         struct str project,
                         Belay__Repository *ret);
struct settings_refs {
    const struct app_sources *sources;
    const struct str *revisions; /* one per source, "" = its targetRevision; NULL = all so */
    struct str project;
};
/* The sources that others may refer to. Strings live in the arena. */
void settings_fill_refs(const struct settings *settings,
                        struct arena *arena,
                        const struct settings_refs *refs,
                        Belay__GenerateManifestsRequest *ret);
/* The config map with OpenPGP keys. */
#define SETTINGS_GPG_KEYS "argocd-gpg-keys-cm"
/* Changes when its keys do. */
size_t settings_keyring_hash(const struct settings *settings);
/* How commits of the repository are verified in the project; NULL = not at all. target_revision: as the Application has
 * it. Strings live in the arena. */
Belay__Integrity *settings_integrity(const struct settings *settings,
                                     struct arena *arena,
                                     struct str repo_url,
                                     struct str project,
                                     struct str target_revision);
/* Commits of one of the sources, or of what its project says of it, have to be verified. */
bool settings_verifies(const struct settings *settings,
                       const struct app_sources *sources,
                       struct str project);
/* The keys; in the arena. */
Belay__PublicKey **
settings_keyring(const struct settings *settings, struct arena *arena, size_t *ret_n);
/* Verification of the source, and of those it may refer to: they are filled in before. */
void settings_fill_integrity(const struct settings *settings,
                             struct arena *arena,
                             const struct settings_refs *refs,
                             const struct app_source *source,
                             Belay__GenerateManifestsRequest *ret);
/* What rendering the source may need besides: repositories the project may use, CAs by host, allowed schemes of value
 * files, options for kustomizations. Strings live in the arena. */
void settings_fill_remotes(const struct settings *settings,
                           struct arena *arena,
                           const struct app_source *source,
                           struct str project,
                           Belay__GenerateManifestsRequest *ret);
