/* An AppProject's sync windows of any content, and the schedules in them: the next moment of a schedule is the first
 * minute that is in all its fields, and what a verdict says of the next chance is so. */
#include "common/base/arena.h"
#include "common/base/civil.h"
#include "common/base/cron.h"
#include "common/model/project.h"
#include "common/model/window.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096, MINUTE_S = 60, MINUTES = 200, MOMENTS = 4 };

#define NOW_S INT64_C(1709164740) /* 2024-02-28T23:59:00Z: a leap year's */

static bool is_in(const struct cron *cron, enum cron_field field, int value)
{
    return (cron->set[field] >> value & 1) != 0;
}

static bool matches(const struct cron *cron, int64_t s)
{
    struct civil c = civil_from_seconds(s);
    bool day = is_in(cron, CRON_DAY, c.day);
    bool weekday = is_in(cron, CRON_WEEKDAY, c.weekday);
    bool any = cron->any_day || cron->any_weekday;
    return is_in(cron, CRON_MINUTE, c.minute) && is_in(cron, CRON_HOUR, c.hour) &&
           is_in(cron, CRON_MONTH, c.month) && (any ? day && weekday : day || weekday);
}

static void check_schedule(struct str text)
{
    struct cron cron;
    struct err err;
    int64_t s = NOW_S;
    if (cron_parse(text, &cron, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
        return;
    }
    for (int i = 0; i < MOMENTS && s != CRON_NEVER; i++) {
        int64_t next = cron_next(&cron, s);
        FUZZ_CHECK(next > s && (next == CRON_NEVER || matches(&cron, next)));
        for (int64_t at = s + MINUTE_S; at < next && at < s + MINUTES * MINUTE_S; at += MINUTE_S) {
            FUZZ_CHECK(!matches(&cron, at));
        }
        s = next;
    }
}

static void check_verdict(struct arena *arena, const struct project *project)
{
    struct err err;
    struct window_verdict verdict;
    struct window_verdict then;
    struct window_input in = {
        .project = project,
        .target = {.app = STR("web"), .namespace = STR("ns"), .server = STR("https://s")},
        .now_ms = NOW_S * 1000,
    };
    if (window_decide(arena, &in, &verdict, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID);
        return;
    }
    (void)window_reason(arena, &verdict);
    FUZZ_CHECK(verdict.allowed == (verdict.by == NULL));
    if (!verdict.allowed && verdict.next_ms != WINDOW_NEVER) {
        FUZZ_CHECK(verdict.next_ms > in.now_ms);
        in.now_ms = verdict.next_ms;
        FUZZ_OK(window_decide(arena, &in, &then, &err));
        FUZZ_CHECK(then.allowed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct project project;
    const struct value *obj = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    check_schedule(text);
    if (value_from_yaml(arena, text, NULL, &obj, &err) < 0 ||
        project_decode(arena, obj, &project, &err) < 0) {
        return 0;
    }
    for (size_t i = 0; i < project.windows.n; i++) {
        check_schedule(project.windows.items[i].schedule);
    }
    (void)project_problems(arena, &project);
    check_verdict(arena, &project);
    return 0;
}
