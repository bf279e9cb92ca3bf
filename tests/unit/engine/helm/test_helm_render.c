/* The text of `helm template`. What becomes of objects is in the cases of test_helm_source.c. */
#include <string.h>

#include "cli/local_tree.h"
#include "common/base/arena.h"
#include "common/base/crew.h"
#include "engine/helm/helm_render.h"
#include "tests/lib/check.h"

struct fixture {
    struct arena *arena;
    struct local_tree *tree;
    struct budget budget;
    struct engine_env env;
    struct helm_result result;
};

static void setup(struct fixture *f)
{
    struct err err;
    *f = (struct fixture){.arena = arena_new(), .budget = budget_unlimited()};
    f->budget.depth = 1000;
    ASSERT_OK(local_tree_open("tests/data/helm/everything/in", &f->tree, &err));
    f->env = (struct engine_env){
        .arena = f->arena, .budget = &f->budget, .files = local_tree_files(f->tree)};
}

static void teardown(struct fixture *f)
{
    local_tree_close(f->tree);
    arena_free(f->arena);
}

static struct helm_options options(void)
{
    return (struct helm_options){
        .chart = STR("chart"), .release_name = STR("rel"), .namespace = STR("ns")};
}

static struct str text_of(const struct fixture *f)
{
    return helm_result_text(f->arena, &f->result);
}

static bool prints(const struct fixture *f, const char *text)
{
    return str_find(text_of(f), str_from(text)) != STR_NONE;
}

static void sources_are_named_in_the_order_of_installation(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    setup(&f);
    struct helm_options o = options();
    o.include_crds = true;
    ASSERT_OK(helm_render(&f.env, &o, &f.result, &err));
    ASSERT_STR(f.result.chart_name, "web");
    ASSERT_STR(f.result.chart_version, "1.2.0");
    assert_int_equal(f.result.n, 5);
    assert_true(str_starts_with(text_of(&f), STR("---\n# Source: web/crds/gadgets.yaml\n")));
    assert_true(prints(&f, "---\n# Source: web/charts/store/templates/map.yaml\napiVersion: v1\n"));
    size_t map = str_find(text_of(&f), STR("# Source: web/templates/map.yaml"));
    size_t service = str_find(text_of(&f), STR("# Source: web/templates/service.yaml"));
    size_t hook = str_find(text_of(&f), STR("# Source: web/templates/job.yaml"));
    assert_true(map < service && service < hook && hook != STR_NONE);
    assert_false(prints(&f, "Thank you"));
    ASSERT_STR(f.result.objects[4].file, "web/templates/job.yaml");
    teardown(&f);
}

static void helpers_change_nothing(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    setup(&f);
    struct helm_options o = options();
    o.include_crds = true;
    ASSERT_OK(helm_render(&f.env, &o, &f.result, &err));
    struct str alone = text_of(&f);
    for (size_t n = 1; n <= 3; n++) {
        AUTO(crew) struct crew *crew = crew_new(n);
        f.env.crew = crew;
        ASSERT_OK(helm_render(&f.env, &o, &f.result, &err));
        assert_true(str_eq(alone, text_of(&f)));
        assert_int_equal(f.result.n, 5);
    }
    teardown(&f);
}

static void less_can_be_shown(void **state UNUSED)
{
    static const struct str ONLY[] = {STR("templates/service.yaml")};
    struct fixture f;
    struct err err;
    setup(&f);
    struct helm_options o = options();
    o.no_hooks = true;
    ASSERT_OK(helm_render(&f.env, &o, &f.result, &err));
    assert_false(prints(&f, "job.yaml"));
    assert_false(prints(&f, "gadgets"));
    o.show_only = ONLY;
    o.n_show_only = 1;
    ASSERT_OK(helm_render(&f.env, &o, &f.result, &err));
    assert_true(prints(&f, "kind: Service"));
    assert_false(prints(&f, "kind: ConfigMap"));
    teardown(&f);
}

static void the_place_of_an_error_is_named_once(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    char text[1024];
    setup(&f);
    local_tree_close(f.tree);
    ASSERT_OK(local_tree_open("tests/data/helm/template_error/in", &f.tree, &err));
    f.env.files = local_tree_files(f.tree);
    struct helm_options o = options();
    ASSERT_ERR(helm_render(&f.env, &o, &f.result, &err), ERR_INVALID, "");
    err_format(&err, text, sizeof(text));
    assert_string_equal(text, "execution error at (web/templates/x.yaml:2:6): b is needed");
    teardown(&f);
}

static void what_is_missing_is_told(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    setup(&f);
    struct helm_options o = options();
    o.chart = STR("files");
    ASSERT_ERR(helm_render(&f.env, &o, &f.result, &err), ERR_NOT_FOUND, "Chart.yaml");
    o = options();
    o.release_name = STR("Not A Name");
    ASSERT_ERR(helm_render(&f.env, &o, &f.result, &err), ERR_INVALID, "release name");
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_are_named_in_the_order_of_installation),
        cmocka_unit_test(helpers_change_nothing),
        cmocka_unit_test(less_can_be_shown),
        cmocka_unit_test(the_place_of_an_error_is_named_once),
        cmocka_unit_test(what_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
