/* Times and durations: the first line is a layout, the rest a time written by it; all is a duration, too.
 * What is read is written so that it reads the same. */
#include "engine/template/gotime.h"
#include "engine/template/tval.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

static void check_duration(struct str text)
{
    struct err err;
    int64_t ns = 0;
    int64_t back = 0;
    if (gotime_parse_duration(text, &ns, &err) < 0) {
        return;
    }
    AUTO(buf) struct buf printed;
    buf_init(&printed, MAX_BYTES);
    tval_print_duration(&printed, ns);
    FUZZ_OK(gotime_parse_duration(buf_str(&printed), &back, &err));
    FUZZ_CHECK(ns == back);
}

static void check_time(struct str layout, struct str text)
{
    static const struct str FULL = STR("2006-01-02 15:04:05.999999999");
    struct err err;
    struct tval_time t;
    struct tval_time back;
    if (gotime_parse(layout, text, &t, &err) < 0) {
        return;
    }
    AUTO(buf) struct buf again;
    buf_init(&again, (size_t)MAX_BYTES * 16);
    gotime_format(&again, &t, layout);
    FUZZ_CHECK(!again.overflow);
    buf_reset(&again);
    t = gotime_utc(t.s, t.ns);
    struct civil c = gotime_civil(&t);
    FUZZ_CHECK(civil_seconds(&c) == t.s);
    if (c.year < 0 || c.year > 9999) {
        return; /* an offset at the ends of what can be read */
    }
    gotime_format(&again, &t, FULL);
    FUZZ_OK(gotime_parse(FULL, buf_str(&again), &back, &err));
    FUZZ_CHECK(t.s == back.s && t.ns == back.ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = str_of((const char *)data, size);
    struct str layout;
    struct str text;
    if (size > MAX_BYTES) {
        return 0;
    }
    check_duration(all);
    (void)str_cut(all, '\n', &layout, &text); /* without a second line the time is empty */
    check_time(layout, text);
    return 0;
}
