/* Numbers of replicas, by the name of the object. */
#include "common/base/buf.h"
#include "common/value/value_build.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

static int set_count(const struct fieldspec_visit *visit,
                     const struct value *leaf,
                     const struct value **ret,
                     struct err *err)
{
    return fieldspec_set_scalar(visit, leaf, visit->data, ret, err);
}

/* Under the name and kind it has now, or under those it had once together. */
static bool is_named(const struct kres *res, struct str name, const struct kgvk *gvk)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        struct kid id = kres_previous_id(res, i);
        if (str_eq(id.name, name) && kgvk_selects(gvk, &id.gvk)) {
            return true;
        }
    }
    return str_eq(res->id.name, name) && kgvk_selects(gvk, &res->id.gvk);
}

static int no_match(struct arena *arena, const struct replicas_config *config, struct err *err)
{
    AUTO(buf) struct buf kinds;
    buf_init(&kinds, ERR_MESSAGE_BYTES);
    for (size_t i = 0; i < config->fields.n; i++) {
        struct str kind = kgvk_format(arena, &config->fields.items[i].gvk);
        buf_printf(&kinds, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(kind));
    }
    return err_set(err, ERR_INVALID,
                   "resource with name " STR_FMT
                   " does not match a config with the following GVK [%s]",
                   STR_ARG(config->name), kinds.p);
}

int transform_replicas(const struct klayer *layer,
                       struct resmap *m,
                       const struct replicas_config *config,
                       struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    struct fieldspec_visit visit = {
        .env = layer->build->env,
        .token = layer->build->edits,
        .create = FIELDSPEC_CREATE_SCALAR,
        .set = set_count,
        .data = value_new_int(arena, config->count),
    };
    struct kres_list named = resmap_match_name(m, config->name);
    bool found = false;
    for (size_t i = 0; i < config->fields.n; i++) {
        const struct fieldspec *spec = &config->fields.items[i];
        for (size_t k = 0; k < named.n; k++) {
            if (is_named(named.items[k], config->name, &spec->gvk)) {
                found = true;
                TRY(fieldspecs_apply(&visit, (struct fieldspecs){spec, 1}, named.items[k], err));
            }
        }
    }
    return found ? 0 : no_match(arena, config, err);
}
