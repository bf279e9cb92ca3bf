/* Repositories and their credentials, from secrets of type repository and repo-creds.
 *
 * Borrowing as in application.h; secret data is decoded into the arena and marked to be erased with it.
 * Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

#define SECRET_TYPE_LABEL            "argocd.argoproj.io/secret-type"
#define SECRET_TYPE_REPOSITORY       "repository"
#define SECRET_TYPE_REPO_CREDS       "repo-creds"
#define SECRET_TYPE_REPOSITORY_WRITE "repository-write"
#define SECRET_TYPE_REPO_WRITE_CREDS "repo-write-creds"
#define SECRET_TYPE_CLUSTER          "cluster"

struct repository {
    struct str secret_name;
    bool creds; /* repo-creds: url is a prefix */
    struct str url;
    struct str type; /* git, helm or oci; default git */
    struct str name;
    struct str project;
    struct str username;
    struct str password;
    struct str bearer_token;
    struct str ssh_private_key;
    struct str tls_client_cert_data;
    struct str tls_client_cert_key;
    struct str github_app_private_key;
    struct str github_app_enterprise_base_url;
    int64_t github_app_id;
    int64_t github_app_installation_id;
    struct str gcp_service_account_key;
    struct str proxy;
    struct str no_proxy;
    int64_t depth;
    bool insecure;
    bool enable_lfs;
    bool enable_oci;
    bool insecure_oci_force_http;
    bool force_http_basic_auth;
    bool use_azure_workload_identity;
};

struct repositories {
    const struct repository *items;
    size_t n;
};

/* ERR_INVALID when the secret has no url, or a key that cannot be read. */
MUST_CHECK int repository_decode(struct arena *arena,
                                 const struct value *secret,
                                 struct repository *ret,
                                 struct err *err);

/* Whether it names any way to log in. */
bool repository_has_credentials(const struct repository *repo);

/* The secret of just this URL, the project's own before everybody's; the credentials with the longest matching
 * prefix. "oci://" makes no difference. NULL = none. */
const struct repository *
repository_find(const struct repositories *list, struct str url, struct str project);
const struct repository *
repository_find_prefix(const struct repositories *list, struct str url, struct str project);

/* What to use for a URL: its repository secret (the project's own before the global one), completed
 * from the repo-creds with the longest matching prefix when it has no credentials itself. Without a
 * secret: the URL alone. ret's strings are borrowed from list and url. */
void repository_for_url(const struct repositories *list,
                        struct str url,
                        struct str project,
                        struct repository *ret);

/* The form in which repository URLs are compared: white space off, lower case, no user, no ".git" or
 * "/" at the end, scp-like addresses ("git@host:path") as ssh URLs. */
struct str repository_url_normalize(struct arena *arena, struct str url);
bool repository_url_same(struct str a, struct str b);
