/* namePrefix and nameSuffix. */
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

enum affix_side {
    AFFIX_PREFIX,
    AFFIX_SUFFIX,
};

struct affix {
    struct str text;
    enum affix_side side;
};

static int set_name(const struct fieldspec_visit *visit,
                    const struct value *leaf,
                    const struct value **ret,
                    struct err *err)
{
    const struct affix *affix = visit->data;
    struct arena *arena = visit->env->arena;
    struct str old = kres_text(arena, leaf);
    struct str first = affix->side == AFFIX_PREFIX ? affix->text : old;
    struct str second = affix->side == AFFIX_PREFIX ? old : affix->text;
    return fieldspec_set_text(visit, leaf,
                              arena_printf(arena, STR_FMT STR_FMT, STR_ARG(first), STR_ARG(second)),
                              ret, err);
}

/* Kinds whose names are made of other names, or stand for something outside. */
static bool keeps_its_name(const struct kgvk *gvk)
{
    return str_eq_c(gvk->kind, "CustomResourceDefinition") || str_eq_c(gvk->kind, "Namespace") ||
           (str_eq_c(gvk->kind, "APIService") && str_eq_c(gvk->group, "apiregistration.k8s.io"));
}

static void remember(struct arena *arena, struct kres *res, const struct affix *affix)
{
    if (affix->side == AFFIX_PREFIX) {
        vec_push_in(arena, &res->prefixes, affix->text);
    } else {
        vec_push_in(arena, &res->suffixes, affix->text);
    }
    kres_remember(arena, res);
}

static int transform_one(const struct fieldspec_visit *visit,
                         struct kres *res,
                         struct fieldspecs fields,
                         struct err *err)
{
    struct kid original = kres_original_id(res);
    if (res->object == NULL || keeps_its_name(&original.gvk)) {
        return 0;
    }
    for (size_t i = 0; i < fields.n; i++) {
        const struct fieldspec *spec = &fields.items[i];
        if (!kgvk_selects(&spec->gvk, &original.gvk)) {
            continue;
        }
        if (str_eq_c(spec->path, "metadata/name")) {
            remember(visit->env->arena, res, visit->data);
        }
        TRY(fieldspecs_apply(visit, (struct fieldspecs){spec, 1}, res, err));
    }
    return 0;
}

static int transform(const struct klayer *layer,
                     struct resmap *m,
                     const struct affix_config *config,
                     enum affix_side side,
                     struct err *err)
{
    struct affix affix = {config->affix, side};
    struct fieldspec_visit visit = {
        .env = layer->build->env,
        .token = layer->build->edits,
        .create = FIELDSPEC_CREATE_SCALAR,
        .set = set_name,
        .data = &affix,
    };
    if (affix.text.n == 0) {
        return 0;
    }
    RESMAP_FOREACH(m, res)
    {
        TRY(transform_one(&visit, res, config->fields, err));
    }
    return 0;
}

int transform_prefix(const struct klayer *layer,
                     struct resmap *m,
                     const struct affix_config *config,
                     struct err *err)
{
    return transform(layer, m, config, AFFIX_PREFIX, err);
}

int transform_suffix(const struct klayer *layer,
                     struct resmap *m,
                     const struct affix_config *config,
                     struct err *err)
{
    return transform(layer, m, config, AFFIX_SUFFIX, err);
}
