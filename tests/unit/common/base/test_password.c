#include <time.h>

#include "common/base/arena.h"
#include "common/base/password.h"
#include "common/base/rand.h"
#include "tests/lib/check.h"

/* What session.c checks when there is no such user. */
#define NOBODY_HASH "$2a$10$aaaaaaaaaaaaaaaaaaaaaa0000000000000000000000000000000"

static void own_hashes(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str hash;
    struct str again;
    struct err err;
    ASSERT_OK(password_hash(arena, rand_system(), STR("correct horse"), &hash, &err));
    assert_true(str_starts_with(hash, STR("$2a$10$")));
    assert_int_equal(hash.n, 60);
    assert_true(password_matches(STR("correct horse"), hash));
    assert_false(password_matches(STR("correct hors"), hash));
    assert_false(password_matches(STR("correct horse "), hash));
    assert_false(password_matches(STR(""), hash));
    ASSERT_OK(password_hash(arena, rand_system(), STR("correct horse"), &again, &err));
    assert_false(str_eq(hash, again)); /* a salt of its own */
}

/* Vectors of the crypt_blowfish test program (public domain), in the forms others write. */
static void hashes_of_others(void **state UNUSED)
{
    static const struct {
        const char *password, *hash;
    } ROWS[] = {
        {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
        {"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
        {"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        assert_true(password_matches(str_from(ROWS[i].password), str_from(ROWS[i].hash)));
        assert_false(password_matches(STR("other"), str_from(ROWS[i].hash)));
    }
}

static void hashes_that_are_none(void **state UNUSED)
{
    static const char *const HASHES[] = {
        "",   "$2",    "$2a$",      "$2a$10$",     "$2a$99$aaaaaaaaaaaaaaaaaaaaaa",
        "*0", "plain", "$1$salt$x", "$6$salt$abc",
    };
    for (size_t i = 0; i < ARRAY_LEN(HASHES); i++) {
        assert_false(password_matches(STR("plain"), str_from(HASHES[i])));
    }
    char long_hash[1000] = "$2a$10$";
    memset(long_hash + 7, 'a', sizeof(long_hash) - 7);
    assert_false(password_matches(STR("plain"), str_of(long_hash, sizeof(long_hash))));
}

static void what_bcrypt_does_not_look_at(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char text[PASSWORD_BYTES_MAX + 1];
    struct str hash;
    struct err err;
    memset(text, 'x', sizeof(text));
    ASSERT_OK(password_hash(arena, rand_system(), str_of(text, PASSWORD_BYTES_MAX), &hash, &err));
    assert_true(password_matches(str_of(text, PASSWORD_BYTES_MAX), hash));
    assert_false(password_matches(str_of(text, PASSWORD_BYTES_MAX + 1), hash));
    ASSERT_ERR(
        password_hash(arena, rand_system(), str_of(text, PASSWORD_BYTES_MAX + 1), &hash, &err),
        ERR_INVALID, "72 bytes");
    text[3] = '\0';
    ASSERT_ERR(password_hash(arena, rand_system(), str_of(text, 10), &hash, &err), ERR_INVALID,
               "password");
    assert_false(password_matches(str_of(text, 10), hash));
}

static double cpu_seconds(struct str hash)
{
    clock_t began = clock();
    assert_false(password_matches(STR("guess"), hash));
    return (double)(clock() - began) / CLOCKS_PER_SEC;
}

/* Who asks for a user that is not there waits as long as for one that is. */
static void nobody_takes_as_long(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str hash;
    struct err err;
    ASSERT_OK(password_hash(arena, rand_system(), STR("x"), &hash, &err));
    double real = cpu_seconds(hash);
    double nobody = cpu_seconds(STR(NOBODY_HASH));
    assert_true(nobody > real / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_hashes),           cmocka_unit_test(hashes_of_others),
        cmocka_unit_test(hashes_that_are_none), cmocka_unit_test(what_bcrypt_does_not_look_at),
        cmocka_unit_test(nobody_takes_as_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
