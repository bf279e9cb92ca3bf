/* ignoreDifferences: matching rules to objects, removing fields by JSON pointer and by owner.
 *
 * Pointers are walked here and not with a general patch: a missing path is fine, and an item of a list
 * goes with the following ones moving up, as in RFC 6902's "remove". */
#include "engine/compare/ignore.h"

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/compare/ignore_internal.h"

int ignore_check(const struct app_ignore_differences *list, struct err *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct app_ignore_difference *rule = &list->items[i];
        TRY_IN(glob_check(rule->group, err), err, "ignoreDifferences[%zu].group", i);
        TRY_IN(glob_check(rule->kind, err), err, "ignoreDifferences[%zu].kind", i);
        for (size_t k = 0; k < rule->json_pointers.n; k++) {
            struct str pointer = rule->json_pointers.items[k];
            if (!str_starts_with(pointer, STR("/"))) {
                return err_set(err, ERR_INVALID,
                               "ignoreDifferences[%zu].jsonPointers[%zu]: '" STR_FMT
                               "' does not start with '/'",
                               i, k, STR_ARG(pointer));
            }
        }
        if (rule->jq_path_expressions.n > 0) {
            return err_set(err, ERR_UNSUPPORTED,
                           "ignoreDifferences[%zu].jqPathExpressions are not supported yet", i);
        }
    }
    return 0;
}

static bool matches(const struct app_ignore_difference *rule, const struct value *obj)
{
    struct kube_key key = kube_key_of(obj);
    return glob_match(rule->kind, key.kind, GLOB_NO_SEPARATOR) &&
           glob_match(rule->group, key.group, GLOB_NO_SEPARATOR) &&
           (rule->name.n == 0 || str_eq(rule->name, key.name)) &&
           (rule->namespace.n == 0 || str_eq(rule->namespace, key.namespace));
}

struct ignore_rules ignore_rules_for(struct arena *arena,
                                     const struct app_ignore_differences *app,
                                     const struct app_ignore_differences *system,
                                     const struct value *obj)
{
    const struct app_ignore_differences *lists[] = {app, system};
    VEC(const struct app_ignore_difference *) found = {0};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        for (size_t i = 0; lists[l] != NULL && i < lists[l]->n; i++) {
            if (matches(&lists[l]->items[i], obj)) {
                vec_push_in(arena, &found, &lists[l]->items[i]);
            }
        }
    }
    return (struct ignore_rules){found.items, found.n};
}

const struct value *ignore_apply(struct arena *arena,
                                 struct ignore_rules rules,
                                 const struct value *live,
                                 const struct value *obj)
{
    for (size_t i = 0; obj != NULL && i < rules.n; i++) {
        const struct app_ignore_difference *rule = rules.rules[i];
        for (size_t k = 0; k < rule->json_pointers.n; k++) {
            obj = ignore_without_pointer(arena, obj, rule->json_pointers.items[k]);
        }
        for (size_t k = 0; k < rule->managed_fields_managers.n; k++) {
            obj = ignore_without_managed(arena, obj, live, rule->managed_fields_managers.items[k]);
        }
    }
    return obj;
}

const struct value *ignore_restore(struct arena *arena,
                                   struct ignore_rules rules,
                                   const struct value *live,
                                   const struct value *target)
{
    if (live == NULL) {
        return target;
    }
    const struct value *bare = ignore_apply(arena, rules, live, target);
    const struct value *live_bare = ignore_apply(arena, rules, live, live);
    const struct value *restored = ignore_take_over(arena, bare, live, live_bare);
    /* status is the controllers', whatever the rules say */
    return value_without(arena, restored, "status");
}
