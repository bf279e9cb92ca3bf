/* Labels and annotations: the same pairs put into every map that the fieldspecs name. */
#include "common/base/budget.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

struct pair_values {
    const struct value_entry *items;
    size_t n;
};

static int set_pairs(const struct fieldspec_visit *visit,
                     const struct value *leaf,
                     const struct value **ret,
                     struct err *err)
{
    const struct pair_values *pairs = visit->data;
    *ret = leaf;
    if (leaf->type == VALUE_NULL) { /* one that may not be created */
        return 0;
    }
    if (leaf->type != VALUE_MAP) {
        return fieldspec_wrong_kind(visit, leaf, "MappingNode", err);
    }
    TRY(budget_nodes(visit->env->budget, leaf->n + pairs->n, err));
    *ret = value_map_put_all(visit->env->arena, leaf, pairs->items, pairs->n, visit->token);
    return 0;
}

static int transform_pairs(const struct klayer *layer,
                           struct resmap *m,
                           const struct pairs_config *config,
                           struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    struct value_entry *entries = arena_calloc(arena, config->pairs.n, sizeof(*entries));
    struct pair_values pairs = {entries, config->pairs.n};
    struct fieldspec_visit visit = {
        .env = layer->build->env,
        .token = layer->build->edits,
        .create = FIELDSPEC_CREATE_MAP,
        .set = set_pairs,
        .data = &pairs,
    };
    for (size_t i = 0; i < pairs.n; i++) {
        entries[i].key = arena_str(arena, config->pairs.items[i].key);
        entries[i].value = value_of_str(arena_str(arena, config->pairs.items[i].value));
    }
    if (pairs.n == 0) {
        return 0;
    }
    RESMAP_FOREACH(m, res)
    {
        TRY(fieldspecs_apply(&visit, config->fields, res, err));
    }
    return 0;
}

int transform_labels(const struct klayer *layer,
                     struct resmap *m,
                     const struct pairs_config *config,
                     struct err *err)
{
    return transform_pairs(layer, m, config, err);
}

int transform_annotations(const struct klayer *layer,
                          struct resmap *m,
                          const struct pairs_config *config,
                          struct err *err)
{
    return transform_pairs(layer, m, config, err);
}
