/* Texts for people from trees of the REST API. */
#include "cli/app_view.h"
#include "common/value/value_build.h"
#include "tests/lib/parse.h"

#define APP                                                                                  \
    "metadata: {name: shop, namespace: argocd, deletionTimestamp: '2026-01-01T00:00:00Z'}\n" \
    "spec:\n"                                                                                \
    "  destination: {name: prod, namespace: ns}\n"                                           \
    "  sources:\n"                                                                           \
    "  - {repoURL: https://git/a, path: p}\n"                                                \
    "  - {repoURL: https://charts, chart: web, targetRevision: 1.2.3}\n"                     \
    "  syncPolicy: {automated: {prune: true}}\n"                                             \
    "status:\n"                                                                              \
    "  sync: {status: OutOfSync}\n"                                                          \
    "  health: {status: Degraded, message: a pod fails}\n"                                   \
    "  conditions:\n"                                                                        \
    "  - {type: SyncError, message: one, lastTransitionTime: t1}\n"                          \
    "  - {type: ComparisonError, message: two, lastTransitionTime: t2}\n"                    \
    "  - {type: SyncError, message: three, lastTransitionTime: t3}\n"

static void lists(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    const struct value *items =
        parse_yaml(arena, "- metadata: {name: new}\n- metadata: {name: offline}\n"
                          "  spec: {syncPolicy: {automated: {enabled: false}}}\n"
                          "- metadata: {name: online}\n  spec: {syncPolicy: {automated: {}}}\n");
    app_view_list(arena, items, OUTPUT_TABLE, &out);
    assert_string_equal(
        out.p, "NAME     CLUSTER  NAMESPACE  PROJECT  STATUS   HEALTH   SYNCPOLICY  CONDITIONS\n"
               "new                          default  Unknown  Unknown  Manual      <none>\n"
               "offline                      default  Unknown  Unknown  Manual      <none>\n"
               "online                       default  Unknown  Unknown  Auto        <none>\n");
    buf_reset(&out);
    items = value_new_list(arena, parse_yaml(arena, APP), 1);
    app_view_list(arena, items, OUTPUT_WIDE, &out);
    assert_non_null(
        strstr(out.p, "argocd/shop  prod     ns         default  OutOfSync  Degraded  Auto-Prune  "
                      "SyncError(2),ComparisonError  https://git/a  p\n"));
    buf_reset(&out);
    app_view_list(arena, items, OUTPUT_NAME, &out);
    assert_string_equal(out.p, "argocd/shop\n");
}

static void summarises(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    app_view_summary(arena, parse_yaml(arena, APP), STR("https://belay"), &out);
    assert_string_equal(out.p, "Name:               argocd/shop\n"
                               "Project:            default\n"
                               "Server:             prod\n"
                               "Namespace:          ns\n"
                               "URL:                https://belay/applications/shop\n"
                               "Sources:\n"
                               "- Repo:             https://git/a\n"
                               "  Path:             p\n"
                               "- Repo:             https://charts\n"
                               "  Target:           1.2.3\n"
                               "  Chart:            web\n"
                               "Sync Policy:        Automated (Prune)\n"
                               "Sync Status:        OutOfSync from HEAD\n"
                               "Health Status:      Degraded (a pod fails)\n"
                               "Deleting since:     2026-01-01T00:00:00Z\n"
                               "\n"
                               "CONDITION        MESSAGE  LAST TRANSITION\n"
                               "SyncError        one      t1\n"
                               "ComparisonError  two      t2\n"
                               "SyncError        three    t3\n");
}

