/* Reading and merging transformer configurations. Pure. */
#include "engine/kustomize/kconfig.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "engine/kustomize/kdecode.h"

/* ---- reading ---- */

#define SPEC(field) offsetof(struct fieldspec, field)
static const struct kfield SPEC_FIELDS[] = {
    {"group", KFIELD_STR, SPEC(gvk.group), NULL, "Gvk.", NULL},
    {"version", KFIELD_STR, SPEC(gvk.version), NULL, "Gvk.", NULL},
    {"kind", KFIELD_STR, SPEC(gvk.kind), NULL, "Gvk.", NULL},
    {"path", KFIELD_STR, SPEC(path), NULL, NULL, NULL},
    {"create", KFIELD_BOOL, SPEC(create), NULL, NULL, NULL},
};
static const struct ktable SPEC_TABLE = KTABLE("FieldSpec", struct fieldspec, SPEC_FIELDS);

#define REFERENCE(field) offsetof(struct namereference, field)
static const struct kfield REFERENCE_FIELDS[] = {
    {"group", KFIELD_STR, REFERENCE(target.group), NULL, "Gvk.", NULL},
    {"version", KFIELD_STR, REFERENCE(target.version), NULL, "Gvk.", NULL},
    {"kind", KFIELD_STR, REFERENCE(target.kind), NULL, "Gvk.", NULL},
    {"fieldSpecs", KFIELD_LIST, REFERENCE(referrers), &SPEC_TABLE, NULL, NULL},
};
static const struct ktable REFERENCE_TABLE =
    KTABLE("NameBackReferences", struct namereference, REFERENCE_FIELDS);

#define SPECS(name, field)                                                                  \
    {                                                                                       \
        name, KFIELD_LIST, offsetof(struct kconfig, fields[field]), &SPEC_TABLE, NULL, NULL \
    }
static const struct kfield CONFIG_FIELDS[] = {
    SPECS("namePrefix", KCONFIG_NAME_PREFIX),
    SPECS("nameSuffix", KCONFIG_NAME_SUFFIX),
    SPECS("namespace", KCONFIG_NAMESPACE),
    SPECS("commonLabels", KCONFIG_COMMON_LABELS),
    SPECS("labels", KCONFIG_LABELS),
    SPECS("templateLabels", KCONFIG_TEMPLATE_LABELS),
    SPECS("volumeClaimTemplateLabels", KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS),
    SPECS("commonAnnotations", KCONFIG_COMMON_ANNOTATIONS),
    SPECS("varReference", KCONFIG_VAR_REFERENCE),
    SPECS("images", KCONFIG_IMAGES),
    SPECS("replicas", KCONFIG_REPLICAS),
    {"nameReference", KFIELD_LIST, offsetof(struct kconfig, name_references), &REFERENCE_TABLE,
     NULL, NULL},
};
static const struct ktable CONFIG_TABLE =
    KTABLE("TransformerConfig", struct kconfig, CONFIG_FIELDS);

int kconfig_from_value(struct arena *arena,
                       const struct value *v,
                       const struct kconfig **ret,
                       struct err *err)
{
    struct kconfig *config = ARENA_NEW(arena, struct kconfig);
    TRY(kdecode_map(arena, v, &CONFIG_TABLE, KDECODE_STRICT, config, err));
    *ret = config;
    return 0;
}

int fieldspecs_from_value(struct arena *arena,
                          const struct value *list,
                          struct fieldspecs *ret,
                          struct err *err)
{
    if (value_type(list) != VALUE_NULL && list->type != VALUE_LIST) {
        (void)err_set(err, ERR_INVALID, "fieldSpecs must be a list, not %s",
                      value_type_noun(list->type));
        return err_at(err, STR_EMPTY, list->line, list->column);
    }
    struct fieldspec *specs = arena_calloc(arena, value_len(list), sizeof(*specs));
    size_t n = 0;
    VALUE_FOREACH(list, it) {
        TRY_IN(kdecode_map(arena, it, &SPEC_TABLE, KDECODE_LAX, &specs[n], err), err,
               "fieldSpecs[%zu]", n);
        n++;
    }
    *ret = (struct fieldspecs){specs, n};
    return 0;
}

/* ---- merging ---- */

/* What is there already where `spec` would go, or NULL: kustomize compares paths as text and lets the kinds of the new one
 * select. */
static const struct fieldspec *
find_same(const struct fieldspec *items, size_t n, const struct fieldspec *spec)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(items[i].path, spec->path) && kgvk_selects(&spec->gvk, &items[i].gvk)) {
            return &items[i];
        }
    }
    return NULL;
}

