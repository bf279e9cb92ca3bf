/* Clusters: secrets, destinations, namespaces. */
#include "common/base/arena.h"
#include "common/model/cluster.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

static int decode(struct arena *arena, const char *text, struct cluster *ret, struct err *err)
{
    const struct value *secret = NULL;
    TRY(value_from_yaml(arena, str_from(text), NULL, &secret, err));
    return cluster_decode(arena, secret, ret, err);
}

static void secrets_are_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct cluster cluster;
    ASSERT_OK(decode(arena,
                     "metadata: {name: s, labels: {env: prod}}\n"
                     "stringData: {name: prod, server: 'https://x', config: '{}',\n"
                     "  namespaces: 'a, b,,c', clusterResources: 'true', shard: '2'}\n",
                     &cluster, &err));
    ASSERT_STR(cluster.name, "prod");
    ASSERT_STR(cluster.config_json, "{}");
    assert_int_equal(cluster.namespaces.n, 3);
    ASSERT_STR(cluster.namespaces.items[1], "b");
    assert_true(cluster.cluster_resources);
    assert_int_equal(cluster.shard, 2);
    assert_non_null(value_dig(cluster.labels, "env"));
    ASSERT_OK(decode(arena, "stringData: {server: 'https://x'}", &cluster, &err));
    assert_int_equal(cluster.shard, -1);
    ASSERT_ERR(decode(arena, "metadata: {name: s}", &cluster, &err), ERR_INVALID, "has no server");
}

static void destinations_mean_one_cluster(void **state UNUSED)
{
    const struct cluster items[] = {
        cluster_in_cluster(),
        {.name = STR("prod"), .server = STR("https://prod:6443")},
        {.name = STR("twin"), .server = STR("https://a")},
        {.name = STR("twin"), .server = STR("https://b")},
    };
    const struct clusters list = {.items = items, .n = ARRAY_LEN(items)};
    const struct cluster *found;
    struct err err;
    ASSERT_OK(cluster_find(&list, &(struct app_destination){.name = STR("prod")}, &found, &err));
    assert_ptr_equal(found, &items[1]);
    ASSERT_OK(cluster_find(&list, &(struct app_destination){.server = STR("https://PROD:6443/")},
                           &found, &err));
    assert_ptr_equal(found, &items[1]);
    ASSERT_OK(cluster_find(
        &list, &(struct app_destination){.server = STR(CLUSTER_IN_CLUSTER_SERVER)}, &found, &err));
    assert_ptr_equal(found, &items[0]);
    ASSERT_ERR(cluster_find(&list, &(struct app_destination){.name = STR("twin")}, &found, &err),
               ERR_INVALID, "several clusters named 'twin': https://a, https://b");
    ASSERT_ERR(cluster_find(&list, &(struct app_destination){.name = STR("none")}, &found, &err),
               ERR_NOT_FOUND, "no clusters with this name: none");
    ASSERT_ERR(
        cluster_find(&list, &(struct app_destination){.server = STR("https://z")}, &found, &err),
        ERR_NOT_FOUND, "https://z");
    ASSERT_ERR(cluster_find(&list, &(struct app_destination){.namespace = STR("n")}, &found, &err),
               ERR_INVALID, "either a name or a server");
}

static void listed_namespaces_limit_a_cluster(void **state UNUSED)
{
    const struct str names[] = {STR("a")};
    const struct cluster all = {.shard = -1};
    struct cluster some = {.namespaces = {names, 1}};
    assert_true(cluster_covers(&all, STR("x")) && cluster_covers(&all, STR("")));
    assert_true(cluster_covers(&some, STR("a")));
    assert_false(cluster_covers(&some, STR("b")));
    assert_false(cluster_covers(&some, STR("")));
    some.cluster_resources = true;
    assert_true(cluster_covers(&some, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_read),
        cmocka_unit_test(destinations_mean_one_cluster),
        cmocka_unit_test(listed_namespaces_limit_a_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
