/* Comparison of applications: which objects are paired, how they are classified, what is warned of. */
#include "app-controller/compare/compare.h"
#include "common/base/limits.h"
#include "common/value/value_build.h"
#include "tests/lib/parse.h"

static const struct tracking TRACKING = {.method = TRACKING_ANNOTATION};

struct fixture {
    struct arena *arena;
    struct compare_input in;
    struct compare_result result;
    const struct value *targets[8];
    const struct value *lives[8];
};

static void begin(struct fixture *f, struct arena *arena)
{
    *f = (struct fixture){.arena = arena};
    f->in = (struct compare_input){
        .instance = STR("shop"),
        .app_name = STR("shop"),
        .app_namespace = STR("argocd"),
        .destination_namespace = STR("prod"),
        .tracking = &TRACKING,
    };
}

static void add_target(struct fixture *f, const char *yaml)
{
    f->targets[f->in.n_targets++] = parse_yaml(f->arena, yaml);
    f->in.targets = f->targets;
}

static void add_live(struct fixture *f, const struct value *obj)
{
    f->lives[f->in.n_lives++] = obj;
    f->in.lives = f->lives;
}

/* A live object that the instance tracks. */
static const struct value *tracked(struct fixture *f, const char *instance, const char *yaml)
{
    return tracking_apply(f->arena, f->in.tracking, str_from(instance), STR("prod"),
                          parse_yaml(f->arena, yaml));
}

static void run(struct fixture *f)
{
    struct err err;
    ASSERT_OK(compare_app(f->arena, &f->in, &f->result, &err));
}

static const struct compare_resource *only(const struct fixture *f)
{
    assert_int_equal(f->result.n_resources, 1);
    return &f->result.resources[0];
}

#define CM(name, data) \
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: prod}, data: " data "}"

static void equal_objects_are_synced(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: '1'}}");
    add_live(&f, tracked(&f, "shop", CM("a", "{x: '1'}")));
    run(&f);
    assert_int_equal(f.result.status, SYNC_STATUS_SYNCED);
    assert_int_equal(only(&f)->status, SYNC_STATUS_SYNCED);
    ASSERT_STR(only(&f)->key.namespace, "prod");
    assert_ptr_equal(compare_find(&f.result, only(&f)->key), only(&f));
}

static void missing_changed_and_left_over_are_out_of_sync(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, CM("missing", "{}"));
    add_target(&f, CM("changed", "{x: '2'}"));
    add_live(&f, tracked(&f, "shop", CM("changed", "{x: '1'}")));
    add_live(&f, tracked(&f, "shop", CM("old", "{}")));
    add_live(&f, tracked(&f, "other", CM("foreign", "{}")));
    add_live(&f, parse_yaml(arena, CM("nobodys", "{}")));
    run(&f);
    assert_int_equal(f.result.n_resources, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(f.result.resources[i].status, SYNC_STATUS_OUT_OF_SYNC);
    }
    ASSERT_STR(f.result.resources[0].key.name, "changed");
    assert_true(f.result.resources[2].requires_pruning);
    assert_int_equal(f.result.status, SYNC_STATUS_OUT_OF_SYNC);
}

static void extraneous_objects_may_be_ignored(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_live(&f, tracked(&f, "shop",
                         "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: prod, "
                         "annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous}}}"));
    run(&f);
    assert_int_equal(only(&f)->status, SYNC_STATUS_OUT_OF_SYNC);
    assert_int_equal(f.result.status, SYNC_STATUS_SYNCED);
}

static void repetitions_keep_the_last(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, CM("a", "{x: first}"));
    add_target(&f, CM("a", "{x: second}"));
    add_target(&f, CM("a", "{x: last}"));
    run(&f);
    ASSERT_STR(value_dig_str(only(&f)->target, "data", "x"), "last");
    assert_int_equal(f.result.conditions.n, 1);
    assert_int_equal(f.result.conditions.items[0].type, CONDITION_REPEATED_RESOURCE_WARNING);
    ASSERT_STR(f.result.conditions.items[0].message,
               "Resource /ConfigMap/prod/a appeared 3 times among application resources.");
}

