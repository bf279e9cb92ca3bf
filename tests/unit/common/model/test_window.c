/* Sync windows: when they are open, whom they concern, and what they allow. */
#include "common/base/clock.h"
#include "common/base/tzdata.h"
#include "common/model/window.h"
#include "tests/lib/parse.h"

static struct project project_of(struct arena *arena, const char *windows)
{
    struct err err;
    struct project project = {0};
    struct str text =
        arena_printf(arena, "{metadata: {name: team}, spec: {syncWindows: %s}}", windows);
    ASSERT_OK(project_decode(arena, parse_yaml(arena, text.p), &project, &err));
    return project;
}

static int64_t ms_of(const char *rfc3339)
{
    struct err err;
    int64_t ms = 0;
    ASSERT_OK(clock_parse_rfc3339(str_from(rfc3339), &ms, &err));
    return ms;
}

static const struct window_target SHOP = {
    {"shop", 4}, {"web", 3}, {"https://kubernetes.default.svc", 30}, {"prod", 4}};

/* ---- open or not ---- */

static const struct {
    const char *window; /* but for kind and applications */
    const char *now;
    bool open;
    const char *changes;
} OPEN[] = {
    {"schedule: '0 22 * * *', duration: 1h", "2026-11-23T21:59:59Z", false, "2026-11-23T22:00:00Z"},
    {"schedule: '0 22 * * *', duration: 1h", "2026-11-23T22:00:00Z", false, "2026-11-23T22:00:00Z"},
    {"schedule: '0 22 * * *', duration: 1h", "2026-11-23T22:00:01Z", true, "2026-11-23T23:00:00Z"},
    {"schedule: '0 22 * * *', duration: 1h", "2026-11-23T22:59:59Z", true, "2026-11-23T23:00:00Z"},
    {"schedule: '0 22 * * *', duration: 1h", "2026-11-23T23:00:00Z", false, "2026-11-24T22:00:00Z"},
    /* openings that overlap are one */
    {"schedule: '* 10 * * *', duration: 2h", "2026-11-23T10:30:00Z", true, "2026-11-23T12:59:00Z"},
    {"schedule: '* * * * *', duration: 1h", "2026-11-23T10:30:00Z", true, NULL},
    {"schedule: '0 0 30 2 *', duration: 1h", "2026-11-23T10:30:00Z", false, NULL},
    {"schedule: '0 8 * * *', duration: 1h, timeZone: Asia/Dhaka", "2026-11-23T02:30:00Z", true,
     "2026-11-23T03:00:00Z"},
    {"schedule: '0 8 * * *', duration: 1h, timeZone: America/New_York", "2026-07-01T12:30:00Z",
     true, "2026-07-01T13:00:00Z"},
    {"schedule: '0 8 * * *', duration: 1h, timeZone: America/New_York", "2026-01-01T12:30:00Z",
     false, "2026-01-01T13:00:00Z"},
    {"schedule: '0 8 * * *', duration: 1h, timeZone: Nowhere/Land", "2026-11-23T08:30:00Z", true,
     "2026-11-23T09:00:00Z"},
};

static void opens_and_closes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(OPEN); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str text =
            arena_printf(arena, "[{kind: allow, applications: ['*'], %s}]", OPEN[i].window);
        struct project project = project_of(arena, text.p);
        struct window_input in = {
            .project = &project, .target = SHOP, .zone = tzdata_read, .now_ms = ms_of(OPEN[i].now)};
        struct window_states states;
        struct err err;
        ASSERT_OK(window_states_at(arena, &in, &states, &err));
        assert_int_equal(states.n, 1);
        assert_int_equal(states.items[0].open, OPEN[i].open);
        assert_int_equal(states.items[0].changes_ms,
                         OPEN[i].changes == NULL ? WINDOW_NEVER : ms_of(OPEN[i].changes));
    }
}

/* ---- whom they concern ---- */

static const struct {
    const char *selectors;
    bool concerns;
} CONCERNS[] = {
    {"applications: [shop]", true},
    {"applications: [sh*]", true},
    {"applications: [other]", false},
    {"namespaces: [web]", true},
    {"clusters: [prod]", true},
    {"clusters: ['https://kubernetes.*']", true},
    {"clusters: [staging]", false},
    {"applications: [other], namespaces: [web]", true},
    {"applications: [other], namespaces: [web], andOperator: true", false},
    {"applications: [shop], namespaces: [web], andOperator: true", true},
    {"applications: [shop], clusters: [prod], namespaces: [w?b], andOperator: true", true},
};

