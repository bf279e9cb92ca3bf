/* One sentence and one line of JSON. */
#include "app-controller/sync/blocked.h"

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/model/status.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "engine/health/health.h"

enum {
    TASKS_MAX = 20, /* named in a condition; the others are counted */
};

static const char *const NAMES[BLOCKED_REASON_COUNT] = {
#define BLOCKED_NAME(name, text) [BLOCKED_##name] = text,
    BLOCKED_REASONS(BLOCKED_NAME)
#undef BLOCKED_NAME
};

const char *blocked_reason_name(enum blocked_reason reason)
{
    return NAMES[reason];
}

enum blocked_reason blocked_reason_of(struct arena *arena, struct str message)
{
    size_t at = message.n;
    const struct value *v = NULL;
    struct err err;
    while (at > 0 && message.p[at - 1] != '\n') {
        at--;
    }
    if (value_from_json(arena, str_sub(message, at, message.n), NULL, &v, &err) < 0) {
        return BLOCKED_NOT;
    }
    for (size_t i = 1; i < BLOCKED_REASON_COUNT; i++) {
        if (str_eq_c(value_dig_str(v, "reason"), NAMES[i])) {
            return (enum blocked_reason)i;
        }
    }
    return BLOCKED_NOT;
}

static struct health
health_of_task(struct arena *arena, const struct blocked *b, const struct plan_task *task)
{
    bool judged = b->reason == BLOCKED_HEALTH || b->reason == BLOCKED_HOOK;
    if (!judged || task->live == NULL) {
        return (struct health){.status = HEALTH_STATUS_NONE};
    }
    return health_by_verdicts(arena, &b->plan->verdicts, task->live);
}

static struct str
task_message(const struct blocked *b, const struct plan_task *task, const struct health *health)
{
    bool refused = b->reason == BLOCKED_PROJECT || b->reason == BLOCKED_KIND;
    return refused ? task->refused : health->message;
}

static void put_task(struct arena *arena,
                     struct value_builder *out,
                     const struct blocked *b,
                     const struct plan_task *task)
{
    struct health health = health_of_task(arena, b, task);
    value_build_map(out);
    value_build_field_str_opt(out, "group", task->key.group);
    value_build_field_str(out, "kind", task->key.kind);
    value_build_field_str_opt(out, "namespace", task->key.namespace);
    value_build_field_str(out, "name", task->key.name);
    value_build_field_str(out, "phase", str_from(status_phase_name(task->phase)));
    value_build_field_int(out, "wave", task->wave);
    value_build_field_str_opt(out, "health", str_from(status_health_name(health.status)));
    value_build_field_str_opt(out, "message", task_message(b, task, &health));
    value_build_end(out);
}

static void put_tasks(struct arena *arena, struct value_builder *out, const struct blocked *b)
{
    if (b->n_tasks == 0) {
        return;
    }
    value_build_field_list(out, "resources");
    for (size_t i = 0; i < MIN(b->n_tasks, (size_t)TASKS_MAX); i++) {
        put_task(arena, out, b, b->tasks[i]);
    }
    value_build_end(out);
    if (b->n_tasks > TASKS_MAX) {
        value_build_field_int(out, "more", (int64_t)b->n_tasks - TASKS_MAX);
    }
}

static const struct value *details(struct arena *arena, const struct blocked *b)
{
    char until[CLOCK_RFC3339_BYTES];
    AUTO(value_builder) struct value_builder out;
    value_builder_init(&out, arena, VALUE_DUP_LAST);
    value_build_map(&out);
    value_build_field_str(&out, "reason", str_from(NAMES[b->reason]));
    if (b->until_ms > 0) {
        clock_rfc3339(b->until_ms, until);
        value_build_field_str(&out, "until", arena_str(arena, str_from(until)));
    }
    put_tasks(arena, &out, b);
    value_build_end(&out);
    return value_build_finish(&out);
}

/* "waiting for healthy state of apps/Deployment/web: Progressing: 1 of 3 updated" */
static struct str sentence(struct arena *arena, const struct blocked *b)
{
    struct health health = {.status = HEALTH_STATUS_NONE};
    if (b->n_tasks > 0) {
        health = health_of_task(arena, b, b->tasks[0]);
    }
    if (health.status == HEALTH_STATUS_NONE) {
        return b->text;
    }
    return arena_printf(arena, STR_FMT ": %s%s" STR_FMT, STR_ARG(b->text),
                        status_health_name(health.status), health.message.n > 0 ? ": " : "",
                        STR_ARG(health.message));
}

struct str blocked_message(struct arena *arena, const struct blocked *blocked)
{
    struct str json = STR("{}");
    struct err err;
    if (blocked->reason == BLOCKED_NOT) {
        return STR_EMPTY;
    }
    if (value_to_json_in(arena, details(arena, blocked), NULL, &json, &err) < 0) {
        json = STR("{}"); /* only sizes beyond any condition's can fail */
    }
    return arena_printf(arena, STR_FMT "\n" STR_FMT, STR_ARG(sentence(arena, blocked)),
                        STR_ARG(json));
}
