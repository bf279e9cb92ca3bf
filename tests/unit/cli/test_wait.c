/* When a wait is over, and what it says before. */
#include "cli/wait.h"
#include "common/base/buf.h"
#include "tests/lib/parse.h"

#define SYNCED "{status: {sync: {status: Synced}, health: {status: Healthy}}}"
#define RUNNING \
    "{operation: {sync: {}}, status: {sync: {status: Synced}, health: {status: Healthy}}}"
#define BEHIND "{operation: null, status: {sync: {status: OutOfSync}, health: {status: Degraded}}}"
#define ASLEEP "{status: {sync: {status: Synced}, health: {status: Suspended}}}"
#define NEW    "{metadata: {name: a}}"

static const struct {
    struct wait wait;
    const char *app;     /* NULL = there is none */
    const char *missing; /* NULL = reached */
} CASES[] = {
    {{.sync = true, .health = true, .operation = true}, SYNCED, NULL},
    {{.sync = true, .health = true, .operation = true}, RUNNING, "an operation is running"},
    {{.sync = true, .health = true}, RUNNING, NULL},
    {{.sync = true, .health = true, .operation = true},
     BEHIND,
     "sync status is OutOfSync; health status is Degraded"},
    {{.operation = true}, BEHIND, NULL},
    {{.degraded = true}, BEHIND, NULL},
    {{.degraded = true}, SYNCED, "health status is Healthy"},
    {{.health = true, .suspended = true}, ASLEEP, NULL},
    {{.health = true, .suspended = true}, SYNCED, NULL},
    {{.health = true}, ASLEEP, "health status is Suspended"},
    {{.sync = true}, NEW, "sync status is not known yet"},
    {{.sync = true}, NULL, "it does not exist"},
    {{.deleted = true}, SYNCED, "it is still there"},
    {{.deleted = true}, NULL, NULL},
};

static void states_are_recognised(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf why;
        const struct value *app = CASES[i].app != NULL ? parse_yaml(arena, CASES[i].app) : NULL;
        buf_init(&why, 1000);
        bool reached = wait_reached(&CASES[i].wait, app);
        assert_int_equal(reached, CASES[i].missing == NULL);
        if (!reached) {
            wait_explain(&CASES[i].wait, app, &why);
            assert_string_equal(why.p, CASES[i].missing);
        }
    }
}

static void without_a_wish_three_things_are_waited_for(void **state UNUSED)
{
    struct wait none = {0};
    struct wait health = {.health = true};
    wait_default(&none);
    wait_default(&health);
    assert_true(none.sync && none.health && none.operation);
    assert_false(none.suspended || none.degraded || none.deleted);
    assert_false(health.sync || health.operation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_recognised),
        cmocka_unit_test(without_a_wish_three_things_are_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