int fieldspecs_merge(struct arena *arena,
                     struct fieldspecs a,
                     struct fieldspecs b,
                     struct fieldspecs *ret,
                     struct err *err)
{
    if (b.n == 0 || (a.items == b.items && a.n == b.n)) {
        *ret = a;
        return 0;
    }
    if (a.n + b.n > LIMIT_KUSTOMIZE_FIELDSPECS) {
        return err_set(err, ERR_LIMIT, "more than %d fieldspecs in one list",
                       LIMIT_KUSTOMIZE_FIELDSPECS);
    }
    struct fieldspec *items = arena_calloc(arena, a.n + b.n, sizeof(*items));
    size_t n = a.n;
    if (n > 0) {
        memcpy(items, a.items, n * sizeof(*items));
    }
    for (size_t i = 0; i < b.n; i++) {
        const struct fieldspec *same = find_same(items, n, &b.items[i]);
        if (same == NULL) {
            items[n++] = b.items[i];
        } else if (same->create != b.items[i].create) {
            return err_set(err, ERR_INVALID,
                           "conflicting fieldspecs: '" STR_FMT "' with create both true and false",
                           STR_ARG(same->path));
        }
    }
    *ret = (struct fieldspecs){items, n};
    return 0;
}

static struct namereference *
find_target(struct namereference *items, size_t n, const struct kgvk *target)
{
    for (size_t i = 0; i < n; i++) {
        if (kgvk_eq(&items[i].target, target)) {
            return &items[i];
        }
    }
    return NULL;
}

static int namereferences_merge(struct arena *arena,
                                struct namereferences a,
                                struct namereferences b,
                                struct namereferences *ret,
                                struct err *err)
{
    if (b.n == 0 || (a.items == b.items && a.n == b.n)) {
        *ret = a;
        return 0;
    }
    if (a.n + b.n > LIMIT_KUSTOMIZE_FIELDSPECS) {
        return err_set(err, ERR_LIMIT, "more than %d kinds in nameReference",
                       LIMIT_KUSTOMIZE_FIELDSPECS);
    }
    struct namereference *items = arena_calloc(arena, a.n + b.n, sizeof(*items));
    size_t n = a.n;
    if (n > 0) {
        memcpy(items, a.items, n * sizeof(*items));
    }
    for (size_t i = 0; i < b.n; i++) {
        struct namereference *same = find_target(items, n, &b.items[i].target);
        if (same == NULL) {
            items[n++] = b.items[i];
            continue;
        }
        TRY(fieldspecs_merge(arena, same->referrers, b.items[i].referrers, &same->referrers, err));
    }
    *ret = (struct namereferences){items, n};
    return 0;
}

/* ---- order ---- */

struct sorted {
    struct fieldspec spec;
    struct str key;
    size_t at; /* equal ones stay in order */
};

static int compare_sorted(const void *a, const void *b)
{
    const struct sorted *x = a;
    const struct sorted *y = b;
    int order = kgvk_cmp(&x->spec.gvk, x->key, &y->spec.gvk, y->key);
    return order != 0 ? order : x->at < y->at ? -1 : x->at > y->at;
}

/* A merged list is in the order of kinds. That is seen from outside: when it is merged again into an empty one, as the top of a
 * build does, a spec for one kind comes before the one for all and so takes its place. */
static void sort_specs(struct arena *arena, struct fieldspecs *specs)
{
    struct sorted *sorted = arena_calloc(arena, specs->n + 1, sizeof(*sorted));
    struct fieldspec *items = arena_calloc(arena, specs->n + 1, sizeof(*items));
    for (size_t i = 0; i < specs->n; i++) {
        sorted[i] = (struct sorted){specs->items[i], kgvk_sort_key(arena, &specs->items[i].gvk), i};
    }
    qsort(sorted, specs->n, sizeof(*sorted), compare_sorted);
    for (size_t i = 0; i < specs->n; i++) {
        items[i] = sorted[i].spec;
    }
    specs->items = items;
}

/* As messages call them. */
static const char *const FIELD_NAMES[KCONFIG_FIELD_COUNT] = {
    [KCONFIG_NAME_PREFIX] = "NamePrefix",
    [KCONFIG_NAME_SUFFIX] = "NameSuffix",
    [KCONFIG_NAMESPACE] = "NameSpace",
    [KCONFIG_COMMON_LABELS] = "CommonLabels",
    [KCONFIG_LABELS] = "Labels",
    [KCONFIG_TEMPLATE_LABELS] = "TemplateLabels",
    [KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS] = "VolumeClaimTemplateLabels",
    [KCONFIG_COMMON_ANNOTATIONS] = "CommonAnnotations",
    [KCONFIG_VAR_REFERENCE] = "VarReference",
    [KCONFIG_IMAGES] = "Images",
    [KCONFIG_REPLICAS] = "Replicas",
};

int kconfig_merge(struct arena *arena,
                  const struct kconfig *a,
                  const struct kconfig *b,
                  const struct kconfig **ret,
                  struct err *err)
{
    if (a == b) {
        *ret = a;
        return 0;
    }
    struct kconfig *merged = ARENA_NEW(arena, struct kconfig);
    for (size_t i = 0; i < KCONFIG_FIELD_COUNT; i++) {
        TRY_IN(fieldspecs_merge(arena, a->fields[i], b->fields[i], &merged->fields[i], err), err,
               "failed to merge %s fieldSpec", FIELD_NAMES[i]);
        if (merged->fields[i].items != a->fields[i].items) {
            sort_specs(arena, &merged->fields[i]);
        }
    }
    TRY_IN(namereferences_merge(arena, a->name_references, b->name_references,
                                &merged->name_references, err),
           err, "failed to merge NameReference fieldSpec");
    *ret = merged;
    return 0;
}
