/* Reads identity, ownership and tracking from an object's metadata. */
#include "app-controller/live/live_update.h"

#include "app-controller/live/live_info.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"

/* The application an object belongs to; a tracking id copied from another object makes none. */
static struct str app_of(const struct tracking *tracking, const struct value *obj)
{
    struct str instance = tracking_instance_of(tracking, obj);
    if (instance.n > 0 && !tracking_is_self_reference(tracking, obj, NULL)) {
        return STR_EMPTY;
    }
    return instance;
}

#define TOKEN_ACCOUNT_ANNOTATION "kubernetes.io/service-account.uid"

/* A token of a ServiceAccount names it in an annotation only. */
static struct str token_account(const struct value *obj)
{
    bool secret = str_eq_c(kube_kind_of(obj), "Secret") && kube_group_of(obj).n == 0;
    return secret ? kube_annotation(obj, STR(TOKEN_ACCOUNT_ANNOTATION)) : STR_EMPTY;
}

static void owners_of(struct arena *arena, const struct value *obj, struct live_update *ret)
{
    size_t n = kube_owner_count(obj);
    struct str *uids = arena_calloc(arena, n + 1, sizeof(*uids));
    struct str account = token_account(obj);
    if (n == 0 && account.n > 0) {
        uids[ret->n_owners++] = account;
    }
    for (size_t i = 0; i < n; i++) {
        struct kube_owner owner;
        if (kube_owner_at(obj, i, &owner)) {
            uids[ret->n_owners++] = owner.uid;
        }
    }
    ret->owner_uids = uids;
}

void live_update_of(struct arena *arena,
                    const struct tracking *tracking,
                    const struct value *obj,
                    enum live_depth depth,
                    struct live_update *ret)
{
    *ret = (struct live_update){
        .namespace_ = kube_namespace(obj),
        .name = kube_name(obj),
        .uid = kube_uid(obj),
        .resource_version = kube_resource_version(obj),
        .app = app_of(tracking, obj),
        .deleting = kube_is_deleting(obj),
    };
    int64_t created_ms = 0;
    struct err err;
    if (clock_parse_rfc3339(kube_creation_timestamp(obj), &created_ms, &err) == 0) {
        ret->created_s = created_ms / 1000;
    }
    owners_of(arena, obj, ret);
    if (depth == LIVE_WHOLE) {
        ret->full = obj;
        ret->info = live_info_of(arena, obj, NULL);
    }
}
