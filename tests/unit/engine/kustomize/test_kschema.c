/* Scopes and merge rules, built in and from a document. */
#include "engine/kustomize/kschema.h"
#include "tests/lib/parse.h"

static struct kgvk gvk(const char *group, const char *version, const char *kind)
{
    return (struct kgvk){str_from(group), str_from(version), str_from(kind)};
}

static void scopes_are_of_versions(void **state UNUSED)
{
    static const struct {
        const char *group, *version, *kind;
        enum kscope want;
    } CASES[] = {
        {"", "v1", "Namespace", KSCOPE_CLUSTER},
        {"", "v1", "Secret", KSCOPE_NAMESPACED},
        {"", "v1", "APIService", KSCOPE_UNKNOWN},
        {"apiregistration.k8s.io", "v1beta1", "APIService", KSCOPE_CLUSTER},
        {"storage.k8s.io", "v1beta1", "VolumeAttachment", KSCOPE_CLUSTER},
        {"networking.k8s.io", "v1", "Ingress", KSCOPE_NAMESPACED},
        {"extensions", "v1", "Ingress", KSCOPE_UNKNOWN},
        {"apps", "v1", "Deployment", KSCOPE_NAMESPACED},
        {"apps", "v1beta1", "Deployment", KSCOPE_UNKNOWN},
        {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", KSCOPE_CLUSTER},
        {"policy", "v1beta1", "Eviction", KSCOPE_UNKNOWN},
        {"example.com", "v1", "Thing", KSCOPE_UNKNOWN},
        {"", "", "", KSCOPE_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kgvk g = gvk(CASES[i].group, CASES[i].version, CASES[i].kind);
        if (kschema_scope(kschema_builtin(), &g) != CASES[i].want) {
            fail_msg("%s/%s %s", CASES[i].group, CASES[i].version, CASES[i].kind);
        }
    }
}

/* "spec.template.[].ports": fields, and [] for the items of a list. */
static struct kschema_at walk(struct kschema_at at, const char *path)
{
    struct str rest = str_from(path);
    struct str step;
    while (str_next(&rest, '.', &step)) {
        at = str_eq(step, STR("[]")) ? kschema_items(at) : kschema_field(at, step);
    }
    return at;
}

/* "a,b" for keys, "set", "replace". */
static struct str rule_text(struct arena *arena, struct kschema_at at)
{
    struct kmerge_rule rule = kschema_merge_rule(at);
    if (rule.merge != KMERGE_KEYS) {
        return rule.merge == KMERGE_SET ? STR("set") : STR("replace");
    }
    struct str text = rule.keys[0];
    for (size_t i = 1; i < rule.n_keys; i++) {
        text = arena_printf(arena, STR_FMT "," STR_FMT, STR_ARG(text), STR_ARG(rule.keys[i]));
    }
    return text;
}

static void built_in_lists_have_keys(void **state UNUSED)
{
    static const struct {
        const char *group, *version, *kind, *path, *want;
    } CASES[] = {
        {"apps", "v1", "Deployment", "spec.template.spec.containers", "name"},
        {"apps", "v1", "Deployment", "spec.template.spec.containers.[].ports",
         "containerPort,protocol"},
        {"apps", "v1", "Deployment", "spec.template.spec.containers.[].args", "replace"},
        {"apps", "v1", "Deployment", "spec.template.spec.ephemeralContainers.[].ports", "replace"},
        {"apps", "v1", "Deployment", "spec.template.spec.tolerations", "replace"},
        {"apps", "v1", "Deployment", "metadata.finalizers", "set"},
        {"apps", "v1beta1", "Deployment", "metadata.finalizers", "replace"},
        {"apps", "v1", "StatefulSet", "spec.volumeClaimTemplates", "replace"},
        {"apps", "v1", "StatefulSet", "spec.volumeClaimTemplates.[].metadata.ownerReferences",
         "uid"},
        {"batch", "v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec.volumes", "name"},
        {"", "v1", "Service", "spec.ports", "port,protocol"},
        {"", "v1", "Node", "spec.podCIDRs", "set"},
        {"", "v1", "ServiceAccount", "imagePullSecrets", "replace"},
        {"example.com", "v1", "Thing", "metadata.finalizers", "replace"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kgvk g = gvk(CASES[i].group, CASES[i].version, CASES[i].kind);
        struct kschema_at at = walk(kschema_kind(kschema_builtin(), &g), CASES[i].path);
        ASSERT_STR(rule_text(arena, at), CASES[i].want);
    }
}

static const char DOCUMENT[] =
    "definitions:\n"
    "  com.example.v1.Farm:\n"
    "    x-kubernetes-group-version-kind: [{group: example.com, version: v1, kind: Farm}]\n"
    "    properties:\n"
    "      spec: {$ref: '#/definitions/spec'}\n"
    "      loop: {$ref: '#/definitions/loop'}\n"
    "      away: {$ref: 'other.json#/definitions/spec'}\n"
    "  spec:\n"
    "    properties:\n"
    "      animals:\n"
    "        type: array\n"
    "        items: {$ref: '#/definitions/animal'}\n"
    "        x-kubernetes-patch-strategy: merge\n"
    "        x-kubernetes-patch-merge-key: name\n"
    "      fields:\n"
    "        type: [array]\n"
    "        x-kubernetes-patch-strategy: retainKeys,merge\n"
    "        x-kubernetes-patch-merge-key: row\n"
    "        x-kubernetes-list-map-keys: [row, column]\n"
    "      tags: {type: array, x-kubernetes-patch-strategy: merge}\n"
    "      unions: {type: array, x-kubernetes-patch-strategy: retainKeys}\n"
    "      barns: {additionalProperties: {$ref: '#/definitions/spec'}}\n"
    "  animal:\n"
    "    properties:\n"
    "      toys: {type: array, x-kubernetes-patch-strategy: merge}\n"
    "  loop: {$ref: '#/definitions/loop'}\n"
    "paths:\n"
    "  /apis/example.com/v1/namespaces/{namespace}/farms:\n"
    "    get: {x-kubernetes-group-version-kind: {group: example.com, version: v1, kind: Farm}}\n"
    "  /apis/example.com/v1/farms:\n"
    "    get: {x-kubernetes-group-version-kind: {group: example.com, version: v1, kind: Farm}}\n"
    "  /apis/example.com/v1/regions:\n"
    "    get: {x-kubernetes-group-version-kind: {group: example.com, version: v1, kind: Region}}\n";

static void documents_replace_the_rules(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"spec.animals", "name"},
        {"spec.animals.[].toys", "set"},
        {"spec.fields", "row,column"},
        {"spec.tags", "set"},
        {"spec.unions", "replace"},
        {"spec.barns.red.animals", "name"},
        {"spec.barns.red.barns.blue.tags", "set"},
        {"spec.animals.toys", "replace"},
        {"loop", "replace"},
        {"loop.loop", "replace"},
        {"away.tags", "replace"},
    };
    struct err err;
    const struct kschema *schema = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    ASSERT_OK(kschema_from_openapi(arena, parse_yaml(arena, DOCUMENT), &schema, &err));
    struct kgvk farm = gvk("example.com", "v1", "Farm");
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(rule_text(arena, walk(kschema_kind(schema, &farm), CASES[i][0])), CASES[i][1]);
    }
    struct kgvk deployment = gvk("apps", "v1", "Deployment");
    struct kschema_at at = walk(kschema_kind(schema, &deployment), "spec.template.spec.containers");
    ASSERT_STR(rule_text(arena, at), "replace");
}

