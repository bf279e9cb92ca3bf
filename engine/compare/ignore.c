/* ignoreDifferences: matching rules to objects, removing fields by JSON pointer, by jq and by owner.
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
#include "engine/compare/jq_path.h"

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

static int without_expression(struct arena *arena,
                              const struct ignore_jq *jq,
                              struct str expression,
                              const struct value **obj,
                              struct err *err)
{
    struct jq_path path;
    const struct value *paths = NULL;
    if (jq_path_parse(arena, expression, &path)) {
        *obj = jq_path_delete(arena, &path, *obj);
        return 0;
    }
    if (jq == NULL) {
        return err_set(err, ERR_UNSUPPORTED,
                       "jq expression '" STR_FMT "': only plain paths can be ignored here",
                       STR_ARG(expression));
    }
    TRY(jq->paths(jq->data, arena, *obj, expression, &paths, err));
    *obj = jq_paths_delete(arena, paths, *obj);
    return 0;
}

static int apply_rule(struct arena *arena,
                      const struct app_ignore_difference *rule,
                      const struct ignore_jq *jq,
                      const struct value *live,
                      const struct value **obj,
                      struct err *err)
{
    for (size_t k = 0; k < rule->json_pointers.n; k++) {
        *obj = ignore_without_pointer(arena, *obj, rule->json_pointers.items[k]);
    }
    for (size_t k = 0; k < rule->jq_path_expressions.n; k++) {
        TRY(without_expression(arena, jq, rule->jq_path_expressions.items[k], obj, err));
    }
    for (size_t k = 0; k < rule->managed_fields_managers.n; k++) {
        *obj = ignore_without_managed(arena, *obj, live, rule->managed_fields_managers.items[k]);
    }
    return 0;
}

int ignore_apply(struct arena *arena,
                 struct ignore_rules rules,
                 const struct ignore_jq *jq,
                 const struct value *live,
                 const struct value *obj,
                 const struct value **ret,
                 struct err *err)
{
    for (size_t i = 0; obj != NULL && i < rules.n; i++) {
        TRY(apply_rule(arena, rules.rules[i], jq, live, &obj, err));
    }
    *ret = obj;
    return 0;
}

int ignore_restore(struct arena *arena,
                   struct ignore_rules rules,
                   const struct ignore_jq *jq,
                   const struct value *live,
                   const struct value *target,
                   const struct value **ret,
                   struct err *err)
{
    const struct value *bare = NULL;
    const struct value *live_bare = NULL;
    if (live == NULL) {
        *ret = target;
        return 0;
    }
    TRY(ignore_apply(arena, rules, jq, live, target, &bare, err));
    TRY(ignore_apply(arena, rules, jq, live, live, &live_bare, err));
    const struct value *restored = ignore_take_over(arena, bare, live, live_bare);
    /* status is the controllers', whatever the rules say */
    *ret = value_without(arena, restored, "status");
    return 0;
}
