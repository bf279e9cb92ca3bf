/* Lines about what has changed, and none about what has not. */
#include "cli/progress.h"
#include "tests/lib/parse.h"

enum { NOON_MS = 12 * 3600 * 1000 };

static void update(struct progress *p, const char *yaml, struct buf *out)
{
    AUTO(arena) struct arena *arena = arena_new();
    buf_reset(out);
    progress_update(p, parse_yaml(arena, yaml), NOON_MS, out);
}

static void only_changes_are_told(void **state UNUSED)
{
    AUTO(progress) struct progress *p = progress_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    update(p,
           "metadata: {name: shop}\n"
           "status:\n"
           "  sync: {status: OutOfSync}\n"
           "  health: {status: Missing}\n"
           "  operationState: {phase: Running, message: \"one\\ntwo\"}\n"
           "  resources:\n"
           "  - {group: apps, kind: Deployment, namespace: ns, name: web, status: OutOfSync}\n"
           "  - {kind: Namespace, name: ns, status: Synced}\n",
           &out);
    assert_string_equal(out.p, "12:00:00  shop  OutOfSync  Missing\n"
                               "12:00:00  shop operation  Running  one two\n"
                               "12:00:00  apps/Deployment ns/web  OutOfSync\n"
                               "12:00:00  Namespace ns  Synced\n");
    update(p,
           "metadata: {name: shop}\n"
           "status:\n"
           "  sync: {status: OutOfSync}\n"
           "  health: {status: Missing}\n"
           "  operationState:\n"
           "    phase: Running\n"
           "    message: \"one\\ntwo\"\n"
           "    syncResult:\n"
           "      resources:\n"
           "      - {group: apps, kind: Deployment, namespace: ns, name: web, status: Synced,\n"
           "         hookPhase: Running, message: created}\n"
           "  resources:\n"
           "  - {group: apps, kind: Deployment, namespace: ns, name: web, status: Synced,\n"
           "     health: {status: Progressing}}\n"
           "  - {kind: Namespace, name: ns, status: Synced}\n",
           &out);
    assert_string_equal(out.p, "12:00:00  apps/Deployment ns/web  Synced  Progressing\n"
                               "12:00:00  apps/Deployment ns/web sync  Synced  Running  created\n");
}

static void a_new_application_has_nothing_to_tell(void **state UNUSED)
{
    AUTO(progress) struct progress *p = progress_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    update(p, "metadata: {name: shop}\n", &out);
    assert_int_equal(out.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_changes_are_told),
        cmocka_unit_test(a_new_application_has_nothing_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
