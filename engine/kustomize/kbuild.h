/* What one build shares, and the layer a transformer runs in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/resmap.h"

struct engine_env;
struct kconfig;
struct korigin;
struct kschema;
struct kustomize_options;
struct value;

struct kbuild {
    struct engine_env *env;
    const struct kustomize_options *options;
    const struct kschema *schema; /* the topmost `openapi`'s, else the built-in one */
    bool schema_is_set;           /* by a kustomization */
    struct str error_text;        /* kustomize's wording of a failure on its way up; "" = none */
    size_t n_directories;         /* kustomizations read so far */
    size_t n_remotes;             /* asked of env->remote so far */
    /* The run of edits (value_edit.h) that goes on, from 1: resources are read into it, and all transformers share it until something
     * puts one part of an object into two places. */
    uint32_t edits;
};

/* Where a generator or transformer is configured: it reads files relative to this. */
struct klayer {
    struct kbuild *build;
    const struct kload *load;
    const struct kconfig *config; /* field specs of this layer */
    struct
        str namespace; /* of this kustomization, else of the nearest above; "" = none: for helmCharts */
    const struct korigin *origin; /* of this directory; NULL unless buildMetadata asks */
};

/* Kustomize's contexts are longer than what struct err holds ("accumulating resources: accumulation err='...': ..."), so
 * its whole text is kept in the build, while err has the cause. Puts a context in front; returns -err->code. */
PRINTF(3, 4)
int kbuild_wrap(struct kbuild *build, struct err *err, const char *fmt, ...);
/* The text of a failure so far: when the build goes on after it, and to print it. */
struct str kbuild_take_error(struct kbuild *build, const struct err *err);

/* From here on no container is changed in place that is there now: before one is put into two places. */
void kbuild_end_edits(struct kbuild *build);

/* What messages about text that is not YAML begin with. */
#define KBUILD_MALFORMED "MalformedYAMLError"

/* Objects of a YAML text as resources, in order: lists become their items; see kustomize's rules for resource files.
 * file: for positions. ERR_INVALID with position, ERR_LIMIT. */
MUST_CHECK int kbuild_parse(
    struct kbuild *build, struct str text, struct str file, struct resmap *into, struct err *err);
/* Patches as a list, in no map: they may name one object several times, and have keys that are no strings. */
MUST_CHECK int kbuild_parse_patches(
    struct kbuild *build, struct str text, struct str file, struct kres_list *ret, struct err *err);
