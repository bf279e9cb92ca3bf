/* Errors through Status and back; unpacking with a bound on memory. */
#include "common/base/arena.h"
#include "common/ipc/ipc_convert.h"
#include "proto/events.pb-c.h"
#include "tests/lib/check.h"

static void error_survives_the_journey(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct err back;
    (void)err_set(&err, ERR_NOT_FOUND, "no branch 'x'");
    (void)err_wrap(&err, "repository '%s'", "r");
    (void)err_wrap(&err, "app 'shop'");
    (void)err_at(&err, STR("a.yaml"), 3, 4);
    err.system_code = 404;
    struct str bytes = ipc_pack(arena, &ipc_status_from_err(arena, &err)->base);
    ProtobufCMessage *message;
    ASSERT_OK(ipc_unpack(arena, &belay__status__descriptor, bytes, &message, &err));
    ipc_status_to_err((const Belay__Status *)(void *)message, &back);
    assert_int_equal(back.code, ERR_NOT_FOUND);
    assert_int_equal(back.system_code, 404);
    char text[512];
    err_format(&back, text, sizeof(text));
    assert_string_equal(text, "app 'shop': repository 'r': a.yaml:3:4: no branch 'x'");
}

static void unknown_code_is_an_internal_error(void **state UNUSED)
{
    Belay__Status status;
    belay__status__init(&status);
    struct err err;
    status.code = 999;
    status.message = (char *)(uintptr_t) "from the future";
    ipc_status_to_err(&status, &err);
    assert_int_equal(err.code, ERR_INTERNAL);
    status.code = -1;
    ipc_status_to_err(&status, &err);
    assert_int_equal(err.code, ERR_INTERNAL);
}

static void too_many_frames_do_not_overrun(void **state UNUSED)
{
    Belay__Status status;
    belay__status__init(&status);
    struct err err;
    char frame[] = "f";
    char *frames[ERR_FRAMES + 5];
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        frames[i] = frame;
    }
    status.code = ERR_INVALID;
    status.n_frames = ARRAY_LEN(frames);
    status.frames = frames;
    ipc_status_to_err(&status, &err);
    assert_int_equal(err.n_frames, ERR_FRAMES);
}

static void garbage_is_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ProtobufCMessage *message;
    ASSERT_ERR(ipc_unpack(arena, &belay__call__descriptor, STR("\xff\xff\xff"), &message, &err),
               ERR_INVALID, "Call");
    ASSERT_OK(ipc_unpack(arena, &belay__call__descriptor, STR_EMPTY, &message, &err));
}

/* Half a million empty strings of two bytes each would take many times their size. */
static void memory_for_unpacking_is_bounded(void **state UNUSED)
{
    enum { N = 500 * 1000 };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ProtobufCMessage *message;
    char *bytes = arena_bytes(arena, 2 * N);
    for (size_t i = 0; i < N; i++) {
        bytes[2 * i] = 0x1a; /* field 3, frames */
        bytes[2 * i + 1] = 0;
    }
    size_t before = arena_used(arena);
    int rc = ipc_unpack(arena, &belay__status__descriptor, str_of(bytes, 2 * N), &message, &err);
    assert_true(rc == 0 || rc == -ERR_INVALID);
    assert_true(arena_used(arena) - before <= 64u << 20);
}

static void strings_and_bytes_keep_their_length(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    assert_string_equal(ipc_string(arena, STR("abc")), "abc");
    assert_string_equal(ipc_string(arena, str_of(NULL, 0)), "");
    assert_true(str_eq(ipc_bytes(ipc_bytes_of(STR("a\0b"))), STR("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_survives_the_journey),
        cmocka_unit_test(unknown_code_is_an_internal_error),
        cmocka_unit_test(too_many_frames_do_not_overrun),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(memory_for_unpacking_is_bounded),
        cmocka_unit_test(strings_and_bytes_keep_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