/* An application without a namespace is in any of "*"; a cluster that is not known is not. */
static void concern_what_has_no_namespace(void **state UNUSED)
{
    static const struct {
        const char *selectors;
        size_t n;
    } ROWS[] = {
        {"namespaces: ['*']", 1},
        {"namespaces: ['?*']", 0},
        {"clusters: ['*']", 0},
        {"applications: [shop], namespaces: ['*'], andOperator: true", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str text = arena_printf(
            arena, "[{kind: deny, schedule: '* * * * *', duration: 1h, %s}]", ROWS[i].selectors);
        struct project project = project_of(arena, text.p);
        struct window_input in = {.project = &project, .target = {.app = STR("shop")}};
        struct window_states states;
        struct err err;
        ASSERT_OK(window_states_at(arena, &in, &states, &err));
        assert_int_equal(states.n, ROWS[i].n);
    }
}

static void concern_who_they_name(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CONCERNS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str text =
            arena_printf(arena, "[{kind: deny, schedule: '* * * * *', duration: 1h, %s}]",
                         CONCERNS[i].selectors);
        struct project project = project_of(arena, text.p);
        struct window_input in = {.project = &project, .target = SHOP};
        struct window_states states;
        struct err err;
        ASSERT_OK(window_states_at(arena, &in, &states, &err));
        assert_int_equal(states.n, CONCERNS[i].concerns ? 1 : 0);
    }
}

/* ---- what they allow: at noon "now" windows are open, "later" ones are not ---- */

#define NOON  "2026-11-23T12:00:00Z"
#define NOW   "schedule: '0 11 * * *', duration: 2h, applications: ['*']"
#define LATER "schedule: '0 22 * * *', duration: 1h, applications: ['*']"

static const struct {
    const char *windows;
    bool automated;
    bool manual;
    const char *next; /* of automated syncs */
} VERDICTS[] = {
    {"[]", true, true, NULL},
    {"[{kind: deny, " LATER "}]", true, true, NULL},
    {"[{kind: deny, " NOW "}]", false, false, "2026-11-23T13:00:00.001Z"},
    {"[{kind: deny, manualSync: true, " NOW "}]", false, true, "2026-11-23T13:00:00.001Z"},
    {"[{kind: allow, " NOW "}]", true, true, NULL},
    {"[{kind: allow, " LATER "}]", false, false, "2026-11-23T22:00:00.001Z"},
    {"[{kind: allow, manualSync: true, " LATER "}]", false, true, "2026-11-23T22:00:00.001Z"},
    {"[{kind: allow, " LATER "}, {kind: allow, " NOW "}]", true, true, NULL},
    {"[{kind: allow, " NOW "}, {kind: deny, " NOW "}]", false, false, "never"},
    {"[{kind: deny, manualSync: true, " NOW "}, {kind: deny, " NOW "}]", false, false,
     "2026-11-23T13:00:00.001Z"},
    {"[{kind: deny, schedule: '* * * * *', duration: 1h, applications: [shop]}]", false, false,
     "never"},
};

static void allow_or_forbid(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(VERDICTS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project = project_of(arena, VERDICTS[i].windows);
        struct window_input in = {.project = &project, .target = SHOP, .now_ms = ms_of(NOON)};
        struct window_verdict verdict;
        struct err err;
        ASSERT_OK(window_decide(arena, &in, &verdict, &err));
        assert_int_equal(verdict.allowed, VERDICTS[i].automated);
        bool never = VERDICTS[i].next != NULL && strcmp(VERDICTS[i].next, "never") == 0;
        assert_int_equal(verdict.next_ms, VERDICTS[i].next == NULL ? 0
                                          : never                  ? WINDOW_NEVER
                                                                   : ms_of(VERDICTS[i].next));
        in.manual = true;
        ASSERT_OK(window_decide(arena, &in, &verdict, &err));
        assert_int_equal(verdict.allowed, VERDICTS[i].manual);
    }
}