static void documents_add_scopes(void **state UNUSED)
{
    struct err err;
    const struct kschema *schema = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    ASSERT_OK(kschema_from_openapi(arena, parse_yaml(arena, DOCUMENT), &schema, &err));
    struct kgvk farm = gvk("example.com", "v1", "Farm");
    struct kgvk region = gvk("example.com", "v1", "Region");
    struct kgvk node = gvk("", "v1", "Node");
    assert_int_equal(kschema_scope(schema, &farm), KSCOPE_NAMESPACED);
    assert_int_equal(kschema_scope(schema, &region), KSCOPE_CLUSTER);
    assert_int_equal(kschema_scope(schema, &node), KSCOPE_CLUSTER);
    region.version = STR("v2");
    assert_int_equal(kschema_scope(schema, &region), KSCOPE_UNKNOWN);
}

static void documents_are_checked(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"[]", "must be a map, not a list"},
        {"definitions: 1", "definitions must be a map, not an integer"},
    };
    struct err err;
    const struct kschema *schema = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_ERR(kschema_from_openapi(arena, parse_yaml(arena, CASES[i][0]), &schema, &err),
                   ERR_INVALID, CASES[i][1]);
    }
    ASSERT_OK(kschema_from_openapi(arena, parse_yaml(arena, "{}"), &schema, &err));
    ASSERT_OK(kschema_from_openapi(
        arena,
        parse_yaml(arena,
                   "definitions: {a: 1, b: {x-kubernetes-group-version-kind: [1, {kind: 2}]}}"),
        &schema, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes_are_of_versions),      cmocka_unit_test(built_in_lists_have_keys),
        cmocka_unit_test(documents_replace_the_rules), cmocka_unit_test(documents_add_scopes),
        cmocka_unit_test(documents_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