static void shows_a_running_operation(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    app_view_operation(parse_yaml(arena, "status: {}"), 0, &out);
    assert_int_equal(out.n, 0);
    const struct value *app =
        parse_yaml(arena, "status:\n  operationState:\n    phase: Running\n"
                          "    startedAt: '1970-01-01T00:01:00Z'\n"
                          "    operation: {sync: {dryRun: true, revision: v1}}\n");
    app_view_operation(app, 150 * 1000 + 700, &out);
    assert_string_equal(out.p, "Operation:          Sync (dry run)\n"
                               "Sync Revision:      v1\n"
                               "Phase:              Running\n"
                               "Start:              1970-01-01T00:01:00Z\n"
                               "Finished:\n"
                               "Duration:           1m30s\n"
                               "Message:\n");
}

static void joins_resources_with_the_operations_results(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    const struct value *app = parse_yaml(
        arena,
        "status:\n"
        "  resources:\n"
        "  - {kind: Service, namespace: ns, name: web, status: Synced}\n"
        "  - {group: apps, kind: Deployment, namespace: ns, name: web, status: OutOfSync,\n"
        "     health: {status: Degraded, message: no pods}}\n"
        "  operationState:\n"
        "    syncResult:\n"
        "      resources:\n"
        "      - {kind: Service, namespace: ns, name: web, status: Synced, message: created}\n"
        "      - {group: batch, kind: Job, namespace: ns, name: hook, hookType: PreSync,\n"
        "         hookPhase: Succeeded, message: done}\n"
        "      - {kind: Pod, namespace: ns, name: old, status: Pruned, message: pruned}\n");
    app_view_resources(arena, app, &out);
    assert_string_equal(
        out.p, "GROUP  KIND        NAMESPACE  NAME  STATUS     HEALTH    HOOK     MESSAGE\n"
               "       Service     ns         web   Synced                        created\n"
               "apps   Deployment  ns         web   OutOfSync  Degraded           no pods\n"
               "batch  Job         ns         hook  Succeeded            PreSync  done\n"
               "       Pod         ns         old   Pruned                        pruned\n");
}

static void assert_view(void (*view)(struct arena *arena,
                                     const struct value *v,
                                     enum output_format format,
                                     struct buf *out),
                        const char *yaml,
                        enum output_format format,
                        const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 10000);
    view(arena, parse_yaml(arena, yaml), format, &out);
    assert_string_equal(out.p, want);
}

static void shows_the_history(void **state UNUSED)
{
    static const char HISTORY[] =
        "status:\n  history:\n"
        "  - {id: 0, deployedAt: t0, revision: v1, source: {repoURL: r, targetRevision: v1},\n"
        "     initiatedBy: {automated: true}}\n"
        "  - {id: 1, deployedAt: t1, revision: 0123456789abcdef0123456789abcdef01234567,\n"
        "     source: {repoURL: r}, initiatedBy: {username: admin}}\n";
    assert_view(app_view_history, HISTORY, OUTPUT_WIDE,
                "ID  DATE  REVISION        INITIATED BY  REPO\n"
                "0   t0    v1              automated     r\n"
                "1   t1    HEAD (0123456)  admin         r\n");
    assert_view(app_view_history, HISTORY, OUTPUT_NAME, "0\n1\n");
}

static void shows_trees(void **state UNUSED)
{
    static const char TREE[] =
        "nodes:\n- {group: apps, kind: Deployment, namespace: ns, name: web,\n"
        "   health: {status: Healthy}}\n"
        "orphanedNodes:\n- {kind: Pod, namespace: ns, name: stray}\n";
    assert_view(app_view_tree, TREE, OUTPUT_WIDE,
                "GROUP  KIND        NAMESPACE  NAME   ORPHANED  HEALTH   MESSAGE\n"
                "apps   Deployment  ns         web    No        Healthy\n"
                "       Pod         ns         stray  Yes\n");
    assert_view(app_view_tree, TREE, OUTPUT_NAME, "deployment.apps/web\npod/stray\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(summarises),
        cmocka_unit_test(shows_a_running_operation),
        cmocka_unit_test(joins_resources_with_the_operations_results),
        cmocka_unit_test(shows_the_history),
        cmocka_unit_test(shows_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
