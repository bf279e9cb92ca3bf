/* The last-applied annotation, compatible with kubectl's in both directions. */
#include "engine/compare/last_applied.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

enum {
    ANNOTATIONS_MAX_BYTES = 256 * 1024, /* of all annotations together, Kubernetes' limit */
};

int last_applied_of(struct arena *arena,
                    const struct value *live,
                    const struct value **ret,
                    struct err *err)
{
    struct str text = kube_annotation(live, STR(LAST_APPLIED_ANNOTATION));
    if (text.n == 0) {
        *ret = NULL;
        return 0;
    }
    const struct value *last = NULL;
    TRY_IN(value_from_json(arena, text, NULL, &last, err), err, "annotation %s",
           LAST_APPLIED_ANNOTATION);
    if (!value_is(last, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "annotation %s: not a JSON object",
                       LAST_APPLIED_ANNOTATION);
    }
    *ret = last;
    return 0;
}

int last_applied_set(struct arena *arena,
                     const struct value *target,
                     const struct value **ret,
                     struct err *err)
{
    const struct value *bare = kube_without_annotation(arena, target, STR(LAST_APPLIED_ANNOTATION));
    AUTO(buf) struct buf text;
    buf_init(&text, ANNOTATIONS_MAX_BYTES);
    TRY_IN(kube_canonical_json(bare, &text, err), err, "annotation %s", LAST_APPLIED_ANNOTATION);
    buf_put_char(&text, '\n'); /* kubectl writes one, and compares the text */
    if (text.overflow) {
        return err_set(err, ERR_LIMIT,
                       "annotation %s would be larger than %d bytes; use ServerSideApply=true",
                       LAST_APPLIED_ANNOTATION, ANNOTATIONS_MAX_BYTES);
    }
    *ret = kube_with_annotation(arena, target, STR(LAST_APPLIED_ANNOTATION),
                                buf_to_arena(&text, arena));
    return 0;
}