static void lets_a_sync_that_began_before_go_on(void **state UNUSED)
{
    static const struct {
        const char *windows;
        const char *started;
        bool allowed;
    } CASES[] = {
        {"[{kind: deny, syncOverrun: true, " NOW "}]", "2026-11-23T10:59:00Z", true},
        {"[{kind: deny, syncOverrun: true, " NOW "}]", "2026-11-23T11:30:00Z", false},
        {"[{kind: deny, " NOW "}]", "2026-11-23T10:59:00Z", false},
        {"[{kind: deny, syncOverrun: true, " NOW "}, {kind: deny, " NOW "}]",
         "2026-11-23T10:59:00Z", false},
        {"[{kind: allow, syncOverrun: true, " LATER "}]", "2026-11-22T22:30:00Z", true},
        {"[{kind: allow, syncOverrun: true, " LATER "}]", "2026-11-23T01:00:00Z", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project = project_of(arena, CASES[i].windows);
        struct window_input in = {.project = &project,
                                  .target = SHOP,
                                  .now_ms = ms_of(NOON),
                                  .started_ms = ms_of(CASES[i].started)};
        struct window_verdict verdict;
        struct err err;
        ASSERT_OK(window_decide(arena, &in, &verdict, &err));
        assert_int_equal(verdict.allowed, CASES[i].allowed);
    }
}

static void names_what_forbids(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct project project = project_of(arena, "[{kind: deny, timeZone: Europe/Berlin, " NOW "}]");
    struct window_input in = {.project = &project, .target = SHOP, .now_ms = ms_of(NOON)};
    struct window_verdict verdict;
    struct err err;
    ASSERT_OK(window_decide(arena, &in, &verdict, &err));
    ASSERT_STR(window_reason(arena, &verdict),
               "deny window '0 11 * * *' (2h, Europe/Berlin), until 2026-11-23T13:00:00Z");
}

static void a_wrong_window_allows_nothing(void **state UNUSED)
{
    static const struct {
        const char *window;
        const char *message;
    } WRONG[] = {
        {"schedule: '0 22 * *', duration: 1h", "sync window 0: cannot parse schedule"},
        {"schedule: '0 22 * * *', duration: 1a", "sync window 0: cannot parse duration"},
    };
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str text =
            arena_printf(arena, "[{kind: allow, applications: ['*'], %s}]", WRONG[i].window);
        struct project project = project_of(arena, text.p);
        struct window_input in = {.project = &project, .target = SHOP};
        struct window_verdict verdict;
        struct err err;
        ASSERT_ERR(window_decide(arena, &in, &verdict, &err), ERR_INVALID, WRONG[i].message);
        ASSERT_ERR(window_check(&project.windows.items[0], &err), ERR_INVALID, "cannot parse");
    }
}

static size_t n_zone_reads;

static int counting_zone(struct arena *arena, struct str name, struct str *ret, struct err *err)
{
    n_zone_reads++;
    return tzdata_read(arena, name, ret, err);
}

static void a_question_reads_a_zone_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct project project = project_of(
        arena, "[{kind: deny, schedule: '0 11 * * *', duration: 1h, applications: ['*'], timeZone:"
               " Asia/Dhaka}, {kind: allow, schedule: '0 0 30 2 *', duration: 1h, applications:"
               " ['*'], timeZone: Asia/Dhaka}]");
    struct window_input in = {
        .project = &project, .target = SHOP, .zone = counting_zone, .now_ms = ms_of(NOON)};
    struct window_verdict verdict;
    struct err err;
    ASSERT_OK(window_decide(arena, &in, &verdict, &err));
    assert_int_equal(verdict.next_ms, WINDOW_NEVER); /* it looked at hundreds of openings */
    assert_int_equal(n_zone_reads, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_closes),
        cmocka_unit_test(concern_who_they_name),
        cmocka_unit_test(concern_what_has_no_namespace),
        cmocka_unit_test(allow_or_forbid),
        cmocka_unit_test(lets_a_sync_that_began_before_go_on),
        cmocka_unit_test(names_what_forbids),
        cmocka_unit_test(a_wrong_window_allows_nothing),
        cmocka_unit_test(a_question_reads_a_zone_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
