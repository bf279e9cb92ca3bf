/* Messages that say why. */
#include "app-controller/sync/blocked.h"
#include "tests/unit/app-controller/sync/plan_fixture.h"

#define WEB                                                                                       \
    "- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: ns, generation: " \
    "1}, spec: {replicas: 3}, status: {observedGeneration: 1, replicas: 3, updatedReplicas: 1}}\n"

static void until_and_text(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct blocked b = {.reason = BLOCKED_WINDOW, .text = STR("closed"), .until_ms = 1700000000000};
    ASSERT_STR(blocked_message(arena, &b),
               "closed\n{\"reason\":\"SyncWindow\",\"until\":\"2023-11-14T22:13:20Z\"}");
    b.until_ms = 0;
    ASSERT_STR(blocked_message(arena, &b), "closed\n{\"reason\":\"SyncWindow\"}");
    ASSERT_STR(blocked_message(arena, &(struct blocked){0}), "");
}

static void health_of_what_is_waited_for(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_fixture f;
    plan_fixture_init(&f, arena, WEB, WEB);
    (void)plan_fixture_order(&f);
    struct plan_task *tasks[] = {plan_fixture_task(&f, "web")};
    const struct blocked b = {.reason = BLOCKED_HEALTH,
                              .text = STR("waiting for healthy state of apps/Deployment/web"),
                              .tasks = tasks,
                              .n_tasks = 1,
                              .plan = &f.plan};
    struct str message = blocked_message(arena, &b);
    assert_true(str_starts_with(
        message,
        STR("waiting for healthy state of apps/Deployment/web: Progressing: Waiting for ")));
    size_t line = str_find(message, STR("\n{"));
    assert_true(line != STR_NONE);
    struct str json = str_sub(message, line + 1, message.n);
    const struct value *v = parse_json(arena, arena_str(arena, json).p);
    ASSERT_STR(value_dig_str(v, "reason"), "Health");
    const struct value *r = value_at(value_dig(v, "resources"), 0);
    ASSERT_STR(value_dig_str(r, "health"), "Progressing");
    ASSERT_STR(value_dig_str(r, "name"), "web");
    ASSERT_STR(value_dig_str(r, "phase"), "Sync");
    assert_int_equal(blocked_reason_of(arena, message), BLOCKED_HEALTH);
}

static void long_lists_are_cut(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct plan_task task = {.key = {.kind = STR("ConfigMap"), .name = STR("a")},
                             .refused = STR("not permitted")};
    struct plan_task *tasks[25];
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
        tasks[i] = &task;
    }
    struct plan plan = {0};
    const struct blocked b = {.reason = BLOCKED_PROJECT,
                              .text = STR("no"),
                              .tasks = tasks,
                              .n_tasks = ARRAY_LEN(tasks),
                              .plan = &plan};
    struct str message = blocked_message(arena, &b);
    assert_true(str_find(message, STR("\"more\":5")) != STR_NONE);
}

static void other_messages_have_no_reason(void **state UNUSED)
{
    static const char *const TEXTS[] = {"", "text", "{", "a\n{\"reason\":\"Weather\"}", "a\n[]"};
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        assert_int_equal(blocked_reason_of(arena, str_from(TEXTS[i])), BLOCKED_NOT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(until_and_text),
        cmocka_unit_test(health_of_what_is_waited_for),
        cmocka_unit_test(long_lists_are_cut),
        cmocka_unit_test(other_messages_have_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
