/* A window is open at t when its schedule has a moment in (t - duration, t). Schedules are in the window's zone, of which
 * the offset at t counts: moments are reckoned in local time, as Argo CD does. */
#include "common/model/window.h"

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/cron.h"
#include "common/base/glob.h"
#include "common/base/tzif.h"
#include "common/base/vec.h"

enum {
    MS_PER_S = 1000,
    CHAIN_MAX =
        1500, /* moments that may follow one another before a window counts as always open: a day of minutes */
    FORECAST_STEPS = 500,     /* openings and closings that are looked at for the next chance */
    FORECAST_MOMENTS = 20000, /* moments of schedules computed for it: some milliseconds */
};

#define FORECAST_MS (INT64_C(366) * 24 * 3600 * MS_PER_S)

struct zone {
    struct str name;
    struct str data; /* "" = unknown */
};

/* What is read and counted for one question, however many moments it looks at. */
struct outlook {
    struct arena *arena;
    window_zone_fn read_zone;
    VEC(struct zone) zones;
    size_t n_moments;
};

/* ---- one window ---- */

struct schedule {
    struct cron cron;
    int64_t duration_ms;
    int64_t offset_ms; /* of its zone, east of UTC */
};

static int read_schedule(const struct project_window *w, struct schedule *ret, struct err *err)
{
    ret->offset_ms = 0;
    TRY_IN(cron_parse(w->schedule, &ret->cron, err), err, "cannot parse schedule");
    TRY_IN(clock_parse_duration(w->duration, &ret->duration_ms, err), err, "cannot parse duration");
    return 0;
}

int window_check(const struct project_window *window, struct err *err)
{
    struct schedule schedule;
    return read_schedule(window, &schedule, err);
}

/* A zone nobody knows is UTC. */
static struct str zone_data(struct outlook *o, struct str name)
{
    VEC_FOREACH(&o->zones, known) {
        if (str_eq(known->name, name)) {
            return known->data;
        }
    }
    struct zone zone = {.name = name};
    struct err err;
    if (o->read_zone == NULL || o->read_zone(o->arena, name, &zone.data, &err) < 0) {
        zone.data = STR_EMPTY;
    }
    vec_push_in(o->arena, &o->zones, zone);
    return zone.data;
}

static int64_t zone_offset_ms(struct outlook *o, const struct project_window *w, int64_t at_ms)
{
    struct tzif_period period;
    struct err err;
    struct str data = w->time_zone.n > 0 ? zone_data(o, w->time_zone) : STR_EMPTY;
    bool known = data.n > 0 && tzif_at(data, at_ms / MS_PER_S, &period, &err) == 0;
    return known ? (int64_t)period.offset_s * MS_PER_S : 0;
}

/* The first moment of the schedule after a local time. */
static int64_t next_moment(struct outlook *o, const struct schedule *s, int64_t local_ms)
{
    o->n_moments++;
    int64_t seconds = local_ms / MS_PER_S - (local_ms % MS_PER_S < 0 ? 1 : 0);
    int64_t next = cron_next(&s->cron, seconds);
    return next == CRON_NEVER ? WINDOW_NEVER : next * MS_PER_S;
}

/* When a window closes whose present opening began at `moment`: openings may overlap. */
static int64_t closing(struct outlook *o, const struct schedule *s, int64_t moment)
{
    for (size_t i = 0; i < CHAIN_MAX; i++) {
        int64_t next = next_moment(o, s, moment);
        if (next == WINDOW_NEVER || next >= moment + s->duration_ms) {
            return moment + s->duration_ms;
        }
        moment = next;
    }
    return WINDOW_NEVER;
}

static int state_at(struct outlook *o,
                    const struct project_window *window,
                    int64_t now_ms,
                    struct window_state *ret,
                    struct err *err)
{
    struct schedule s;
    TRY(read_schedule(window, &s, err));
    s.offset_ms = zone_offset_ms(o, window, now_ms);
    int64_t local = now_ms + s.offset_ms;
    int64_t moment = next_moment(o, &s, local - s.duration_ms);
    bool open = moment < local;
    int64_t changes = open ? closing(o, &s, moment) : moment;
    *ret = (struct window_state){
        .window = window,
        .open = open,
        .changes_ms = changes == WINDOW_NEVER ? WINDOW_NEVER : changes - s.offset_ms,
    };
    return 0;
}

int window_state_at(struct arena *arena,
                    const struct project_window *window,
                    window_zone_fn zone,
                    int64_t now_ms,
                    struct window_state *ret,
                    struct err *err)
{
    struct outlook o = {.arena = arena, .read_zone = zone};
    return state_at(&o, window, now_ms, ret, err);
}

/* ---- which windows ---- */

static bool any_matches(struct app_strs patterns, struct str text)
{
    for (size_t i = 0; i < patterns.n; i++) {
        if (glob_match(patterns.items[i], text, GLOB_NO_SEPARATOR)) {
            return true;
        }
    }
    return false;
}

/* What is not known of a cluster is not matched, not even by "*". */
static bool is_of_cluster(const struct project_window *w, struct str server_or_name)
{
    return server_or_name.n > 0 && any_matches(w->clusters, server_or_name);
}

