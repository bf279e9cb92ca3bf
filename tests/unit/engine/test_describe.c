/* Descriptions of charts, kustomizations and directories. */
#include "common/base/limits.h"
#include "common/value/value.h"
#include "engine/describe.h"
#include "engine/engine.h"
#include "tests/lib/mem_tree.h"
#include "tests/lib/parse.h"

static const struct mem_file FILES[] = {
    {"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\ndescription: a site\n"
                       "home: https://web.test\n"
                       "maintainers: [{name: Ann, email: ann@web.test}, {name: Bob}]\n"},
    {"web/values.yaml", "image: {tag: v1, pull: true}\nports: [80, {name: x}, [1.5, 2e6]]\n"
                        "none:\nempty: {}\n"},
    {"web/values-prod.yml", "image: {tag: v2}\n"},
    {"web/charts/db/my-values.YAML", "a: 1\n"},
    {"web/templates/values.txt", "x"},
    {"odd/Chart.yaml", "name: odd\n"},
    {"odd/values.yaml", "- a\n"},
    {"plain/a.yaml", "a: 1\n"},
    {NULL, NULL},
};

struct fixture {
    struct arena *arena;
    struct mem_tree tree;
    struct budget budget;
    struct engine_env env;
};

static struct fixture begin(void)
{
    struct fixture f = {.arena = arena_new(), .budget = budget_unlimited()};
    f.tree = mem_tree_of(FILES);
    f.budget.depth = 20;
    return f;
}

static int
describe(struct fixture *f, const char *source, struct engine_result *ret, struct err *err)
{
    struct engine_source request = {.source = parse_yaml(f->arena, source), .describe = true};
    f->env = (struct engine_env){.arena = f->arena, .budget = &f->budget, .files = &f->tree.files};
    return engine_render(&f->env, &request, ret, err);
}

static void charts_tell_values_and_what_they_are(void **state UNUSED)
{
    struct fixture f = begin();
    struct engine_result result;
    struct err err;
    ASSERT_OK(describe(&f,
                       "{path: web, helm: {valueFiles: [values-prod.yml],"
                       " fileParameters: [{name: a, path: b}]}}",
                       &result, &err));
    assert_int_equal(result.n, 1);
    assert_int_equal(result.type, ENGINE_HELM);
    const struct value *v = result.objects[0].object;
    assert_yaml(f.arena, value_dig(v, "helm", "valueFiles"),
                "[charts/db/my-values.YAML, values-prod.yml, values.yaml]");
    ASSERT_STR(value_dig_str(v, "helm", "values"), FILES[1].text);
    assert_yaml(f.arena, value_dig(v, "helm", "parameters"),
                "[{name: image.pull, value: 'true'}, {name: image.tag, value: v2},"
                " {name: none, value: '<nil>'}, {name: 'ports[0]', value: '80'},"
                " {name: 'ports[1].name', value: x}, {name: 'ports[2][0]', value: '1.5'},"
                " {name: 'ports[2][1]', value: '2e+06'}]");
    assert_yaml(f.arena, value_dig(v, "helm", "fileParameters"), "[{name: a, path: b}]");
    assert_yaml(f.arena, value_dig(v, "chart"),
                "{description: a site, home: 'https://web.test',"
                " maintainers: ['Ann <ann@web.test>', Bob]}");
    arena_free(f.arena);
}

static void directories_have_nothing_to_tell(void **state UNUSED)
{
    struct fixture f = begin();
    struct engine_result result;
    struct err err;
    ASSERT_OK(describe(&f, "{path: plain}", &result, &err));
    assert_int_equal(result.type, ENGINE_DIRECTORY);
    assert_yaml(f.arena, result.objects[0].object, "{directory: {}}");
    arena_free(f.arena);
}

static void kustomizations_have_the_images_they_are_built_to(void **state UNUSED)
{
    struct fixture f = begin();
    const struct value *got;
    struct err err;
    struct engine_object objects[] = {
        {.object = parse_yaml(f.arena,
                              "{spec: {template: {spec: {containers: [{image: b}, {name: x}],"
                              " initContainers: [{image: a}]}}, list: [{containers: [{image: c}]},"
                              " [{containers: [{image: d}]}]]}}")},
        {.object =
             parse_yaml(f.arena, "{containers: {image: no}, spec: {containers: [{image: b}]}}")},
    };
    f.env = (struct engine_env){.arena = f.arena, .budget = &f.budget};
    ASSERT_OK(describe_kustomize(&f.env, objects, ARRAY_LEN(objects), &got, &err));
    assert_yaml(f.arena, got, "{kustomize: {images: [a, b, b, c]}}");
    arena_free(f.arena);
}

static void errors_are_told(void **state UNUSED)
{
    struct fixture f = begin();
    struct engine_result result;
    struct err err;
    ASSERT_ERR(describe(&f, "{path: odd}", &result, &err), ERR_INVALID, "a list, not a map");
    ASSERT_ERR(describe(&f, "{path: plain, helm: {}}", &result, &err), ERR_NOT_FOUND,
               "no Chart.yaml");
    ASSERT_ERR(describe(&f, "{path: web, helm: {valueFiles: [none.yaml]}}", &result, &err),
               ERR_NOT_FOUND, "none.yaml");
    f.budget.depth = 2;
    ASSERT_ERR(describe(&f, "{path: web}", &result, &err), ERR_LIMIT, "depth");
    arena_free(f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_tell_values_and_what_they_are),
        cmocka_unit_test(directories_have_nothing_to_tell),
        cmocka_unit_test(kustomizations_have_the_images_they_are_built_to),
        cmocka_unit_test(errors_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
