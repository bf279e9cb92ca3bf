/* struct kube_api: which resources an API server has; an immutable snapshot shared by reference.
 *
 * Built from discovery answers by struct kube_api_builder, in either of their forms. Pure; a finished
 * snapshot may be read by any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct value;

enum kube_can {
    KUBE_CAN_GET = 1 << 0,
    KUBE_CAN_LIST = 1 << 1,
    KUBE_CAN_WATCH = 1 << 2,
    KUBE_CAN_CREATE = 1 << 3,
    KUBE_CAN_UPDATE = 1 << 4,
    KUBE_CAN_PATCH = 1 << 5,
    KUBE_CAN_DELETE = 1 << 6,
    KUBE_CAN_DELETECOLLECTION = 1 << 7,
};

struct kube_resource {
    struct str group;
    struct str version;
    struct str resource; /* plural */
    struct str kind;
    const struct str *short_names;
    size_t n_short_names;
    const struct str *subresources; /* "status", "scale" */
    size_t n_subresources;
    bool namespaced;
    bool preferred; /* in the version its group prefers, or the first of its versions that has it */
    bool stale;     /* kept from an earlier snapshot as its group could not be read */
    uint32_t verbs; /* enum kube_can */
};

struct kube_group_failure {
    struct str group;
    struct str version;
    struct err err;
};

struct kube_api;

/* Any thread. */
struct kube_api *kube_api_ref(struct kube_api *api);
void kube_api_unref(struct kube_api *api); /* NULL is fine */
DEFINE_CLEANUP(kube_api, struct kube_api, kube_api_unref);

/* In the server's order: groups, their versions, resources. */
size_t kube_api_count(const struct kube_api *api);
const struct kube_resource *kube_api_at(const struct kube_api *api, size_t i);
size_t kube_api_failure_count(const struct kube_api *api);
const struct kube_group_failure *kube_api_failure_at(const struct kube_api *api, size_t i);

/* version "" = the preferred one. NULL when unknown. O(1). */
const struct kube_resource *kube_api_find_kind(const struct kube_api *api,
                                               struct str group,
                                               struct str version,
                                               struct str kind);
const struct kube_resource *kube_api_find_resource(const struct kube_api *api,
                                                   struct str group,
                                                   struct str version,
                                                   struct str resource);
/* The server has this version of the group, even if it could not be read. */
bool kube_api_has_version(const struct kube_api *api, struct str group, struct str version);
/* Everything there is as charts ask for it: "v1", "v1/Pod", "apps/v1", "apps/v1/Deployment", sorted; as long as the
 * snapshot. */
const struct str *kube_api_names(const struct kube_api *api, size_t *ret_n);
/* True when the kind lives in namespaces; `def` when it is unknown. */
bool kube_api_is_namespaced(const struct kube_api *api,
                            struct str group,
                            struct str kind,
                            bool def);
bool kube_resource_has_subresource(const struct kube_resource *resource, struct str name);

/* "v1.20.2" and its numbers; "" and 0 when unknown. */
struct str kube_api_server_version(const struct kube_api *api);
int kube_api_server_major(const struct kube_api *api);
int kube_api_server_minor(const struct kube_api *api);

/* ---- building ---- */

struct kube_api_builder;

struct kube_api_builder *kube_api_builder_new(void);
void kube_api_builder_free(struct kube_api_builder *builder);
DEFINE_CLEANUP(kube_api_builder, struct kube_api_builder, kube_api_builder_free);

/* The answer of /version. */
void kube_api_builder_version(struct kube_api_builder *builder, const struct value *answer);

/* The answer of /api or /apis: APIGroupDiscoveryList (all there is), or APIVersions and APIGroupList,
 * which only name the versions to ask for. ERR_INVALID for anything else. */
MUST_CHECK int kube_api_builder_groups(struct kube_api_builder *builder,
                                       const struct value *answer,
                                       struct err *err);

/* Versions to ask for one by one, from 0; false at the end. */
bool kube_api_builder_wanted(const struct kube_api_builder *builder,
                             size_t i,
                             struct str *ret_group,
                             struct str *ret_version);
/* Their answers (APIResourceList), or why there is none; i as above. */
void kube_api_builder_resources(struct kube_api_builder *builder,
                                size_t i,
                                const struct value *answer);
void kube_api_builder_failed(struct kube_api_builder *builder, size_t i, const struct err *err);

/* The snapshot; resources of groups that failed are taken over from old (may be NULL). The builder is
 * empty afterwards. A new reference. */
struct kube_api *kube_api_builder_finish(struct kube_api_builder *builder,
                                         const struct kube_api *old);
