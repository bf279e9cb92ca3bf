/* Difference of one target and one live object. */
#include "engine/compare/diff.h"

#include <stddef.h>

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/compare/canonical.h"
#include "engine/compare/known_types.h"
#include "engine/compare/last_applied.h"
#include "engine/compare/server_side.h"
#include "engine/compare/structured.h"
#include "engine/compare/three_way.h"

/* Both sides in the form they are compared in. */
struct sides {
    const struct value *target;
    const struct value *live;
    struct ignore_rules rules;
};

/* What is ignored is gone, the rest in the form it is compared in; NULL stays NULL. */
static int prepare(struct arena *arena,
                   const struct diff_opts *opts,
                   struct ignore_rules rules,
                   const struct value *live,
                   const struct value **obj,
                   struct err *err)
{
    TRY(ignore_apply(arena, rules, opts->jq, live, *obj, obj, err));
    *obj = normalize_object(arena, *obj, &opts->normalize);
    *obj = known_types_apply(arena, opts->known, *obj);
    return 0;
}

/* What is applied is not described on the object itself. */
static const struct value *without_last_applied(struct arena *arena, const struct value *obj)
{
    return kube_without_annotation(arena, obj, STR(LAST_APPLIED_ANNOTATION));
}

static int predict_three_way(struct arena *arena,
                             const struct value *live,
                             struct sides *sides,
                             const struct value **ret,
                             struct err *err)
{
    const struct value *last = NULL;
    TRY(last_applied_of(arena, live, &last, err));
    /* where an object is belongs to its identity: a target without namespace moves nothing */
    last = last != NULL ? value_without(arena, last, "metadata", "namespace") : sides->target;
    *ret = three_way_merge(arena, last, sides->target, sides->live);
    return 0;
}

/* The owners of fields are no part of what is compared, but needed to merge. */
static const struct value *predict_structured(struct arena *arena,
                                              const struct value *live,
                                              const struct diff_opts *opts,
                                              struct sides *sides)
{
    const struct value *owners = value_dig(live, "metadata", "managedFields");
    const struct value *owned = sides->live;
    if (owners != NULL) {
        owned = value_with(arena, owned, owners, "metadata", "managedFields");
    }
    const struct value *merged =
        structured_merge(arena, opts->api, sides->target, owned, opts->manager);
    sides->live = without_last_applied(arena, sides->live);
    merged = value_without(arena, merged, "metadata", "managedFields");
    return without_last_applied(arena, merged);
}

/* A dry run counts them up. */
static const char *const COUNTERS[] = {"metadata.resourceVersion", "metadata.generation", NULL};

static int predict_server_side(struct arena *arena,
                               const struct value *live,
                               const struct diff_opts *opts,
                               const struct value **ret,
                               struct err *err)
{
    const struct value *answer = opts->answer;
    if (!value_is(answer, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "there is no answer of a dry run to compare with");
    }
    if (!opts->keep_mutations) {
        answer = server_side_own(arena, live, answer, opts->manager);
    }
    *ret = kube_without_fields(arena, answer, COUNTERS);
    return 0;
}

static int predict(struct arena *arena,
                   const struct value *live,
                   const struct diff_opts *opts,
                   struct sides *sides,
                   const struct value **ret,
                   struct err *err)
{
    switch (opts->mode) {
    case DIFF_THREE_WAY:
        return predict_three_way(arena, live, sides, ret, err);
    case DIFF_STRUCTURED:
        *ret = predict_structured(arena, live, opts, sides);
        return 0;
    case DIFF_SERVER_SIDE:
        break;
    }
    const struct value *predicted = NULL;
    TRY(predict_server_side(arena, live, opts, &predicted, err));
    TRY(prepare(arena, opts, sides->rules, live, &predicted, err));
    *ret = without_last_applied(arena, predicted);
    sides->live = without_last_applied(arena, kube_without_fields(arena, sides->live, COUNTERS));
    return 0;
}

static struct diff_result
settle(struct arena *arena, const struct value *live, const struct value *predicted)
{
    if (predicted == live) {
        return (struct diff_result){false, live, live};
    }
    const struct value *after = canonical_object(arena, predicted);
    const struct value *before = canonical_object(arena, live);
    bool modified = !value_equal(after, before);
    return (struct diff_result){modified, before, modified ? after : before};
}

int diff_objects(struct arena *arena,
                 const struct value *target,
                 const struct value *live,
                 const struct diff_opts *opts,
                 struct diff_result *ret,
                 struct err *err)
{
    struct diff_opts o = opts != NULL ? *opts : (struct diff_opts){0};
    o.manager = o.manager.n > 0 ? o.manager : STR(DIFF_MANAGER);
    struct sides sides = {
        .target = target,
        .live = live,
        .rules = ignore_rules_for(arena, o.ignore, o.system_ignore, target != NULL ? target : live),
    };
    TRY(prepare(arena, &o, sides.rules, live, &sides.target, err));
    TRY(prepare(arena, &o, sides.rules, live, &sides.live, err));
    if (sides.live == NULL || sides.target == NULL) {
        *ret = (struct diff_result){sides.live == NULL, sides.live, sides.target};
        return 0;
    }
    const struct value *predicted = NULL;
    TRY(predict(arena, live, &o, &sides, &predicted, err));
    *ret = settle(arena, sides.live, predicted);
    return 0;
}

/* ---- names ---- */

static const char *const MODES[] = {
    [DIFF_THREE_WAY] = "three-way",
    [DIFF_STRUCTURED] = "structured-merge",
    [DIFF_SERVER_SIDE] = "server-side",
};

const char *diff_mode_name(enum diff_mode mode)
{
    return MODES[mode];
}

int diff_mode_parse(struct str name, enum diff_mode *ret, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(MODES); i++) {
        if (str_eq_c(name, MODES[i])) {
            *ret = (enum diff_mode)i;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "'" STR_FMT "' is none of three-way, structured-merge, server-side",
                   STR_ARG(name));
}
