/* Resource trees over a live cache. */
#include "app-controller/live/live_tree.h"
#include "common/value/value.h"
#include "tests/unit/app-controller/live/cache_fixture.h"

#define OWNED(group_version, kind, name, uid, owner, more)                                      \
    "{apiVersion: " group_version ", kind: " kind ", metadata: {name: " name                    \
    ", namespace: ns, uid: 00000000-0000-0000-0000-0000000000" uid ", ownerReferences: [{uid: " \
    "00000000-0000-0000-0000-0000000000" owner "}]" more "}}"
#define ROOT(group, group_version, kind, name, uid)                          \
    "{apiVersion: " group_version ", kind: " kind ", metadata: {name: " name \
    ", namespace: ns, uid: 00000000-0000-0000-0000-0000000000" uid           \
    ", annotations: {argocd.argoproj.io/tracking-id: 'web:" group "/" kind ":ns/" name "'}}}"

#define TREE(name, more) \
    (&(const struct live_tree){.cache = f.cache, .instance = (name), .orphans = (more)})

static void begin(struct cache_fixture *f)
{
    cache_fixture_init(f);
    fake_cluster_put(f->world.cluster, ROOT("apps", "apps/v1", "Deployment", "d", "a1"));
    fake_cluster_put(f->world.cluster, OWNED("apps/v1", "ReplicaSet", "r", "a2", "a1", ""));
    fake_cluster_put(f->world.cluster, OWNED("v1", "Pod", "p", "a3", "a2", ""));
    fake_cluster_put(f->world.cluster, ROOT("", "v1", "Service", "s", "a4"));
    fake_cluster_put(f->world.cluster, "{apiVersion: v1, kind: Endpoints, metadata: {name: s, "
                                       "namespace: ns}}");
    fake_cluster_put(f->world.cluster, "{apiVersion: v1, kind: Pod, metadata: {name: stranger, "
                                       "namespace: ns}}");
    cache_fixture_start(f, NULL);
    cache_fixture_until_synced(f);
}

static const struct value *node_of(const struct value *tree, const char *kind)
{
    VALUE_FOREACH(value_dig(tree, "nodes"), n) {
        if (str_eq_c(value_dig_str(n, "kind"), kind)) {
            return n;
        }
    }
    return NULL;
}

static struct str parent_of(const struct value *node)
{
    return value_dig_str(value_at(value_dig(node, "parentRefs"), 0), "name");
}

static void the_tree_follows_ownership(void **state UNUSED)
{
    struct cache_fixture f;
    begin(&f);
    const struct value *tree = live_tree_of(f.world.arena, TREE(STR("web"), NULL));
    assert_int_equal(value_len(value_dig(tree, "nodes")), 5);
    assert_int_equal(parent_of(node_of(tree, "Deployment")).n, 0);
    ASSERT_STR(parent_of(node_of(tree, "ReplicaSet")), "d");
    ASSERT_STR(parent_of(node_of(tree, "Pod")), "r");
    ASSERT_STR(parent_of(node_of(tree, "Endpoints")), "s");
    ASSERT_STR(value_dig_str(node_of(tree, "Pod"), "uid"), "00000000-0000-0000-0000-0000000000a3");
    ASSERT_STR(value_dig_str(node_of(tree, "Pod"), "createdAt"), "2026-01-01T00:00:00Z");
    ASSERT_STR(value_dig_str(node_of(tree, "Deployment"), "group"), "apps");
    cache_fixture_done(&f);
}

static void an_unknown_application_has_no_nodes(void **state UNUSED)
{
    struct cache_fixture f;
    begin(&f);
    const struct value *tree = live_tree_of(f.world.arena, TREE(STR("other"), NULL));
    assert_non_null(value_dig(tree, "nodes"));
    assert_int_equal(value_len(value_dig(tree, "nodes")), 0);
    cache_fixture_done(&f);
}

