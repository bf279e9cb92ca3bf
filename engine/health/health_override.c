/* Scripts of argocd-cm: the look-up by kind, and what a script's answer means. */
#include "engine/health/health_override.h"

#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/base/macro.h"
#include "common/value/value.h"
#include "engine/health/health_internal.h"
#include "engine/lua/script.h"

#define HEALTH_PREFIX "resource.customizations.health."
#define LIBS_PREFIX   "resource.customizations.useOpenLibs."

/* "<group>_<Kind>" as "<group>/<Kind>". */
static struct str kind_of_key(struct arena *arena, struct str key)
{
    size_t at = str_find(key, STR("_"));
    if (at == STR_NONE) {
        return key;
    }
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(str_of(key.p, at)),
                        STR_ARG(str_of(key.p + at + 1, key.n - at - 1)));
}

static bool wants_open_libs(struct arena *arena, const struct value *data, struct str key)
{
    struct str name = arena_printf(arena, LIBS_PREFIX STR_FMT, STR_ARG(key));
    return str_eq_c(value_str(value_find(data, name)), "true");
}

struct health_overrides health_overrides_read(struct arena *arena, const struct value *data)
{
    struct health_override *items = arena_calloc(arena, value_len(data), sizeof(*items));
    size_t n = 0;
    VALUE_MAP_FOREACH(data, e)
    {
        struct str key = e->key;
        if (str_starts_with(key, STR(HEALTH_PREFIX))) {
            size_t skip = STR(HEALTH_PREFIX).n;
            key = str_of(key.p + skip, key.n - skip);
            items[n++] = (struct health_override){
                .kind = kind_of_key(arena, key),
                .source = value_str(&e->value),
                .open_libs = wants_open_libs(arena, data, key),
            };
        }
    }
    return (struct health_overrides){items, n};
}

static const struct health_override *
find_override(struct arena *arena, const struct health_overrides *overrides, struct kube_gvk gvk)
{
    const struct health_override *found = NULL;
    struct str kind = gvk.group.n == 0 ? gvk.kind
                                       : arena_printf(arena, STR_FMT "/" STR_FMT,
                                                      STR_ARG(gvk.group), STR_ARG(gvk.kind));
    for (size_t i = 0; i < overrides->n; i++) {
        const struct health_override *o = &overrides->items[i];
        if (o->source.n == 0) {
            continue;
        }
        if (str_eq(o->kind, kind)) {
            return o;
        }
        if (glob_match(o->kind, kind, GLOB_NO_SEPARATOR) &&
            (found == NULL || o->kind.n > found->kind.n)) {
            found = o;
        }
    }
    return found;
}

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

struct health health_by_overrides(struct arena *arena,
                                  const struct health_overrides *overrides,
                                  const struct clock *clock,
                                  const struct value *live)
{
    const struct health_override *o = find_override(arena, overrides, kube_gvk_of(live));
    if (o == NULL) {
        return health_by_rules(arena, live);
    }
    const struct script_input in = {
        .source = o->source,
        .name = "health.lua",
        .libs = o->open_libs ? SCRIPT_LIBS_OPEN : SCRIPT_LIBS_BASE,
        .obj = live,
        .clock = clock,
    };
    const struct value *answer = NULL;
    struct err err;
    if (script_run(arena, &in, &answer, &err) < 0) {
        return health_make(HEALTH_STATUS_UNKNOWN, arena_str(arena, str_from(err.message)));
    }
    return answer_health(arena, answer);
}
