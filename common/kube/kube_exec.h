/* Credential plugins (client.authentication.k8s.io): run one, read what it printed.
 *
 * The process gets our environment, the plugin's own variables and KUBERNETES_EXEC_INFO; it has no
 * terminal and a deadline. Loop thread only, but for the pure functions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct kube_config;
struct kube_exec;
struct loop;

struct kube_credential {
    struct str token; /* "" = none */
    struct str cert_pem;
    struct str key_pem;
    int64_t expires_ms; /* wall clock; 0 = no end named */
};

enum { KUBE_EXEC_TIMEOUT_MS = 60 * 1000 };

/* ---- pure ---- */

/* The ExecCredential a plugin printed. ERR_INVALID: no JSON, another version, neither token nor
 * certificate; the text is never quoted. */
MUST_CHECK int kube_exec_parse(struct arena *arena,
                               struct str output,
                               struct str api_version,
                               struct kube_credential *ret,
                               struct err *err);
/* The text of KUBERNETES_EXEC_INFO. */
MUST_CHECK int kube_exec_info(struct arena *arena,
                              const struct kube_config *config,
                              struct str *ret,
                              struct err *err);
/* NULL-terminated "NAME=value"; later settings replace those of `base` (may be NULL). */
const char *const *kube_exec_environ(struct arena *arena,
                                     const struct kube_exec *exec,
                                     const char *const *base,
                                     struct str info);
/* The program's path, looked up in PATH of environ when the command has no slash. ERR_NOT_FOUND with
 * the plugin's install hint. */
MUST_CHECK int kube_exec_find(struct arena *arena,
                              const struct kube_exec *exec,
                              const char *const *environ,
                              struct str *ret,
                              struct err *err);

/* ---- running ---- */

struct kube_exec_run;

/* Exactly one of them is NULL; valid until the return. */
typedef void (*kube_exec_fn)(void *data,
                             const struct kube_credential *credential,
                             const struct err *err);

/* Run config->exec. done: exactly once, never before the return. */
struct kube_exec_run *kube_exec_start(struct loop *loop,
                                      const struct kube_config *config,
                                      const char *const *environ,
                                      kube_exec_fn done,
                                      void *data);
/* Kills the process; done gets ERR_CANCELED. */
void kube_exec_cancel(struct kube_exec_run *run);
