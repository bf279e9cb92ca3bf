/* Application (argoproj.io/v1alpha1), decoded as a whole.
 *
 * Borrowing as in application_spec.h. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"
#include "common/model/application_status.h"

struct arena;
struct value;

#define APP_GROUP            "argoproj.io"
#define APP_VERSION          "v1alpha1"
#define APP_KIND             "Application"
#define APP_RESOURCE         "applications"
#define APP_PROJECT_KIND     "AppProject"
#define APP_PROJECT_RESOURCE "appprojects"
/* Deletion deletes the managed objects first; "/foreground" and "/background" choose how. */
#define APP_FINALIZER            "resources-finalizer.argocd.argoproj.io"
#define APP_FINALIZER_FOREGROUND APP_FINALIZER "/foreground"
#define APP_FINALIZER_BACKGROUND APP_FINALIZER "/background"
/* There are hooks to run before or after that; "/cleanup": they are to be taken away. */
#define APP_FINALIZER_PRE_DELETE          "pre-delete-finalizer.argocd.argoproj.io"
#define APP_FINALIZER_PRE_DELETE_CLEANUP  APP_FINALIZER_PRE_DELETE "/cleanup"
#define APP_FINALIZER_POST_DELETE         "post-delete-finalizer.argocd.argoproj.io"
#define APP_FINALIZER_POST_DELETE_CLEANUP APP_FINALIZER_POST_DELETE "/cleanup"
#define APP_ANNOTATION_SKIP               "argocd.argoproj.io/skip-reconcile"
#define APP_ANNOTATION_REFRESH_TIME       "argocd.argoproj.io/refresh-timestamp"
#define APP_ANNOTATION_REFRESH            "argocd.argoproj.io/refresh"
struct application {
    struct str name;
    struct str namespace;
    struct str uid;
    struct str resource_version;
    int64_t generation;
    struct app_spec spec;
    bool has_operation;
    struct app_operation operation;
    struct app_status status;
    const struct value *tree; /* the object, borrowed */
};
/* Fields of a wrong type are ERR_INVALID naming the path; unknown ones are ignored. */
MUST_CHECK int application_decode(struct arena *arena,
                                  const struct value *obj,
                                  struct application *ret,
                                  struct err *err);

/* spec.syncPolicy.managedNamespaceMetadata is there and is not what the last sync applied. */
bool application_namespace_changed(const struct application *app);

/* The name in tracking ids and labels: "name" in the controller's namespace, else "namespace_name". */
struct str application_instance_name(struct arena *arena,
                                     struct str namespace,
                                     struct str name,
                                     struct str controller_namespace);