static bool concerns(const struct project_window *w, const struct window_target *t)
{
    const struct {
        bool given;
        bool matches;
    } lists[] = {
        {w->applications.n > 0, any_matches(w->applications, t->app)},
        {w->clusters.n > 0, is_of_cluster(w, t->server) || is_of_cluster(w, t->cluster)},
        {w->namespaces.n > 0, any_matches(w->namespaces, t->namespace)},
    };
    bool any = false;
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        any = any || (lists[i].given && lists[i].matches);
        all = all && (!lists[i].given || lists[i].matches);
    }
    return w->and_operator ? any && all : any;
}

static int states_at(struct outlook *o,
                     const struct window_input *in,
                     struct window_states *ret,
                     struct err *err)
{
    VEC(struct window_state) states = {0};
    for (size_t i = 0; i < in->project->windows.n; i++) {
        const struct project_window *w = &in->project->windows.items[i];
        struct window_state state;
        if (!concerns(w, &in->target)) {
            continue;
        }
        TRY_IN(state_at(o, w, in->now_ms, &state, err), err, "sync window %zu", i);
        vec_push_in(o->arena, &states, state);
    }
    *ret = (struct window_states){states.items, states.n};
    return 0;
}

int window_states_at(struct arena *arena,
                     const struct window_input *in,
                     struct window_states *ret,
                     struct err *err)
{
    struct outlook o = {.arena = arena, .read_zone = in->zone};
    return states_at(&o, in, ret, err);
}

/* ---- the verdict ---- */

/* What the open deny windows, or the allow windows of which none is open, have in common. */
struct group {
    const struct project_window *first; /* NULL: there are none */
    bool all_manual;
    bool all_overrun;
};

static void group_add(struct group *g, const struct project_window *w)
{
    g->all_manual = (g->first == NULL || g->all_manual) && w->manual_sync;
    g->all_overrun = (g->first == NULL || g->all_overrun) && w->sync_overrun;
    g->first = g->first == NULL ? w : g->first;
}

/* The windows that forbid, unless they make an exception. */
static struct group forbidding(const struct window_states *states)
{
    struct group denies = {0};
    struct group allows = {0};
    bool allow_open = false;
    for (size_t i = 0; i < states->n; i++) {
        const struct window_state *s = &states->items[i];
        bool is_deny = str_eq_c(s->window->kind, "deny");
        if (is_deny && s->open) {
            group_add(&denies, s->window);
        } else if (!is_deny && !s->open) {
            group_add(&allows, s->window);
        }
        allow_open = allow_open || (!is_deny && s->open);
    }
    if (denies.first != NULL || allow_open) {
        return denies;
    }
    return allows;
}

/* At in->now_ms, without looking ahead. *ret_by NULL: it is allowed. */
static int decide_now(struct outlook *o,
                      const struct window_input *in,
                      struct window_states *ret_states,
                      const struct project_window **ret_by,
                      struct err *err)
{
    TRY(states_at(o, in, ret_states, err));
    struct group g = forbidding(ret_states);
    *ret_by = g.first;
    if (g.first == NULL || (in->manual && g.all_manual)) {
        *ret_by = NULL;
        return 0;
    }
    if (g.all_overrun && in->started_ms > 0 && in->started_ms < in->now_ms) {
        struct window_input then = *in;
        struct window_states states;
        then.now_ms = in->started_ms;
        then.started_ms = 0;
        return decide_now(o, &then, &states, ret_by, err);
    }
    return 0;
}

static int64_t next_change(const struct window_states *states)
{
    int64_t next = WINDOW_NEVER;
    for (size_t i = 0; i < states->n; i++) {
        next = MIN(next, states->items[i].changes_ms);
    }
    return next;
}

int window_decide(struct arena *arena,
                  const struct window_input *in,
                  struct window_verdict *ret,
                  struct err *err)
{
    struct outlook o = {.arena = arena, .read_zone = in->zone};
    struct window_input at = *in;
    struct window_states states;
    const struct project_window *by = NULL;
    TRY(decide_now(&o, in, &states, &ret->by, err));
    ret->allowed = ret->by == NULL;
    ret->next_ms = 0;
    by = ret->by;
    for (size_t i = 0; by != NULL; i++) {
        int64_t next = next_change(&states);
        if (next == WINDOW_NEVER || next > in->now_ms + FORECAST_MS || i == FORECAST_STEPS ||
            o.n_moments > FORECAST_MOMENTS) {
            ret->next_ms = WINDOW_NEVER;
            return 0;
        }
        at.now_ms = next + 1; /* a window is open from just after its moment on */
        TRY(decide_now(&o, &at, &states, &by, err));
        ret->next_ms = at.now_ms;
    }
    return 0;
}

struct str window_reason(struct arena *arena, const struct window_verdict *verdict)
{
    const struct project_window *w = verdict->by;
    char until[CLOCK_RFC3339_BYTES] = "further notice";
    if (w == NULL) {
        return STR_EMPTY;
    }
    if (verdict->next_ms != WINDOW_NEVER) {
        clock_rfc3339(verdict->next_ms, until);
    }
    return arena_printf(arena, STR_FMT " window '" STR_FMT "' (" STR_FMT "%s" STR_FMT "), until %s",
                        STR_ARG(w->kind), STR_ARG(w->schedule), STR_ARG(w->duration),
                        w->time_zone.n > 0 ? ", " : "", STR_ARG(w->time_zone), until);
}
