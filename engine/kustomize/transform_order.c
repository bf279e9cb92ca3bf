/* The order objects are printed in: that of accumulation, or by kind with the ranks kustomize has always had. */
#include <stdlib.h>

#include "common/base/arena.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

struct sort_key {
    struct kres *res;
    int rank;
    struct str type; /* group_version_kind */
    struct str id;   /* Kind.version.group|namespace|name */
};

/* A kind that is named twice has the place of its last mention, and the last list counts most. */
static int rank_of(const struct ksort *sort, struct str kind)
{
    int rank = 0;
    if (!sort->has_legacy) {
        return kgvk_rank(kind);
    }
    for (size_t i = 0; i < sort->first.n; i++) {
        rank = str_eq(sort->first.items[i], kind) ? (int)i - (int)sort->first.n : rank;
    }
    for (size_t i = 0; i < sort->last.n; i++) {
        rank = str_eq(sort->last.items[i], kind) ? (int)i + 1 : rank;
    }
    return rank;
}

static struct str text_or(struct str text, const char *empty)
{
    return text.n > 0 ? text : str_from(empty);
}

static struct sort_key key_of(struct arena *arena, const struct ksort *sort, struct kres *res)
{
    const struct kid *id = &res->id;
    const struct str bar = STR("|");
    const struct str line = STR("_");
    const struct str type[] = {text_or(id->gvk.group, "~G"), line, text_or(id->gvk.version, "~V"),
                               line, text_or(id->gvk.kind, "~K")};
    const struct str text[] = {kgvk_format(arena, &id->gvk), bar, text_or(id->namespace, "~X"), bar,
                               text_or(id->name, "~N")};
    return (struct sort_key){
        .res = res,
        .rank = rank_of(sort, id->gvk.kind),
        .type = arena_concat(arena, type, ARRAY_LEN(type)),
        .id = arena_concat(arena, text, ARRAY_LEN(text)),
    };
}

static int compare(const void *a, const void *b)
{
    const struct sort_key *x = a;
    const struct sort_key *y = b;
    if (kgvk_eq(&x->res->id.gvk, &y->res->id.gvk)) {
        return str_cmp(x->id, y->id);
    }
    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    bool namespaces =
        str_eq_c(x->res->id.gvk.kind, "Namespace") && str_eq_c(y->res->id.gvk.kind, "Namespace");
    bool core = x->res->id.gvk.group.n == 0 || y->res->id.gvk.group.n == 0;
    return namespaces && core ? str_cmp(y->type, x->type) : str_cmp(x->type, y->type);
}

static int check(const struct ksort *sort, struct err *err)
{
    bool fifo = str_eq_c(sort->order, "fifo");
    if (!fifo && !str_eq_c(sort->order, "legacy")) {
        return err_set(err, ERR_INVALID,
                       "the field 'sortOptions.order' must be one of [fifo, legacy]");
    }
    if (fifo && sort->has_legacy) {
        return err_set(err, ERR_INVALID,
                       "the field 'sortOptions.legacySortOptions' is set but the selected sort "
                       "order is 'fifo', not 'legacy'");
    }
    return 0;
}

int transform_order(const struct klayer *layer UNUSED,
                    struct resmap *m,
                    const struct ksort *sort,
                    struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    size_t n = resmap_len(m);
    TRY(check(sort, err));
    if (str_eq_c(sort->order, "fifo")) {
        return 0;
    }
    struct sort_key *keys = arena_calloc(arena, n + 1, sizeof(*keys));
    struct kres **items = arena_calloc(arena, n + 1, sizeof(struct kres *));
    for (size_t i = 0; i < n; i++) {
        keys[i] = key_of(arena, sort, resmap_at(m, i));
    }
    qsort(keys, n, sizeof(*keys), compare);
    for (size_t i = 0; i < n; i++) {
        items[i] = keys[i].res;
    }
    resmap_reorder(m, items);
    return resmap_check_unique(m, err);
}
