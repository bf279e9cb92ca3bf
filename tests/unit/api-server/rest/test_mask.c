#include "api-server/rest/mask.h"
#include "common/value/value_build.h"
#include "tests/lib/parse.h"

/* The only manifest after masking. */
static struct str masked(struct arena *arena, const char *manifest)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "revision", STR("r"));
    value_build_field_list(&b, "manifests");
    value_build_str(&b, str_from(manifest));
    value_build_end(&b);
    value_build_end(&b);
    const struct value *v =
        mask_manifests(arena, STR("secret.example/a, b"), value_build_finish(&b));
    value_builder_done(&b);
    ASSERT_STR(value_dig_str(v, "revision"), "r");
    assert_int_equal(value_len(value_dig(v, "manifests")), 1);
    return value_str(value_at(value_dig(v, "manifests"), 0));
}

static void check(const char *manifest, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    ASSERT_STR(masked(arena, manifest), want);
}

static void others_stay_as_they_are(void **state UNUSED)
{
    check("{ \"kind\": \"ConfigMap\", \"data\": {\"a\": \"b\"}}",
          "{ \"kind\": \"ConfigMap\", \"data\": {\"a\": \"b\"}}");
    check("{\"apiVersion\":\"example.com/v1\",\"kind\":\"Secret\",\"data\":{\"a\":\"b\"}}",
          "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Secret\",\"data\":{\"a\":\"b\"}}");
}

static void values_of_secrets_are_hidden(void **state UNUSED)
{
    check("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"a\":\"x\",\"b\":\"longer\"},"
          "\"stringData\":{\"c\":\"y\"},\"type\":\"t\"}",
          "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"++++++++\",\"b\":\"++++++++\"},"
          "\"kind\":\"Secret\",\"stringData\":{\"c\":\"++++++++\"},\"type\":\"t\"}");
    check("{\"apiVersion\":\"v1\",\"data\":null,\"kind\":\"Secret\"}",
          "{\"apiVersion\":\"v1\",\"data\":null,\"kind\":\"Secret\"}");
}

static void so_are_mistakes_in_secrets(void **state UNUSED)
{
    check("{\"apiVersion\":\"v1\",\"data\":\"oops\",\"kind\":\"Secret\"}",
          "{\"apiVersion\":\"v1\",\"data\":\"++++++++\",\"kind\":\"Secret\"}");
    check("{\"apiVersion\":\"v1\",\"data\":[\"oops\"],\"kind\":\"Secret\"}",
          "{\"apiVersion\":\"v1\",\"data\":\"++++++++\",\"kind\":\"Secret\"}");
    check("no json", "{}");
}

static void so_are_annotations_that_are_named(void **state UNUSED)
{
    check("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"b\":\"x\","
          "\"c\":\"shown\",\"secret.example/a\":\"y\"}}}",
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"b\":\"++++++"
          "++\","
          "\"c\":\"shown\",\"secret.example/a\":\"++++++++\"}}}");
}

#define ANNOTATION "kubectl.kubernetes.io/last-applied-configuration"

static void and_what_kubectl_remembers(void **state UNUSED)
{
    check("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"" ANNOTATION
          "\":\"{\\\"data\\\":{\\\"a\\\":\\\"x\\\"}}\"}}}",
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"" ANNOTATION
          "\":\"{\\\"data\\\":{\\\"a\\\":\\\"++++++++\\\"}}\"}}}");
    check("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"" ANNOTATION
          "\":\"x: secret\"}}}",
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"annotations\":{\"" ANNOTATION
          "\":\"++++++++\"}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_stay_as_they_are),
        cmocka_unit_test(values_of_secrets_are_hidden),
        cmocka_unit_test(so_are_mistakes_in_secrets),
        cmocka_unit_test(so_are_annotations_that_are_named),
        cmocka_unit_test(and_what_kubectl_remembers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
