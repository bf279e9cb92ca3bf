/* Difference of one target and one live object. */
#include "engine/compare/diff.h"

#include <stddef.h>

#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/compare/canonical.h"
#include "engine/compare/last_applied.h"
#include "engine/compare/three_way.h"

/* Both sides in the form they are compared in. */
struct sides {
    const struct value *target;
    const struct value *live;
};

static struct sides prepare(struct arena *arena,
                            const struct value *target,
                            const struct value *live,
                            const struct diff_opts *opts)
{
    struct ignore_rules rules =
        ignore_rules_for(arena, opts->ignore, opts->system_ignore, target != NULL ? target : live);
    struct sides sides = {ignore_apply(arena, rules, live, target),
                          ignore_apply(arena, rules, live, live)};
    sides.target = normalize_object(arena, sides.target, &opts->normalize);
    sides.live = normalize_object(arena, sides.live, &opts->normalize);
    return sides;
}

int diff_objects(struct arena *arena,
                 const struct value *target,
                 const struct value *live,
                 const struct diff_opts *opts,
                 struct diff_result *ret,
                 struct err *err)
{
    static const struct diff_opts DEFAULTS = {0};
    struct sides sides = prepare(arena, target, live, opts != NULL ? opts : &DEFAULTS);
    if (sides.live == NULL || sides.target == NULL) {
        *ret = (struct diff_result){sides.live == NULL, sides.live, sides.target};
        return 0;
    }
    const struct value *last = NULL;
    TRY(last_applied_of(arena, live, &last, err));
    /* where an object is belongs to its identity: a target without namespace moves nothing */
    last = last != NULL ? value_without(arena, last, "metadata", "namespace") : sides.target;
    const struct value *predicted = three_way_merge(arena, last, sides.target, sides.live);
    if (predicted == sides.live) {
        *ret = (struct diff_result){false, sides.live, sides.live};
        return 0;
    }
    const struct value *after = canonical_object(arena, predicted);
    const struct value *before = canonical_object(arena, sides.live);
    bool modified = !value_equal(after, before);
    *ret = (struct diff_result){modified, before, modified ? after : before};
    return 0;
}
