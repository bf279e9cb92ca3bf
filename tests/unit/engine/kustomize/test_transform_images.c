/* Images: which are meant, and what becomes of them. */
#include "common/base/buf.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/transform.h"
#include "tests/lib/kustom_fixture.h"

static const char *with_image(struct arena *arena, const char *image)
{
    return arena_printf(arena, "{apiVersion: v1, kind: X, metadata: {name: n}, image: \"%s\"}",
                        image)
        .p;
}

static void changes_one(void **state UNUSED)
{
    static const struct {
        const char *image;
        struct image_config config;
        const char *want;
    } CASES[] = {
        {"nginx", {.name = {"nginx", 5}, .new_tag = {"v2", 2}}, "nginx:v2"},
        {"nginx:1.0", {.name = {"nginx", 5}, .new_tag = {"v2", 2}}, "nginx:v2"},
        {"nginx@sha256:aa", {.name = {"nginx", 5}, .new_tag = {"v2", 2}}, "nginx:v2"},
        {"nginx:1@sha256:aa", {.name = {"nginx", 5}, .new_name = {"n", 1}}, "n:1@sha256:aa"},
        {"nginx:1@sha256:aa",
         {.name = {"nginx", 5}, .digest = {"sha256:bb", 9}},
         "nginx@sha256:bb"},
        {"nginx:1@sha256:aa",
         {.name = {"nginx", 5}, .new_tag = {"2", 1}, .digest = {"sha256:bb", 9}},
         "nginx:2@sha256:bb"},
        {"nginx:1@sha512:aa", {.name = {"nginx", 5}, .tag_suffix = {"-x", 2}}, "nginx:1-x"},
        {"nginx", {.name = {"nginx", 5}, .tag_suffix = {"-x", 2}}, "nginx:-x"},
        {"nginx:1",
         {.name = {"nginx", 5}, .tag_suffix = {"-x", 2}, .new_tag = {"2", 1}},
         "nginx:2"},
        {"host:5000/a/b:1", {.name = {"host:5000/a/b", 13}, .new_name = {"c", 1}}, "c:1"},
        {"host:5000/a/b@sha256:aa",
         {.name = {"host:5000/a/b", 13}, .new_name = {"c/d", 3}},
         "c/d@sha256:aa"},
        {"nginx:{tag}", {.name = {"nginx", 5}, .new_name = {"n", 1}}, "n:{tag}"},
        {"nginxx", {.name = {"nginx", 5}, .new_name = {"n", 1}}, "nginxx"},
        {"a/nginx", {.name = {"nginx", 5}, .new_name = {"n", 1}}, "a/nginx"},
        {"nginx:a b", {.name = {"nginx", 5}, .new_name = {"n", 1}}, "nginx:a b"},
        {"a/nginx:1", {.name = {".*/nginx", 8}, .new_name = {"n", 1}}, "n:1"},
        {"example.com/x", {.name = {"example.com/x", 13}, .new_tag = {"1", 1}}, "example.com/x:1"},
        {"example-com/x", {.name = {"example.com/x", 13}, .new_tag = {"1", 1}}, "example-com/x:1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustom f;
        struct err err;
        kustom_setup(&f, "{apiVersion: v1, kind: X, metadata: {name: n}}");
        struct kres *res = resmap_at(f.m, 0);
        static const struct fieldspec IMAGE = {.path = {"image", 5}};
        struct image_config config = CASES[i].config;
        config.fields = (struct fieldspecs){&IMAGE, 1};
        kres_set(res, kustom_parse(f.arena, with_image(f.arena, CASES[i].image)).items[0].value);
        ASSERT_OK(transform_images(&f.layer, f.m, &config, &err));
        kustom_assert(&f, CASES[i].image, with_image(f.arena, CASES[i].want));
        kustom_done(&f);
    }
}

#define IN(kind, rest) "{apiVersion: v1, kind: " kind ", metadata: {name: n}, " rest "}"

static void finds_them(void **state UNUSED)
{
    static const struct {
        const char *name;
        const char *object;
        const char *want;
        const char *want_error;
    } CASES[] = {
        {"containers anywhere", IN("X", "a: [{containers: [{image: i}, {image: k}, {}, null]}]"),
         IN("X", "a: [{containers: [{image: \"i:1\"}, {image: k}, {}, null]}]"), NULL},
        {"containers in containers",
         IN("X", "initContainers: [{image: i, containers: [{image: i}]}]"),
         IN("X", "initContainers: [{image: \"i:1\", containers: [{image: \"i:1\"}]}]"), NULL},
        {"volumes by field", IN("Pod", "spec: {volumes: [{image: {reference: i}}, {name: v}]}"),
         IN("Pod", "spec: {volumes: [{image: {reference: \"i:1\"}}, {name: v}]}"), NULL},
        {"not in definitions", IN("CustomResourceDefinition", "containers: [{image: i}]"),
         IN("CustomResourceDefinition", "containers: [{image: i}]"), NULL},
        {"containers that are no list", IN("X", "containers: {image: i}"),
         IN("X", "containers: {image: i}"), NULL},
        {"null lists by field", IN("Pod", "spec: {containers: null}"),
         IN("Pod", "spec: {containers: []}"), NULL},
        {"containers that are no maps", IN("X", "containers: [i]"), NULL,
         "expected MappingNode but got ScalarNode"},
        {"images that are no text", IN("X", "containers: [{image: {}}]"), NULL,
         "expected ScalarNode but got MappingNode"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct kustom f;
        struct err err;
        struct image_config config = {.name = STR("i"),
                                      .new_tag = STR("1"),
                                      .fields = kconfig_default()->fields[KCONFIG_IMAGES]};
        kustom_setup(&f, CASES[i].object);
        int rc = transform_images(&f.layer, f.m, &config, &err);
        kustom_check(&f, CASES[i].name, rc, &err, CASES[i].want, CASES[i].want_error);
        kustom_done(&f);
    }
}

/* Kustomize goes over lists of containers and over its fields, which are the same here. */
static void two_passes_show_in_suffixes(void **state UNUSED)
{
    struct kustom f;
    struct err err;
    struct image_config config = {.name = STR("i"),
                                  .tag_suffix = STR("-x"),
                                  .fields = kconfig_default()->fields[KCONFIG_IMAGES]};
    kustom_setup(&f, IN("Pod", "spec: {containers: [{image: \"i:1\"}]}"));
    ASSERT_OK(transform_images(&f.layer, f.m, &config, &err));
    kustom_assert(&f, "suffix", IN("Pod", "spec: {containers: [{image: \"i:1-x-x\"}]}"));
    kustom_done(&f);
}

static void collect_warning(struct str text, void *data)
{
    struct buf *b = data;
    buf_put(b, text);
}

static void bad_patterns_match_nothing(void **state UNUSED)
{
    AUTO(buf) struct buf warnings;
    struct kustom f;
    struct err err;
    struct image_config config = {.name = STR("ng("), .new_tag = STR("1")};
    buf_init(&warnings, 1000);
    struct kustomize_options options = {.warn = collect_warning, .warn_data = &warnings};
    kustom_setup(&f, IN("Pod", "spec: {containers: [{image: ng}]}"));
    f.build.options = &options;
    ASSERT_OK(transform_images(&f.layer, f.m, &config, &err));
    kustom_assert(&f, "nothing", IN("Pod", "spec: {containers: [{image: ng}]}"));
    if (strstr(warnings.p, "images: name 'ng(' matches nothing: error parsing regexp") == NULL) {
        fail_msg("%s", warnings.p);
    }
    kustom_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_one),
        cmocka_unit_test(finds_them),
        cmocka_unit_test(two_passes_show_in_suffixes),
        cmocka_unit_test(bad_patterns_match_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
