/* Which Application an object belongs to: written into manifests, read from live objects.
 *
 * The annotation argocd.argoproj.io/tracking-id says "<instance>:<group>/<Kind>:<namespace>/<name>" and
 * so describes the object itself: a copy of the annotation on another object does not make that one
 * ours.  The instance name is app_instance_name()'s.  Pure; any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/kube/kube_object.h"

struct arena;
struct value;

#define TRACKING_ID_ANNOTATION           "argocd.argoproj.io/tracking-id"
#define TRACKING_INSTALLATION_ANNOTATION "argocd.argoproj.io/installation-id"
#define TRACKING_LABEL_KEY               "app.kubernetes.io/instance"

/* application.resourceTrackingMethod */
enum tracking_method {
    TRACKING_ANNOTATION,
    TRACKING_ANNOTATION_AND_LABEL,
    TRACKING_LABEL,
};

struct tracking {
    enum tracking_method method;
    struct str label_key;       /* empty = TRACKING_LABEL_KEY */
    struct str installation_id; /* empty = objects of any installation are ours */
};

struct tracking_id {
    struct str instance;
    struct kube_key key;
};

/* "annotation", "annotation+label", "label"; anything else is the default, annotation. */
enum tracking_method tracking_method_parse(struct str text);

struct str tracking_id_format(struct arena *arena, struct str instance, struct kube_key key);
/* False when the text has not the form; slices point into it. */
bool tracking_id_parse(struct str text, struct tracking_id *ret);

/* obj with the metadata that makes it the instance's. CustomResourceDefinitions are returned as they
 * are: they outlive applications.
 *
 * destination_namespace  written into the id of objects without a namespace. */
const struct value *tracking_apply(struct arena *arena,
                                   const struct tracking *tracking,
                                   struct str instance,
                                   struct str destination_namespace,
                                   const struct value *obj);

/* The instance a live object names, borrowed from it; empty when it names none, or another
 * installation. Does not check that the id describes the object. */
struct str tracking_instance_of(const struct tracking *tracking, const struct value *live);

/* The tracking id of `live` describes `live` itself: it is no copy of another object's. What has a target is
 * described by the id that will be given, whatever `live` says now. Always true in label mode, and for
 * objects without a tracking id. */
bool tracking_is_self_reference(const struct tracking *tracking,
                                const struct value *live,
                                const struct value *target);