static void shared_objects_are_warned_of(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, CM("a", "{}"));
    add_live(&f, tracked(&f, "other", CM("a", "{}")));
    run(&f);
    assert_int_equal(only(&f)->status, SYNC_STATUS_OUT_OF_SYNC);
    assert_int_equal(f.result.conditions.items[0].type, CONDITION_SHARED_RESOURCE_WARNING);
    ASSERT_STR(f.result.conditions.items[0].message,
               "ConfigMap/a is part of applications argocd/shop and other");
}

static void hooks_are_kept_apart(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
#define HOOK(name, types)                                                                         \
    "{apiVersion: batch/v1, kind: Job, metadata: {name: " name ", namespace: prod, annotations: " \
    "{argocd.argoproj.io/hook: '" types "'}}}"
    add_target(&f, HOOK("a", "PreSync,PostDelete"));
    add_target(&f, HOOK("b", "PreDelete"));
    add_target(&f, HOOK("c", "Unheard"));
    add_target(&f, HOOK("d", "Skip"));
    add_live(&f, tracked(&f, "shop", HOOK("a", "PreSync,PostDelete")));
    run(&f);
    assert_int_equal(f.result.n_hooks, 1);
    assert_int_equal(f.result.n_delete_hooks, 1);
    assert_true(f.result.has_pre_delete_hooks && f.result.has_post_delete_hooks);
    assert_int_equal(f.result.n_resources, 2);
    assert_true(f.result.resources[0].hook);
    assert_true(f.result.resources[1].skipped);
    assert_int_equal(f.result.resources[0].status, SYNC_STATUS_NONE);
    assert_int_equal(f.result.resources[1].status, SYNC_STATUS_NONE);
    assert_int_equal(f.result.status, SYNC_STATUS_SYNCED);
}

static void copies_of_tracked_objects_do_not_count(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    const struct value *obj = tracked(&f, "shop", CM("a", "{}"));
    add_live(&f, kube_with_name(arena, obj, STR("copy")));
    run(&f);
    assert_false(only(&f)->self_reference || only(&f)->requires_pruning);
    assert_int_equal(only(&f)->status, SYNC_STATUS_NONE);
    assert_int_equal(f.result.status, SYNC_STATUS_SYNCED);
}

static void copies_that_are_in_the_source_do_count(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, CM("copy", "{}"));
    const struct value *obj = tracked(&f, "shop", CM("a", "{}"));
    add_live(&f, kube_with_name(arena, obj, STR("copy")));
    run(&f);
    assert_true(only(&f)->self_reference && only(&f)->modified);
    assert_int_equal(only(&f)->status, SYNC_STATUS_OUT_OF_SYNC);
    assert_int_equal(f.result.status, SYNC_STATUS_OUT_OF_SYNC);
}

static enum compare_scope scope(void *data UNUSED, struct str group UNUSED, struct str kind)
{
    return str_eq_c(kind, "ClusterRole") ? COMPARE_SCOPE_CLUSTER
           : str_eq_c(kind, "ConfigMap") ? COMPARE_SCOPE_NAMESPACED
                                         : COMPARE_SCOPE_UNKNOWN;
}

static bool excluded(void *data UNUSED, struct str group UNUSED, struct str kind)
{
    return str_eq_c(kind, "Lease");
}

static bool permitted(void *data UNUSED, struct kube_key key, enum compare_scope s UNUSED)
{
    return !str_eq_c(key.kind, "ClusterRole");
}

static const struct compare_env ENV = {
    .scope = scope, .excluded = excluded, .permitted = permitted, .kind_permitted = permitted};

static void cluster_and_project_are_asked(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    f.in.env = &ENV;
    add_target(&f, "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: "
                   "r, namespace: prod}}");
    add_target(&f, "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l}}");
    add_live(&f, tracked(&f, "shop",
                         "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: "
                         "{name: r}}"));
    run(&f);
    ASSERT_STR(only(&f)->key.namespace, "");
    assert_null(only(&f)->live);
    assert_int_equal(only(&f)->status, SYNC_STATUS_UNKNOWN);
    assert_int_equal(f.result.conditions.n, 1);
    ASSERT_STR(f.result.conditions.items[0].message,
               "Resource coordination.k8s.io/Lease l is excluded in the settings");
}

