/* What the readers of kubeconfig files and of cluster secrets share. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/kube/kube_config.h"

struct value;

/* With an arena, everything else empty. */
struct kube_config *kube_config_new(void);
/* A copy that is overwritten when the configuration is freed. */
struct str kube_config_keep_secret(struct kube_config *config, struct str secret);

/* A field of a map that must be of this type when it is there; missing and null leave *ret alone.
 * ERR_INVALID names the field, with its position when it is known. */
MUST_CHECK int
kube_config_field_str(const struct value *map, const char *name, struct str *ret, struct err *err);
MUST_CHECK int
kube_config_field_bool(const struct value *map, const char *name, bool *ret, struct err *err);
/* Base64 text, decoded and kept as a secret. */
MUST_CHECK int kube_config_field_b64(struct kube_config *config,
                                     const struct value *map,
                                     const char *name,
                                     struct str *ret,
                                     struct err *err);
/* A list of strings, copied into the configuration's arena. */
MUST_CHECK int kube_config_field_strs(struct kube_config *config,
                                      const struct value *map,
                                      const char *name,
                                      const struct str **ret_items,
                                      size_t *ret_n,
                                      struct err *err);

/* Scheme added, slash at the end removed, checks that no other module makes. */
MUST_CHECK int kube_config_check(struct kube_config *config, struct err *err);
