/* The application's place in the terms of windows; the rules are common/model/window.h's. */
#include "app-controller/windows.h"

#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/tzdata.h"
#include "common/kube/kube_object.h"
#include "common/settings/settings.h"
#include "common/value/value.h"

enum {
    WAIT_MIN_MS = 1000,
    WAIT_MAX_MS = 24 * 3600 * 1000,
};

int windows_decide(
    struct pass *pass, bool manual, int64_t started_ms, struct window_verdict *ret, struct err *err)
{
    const struct app_spec *spec = &pass->model.spec;
    const struct project *project = settings_project(pass->ctl->settings, spec->project);
    struct window_input in = {
        .project = project != NULL ? project : &PROJECT_DEFAULT,
        .target = {.app = kube_name(doc_root(pass->object)),
                   .namespace = spec->destination.namespace,
                   .server = live_cache_server(pass->cache),
                   .cluster = live_cache_name(pass->cache)},
        .zone = tzdata_read,
        .now_ms = clock_wall_ms(clock_system()),
        .manual = manual,
        .started_ms = started_ms,
    };
    return window_decide(pass->arena, &in, ret, err);
}

struct blocked windows_blocked(struct arena *arena, const struct window_verdict *verdict)
{
    return (struct blocked){
        .reason = BLOCKED_WINDOW,
        .text = arena_printf(arena, "blocked by sync window: " STR_FMT,
                             STR_ARG(window_reason(arena, verdict))),
        .until_ms = verdict->next_ms != WINDOW_NEVER ? verdict->next_ms : 0,
    };
}

int64_t windows_wait_ms(const struct window_verdict *verdict)
{
    if (verdict->next_ms == WINDOW_NEVER) {
        return WAIT_MAX_MS;
    }
    int64_t wait_ms = verdict->next_ms - clock_wall_ms(clock_system());
    return MAX(MIN(wait_ms, (int64_t)WAIT_MAX_MS), (int64_t)WAIT_MIN_MS);
}
