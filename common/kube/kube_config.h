/* How to reach one Kubernetes API server: address, TLS, credentials.
 *
 * Read from kubeconfig files, from the pod's service account, or from the `config` key of an Argo CD
 * cluster secret.  Files are read synchronously when the configuration is loaded (start-up or a
 * changed cluster secret; small local files).  What changes later (a token file, the certificates of
 * an exec plugin) is kube_auth's business.  Immutable after loading; secrets are erased on free.
 * Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

struct kube_env {
    struct str name;
    struct str text;
};

/* A credential plugin (client.authentication.k8s.io). */
struct kube_exec {
    struct str command;
    const struct str *args;
    size_t n_args;
    const struct kube_env *env; /* added to the process's own */
    size_t n_env;
    struct str api_version;
    struct str install_hint;
    bool provide_cluster_info;
    const struct value *config; /* extension passed in spec.cluster.config; NULL = none */
};

struct kube_config {
    struct arena *arena; /* owns all below */
    struct str server;   /* "https://host:port[/prefix]" without a slash at the end */
    struct str context;  /* name, for messages; may be empty */
    struct str namespace;
    struct str proxy_url;
    bool disable_compression;

    bool insecure;              /* the server's certificate is not checked */
    struct str tls_server_name; /* "" = the host of `server` */
    struct str ca_pem;          /* "" = the system's */
    struct str cert_pem;
    struct str key_pem;

    struct str token;
    struct str token_file; /* wins over token; read again when it changes */
    struct str username;
    struct str password;
    const struct kube_exec *exec; /* NULL = none */

    struct str as_user; /* impersonation from the kubeconfig */
    struct str as_uid;
    const struct str *as_groups;
    size_t n_as_groups;
};

void kube_config_free(struct kube_config *config);
DEFINE_CLEANUP(kube_config, struct kube_config, kube_config_free);

struct kube_config_opts {
    struct str paths;   /* colon separated as in KUBECONFIG; the first file wins entry by entry */
    struct str context; /* "" = current-context */
};

/* From kubeconfig files. Missing files are skipped as kubectl does unless all are missing. Relative
 * paths inside are relative to their file.
 * ERR_NOT_FOUND (no file, context, cluster or user), ERR_INVALID (with file and line), ERR_DENIED. */
MUST_CHECK int
kube_config_load(const struct kube_config_opts *opts, struct kube_config **ret, struct err *err);

/* From the text of one kubeconfig; `file` is used in messages and as the base of relative paths. */
MUST_CHECK int kube_config_parse(struct str text,
                                 struct str file,
                                 struct str context,
                                 struct kube_config **ret,
                                 struct err *err);

struct kube_in_cluster_opts {
    struct str host; /* KUBERNETES_SERVICE_HOST */
    struct str port; /* KUBERNETES_SERVICE_PORT */
    struct str dir;  /* "" = /var/run/secrets/kubernetes.io/serviceaccount */
};

/* From the pod's service account; the token file is read again when it changes.
 * ERR_NOT_FOUND outside a pod. */
MUST_CHECK int kube_config_in_cluster(const struct kube_in_cluster_opts *opts,
                                      struct kube_config **ret,
                                      struct err *err);

/* Of the cluster a daemon works for: from kubeconfig files when `paths` (as in kube_config_opts) is not
 * empty, else from the pod, whose address stands in the environment.
 * Errors as of kube_config_load() and kube_config_in_cluster(). */
MUST_CHECK int kube_config_own(struct str paths, struct kube_config **ret, struct err *err);

/* From an Argo CD cluster secret: its `server` and the JSON text of its `config`. awsAuthConfig gives
 * the call of argocd-k8s-auth that Argo CD makes. ERR_INVALID. */
MUST_CHECK int kube_config_from_secret(struct str server,
                                       struct str config_json,
                                       struct kube_config **ret,
                                       struct err *err);