static bool nowhere(void *data UNUSED, struct kube_key key UNUSED, enum compare_scope s UNUSED)
{
    return false;
}

/* A place the project forbids hides what is there; only forbidden kinds are unknown. */
static void what_is_out_of_reach_is_missing(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    const struct compare_env env = {.permitted = nowhere};
    f.in.env = &env;
    add_target(&f, CM("a", "{}"));
    add_live(&f, tracked(&f, "shop", CM("a", "{}")));
    run(&f);
    assert_null(only(&f)->live);
    assert_int_equal(only(&f)->status, SYNC_STATUS_OUT_OF_SYNC);
}

static void an_object_without_a_namespace_is_told(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    f.in.env = &ENV;
    f.in.destination_namespace = STR_EMPTY;
    add_target(&f, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    run(&f);
    assert_int_equal(f.result.conditions.n, 1);
    assert_int_equal(f.result.conditions.items[0].type, CONDITION_INVALID_SPEC_ERROR);
    ASSERT_STR(f.result.conditions.items[0].message,
               "Namespace for a /v1, Kind=ConfigMap is missing.");
}

static void a_hook_that_is_repeated_counts_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, HOOK("a", "PreSync"));
    add_target(&f, HOOK("b", "PreSync"));
    add_target(&f, HOOK("a", "PostSync"));
    add_target(&f, HOOK("z", "PostDelete"));
    add_target(&f, HOOK("z", "PostDelete"));
    run(&f);
    assert_int_equal(f.result.n_hooks, 2);
    ASSERT_STR(kube_name(f.result.hooks[0]), "b");
    ASSERT_STR(kube_name(f.result.hooks[1]), "a");
    ASSERT_STR(kube_annotation(f.result.hooks[1], STR("argocd.argoproj.io/hook")), "PostSync");
    assert_int_equal(f.result.n_delete_hooks, 1);
    assert_int_equal(f.result.conditions.n, 2);
    assert_int_equal(f.result.conditions.items[0].type, CONDITION_REPEATED_RESOURCE_WARNING);
}

static void hooks_with_generated_names_are_never_the_same(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    for (int i = 0; i < 2; i++) {
        add_target(&f, "{apiVersion: batch/v1, kind: Job, metadata: {generateName: job-, "
                       "annotations: {argocd.argoproj.io/hook: Sync}}}");
    }
    run(&f);
    assert_int_equal(f.result.n_hooks, 2);
    assert_int_equal(f.result.conditions.n, 0);
}

static void scope_comes_from_crds_of_the_same_application(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, "{apiVersion: x.example.com/v1, kind: Thing, metadata: {name: t}}");
    add_target(&f,
               "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: "
               "{name: things.x.example.com}, spec: {scope: Cluster, group: x.example.com, "
               "names: {kind: Thing}}}");
    run(&f);
    assert_int_equal(f.result.n_resources, 2);
    ASSERT_STR(f.result.resources[1].key.kind, "Thing");
    ASSERT_STR(f.result.resources[1].key.namespace, "");
}

static void one_object_in_two_groups_counts_once(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f,
               "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: "
               "prod}}");
    add_live(&f, tracked(&f, "shop",
                         "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, "
                         "namespace: prod, uid: u1}}"));
    add_live(&f, tracked(&f, "shop",
                         "{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: i, "
                         "namespace: prod, uid: u1}}"));
    run(&f);
    assert_int_equal(only(&f)->status, SYNC_STATUS_SYNCED);
}

static void change_of_tracking_method_is_no_difference(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, CM("a", "{}"));
    const struct tracking label = {.method = TRACKING_LABEL};
    add_live(&f, tracking_apply(arena, &label, STR("shop"), STR("prod"),
                                parse_yaml(arena, CM("a", "{}"))));
    run(&f);
    assert_int_equal(only(&f)->status, SYNC_STATUS_SYNCED);
}

