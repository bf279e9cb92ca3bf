/* Identities of objects, and how kustomize writes them in messages. Pure. */
#include "engine/kustomize/kid.h"

#include "common/value/value.h"
#include "engine/kustomize/kschema.h"

/* No object can have it: a namespace has no underscores. */
#define NO_NAMESPACE "_non_namespaceable_"

struct kgvk kgvk_from(struct str api_version, struct str kind)
{
    struct kgvk gvk = {.kind = kind};
    if (!str_cut(api_version, '/', &gvk.group, &gvk.version)) {
        gvk.group = STR_EMPTY;
        gvk.version = api_version;
    }
    return gvk;
}

/* The text of a scalar without an arena: numbers have it as they were written. */
static struct str text_of(const struct value *v)
{
    if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT)) {
        return str_of(v->lexeme, v->lexeme_n);
    }
    return value_str(v);
}

struct kid kid_from_object(const struct value *object)
{
    return (struct kid){
        .gvk = kgvk_from(value_dig_str(object, "apiVersion"), value_dig_str(object, "kind")),
        .name = text_of(value_dig(object, "metadata", "name")),
        .namespace = text_of(value_dig(object, "metadata", "namespace")),
    };
}

bool kgvk_eq(const struct kgvk *a, const struct kgvk *b)
{
    return str_eq(a->kind, b->kind) && str_eq(a->version, b->version) && str_eq(a->group, b->group);
}

static bool selects(struct str by, struct str text)
{
    return by.n == 0 || str_eq(by, text);
}

bool kgvk_selects(const struct kgvk *by, const struct kgvk *gvk)
{
    return selects(by->kind, gvk->kind) && selects(by->group, gvk->group) &&
           selects(by->version, gvk->version);
}

static struct str text_or(struct str text, const char *empty)
{
    return text.n > 0 ? text : str_from(empty);
}

/* ---- order ---- */

static const struct str FIRST[] = {
    {"Namespace", 9},
    {"ResourceQuota", 13},
    {"StorageClass", 12},
    {"CustomResourceDefinition", 24},
    {"ServiceAccount", 14},
    {"PodSecurityPolicy", 17},
    {"Role", 4},
    {"ClusterRole", 11},
    {"RoleBinding", 11},
    {"ClusterRoleBinding", 18},
    {"ConfigMap", 9},
    {"Secret", 6},
    {"Endpoints", 9},
    {"Service", 7},
    {"LimitRange", 10},
    {"PriorityClass", 13},
    {"PersistentVolume", 16},
    {"PersistentVolumeClaim", 21},
    {"Deployment", 10},
    {"StatefulSet", 11},
    {"CronJob", 7},
    {"PodDisruptionBudget", 19},
};
static const struct str LAST[] = {
    {"MutatingWebhookConfiguration", 28},
    {"ValidatingWebhookConfiguration", 30},
};

int kgvk_rank(struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(FIRST); i++) {
        if (str_eq(kind, FIRST[i])) {
            return (int)i - (int)ARRAY_LEN(FIRST);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(LAST); i++) {
        if (str_eq(kind, LAST[i])) {
            return (int)i + 1;
        }
    }
    return 0;
}

struct str kgvk_sort_key(struct arena *arena, const struct kgvk *gvk)
{
    return arena_printf(arena, STR_FMT "_" STR_FMT "_" STR_FMT, STR_ARG(text_or(gvk->group, "~G")),
                        STR_ARG(text_or(gvk->version, "~V")), STR_ARG(text_or(gvk->kind, "~K")));
}

int kgvk_cmp(const struct kgvk *a, struct str a_key, const struct kgvk *b, struct str b_key)
{
    int x = kgvk_rank(a->kind);
    int y = kgvk_rank(b->kind);
    return x != y ? (x < y ? -1 : 1) : str_cmp(a_key, b_key);
}

/* ---- messages ---- */

struct str kgvk_format(struct arena *arena, const struct kgvk *gvk)
{
    const struct str parts[] = {text_or(gvk->kind, "[noKind]"), STR("."),
                                text_or(gvk->version, "[noVer]"), STR("."),
                                text_or(gvk->group, "[noGrp]")};
    return arena_concat(arena, parts, ARRAY_LEN(parts));
}

struct str kid_format(struct arena *arena, const struct kid *id)
{
    const struct str parts[] = {kgvk_format(arena, &id->gvk), STR("/"),
                                text_or(id->name, "[noName]"), STR("."),
                                text_or(id->namespace, "[noNs]")};
    return arena_concat(arena, parts, ARRAY_LEN(parts));
}

struct str kid_effective_namespace(const struct kschema *schema, const struct kid *id)
{
    if (kschema_scope(schema, &id->gvk) == KSCOPE_CLUSTER) {
        return STR(NO_NAMESPACE);
    }
    return text_or(id->namespace, "default");
}

bool kid_eq(const struct kschema *schema, const struct kid *a, const struct kid *b)
{
    return str_eq(a->name, b->name) && kgvk_eq(&a->gvk, &b->gvk) &&
           (str_eq(a->namespace, b->namespace) ||
            str_eq(kid_effective_namespace(schema, a), kid_effective_namespace(schema, b)));
}
