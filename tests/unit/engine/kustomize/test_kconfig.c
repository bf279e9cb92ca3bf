/* Transformer configurations: kustomize's defaults, reading and merging, and what crds imply. */
#include "common/base/limits.h"
#include "engine/kustomize/kconfig.h"
#include "tests/lib/kustom_fixture.h"

static bool has(struct fieldspecs specs, const char *kind, const char *path)
{
    for (size_t i = 0; i < specs.n; i++) {
        if (str_eq_c(specs.items[i].gvk.kind, kind) && str_eq_c(specs.items[i].path, path)) {
            return true;
        }
    }
    return false;
}

static struct fieldspecs referrers_of(const struct kconfig *config, const char *kind)
{
    for (size_t i = 0; i < config->name_references.n; i++) {
        if (str_eq_c(config->name_references.items[i].target.kind, kind)) {
            return config->name_references.items[i].referrers;
        }
    }
    return (struct fieldspecs){NULL, 0};
}

static void defaults_are_there(void **state UNUSED)
{
    static const struct {
        enum kconfig_field field;
        size_t n;
        const char *kind;
        const char *path;
    } CASES[] = {
        {KCONFIG_NAME_PREFIX, 1, "", "metadata/name"},
        {KCONFIG_NAME_SUFFIX, 1, "", "metadata/name"},
        {KCONFIG_NAMESPACE, 3, "APIService", "spec/service/namespace"},
        {KCONFIG_COMMON_LABELS, 32, "CronJob", "spec/jobTemplate/spec/selector/matchLabels"},
        {KCONFIG_COMMON_LABELS, 32, "Deployment",
         "spec/template/spec/affinity/podAntiAffinity/"
         "requiredDuringSchedulingIgnoredDuringExecution/"
         "labelSelector/matchLabels"},
        {KCONFIG_TEMPLATE_LABELS, 9, "StatefulSet", "spec/template/metadata/labels"},
        {KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS, 1, "StatefulSet",
         "spec/volumeClaimTemplates[]/metadata/labels"},
        {KCONFIG_COMMON_ANNOTATIONS, 9, "ReplicaSet", "spec/template/metadata/annotations"},
        {KCONFIG_IMAGES, 6, "", "spec/template/spec/initContainers[]/image"},
        {KCONFIG_REPLICAS, 4, "ReplicationController", "spec/replicas"},
        {KCONFIG_VAR_REFERENCE, 72, "Pod", "spec/initContainers/volumeMounts/mountPath"},
        {KCONFIG_LABELS, 0, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fieldspecs specs = kconfig_default()->fields[CASES[i].field];
        if (specs.n != CASES[i].n ||
            (CASES[i].n > 0 && !has(specs, CASES[i].kind, CASES[i].path))) {
            fail_msg("%zu: %zu fields, wanted %zu with %s", i, specs.n, CASES[i].n, CASES[i].path);
        }
    }
}

static void references_are_there(void **state UNUSED)
{
    static const struct {
        const char *target;
        size_t n;
        const char *kind;
        const char *path;
    } CASES[] = {
        {"ConfigMap", 52, "CronJob",
         "spec/jobTemplate/spec/template/spec/initContainers/envFrom/configMapRef/name"},
        {"Secret", 69, "PodTemplate", "template/spec/imagePullSecrets/name"},
        {"Service", 8, "Ingress", "spec/defaultBackend/service/name"},
        {"ServiceAccount", 9, "RoleBinding", "subjects"},
        {"ClusterRole", 2, "ClusterRoleBinding", "roleRef/name"},
        {"PersistentVolumeClaim", 7, "Pod", "spec/volumes/persistentVolumeClaim/claimName"},
        {"ReplicaSet", 1, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct fieldspecs specs = referrers_of(kconfig_default(), CASES[i].target);
        if (specs.n != CASES[i].n || !has(specs, CASES[i].kind, CASES[i].path)) {
            fail_msg("%s: %zu fields, wanted %zu with %s", CASES[i].target, specs.n, CASES[i].n,
                     CASES[i].path);
        }
    }
}

static int
read_config(struct arena *arena, const char *text, const struct kconfig **ret, struct err *err)
{
    return kconfig_from_value(arena, parse_yaml(arena, text), ret, err);
}

static void reads(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct kconfig *config = NULL;
    struct err err;
    ASSERT_OK(read_config(arena,
                          "namePrefix: [{path: a/b, kind: K, group: g, version: v, create: true}]\n"
                          "Images: [{Path: i}]\n"
                          "nameReference: [{kind: T, fieldSpecs: [{kind: R, path: p}]}]\n",
                          &config, &err));
    const struct fieldspec *spec = &config->fields[KCONFIG_NAME_PREFIX].items[0];
    assert_true(spec->create && str_eq_c(spec->gvk.group, "g") && str_eq_c(spec->gvk.version, "v"));
    assert_true(has(config->fields[KCONFIG_IMAGES], "", "i"));
    assert_true(has(referrers_of(config, "T"), "R", "p"));
    ASSERT_OK(read_config(arena, "", &config, &err));
    ASSERT_ERR(read_config(arena, "namoPrefix: []", &config, &err), ERR_INVALID,
               "unknown field \"namoPrefix\"");
    ASSERT_ERR(read_config(arena, "images: [{pathh: a}]", &config, &err), ERR_INVALID,
               "unknown field \"pathh\"");
    ASSERT_ERR(read_config(arena, "images: [{path: 1}]", &config, &err), ERR_INVALID, "path");
}

static void reads_lists_of_plugins(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fieldspecs specs = {NULL, 1};
    struct err err;
    ASSERT_OK(fieldspecs_from_value(arena, NULL, &specs, &err));
    assert_int_equal(specs.n, 0);
    ASSERT_OK(fieldspecs_from_value(arena, parse_yaml(arena, "[{path: a, more: 1}, {kind: K}]"),
                                    &specs, &err));
    assert_int_equal(specs.n, 2);
    assert_true(has(specs, "K", ""));
    ASSERT_ERR(fieldspecs_from_value(arena, parse_yaml(arena, "{path: a}"), &specs, &err),
               ERR_INVALID, "fieldSpecs must be a list, not a map");
}

static void merges(void **state UNUSED)
{
    static const struct {
        const char *a;
        const char *b;
        size_t n; /* of namePrefix together */
        const char *want_error;
    } CASES[] = {
        {"[{path: a}]", "[{path: b}]", 2, NULL},
        {"[{path: a, kind: K}]", "[{path: a, kind: L}]", 2, NULL},
        {"[{path: a, kind: K}]", "[{path: a, kind: K}]", 1, NULL},
        {"[{path: a, kind: K}]", "[{path: a}]", 1, NULL}, /* the new one selects the old */
        {"[{path: a}]", "[{path: a, kind: K}]", 2, NULL},
        {"[]", "[{path: a}, {path: a}]", 1, NULL},
        {"[{path: a}]", "[{path: a, create: true}]", 0,
         "failed to merge NamePrefix fieldSpec: conflicting fieldspecs"},
        {"[{path: a}]", "[{path: a, kind: K, create: true}]", 2, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct kconfig *a = NULL;
        const struct kconfig *b = NULL;
        struct err err;
        ASSERT_OK(
            read_config(arena, arena_printf(arena, "namePrefix: %s", CASES[i].a).p, &a, &err));
        ASSERT_OK(
            read_config(arena, arena_printf(arena, "namePrefix: %s", CASES[i].b).p, &b, &err));
        int rc = kconfig_merge(arena, a, b, &a, &err);
        if (CASES[i].want_error != NULL) {
            ASSERT_ERR(rc, ERR_INVALID, CASES[i].want_error);
            continue;
        }
        ASSERT_OK(rc);
        assert_int_equal(a->fields[KCONFIG_NAME_PREFIX].n, CASES[i].n);
    }
}

static void merges_references(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct kconfig *a = kconfig_default();
    const struct kconfig *b = NULL;
    struct err err;
    ASSERT_OK(read_config(arena,
                          "nameReference:\n"
                          "- {kind: ConfigMap, version: v1, fieldSpecs: [{kind: Foo, path: cm}]}\n"
                          "- {kind: ConfigMap, fieldSpecs: [{kind: Foo, path: cm}]}\n",
                          &b, &err));
    ASSERT_OK(kconfig_merge(arena, a, b, &b, &err));
    assert_int_equal(b->name_references.n, a->name_references.n + 1);
    assert_int_equal(referrers_of(b, "ConfigMap").n, 53);
    assert_int_equal(referrers_of(a, "ConfigMap").n, 52);
    ASSERT_OK(kconfig_merge(arena, a, a, &b, &err));
    assert_ptr_equal(a, b);
}

static void lists_are_limited(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct fieldspec *items = arena_calloc(arena, LIMIT_KUSTOMIZE_FIELDSPECS, sizeof(*items));
    struct fieldspecs specs;
    struct err err;
    for (size_t i = 0; i < LIMIT_KUSTOMIZE_FIELDSPECS; i++) {
        items[i].path = arena_printf(arena, "%zu", i);
    }
    ASSERT_OK(fieldspecs_merge(arena, (struct fieldspecs){NULL, 0},
                               (struct fieldspecs){items, LIMIT_KUSTOMIZE_FIELDSPECS}, &specs,
                               &err));
    assert_int_equal(specs.n, LIMIT_KUSTOMIZE_FIELDSPECS);
    ASSERT_ERR(fieldspecs_merge(arena, (struct fieldspecs){items, 1}, specs, &specs, &err),
               ERR_LIMIT, "fieldspecs");
}

/* ---- crds ---- */

static const char *const BEE =
    "{github.com/example/v1.Bee: {Schema: {properties: {\n"
    "  apiVersion: {type: string}, kind: {type: string}, metadata: {$ref: meta.ObjectMeta},\n"
    "  spec: {$ref: v1.BeeSpec}, notes: {x-kubernetes-annotation: \"\"}}}},\n"
    " v1.BeeSpec: {Schema: {properties: {\n"
    "  hive: {x-kubernetes-identity: \"\"},\n"
    "  flowers: {x-kubernetes-label-selector: \"\", $ref: v1.BeeSpec},\n"
    "  queen: {x-kubernetes-object-ref-api-version: v1beta1, x-kubernetes-object-ref-kind: "
    "Queen},\n"
    "  wax: {x-kubernetes-object-ref-api-version: v1, x-kubernetes-object-ref-kind: Secret,\n"
    "        x-kubernetes-object-ref-name-key: key},\n"
    "  half: {x-kubernetes-object-ref-kind: Queen}, number: {x-kubernetes-annotation: 1}}}},\n"
    " v1.Other: {Schema: {properties: {hive: {x-kubernetes-identity: \"\"}}}}}\n";

static void crds_name_fields(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct kconfig *config = NULL;
    struct err err;
    ASSERT_OK(kconfig_from_crds(arena, parse_yaml(arena, BEE), &config, &err));
    assert_int_equal(config->fields[KCONFIG_COMMON_ANNOTATIONS].n, 1);
    assert_true(has(config->fields[KCONFIG_COMMON_ANNOTATIONS], "Bee", "notes"));
    assert_int_equal(config->fields[KCONFIG_COMMON_LABELS].n, 1);
    assert_true(has(config->fields[KCONFIG_COMMON_LABELS], "Bee", "spec/flowers"));
    assert_int_equal(config->fields[KCONFIG_NAME_PREFIX].n, 1);
    assert_true(has(config->fields[KCONFIG_NAME_PREFIX], "Bee", "spec/hive"));
    assert_int_equal(config->fields[KCONFIG_NAME_SUFFIX].n, 0);
    assert_int_equal(config->name_references.n, 2);
    assert_true(has(referrers_of(config, "Queen"), "Bee", "spec/queen/name"));
    assert_true(has(referrers_of(config, "Secret"), "Bee", "spec/wax/key"));
}

static void crds_may_be_nothing(void **state UNUSED)
{
    static const char *const EMPTY[] = {"", "{}", "{a: 1}", "{a: {Schema: []}}"};
    AUTO(arena) struct arena *arena = arena_new();
    const struct kconfig *config = NULL;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(EMPTY); i++) {
        ASSERT_OK(kconfig_from_crds(arena, parse_yaml(arena, EMPTY[i]), &config, &err));
        assert_int_equal(config->name_references.n, 0);
    }
    ASSERT_ERR(kconfig_from_crds(arena, parse_yaml(arena, "[a]"), &config, &err), ERR_INVALID,
               "must be a map, not a list");
}

/* Each type uses the next one twice: without a limit the walk doubles with each. */
static void crds_are_limited(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_MIB);
    buf_put_c(&b, "t0: {Schema: {properties: {kind: {}, apiVersion: {}, metadata: {}, "
                  "x: {$ref: t1}}}}\n");
    for (int i = 1; i < 40; i++) {
        buf_printf(&b, "t%d: {Schema: {properties: {a: {$ref: t%d}, b: {$ref: t%d}}}}\n", i, i + 1,
                   i + 1);
    }
    const struct kconfig *config = NULL;
    struct err err;
    ASSERT_ERR(kconfig_from_crds(arena, parse_yaml(arena, b.p), &config, &err), ERR_LIMIT,
               "type 't0': more than 100000 properties");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_there),
        cmocka_unit_test(references_are_there),
        cmocka_unit_test(reads),
        cmocka_unit_test(reads_lists_of_plugins),
        cmocka_unit_test(merges),
        cmocka_unit_test(merges_references),
        cmocka_unit_test(lists_are_limited),
        cmocka_unit_test(crds_name_fields),
        cmocka_unit_test(crds_may_be_nothing),
        cmocka_unit_test(crds_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
