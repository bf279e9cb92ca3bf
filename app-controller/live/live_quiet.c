/* The hash of an object without the fields that do not count.
 *
 * Without a rule for all kinds, status does not count, as in the settings Argo CD comes with: what people see of it
 * (health, replicas, addresses) is compared apart. */
#include "app-controller/live/live_quiet.h"

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/compare/ignore.h"
#include "engine/compare/rules.h"

#define QUIET_ANNOTATION "argocd.argoproj.io/ignore-resource-updates"

static bool is_looked_at(const struct value *obj, bool tracked)
{
    struct str word = kube_annotation(obj, STR(QUIET_ANNOTATION));
    if (word.n > 0) {
        return str_eq_c(word, "true");
    }
    return tracked &&
           !(str_eq_c(kube_kind_of(obj), APP_KIND) && str_eq_c(kube_group_of(obj), APP_GROUP));
}

static bool has_rule_for_all(const struct app_ignore_differences *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq_c(list->items[i].group, "*") && str_eq_c(list->items[i].kind, "*")) {
            return true;
        }
    }
    return false;
}

uint64_t live_quiet_hash(struct arena *arena,
                         const struct compare_rules *rules,
                         const struct ignore_jq *jq,
                         const struct value *obj,
                         bool tracked,
                         bool *ret_needs_jq)
{
    static const char *const COUNTERS[] = {"metadata.resourceVersion", "metadata.generation",
                                           "metadata.managedFields", NULL};
    const struct app_ignore_differences *list = compare_rules_updates(rules);
    const struct value *bare = NULL;
    struct err err;
    *ret_needs_jq = false;
    if (list == NULL || !is_looked_at(obj, tracked)) {
        return 0;
    }
    if (ignore_apply(arena, ignore_rules_for(arena, list, NULL, obj), jq, obj, obj, &bare, &err) <
        0) {
        *ret_needs_jq =
            err.code == ERR_UNSUPPORTED; /* with a rule that fails every change counts */
        return 0;
    }
    if (!has_rule_for_all(list)) {
        bare = value_without(arena, bare, "status");
    }
    uint64_t hash = value_hash(kube_without_fields(arena, bare, COUNTERS));
    return hash != 0 ? hash : 1;
}
