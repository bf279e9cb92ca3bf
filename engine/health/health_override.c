/* Running scripts, and what their answers mean. */
#include "engine/health/health_override.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"
#include "engine/lua/customize.h"
#include "engine/lua/script.h"

static struct health answer_health(struct arena *arena, const struct value *answer)
{
    if (answer == NULL || (value_is(answer, VALUE_LIST) && value_len(answer) == 0)) {
        return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
    }
    if (!value_is(answer, VALUE_MAP)) {
        return health_make(HEALTH_STATUS_UNKNOWN, STR("the health script does not return a table"));
    }
    struct str status = value_dig_str(answer, "status");
    struct str message = value_dig_str(answer, "message");
    for (int i = 0; i < HEALTH_STATUS_COUNT; i++) {
        if (i != HEALTH_STATUS_NONE && str_eq_c(status, status_health_name(i))) {
            return health_make(i, arena_str(arena, message));
        }
    }
    return health_make(HEALTH_STATUS_UNKNOWN, STR("Lua returned an invalid health status"));
}

static struct health failure(struct arena *arena, struct str key, const struct err *err)
{
    return health_make(
        HEALTH_STATUS_UNKNOWN,
        arena_printf(arena, STR_FMT ": " STR_FMT, STR_ARG(key), STR_ARG(str_from(err->message))));
}

static struct health run(struct arena *arena,
                         const struct customization *custom,
                         const struct clock *clock,
                         const struct value *live)
{
    const struct script_input in = {
        .source = custom->health,
        .name = "health.lua",
        .libs = custom->open_libs ? SCRIPT_LIBS_OPEN : SCRIPT_LIBS_BASE,
        .obj = live,
        .clock = clock,
    };
    const struct value *answer = NULL;
    struct err err;
    if (script_run(arena, &in, &answer, &err) < 0) {
        return failure(arena, custom->health_key, &err);
    }
    return answer_health(arena, answer);
}

static const struct customization *script_for(const struct customizations *scripts,
                                              const struct value *live)
{
    struct kube_gvk gvk = kube_gvk_of(live);
    return customizations_health(scripts, gvk.group, gvk.kind);
}

struct health health_by_overrides(struct arena *arena,
                                  const struct customizations *scripts,
                                  const struct clock *clock,
                                  const struct value *live)
{
    const struct customization *custom = script_for(scripts, live);
    return custom != NULL ? run(arena, custom, clock, live) : health_by_rules(arena, live);
}

struct health health_of_scripted(struct arena *arena,
                                 const struct customizations *scripts,
                                 const struct clock *clock,
                                 const struct value *live)
{
    const struct customization *custom = live != NULL ? script_for(scripts, live) : NULL;
    if (custom == NULL || health_is_pending_deletion(live)) {
        return health_of(arena, live);
    }
    return run(arena, custom, clock, live);
}

static int by_place(const void *a, const void *b)
{
    const struct health_verdict *x = a;
    const struct health_verdict *y = b;
    return (x->live > y->live) - (x->live < y->live);
}

struct health_verdicts health_verdicts_of(struct arena *arena,
                                          const struct customizations *scripts,
                                          const struct clock *clock,
                                          const struct value *const *lives,
                                          size_t n_lives)
{
    VEC(struct health_verdict) found = {0};
    for (size_t i = 0; i < n_lives; i++) {
        if (script_for(scripts, lives[i]) != NULL) {
            struct health_verdict verdict = {
                lives[i],
                health_of_scripted(arena, scripts, clock, lives[i]),
            };
            vec_push_in(arena, &found, verdict);
        }
    }
    if (found.n > 0) {
        qsort(found.items, found.n, sizeof(*found.items), by_place);
    }
    return (struct health_verdicts){found.items, found.n};
}

struct health health_by_verdicts(struct arena *arena,
                                 const struct health_verdicts *verdicts,
                                 const struct value *live)
{
    struct health_verdict wanted = {.live = live};
    const struct health_verdict *found =
        verdicts->n > 0 ? bsearch(&wanted, verdicts->items, verdicts->n, sizeof(wanted), by_place)
                        : NULL;
    return found != NULL ? found->health : health_of(arena, live);
}
