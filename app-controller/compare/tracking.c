/* Tracking metadata: written to targets, read from live objects. */
#include "app-controller/compare/tracking.h"

#include <ctype.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/value/value.h"

enum {
    LABEL_VALUE_BYTES = 63, /* Kubernetes' limit for label values */
};

enum tracking_method tracking_method_parse(struct str text)
{
    if (str_eq_c(text, "label")) {
        return TRACKING_LABEL;
    }
    return str_eq_c(text, "annotation+label") ? TRACKING_ANNOTATION_AND_LABEL : TRACKING_ANNOTATION;
}

struct str tracking_id_format(struct arena *arena, struct str instance, struct kube_key key)
{
    return arena_printf(arena, STR_FMT ":" STR_FMT "/" STR_FMT ":" STR_FMT "/" STR_FMT,
                        STR_ARG(instance), STR_ARG(key.group), STR_ARG(key.kind),
                        STR_ARG(key.namespace), STR_ARG(key.name));
}

bool tracking_id_parse(struct str text, struct tracking_id *ret)
{
    /* Only the name may contain ':' ("system:node"). */
    struct str group_kind;
    struct str name;
    return str_cut(text, ':', &ret->instance, &text) && str_cut(text, ':', &group_kind, &name) &&
           str_cut(group_kind, '/', &ret->key.group, &ret->key.kind) &&
           str_cut(name, '/', &ret->key.namespace, &ret->key.name);
}

static struct str label_key(const struct tracking *tracking)
{
    return tracking->label_key.n > 0 ? tracking->label_key : STR(TRACKING_LABEL_KEY);
}

/* At most 63 bytes, the last one a letter or digit, as label values must be. */
static struct str label_value(struct str instance)
{
    struct str cut = str_sub(instance, 0, LABEL_VALUE_BYTES);
    while (cut.n < instance.n && cut.n > 0 && !isalnum((unsigned char)cut.p[cut.n - 1])) {
        cut.n--;
    }
    return cut;
}

static bool is_crd(const struct value *obj)
{
    return str_eq_c(kube_kind_of(obj), "CustomResourceDefinition") &&
           str_eq_c(kube_group_of(obj), "apiextensions.k8s.io");
}

const struct value *tracking_apply(struct arena *arena,
                                   const struct tracking *tracking,
                                   struct str instance,
                                   struct str destination_namespace,
                                   const struct value *obj)
{
    if (is_crd(obj)) {
        return obj;
    }
    if (tracking->method == TRACKING_LABEL) {
        return kube_with_label(arena, obj, label_key(tracking), arena_str(arena, instance));
    }
    struct kube_key key = kube_key_of(obj);
    if (key.namespace.n == 0) {
        key.namespace = destination_namespace;
    }
    struct str id = tracking_id_format(arena, instance, key);
    obj = kube_with_annotation(arena, obj, STR(TRACKING_ID_ANNOTATION), id);
    if (tracking->installation_id.n > 0) {
        obj = kube_with_annotation(arena, obj, STR(TRACKING_INSTALLATION_ANNOTATION),
                                   arena_str(arena, tracking->installation_id));
    }
    if (tracking->method == TRACKING_ANNOTATION_AND_LABEL) {
        obj = kube_with_label(arena, obj, label_key(tracking),
                              arena_str(arena, label_value(instance)));
    }
    return obj;
}

struct str tracking_instance_of(const struct tracking *tracking, const struct value *live)
{
    if (tracking->method == TRACKING_LABEL) {
        return kube_label(live, label_key(tracking));
    }
    struct str installation = kube_annotation(live, STR(TRACKING_INSTALLATION_ANNOTATION));
    if (tracking->installation_id.n > 0 && !str_eq(installation, tracking->installation_id)) {
        return STR_EMPTY;
    }
    struct tracking_id id;
    if (!tracking_id_parse(kube_annotation(live, STR(TRACKING_ID_ANNOTATION)), &id)) {
        return STR_EMPTY;
    }
    return id.instance;
}

/* The id names this object; cluster-scoped ones have any namespace in it. */
static bool describes(struct kube_key id, const struct value *obj)
{
    struct kube_key key = kube_key_of(obj);
    return str_eq(id.group, key.group) && str_eq(id.kind, key.kind) && str_eq(id.name, key.name) &&
           (key.namespace.n == 0 || str_eq(id.namespace, key.namespace));
}

bool tracking_is_self_reference(const struct tracking *tracking,
                                const struct value *live,
                                const struct value *target)
{
    if (tracking->method == TRACKING_LABEL || live == NULL) {
        return true;
    }
    if (target != NULL) {
        return describes(kube_key_of(target), live);
    }
    struct tracking_id id;
    if (!tracking_id_parse(kube_annotation(live, STR(TRACKING_ID_ANNOTATION)), &id)) {
        return true;
    }
    return describes(id.key, live);
}
