/* Selecting resources. A part of a selector that has no special characters is compared as text; when that is the
 * name, only the objects that have it are looked at. */
#include "engine/kustomize/selector.h"

#include "common/base/vec.h"
#include "common/regex/regex.h"
#include "common/value/label_selector.h"
#include "common/value/value.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kschema.h"

struct part {
    struct str text;     /* "" = any */
    struct regex *regex; /* NULL: the text itself */
};

struct selector_match {
    struct engine_env *env;
    struct part group;
    struct part version;
    struct part kind;
    struct part name;
    struct part namespace;
    const struct label_selector *labels;
    const struct label_selector *annotations;
};

/* ---- parts ---- */

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '/';
        if (!plain) {
            return false;
        }
    }
    return true;
}

static int compile_part(struct arena *arena, struct str text, struct part *ret, struct err *err)
{
    *ret = (struct part){.text = text};
    if (is_plain(text)) {
        return 0;
    }
    struct str anchored = arena_printf(arena, "^(?:" STR_FMT ")$", STR_ARG(text));
    return regex_compile(arena, anchored, &ret->regex, err);
}

/* Returns 1, 0 or an error. */
static int
part_matches(struct selector_match *m, const struct part *part, struct str text, struct err *err)
{
    struct regex_span span;
    if (part->regex == NULL) {
        return part->text.n == 0 || str_eq(part->text, text) ? 1 : 0;
    }
    struct regex_job job = {m->env->arena, m->env->budget, part->regex, text};
    return regex_find(&job, &span, err);
}

int selector_compile(struct engine_env *env,
                     const struct selector *selector,
                     struct selector_match **ret,
                     struct err *err)
{
    struct selector_match *m = ARENA_NEW(env->arena, struct selector_match);
    const struct kid *id = &selector->id;
    m->env = env;
    TRY(compile_part(env->arena, id->gvk.group, &m->group, err));
    TRY(compile_part(env->arena, id->gvk.version, &m->version, err));
    TRY(compile_part(env->arena, id->gvk.kind, &m->kind, err));
    TRY(compile_part(env->arena, id->name, &m->name, err));
    TRY(compile_part(env->arena, id->namespace, &m->namespace, err));
    TRY(label_selector_parse(env->arena, selector->label_selector, &m->labels, err));
    TRY(label_selector_parse(env->arena, selector->annotation_selector, &m->annotations, err));
    *ret = m;
    return 0;
}

/* ---- objects ---- */

static int gvk_matches(struct selector_match *m, const struct kgvk *gvk, struct err *err)
{
    int rc = part_matches(m, &m->group, gvk->group, err);
    if (rc > 0) {
        rc = part_matches(m, &m->version, gvk->version, err);
    }
    return rc > 0 ? part_matches(m, &m->kind, gvk->kind, err) : rc;
}

static int either_matches(
    struct selector_match *m, const struct part *part, struct str a, struct str b, struct err *err)
{
    int rc = part_matches(m, part, a, err);
    return rc == 0 && !str_eq(a, b) ? part_matches(m, part, b, err) : rc;
}

bool selector_matches_labels(const struct selector_match *m, const struct kres *res)
{
    return label_selector_matches(m->labels, value_dig(res->object, "metadata", "labels")) &&
           label_selector_matches(m->annotations,
                                  value_dig(res->object, "metadata", "annotations"));
}

static int selects(struct selector_match *m,
                   const struct kschema *schema,
                   const struct kres *res,
                   struct err *err)
{
    struct kid original = kres_original_id(res);
    int rc = either_matches(m, &m->name, original.name, res->id.name, err);
    if (rc > 0) {
        rc = either_matches(m, &m->namespace, kid_effective_namespace(schema, &original),
                            kid_effective_namespace(schema, &res->id), err);
    }
    if (rc > 0) {
        rc = gvk_matches(m, &res->id.gvk, err);
    }
    return rc > 0 ? selector_matches_labels(m, res) : rc;
}

static int
id_matches(struct selector_match *m, const struct kid *id, struct str namespace, struct err *err)
{
    int rc = gvk_matches(m, &id->gvk, err);
    if (rc > 0) {
        rc = part_matches(m, &m->name, id->name, err);
    }
    return rc > 0 ? part_matches(m, &m->namespace, namespace, err) : rc;
}

int selector_matches_id(struct selector_match *m,
                        const struct kschema *schema,
                        const struct kres *res,
                        struct err *err)
{
    int rc = id_matches(m, &res->id, res->id.namespace, err);
    for (size_t i = 0; rc == 0 && i < res->previous.n; i++) {
        struct kid id = kres_previous_id(res, i);
        /* kustomize keeps the effective namespace of earlier identities, and what was written of the present one */
        rc = id_matches(m, &id, kid_effective_namespace(schema, &id), err);
    }
    return rc;
}

static int selects_any(struct selector_match *m,
                       const struct kschema *schema,
                       const struct kres *res,
                       struct err *err)
{
    return selector_matches_labels(m, res) ? selector_matches_id(m, schema, res, err) : 0;
}

/* ---- maps ---- */

typedef int (*select_fn)(struct selector_match *m,
                         const struct kschema *schema,
                         const struct kres *res,
                         struct err *err);

static int select_with(struct selector_match *m,
                       const struct kschema *schema,
                       struct resmap *map,
                       select_fn fn,
                       struct kres_list *ret,
                       struct err *err)
{
    VEC(struct kres *) found = {0};
    bool by_name = m->name.text.n > 0 && m->name.regex == NULL;
    struct kres_list named = by_name ? resmap_match_name(map, m->name.text) : (struct kres_list){0};
    size_t n = by_name ? named.n : resmap_len(map);
    TRY(budget_steps(m->env->budget, n + 1, err));
    for (size_t i = 0; i < n; i++) {
        struct kres *res = by_name ? named.items[i] : resmap_at(map, i);
        int rc = res->object != NULL ? fn(m, schema, res, err) : 0;
        TRY(rc);
        if (rc > 0) {
            vec_push_in(m->env->arena, &found, res);
        }
    }
    *ret = (struct kres_list){found.items, found.n};
    return 0;
}

int selector_select(struct selector_match *m,
                    const struct kschema *schema,
                    struct resmap *map,
                    struct kres_list *ret,
                    struct err *err)
{
    return select_with(m, schema, map, selects, ret, err);
}

int selector_select_any(struct selector_match *m,
                        const struct kschema *schema,
                        struct resmap *map,
                        struct kres_list *ret,
                        struct err *err)
{
    return select_with(m, schema, map, selects_any, ret, err);
}