static void only_nodes_of_the_tree_are_found(void **state UNUSED)
{
    struct cache_fixture f;
    begin(&f);
    assert_non_null(
        live_tree_find(TREE(STR("web"), NULL), STR(""), STR("Pod"), STR("ns"), STR("p")));
    assert_non_null(
        live_tree_find(TREE(STR("web"), NULL), STR(""), STR("Endpoints"), STR("ns"), STR("s")));
    assert_null(
        live_tree_find(TREE(STR("web"), NULL), STR(""), STR("Pod"), STR("ns"), STR("stranger")));
    assert_null(live_tree_find(TREE(STR("web"), NULL), STR(""), STR("Such"), STR("ns"), STR("p")));
    assert_null(live_tree_find(TREE(STR("other"), NULL), STR(""), STR("Pod"), STR("ns"), STR("p")));
    cache_fixture_done(&f);
}

static bool has_loop(void *data)
{
    struct live_obj *a = cache_fixture_find(data, "", "Pod", "p");
    struct live_obj *b = cache_fixture_find(data, "", "Pod", "q");
    return a != NULL && b != NULL && a->n_owners > 0 && a->owners[0].owner->obj == b;
}

static void owners_in_a_circle_end(void **state UNUSED)
{
    struct cache_fixture f;
    begin(&f);
    fake_cluster_put(f.world.cluster, OWNED("v1", "Pod", "q", "a5", "a3", ""));
    fake_cluster_put(f.world.cluster, OWNED("v1", "Pod", "p", "a3", "a5", ""));
    fake_world_wait(&f.world, has_loop, &f);
    const struct value *tree = live_tree_of(f.world.arena, TREE(STR("web"), NULL));
    assert_null(node_of(tree, "Pod")); /* nothing of the application owns them */
    cache_fixture_done(&f);
}

static bool is_pod(void *data UNUSED, const struct live_obj *top)
{
    return str_eq_c(STR("Pod"), top->kind->kind);
}

static void what_belongs_to_nobody_is_apart(void **state UNUSED)
{
    struct cache_fixture f;
    const struct live_orphans orphans = {STR("ns"), is_pod, NULL};
    const struct live_orphans elsewhere = {STR("other"), is_pod, NULL};
    begin(&f);
    assert_int_equal(live_tree_count_orphans(f.cache, &orphans), 1);
    assert_int_equal(live_tree_count_orphans(f.cache, &elsewhere), 0);
    const struct value *tree = live_tree_of(f.world.arena, TREE(STR("web"), &orphans));
    assert_int_equal(value_len(value_dig(tree, "nodes")), 5);
    assert_int_equal(value_len(value_dig(tree, "orphanedNodes")), 1);
    ASSERT_STR(value_dig_str(value_at(value_dig(tree, "orphanedNodes"), 0), "name"), "stranger");
    assert_non_null(live_tree_find(TREE(STR("web"), &orphans), STR(""), STR("Pod"), STR("ns"),
                                   STR("stranger")));
    assert_null(live_tree_find(TREE(STR("web"), &orphans), STR(""), STR("Endpoints"), STR("ns"),
                               STR("else")));
    cache_fixture_done(&f);
}

static bool is_no_replica_set(void *data, const struct live_obj *obj)
{
    size_t *n_asked = data;
    (*n_asked)++;
    return strcmp(obj->kind->kind, "ReplicaSet") != 0;
}

static void what_may_not_be_shown_hides_what_it_owns(void **state UNUSED)
{
    struct cache_fixture f;
    begin(&f);
    size_t n_asked = 0;
    const struct live_tree tree = {
        .cache = f.cache, .instance = STR("web"), .permits = is_no_replica_set, .data = &n_asked};
    const struct value *nodes = live_tree_of(f.world.arena, &tree);
    assert_int_equal(value_len(value_dig(nodes, "nodes")), 3);
    assert_null(node_of(nodes, "ReplicaSet"));
    assert_null(node_of(nodes, "Pod"));
    assert_int_equal(n_asked, 4); /* not of what is below */
    assert_null(live_tree_find(&tree, STR(""), STR("Pod"), STR("ns"), STR("p")));
    assert_non_null(live_tree_find(&tree, STR("apps"), STR("Deployment"), STR("ns"), STR("d")));
    cache_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_not_be_shown_hides_what_it_owns),
        cmocka_unit_test(the_tree_follows_ownership),
        cmocka_unit_test(an_unknown_application_has_no_nodes),
        cmocka_unit_test(only_nodes_of_the_tree_are_found),
        cmocka_unit_test(owners_in_a_circle_end),
        cmocka_unit_test(what_belongs_to_nobody_is_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
