/* Log lines: fields, escaping, levels, and lines that are too long. */
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "tests/lib/check.h"

enum { CAPTURE_BYTES = 40 * 1024 };

struct capture {
    int fds[2];
    char text[CAPTURE_BYTES];
};

static int start_capture(void **state)
{
    struct capture *c = MEM_NEW(struct capture);
    assert_int_equal(pipe(c->fds), 0);
    log_init("tester", LOG_INFO);
    log_set_fd(c->fds[1]);
    *state = c;
    return 0;
}

static int end_capture(void **state)
{
    struct capture *c = *state;
    log_set_fd(STDERR_FILENO);
    (void)close(c->fds[0]);
    (void)close(c->fds[1]);
    mem_free(c);
    return 0;
}

/* Lines written so far; there must be some, as the pipe blocks. */
static const char *captured(struct capture *c)
{
    ssize_t n = read(c->fds[0], c->text, sizeof(c->text) - 1);
    assert_true(n > 0);
    c->text[n] = '\0';
    return c->text;
}

static void writes_fields_of_all_types(void **state)
{
    struct err err;
    (void)err_set(&err, ERR_TIMEOUT, "slow");
    (void)err_wrap(&err, "repository 'x'");
    log_warn("fetch failed", LF_STR("url", STR("a\"b\\\n\x01")), LF_CSTR("name", "n"),
             LF_INT("count", -3), LF_MS("took", 12), LF_ERR(&err));
    const char *line = captured(*state);
    assert_non_null(strstr(line, "{\"time\":\"2"));
    assert_non_null(strstr(line, "\",\"level\":\"warn\",\"component\":\"tester\","
                                 "\"msg\":\"fetch failed\",\"url\":\"a\\\"b\\\\\\n\\u0001\","
                                 "\"name\":\"n\",\"count\":-3,\"took_ms\":12,"
                                 "\"error\":\"repository 'x': slow\",\"code\":\"TIMEOUT\","
                                 "\"origin\":\"tests/unit/common/base/test_log.c:"));
    assert_string_equal(line + strlen(line) - 3, "\"}\n");
}

static void leaves_out_lower_levels(void **state)
{
    log_debug("hidden");
    log_set_level(LOG_ERROR);
    log_warn("hidden");
    log_set_level(LOG_DEBUG);
    log_debug("shown");
    const char *line = captured(*state);
    assert_null(strstr(line, "hidden"));
    assert_non_null(
        strstr(line, "\"level\":\"debug\",\"component\":\"tester\",\"msg\":\"shown\"}\n"));
}

static void too_long_a_field_is_left_out(void **state)
{
    static char longer[20 * 1024];
    memset(longer, 'x', sizeof(longer) - 1);
    log_info("big", LF_INT("before", 1), LF_CSTR("big", longer));
    assert_non_null(strstr(captured(*state), "\"msg\":\"big\",\"before\":1}\n"));
}

static void levels_have_names(void **state UNUSED)
{
    struct err err;
    enum log_level level = LOG_INFO;
    ASSERT_OK(log_level_parse(STR("debug"), &level, &err));
    assert_int_equal(level, LOG_DEBUG);
    ASSERT_OK(log_level_parse(STR("error"), &level, &err));
    assert_int_equal(level, LOG_ERROR);
    ASSERT_ERR(log_level_parse(STR("loud"), &level, &err), ERR_INVALID, "'loud' is not one of");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_fields_of_all_types, start_capture, end_capture),
        cmocka_unit_test_setup_teardown(leaves_out_lower_levels, start_capture, end_capture),
        cmocka_unit_test_setup_teardown(too_long_a_field_is_left_out, start_capture, end_capture),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
