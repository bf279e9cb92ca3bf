/* Errors: codes, chain, position, cutting. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/err.h"
#include "tests/lib/check.h"

static void formats_chain_position_and_message(void **state UNUSED)
{
    struct err err;
    char text[256];
    assert_int_equal(err_set(&err, ERR_INVALID, "function \"%s\" not defined", "toYml"),
                     -ERR_INVALID);
    (void)err_at(&err, STR("templates/deploy.yaml"), 14, 7);
    (void)err_wrap(&err, "chart '%s'", "web");
    (void)err_wrap(&err, "app '%s'", "shop");
    err_format(&err, text, sizeof(text));
    assert_string_equal(text, "app 'shop': chart 'web': templates/deploy.yaml:14:7: "
                              "function \"toYml\" not defined");
}

static void keeps_the_first_position(void **state UNUSED)
{
    struct err err;
    (void)err_set(&err, ERR_INVALID, "x");
    (void)err_at(&err, STR("inner"), 1, 2);
    (void)err_at(&err, STR("outer"), 3, 4);
    assert_string_equal(err.pos.file, "inner");
    assert_int_equal(err.pos.line, 1);
}

static void cuts_long_messages_at_a_character(void **state UNUSED)
{
    struct err err;
    char longer[2 * ERR_MESSAGE_BYTES];
    for (size_t i = 0; i + 2 < sizeof(longer); i += 2) {
        memcpy(longer + i, "\xc3\xa9", 2);
    }
    longer[sizeof(longer) - 2] = '\0';
    (void)err_set(&err, ERR_LIMIT, "x%s", longer);
    size_t n = strlen(err.message);
    assert_true(n < ERR_MESSAGE_BYTES);
    assert_string_equal(err.message + n - 3, "...");
    assert_int_equal((unsigned char)err.message[n - 4], 0xa9);
}

/* Lines at both ends of a chain tell where and why. */
static void long_texts_keep_both_ends(void **state UNUSED)
{
    struct err err;
    char text[3 * ERR_MESSAGE_BYTES];
    size_t n = 0;
    for (int line = 0; n + 32 < sizeof(text); line++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "line %d of a long chain\n", line);
    }
    n += (size_t)snprintf(text + n, sizeof(text) - n, "the end");
    (void)err_set_text(&err, ERR_INVALID, str_of(text, n));
    assert_true(strlen(err.message) < ERR_MESSAGE_BYTES);
    assert_memory_equal(err.message, "line 0 of a long chain\nline 1 of", 32);
    assert_non_null(strstr(err.message, " of a long chain\n...\nline "));
    assert_string_equal(err.message + strlen(err.message) - 13, "chain\nthe end");
    memset(text, 0xc3, sizeof(text));
    for (size_t i = 1; i < sizeof(text); i += 2) {
        text[i] = (char)0xa9;
    }
    (void)err_set_text(&err, ERR_INVALID, str_of(text, sizeof(text)));
    const char *gap = strstr(err.message, "\n...\n");
    assert_int_equal((unsigned char)gap[-1], 0xa9);
    assert_int_equal((unsigned char)gap[5], 0xc3);
    (void)err_set_text(&err, ERR_INVALID, STR("short"));
    assert_string_equal(err.message, "short");
}

static void errno_picks_the_code(void **state UNUSED)
{
    struct err err;
    assert_int_equal(err_set_errno(&err, ENOENT, "open '%s'", "f"), -ERR_NOT_FOUND);
    assert_string_equal(err.message, "open 'f': No such file or directory");
    assert_int_equal(err.system_code, ENOENT);
}

static void more_frames_than_room_keep_the_outermost(void **state UNUSED)
{
    struct err err;
    (void)err_set(&err, ERR_INVALID, "m");
    for (int i = 0; i < ERR_FRAMES + 3; i++) {
        (void)err_wrap(&err, "f%d", i);
    }
    assert_int_equal(err.n_frames, ERR_FRAMES);
    assert_string_equal(err.frames[ERR_FRAMES - 1], "f8");
}

static void codes_map_to_http_and_grpc_and_back(void **state UNUSED)
{
    assert_int_equal(err_code_http(ERR_DENIED), 403);
    assert_int_equal(err_code_grpc(ERR_DENIED), 7);
    assert_int_equal(err_code_from_grpc(7), ERR_DENIED);
    assert_int_equal(err_code_from_grpc(9), ERR_INVALID);
    assert_int_equal(err_code_from_http(422), ERR_INVALID);
    assert_int_equal(err_code_from_http(599), ERR_UNAVAILABLE);
    assert_true(err_code_retryable(ERR_UNAVAILABLE));
    assert_string_equal(err_code_name(ERR_NOT_FOUND), "NOT_FOUND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_chain_position_and_message),
        cmocka_unit_test(keeps_the_first_position),
        cmocka_unit_test(cuts_long_messages_at_a_character),
        cmocka_unit_test(long_texts_keep_both_ends),
        cmocka_unit_test(errno_picks_the_code),
        cmocka_unit_test(more_frames_than_room_keep_the_outermost),
        cmocka_unit_test(codes_map_to_http_and_grpc_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