static void one_unreadable_object_makes_it_unknown(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, CM("a", "{}"));
    add_target(&f, CM("b", "{}"));
    add_live(&f, tracked(&f, "shop",
                         "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: prod, "
                         "annotations: {kubectl.kubernetes.io/last-applied-configuration: x}}}"));
    add_live(&f, tracked(&f, "shop", CM("b", "{}")));
    run(&f);
    assert_int_equal(f.result.resources[0].status, SYNC_STATUS_UNKNOWN);
    assert_true(f.result.resources[0].error.n > 0);
    assert_int_equal(f.result.resources[1].status, SYNC_STATUS_SYNCED);
    assert_int_equal(f.result.status, SYNC_STATUS_UNKNOWN);
    assert_int_equal(f.result.conditions.items[0].type, CONDITION_COMPARISON_ERROR);
}

static void confirmations_waves_and_self(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    add_target(&f, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: shop, "
                   "namespace: argocd, annotations: {argocd.argoproj.io/sync-wave: '-3'}}}");
    add_live(&f, tracked(&f, "shop",
                         "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: "
                         "shop, namespace: argocd, annotations: {argocd.argoproj.io/sync-options: "
                         "'Validate=false, Delete=confirm'}}}"));
    run(&f);
    assert_true(only(&f)->self && only(&f)->requires_deletion_confirmation);
    assert_int_equal(only(&f)->wave, -3);
}

static void bad_input_is_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    struct err err;
    begin(&f, arena);
    add_target(&f, "{apiVersion: v1, kind: ConfigMap}");
    ASSERT_ERR(compare_app(arena, &f.in, &f.result, &err), ERR_INVALID, "object 1");
    f.in.n_targets = LIMIT_APP_OBJECTS + 1;
    ASSERT_ERR(compare_app(arena, &f.in, &f.result, &err), ERR_LIMIT, "20001 objects");
    const struct str pointers[] = {STR("x")};
    const struct app_ignore_difference rule = {.json_pointers = {pointers, 1}};
    const struct app_ignore_differences ignore = {&rule, 1};
    f.in.n_targets = 0;
    f.in.ignore_differences = &ignore;
    ASSERT_ERR(compare_app(arena, &f.in, &f.result, &err), ERR_INVALID, "jsonPointers");
}

static void changed_namespace_metadata_is_out_of_sync(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fixture f;
    begin(&f, arena);
    f.in.namespace_meta_changed = true;
    run(&f);
    assert_int_equal(f.result.status, SYNC_STATUS_OUT_OF_SYNC);
    assert_null(compare_find(&f.result, (struct kube_key){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_objects_are_synced),
        cmocka_unit_test(missing_changed_and_left_over_are_out_of_sync),
        cmocka_unit_test(extraneous_objects_may_be_ignored),
        cmocka_unit_test(repetitions_keep_the_last),
        cmocka_unit_test(shared_objects_are_warned_of),
        cmocka_unit_test(hooks_are_kept_apart),
        cmocka_unit_test(copies_of_tracked_objects_do_not_count),
        cmocka_unit_test(copies_that_are_in_the_source_do_count),
        cmocka_unit_test(cluster_and_project_are_asked),
        cmocka_unit_test(what_is_out_of_reach_is_missing),
        cmocka_unit_test(an_object_without_a_namespace_is_told),
        cmocka_unit_test(a_hook_that_is_repeated_counts_once),
        cmocka_unit_test(hooks_with_generated_names_are_never_the_same),
        cmocka_unit_test(scope_comes_from_crds_of_the_same_application),
        cmocka_unit_test(one_object_in_two_groups_counts_once),
        cmocka_unit_test(change_of_tracking_method_is_no_difference),
        cmocka_unit_test(one_unreadable_object_makes_it_unknown),
        cmocka_unit_test(confirmations_waves_and_self),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(changed_namespace_metadata_is_out_of_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
