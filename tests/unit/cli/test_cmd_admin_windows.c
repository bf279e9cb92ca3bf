/* Sync windows of a file. The rules are tested in tests/unit/common/model. */
#include <unistd.h>

#include "cli/cmd_admin_windows.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"

#define FILE_NAME "/tmp/belay-test-windows.yaml"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

static struct cli_fixture *with_windows(const char *windows)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct str text =
        arena_printf(arena, "metadata: {name: team}\nspec: {syncWindows: [%s]}\n", windows);
    ASSERT_OK(fs_write_atomic(FILE_NAME, text, 0600, &err));
    return cli_fixture_new(ANSWERS);
}

static void tells_what_is_open(void **state UNUSED)
{
    struct cli_fixture *f =
        with_windows("{kind: deny, schedule: '0 18 24 12 *', duration: 48h, applications: "
                     "['shop-*'], manualSync:"
                     " true},"
                     "{kind: allow, schedule: '0 8 * * 1-5', duration: 1h, clusters: [other]}");
    ASSERT_PRINTS(f,
                  "KIND  SCHEDULE      DURATION  ZONE  OPEN  CHANGES\n"
                  "deny  0 18 24 12 *  48h       UTC   yes   2026-12-26T18:00:00Z\n"
                  "sync: blocked by deny window '0 18 24 12 *' (48h), until 2026-12-26T18:00:00Z\n",
                  "admin windows", FILE_NAME, "--app", "shop-web", "--at", "2026-12-25T00:00:00Z");
    ASSERT_PRINTS(f,
                  "canSync: true\nwindows:\n- changes: \"2026-12-26T18:00:00Z\"\n  duration: 48h\n"
                  "  kind: deny\n  open: true\n  schedule: 0 18 24 12 *\n",
                  "admin windows", FILE_NAME, "--app", "shop-web", "--manual", "-o", "yaml", "--at",
                  "2026-12-25T00:00:00Z");
    cli_fixture_free(f);
}

static void names_what_is_wrong(void **state UNUSED)
{
    struct cli_fixture *f =
        with_windows("{kind: deny, schedule: '0 25 * * *', duration: 1h, applications: ['*']}");
    ASSERT_REFUSES(f, ERR_INVALID, "'25' is no hour", "admin windows", FILE_NAME, "--app", "a");
    ASSERT_REFUSES(f, ERR_INVALID, "--at", "admin windows", FILE_NAME, "--at", "noon");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "none.yaml", "admin windows", "/tmp/belay-none.yaml");
    assert_int_equal(unlink(FILE_NAME), 0);
    cli_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_is_open),
        cmocka_unit_test(names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
