/* Any pattern, text and replacement, one line each: what compiles searches, splits and replaces without leaving
 * the text, and what is quoted matches itself. */
#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/regex/regex.h"
#include "tests/fuzz/fuzz.h"

static void check_spans(struct regex_spans spans, struct str text)
{
    size_t last = 0;
    for (size_t i = 0; i < spans.n; i++) {
        FUZZ_CHECK(spans.items[i].start >= last);
        FUZZ_CHECK(spans.items[i].end >= spans.items[i].start);
        FUZZ_CHECK(spans.items[i].end <= text.n);
        last = spans.items[i].end;
    }
}

static void check_quoted(struct regex_job job)
{
    struct err err;
    struct regex_span span;
    struct str quoted = regex_quote_meta(job.arena, job.text);
    if (regex_compile(job.arena, quoted, &job.regex, &err) == 0) {
        FUZZ_CHECK(regex_find(&job, &span, &err) == 1);
        FUZZ_CHECK(span.start == 0 && span.end == job.text.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size);
    struct str pattern = STR_EMPTY;
    struct str text = STR_EMPTY;
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct err err;
    struct regex_spans spans;
    struct str replaced;
    (void)str_next(&rest, '\n', &pattern); /* each may be missing */
    (void)str_next(&rest, '\n', &text);
    struct regex_job job = {.arena = arena, .budget = &budget, .text = text};
    check_quoted(job);
    if (regex_compile(arena, pattern, &job.regex, &err) < 0) {
        return 0;
    }
    if (regex_find_all(&job, -1, &spans, &err) == 0) {
        check_spans(spans, text);
    }
    if (regex_split(&job, -1, &spans, &err) == 0) {
        check_spans(spans, text);
    }
    if (regex_replace_all(&job, rest.p != NULL ? rest : STR_EMPTY, REGEX_EXPAND, &replaced, &err) <
        0) {
        FUZZ_CHECK(err.code == ERR_LIMIT);
    }
    return 0;
}
