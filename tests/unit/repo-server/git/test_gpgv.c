/* The real gpgv, and programs that are not. */
#include "common/base/armor.h"
#include "repo-server/git/gpgv.h"
#include "repo-server/git/signed.h"
#include "tests/lib/signed_fixture.h"
#include "tests/lib/tmp_dir.h"

enum { TIMEOUT_MS = 30 * 1000 };

static char dir[TMP_DIR_BYTES];

static int setup(void **state UNUSED)
{
    tmp_dir_new(dir);
    return 0;
}

static int teardown(void **state UNUSED)
{
    tmp_dir_remove(dir);
    return 0;
}

static struct signed_commit commit_of(struct arena *arena, const char *name)
{
    struct signed_commit c;
    struct err err;
    ASSERT_OK(signed_commit_parse(arena, signed_fixture_read(arena, name), &c, &err));
    return c;
}

static void checks_signatures(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct gpgv g = {"/usr/bin/gpgv", dir, TIMEOUT_MS};
    struct signed_commit top = commit_of(arena, "top.commit");
    struct signed_commit bobs = commit_of(arena, "bobs.commit");
    struct gpg_verdict v;
    struct str keys;
    struct err err;
    ASSERT_OK(armor_decode(arena, signed_fixture_read(arena, "alice.asc"), &keys, &err));
    ASSERT_OK(gpgv_init(&g, keys, &err));
    ASSERT_OK(gpgv_check(&g, top.parts.payload, top.parts.signature, &v, &err));
    assert_int_equal(v.result, GPG_RESULT_GOOD);
    assert_string_equal(v.key, ALICE_KEY);
    ASSERT_OK(gpgv_check(&g, bobs.parts.payload, top.parts.signature, &v, &err));
    assert_int_equal(v.result, GPG_RESULT_BAD);
    ASSERT_OK(gpgv_check(&g, bobs.parts.payload, bobs.parts.signature, &v, &err));
    assert_int_equal(v.result, GPG_RESULT_MISSING_KEY);
    assert_string_equal(v.key, BOB_SUBKEY);
    ASSERT_OK(gpgv_check(&g, top.parts.payload, STR("no signature"), &v, &err));
    assert_int_equal(v.result, GPG_RESULT_UNCHECKABLE);
    ASSERT_OK(gpgv_init(&g, STR_EMPTY, &err));
    ASSERT_OK(gpgv_check(&g, top.parts.payload, top.parts.signature, &v, &err));
    assert_int_equal(v.result, GPG_RESULT_MISSING_KEY);
}

static void tells_a_program_that_does_not_run(void **state UNUSED)
{
    const struct gpgv none = {"/nonexistent/gpgv", dir, TIMEOUT_MS};
    const struct gpgv nowhere = {"/usr/bin/gpgv", "/nonexistent", TIMEOUT_MS};
    struct gpg_verdict v;
    struct err err;
    ASSERT_ERR(gpgv_check(&none, STR("p"), STR("s"), &v, &err), ERR_UNAVAILABLE,
               "cannot run '/nonexistent/gpgv'");
    ASSERT_ERR(gpgv_init(&nowhere, STR("k"), &err), ERR_UNAVAILABLE, "cannot write");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(checks_signatures, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_a_program_that_does_not_run, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
