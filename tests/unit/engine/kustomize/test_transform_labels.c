/* Labels and annotations. */
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

#define DEPLOYMENT(rest) "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d" rest "}\n"

struct pairs_case {
    const char *name;
    enum kconfig_field fields;
    const char *object;
    const char *want;
    const char *want_error;
};

static void run(const struct pairs_case *c)
{
    static const struct value_str_pair PAIRS[] = {{{"b", 1}, {"2", 1}}, {{"a/x", 3}, {"", 0}}};
    struct kustom f;
    struct err err;
    struct pairs_config config = {{PAIRS, ARRAY_LEN(PAIRS)}, kconfig_default()->fields[c->fields]};
    kustom_setup(&f, c->object);
    int rc = c->fields == KCONFIG_COMMON_ANNOTATIONS
                 ? transform_annotations(&f.layer, f.m, &config, &err)
                 : transform_labels(&f.layer, f.m, &config, &err);
    kustom_check(&f, c->name, rc, &err, c->want, c->want_error);
    kustom_done(&f);
}

static void puts_pairs(void **state UNUSED)
{
    static const struct pairs_case CASES[] = {
        {"selectors too", KCONFIG_COMMON_LABELS,
         DEPLOYMENT("}, spec: {selector: {matchLabels: {c: d}}}"),
         DEPLOYMENT(", labels: {b: \"2\", a/x: \"\"}}, "
                    "spec: {selector: {matchLabels: {c: d, b: \"2\", a/x: \"\"}}, "
                    "template: {metadata: {labels: {b: \"2\", a/x: \"\"}}}}"),
         NULL},
        {"templates", KCONFIG_TEMPLATE_LABELS, DEPLOYMENT(", labels: {b: 1}}, spec: null"),
         DEPLOYMENT(", labels: {b: \"2\", a/x: \"\"}}, "
                    "spec: {template: {metadata: {labels: {b: \"2\", a/x: \"\"}}}}"),
         NULL},
        {"claims that are there", KCONFIG_VOLUME_CLAIM_TEMPLATE_LABELS,
         "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: d}, "
         "spec: {volumeClaimTemplates: [{}, {metadata: {name: x}}]}}",
         "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: d}, "
         "spec: {volumeClaimTemplates: [{metadata: {labels: {b: \"2\", a/x: \"\"}}}, "
         "{metadata: {name: x, labels: {b: \"2\", a/x: \"\"}}}]}}",
         NULL},
        {"not in place of null", KCONFIG_COMMON_LABELS,
         "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: d}, "
         "spec: {selector: {matchLabels: null}}}",
         "{apiVersion: policy/v1, kind: PodDisruptionBudget, "
         "metadata: {name: d, labels: {b: \"2\", a/x: \"\"}}, spec: {selector: {matchLabels: "
         "null}}}",
         NULL},
        {"annotations", KCONFIG_COMMON_ANNOTATIONS, DEPLOYMENT(", annotations: {b: 1}}, spec: {}"),
         DEPLOYMENT(", annotations: {b: \"2\", a/x: \"\"}}, "
                    "spec: {template: {metadata: {annotations: {b: \"2\", a/x: \"\"}}}}"),
         NULL},
        {"labels that are no map", KCONFIG_COMMON_LABELS, DEPLOYMENT(", labels: [a]}"), NULL,
         "r.yaml:1:69: wrong node kind: expected MappingNode but got SequenceNode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        run(&CASES[i]);
    }
}

static void no_pairs_change_nothing(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct pairs_config config = {.fields = kconfig_default()->fields[KCONFIG_COMMON_LABELS]};
    kustom_setup(&f, DEPLOYMENT("}"));
    ASSERT_OK(transform_labels(&f.layer, f.m, &config, &err));
    kustom_assert(&f, "none", DEPLOYMENT("}"));
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_pairs),
        cmocka_unit_test(no_pairs_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
