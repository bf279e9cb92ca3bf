#include "api-server/rest/log_pods.h"

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/vec.h"
#include "common/value/value.h"

enum {
    OWNERS_MAX = 32, /* in a chain; real ones have three or four */
};

static bool fits(struct str wanted, const struct value *node, const char *field)
{
    return wanted.n == 0 || str_eq(wanted, value_dig_str(node, field));
}

static bool is_named(const struct value *node, const struct log_selection *s)
{
    return fits(s->group, node, "group") && fits(s->kind, node, "kind") &&
           fits(s->namespace, node, "namespace") && fits(s->name, node, "name");
}

static bool is_selected(const struct map *nodes,
                        const struct value *node,
                        const struct log_selection *selection,
                        unsigned depth)
{
    if (is_named(node, selection)) {
        return true;
    }
    if (depth == OWNERS_MAX) {
        return false;
    }
    VALUE_FOREACH(value_dig(node, "parentRefs"), parent) {
        const struct value *const *owner = map_find(nodes, value_dig_str(parent, "uid"));
        if (owner != NULL && is_selected(nodes, *owner, selection, depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool is_pod(const struct value *node)
{
    return str_eq(value_dig_str(node, "kind"), STR("Pod")) && value_dig_str(node, "group").n == 0;
}

struct log_pods
log_pods_of(struct arena *arena, const struct value *tree, const struct log_selection *selection)
{
    AUTO(map) struct map *nodes = map_new(NULL);
    VEC(struct log_pod) pods = {0};
    VALUE_FOREACH(value_dig(tree, "nodes"), node) {
        const struct value **kept = arena_alloc(arena, sizeof(*kept));
        *kept = node;
        map_set(nodes, value_dig_str(node, "uid"), kept);
    }
    VALUE_FOREACH(value_dig(tree, "nodes"), pod) {
        if (is_pod(pod) && is_selected(nodes, pod, selection, 0)) {
            struct log_pod found = {value_dig_str(pod, "namespace"), value_dig_str(pod, "name")};
            vec_push_in(arena, &pods, found);
        }
    }
    return (struct log_pods){pods.items, pods.n};
}
