/* ConfigMaps and Secrets from literals, files and env files. */
#include "engine/kustomize/generate.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {
    {"kustomization.yaml", ""},
    {"a.env", "\xef\xbb\xbfX=1\n# no\n\n  Y=a=b \r\nZ\n"},
    {"dir/f.txt", "text\n"},
    {"bin", "\xff\xfe"},
    {"long", "0123456789012345678901234567890123456789012345678901234567890123456789\n"},
    {NULL, NULL},
};

#define STRS(...)                                                          \
    {                                                                      \
        (const struct str[]){__VA_ARGS__},                                 \
            sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str) \
    }
#define PAIRS(...)                                                                               \
    {                                                                                            \
        (const struct value_str_pair[]){__VA_ARGS__},                                            \
            sizeof((const struct value_str_pair[]){__VA_ARGS__}) / sizeof(struct value_str_pair) \
    }

typedef int (*generate_fn)(const struct klayer *layer,
                           const struct pairs_source *config,
                           const struct generator_options *defaults,
                           struct resmap *m,
                           struct err *err);

static void generates(void **state UNUSED)
{
    const struct {
        generate_fn fn;
        struct pairs_source config;
        const char *want;
    } CASES[] = {
        {generate_config_map,
         {.name = STR("a"),
          .literals = STRS(STR("k=v"), STR("q=\"a=b\""), STR("e="), STR("h='")),
          .envs = STRS(STR("a.env")),
          .files = STRS(STR("dir/f.txt"), STR("key=bin"))},
         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
         "data: {X: '1', Y: 'a=b ', Z: '', k: v, q: a=b, e: '', h: \"'\", f.txt: \"text\\n\"}\n"
         "binaryData: {key: //4=}\n"},
        {generate_config_map,
         {.name = STR("a"), .namespace = STR("n")},
         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\n"},
        {generate_secret,
         {.name = STR("s")},
         "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\ndata: {}\n"},
        {generate_secret,
         {.name = STR("s"),
          .type = STR("t"),
          .literals = STRS(STR("a=b")),
          .files = STRS(STR("long")),
          .options = {.immutable = true, .labels = PAIRS({STR("l"), STR("1")})}},
         "apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {l: '1'}}\ntype: t\n"
         "immutable: true\ndata:\n  a: Yg==\n  long: |\n"
         "    MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMT\n"
         "    IzNDU2Nzg5MDEyMzQ1Njc4OQo=\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kustomize_fixture f;
        kustomize_fixture_init(&f, FILES);
        ASSERT_OK(CASES[i].fn(&f.layer, &CASES[i].config, NULL, f.m, &err));
        kustomize_fixture_expect(&f, CASES[i].want);
        assert_true(resmap_at(f.m, 0)->needs_hash);
        kustomize_fixture_done(&f);
    }
}

static void defaults_fill_in(void **state UNUSED)
{
    struct err err;
    struct kustomize_fixture f;
    const struct generator_options defaults = {
        .labels = PAIRS({STR("a"), STR("1")}, {STR("b"), STR("2")}),
        .annotations = PAIRS({STR("c"), STR("3")}),
        .disable_name_suffix_hash = true,
    };
    const struct pairs_source config = {
        .name = STR("m"),
        .behavior = STR("merge"),
        .options = {.labels = PAIRS({STR("b"), STR("own")}), .immutable = true},
    };
    kustomize_fixture_init(&f, FILES);
    ASSERT_OK(generate_config_map(&f.layer, &config, &defaults, f.m, &err));
    kustomize_fixture_expect(&f,
                             "apiVersion: v1\nkind: ConfigMap\nimmutable: true\nmetadata:\n"
                             "  name: m\n  labels: {b: own, a: '1'}\n  annotations: {c: '3'}\n");
    assert_false(resmap_at(f.m, 0)->needs_hash);
    assert_int_equal(resmap_at(f.m, 0)->behavior, KBEHAVIOR_MERGE);
    kustomize_fixture_done(&f);
}

static void iam_policies_are_service_accounts(void **state UNUSED)
{
    struct err err;
    struct kustomize_fixture f;
    kustomize_fixture_init(&f, FILES);
    const struct value *config =
        parse_yaml(f.arena, "{cloud: gke, kubernetesService: {name: k, namespace: ns},"
                            " serviceAccount: {name: s, projectId: p}}");
    ASSERT_OK(generate_iam_policy(&f.layer, config, f.m, &err));
    kustomize_fixture_expect(
        &f,
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: k, namespace: ns, annotations: "
        "{iam.gke.io/gcp-service-account: s@p.iam.gserviceaccount.com}}}");
    ASSERT_ERR(generate_iam_policy(&f.layer, parse_yaml(f.arena, "{cloud: x}"), f.m, &err),
               ERR_INVALID, "cloud provider x not supported yet");
    kustomize_fixture_done(&f);
}

static void nameless_ones_are_refused(void **state UNUSED)
{
    struct err err;
    struct kustomize_fixture f;
    const struct pairs_source config = {.namespace = STR("n")};
    kustomize_fixture_init(&f, FILES);
    ASSERT_ERR(generate_secret(&f.layer, &config, NULL, f.m, &err), ERR_INVALID,
               "must have a name");
    kustomize_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generates),
        cmocka_unit_test(defaults_fill_in),
        cmocka_unit_test(iam_policies_are_service_accounts),
        cmocka_unit_test(nameless_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
