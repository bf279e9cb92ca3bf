/* Renders of commits: fresh, proved to be the same, from damaged mirrors. */
#include "engine/engine.h"
#include "repo-server/render.h"
#include "tests/lib/repo_fixture.h"

static int setup(void **state)
{
    static struct repo_fixture f;
    repo_fixture_init(&f);
    repo_fixture_file(&f, "app/a.yaml", repo_fixture_object(&f, "a"));
    repo_fixture_file(&f, "README", "r");
    (void)repo_fixture_commit(&f, "refs/heads/main");
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    repo_fixture_done(*state);
    return 0;
}

static struct render_input input_of(struct repo_fixture *f)
{
    struct render_tree *tree = ARENA_NEW(f->arena, struct render_tree);
    tree->mirror = str_from(f->path);
    tree->id = arena_str(f->arena, str_from(f->head));
    return (struct render_input){
        .trees = tree,
        .n_trees = 1,
        .source = STR("{\"path\": \"app\"}"),
        .timeout_ms = 10000,
    };
}

static void renders_then_proves(void **state)
{
    struct repo_fixture *f = *state;
    struct render_output first;
    struct render_output second;
    struct err err;
    struct render_input input = input_of(f);
    ASSERT_OK(render_run(&input, &first, &err));
    assert_null(first.same);
    assert_int_equal(first.fresh->set.n, 1);
    ASSERT_STR(first.fresh->set.items[0].json,
               "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}");
    ASSERT_STR(first.fresh->set.items[0].file, "app/a.yaml");
    assert_string_equal(first.fresh->set.source_type, "Directory");

    repo_fixture_file(f, "README", "other");
    (void)repo_fixture_commit(f, "refs/heads/main");
    input = input_of(f);
    input.variants = &first.fresh;
    input.n_variants = 1;
    ASSERT_OK(render_run(&input, &second, &err));
    assert_ptr_equal(second.same, first.fresh);
    assert_null(second.fresh);

    repo_fixture_file(f, "app/b.yaml", repo_fixture_object(f, "b"));
    (void)repo_fixture_commit(f, "refs/heads/main");
    input = input_of(f);
    input.variants = &first.fresh;
    input.n_variants = 1;
    ASSERT_OK(render_run(&input, &second, &err));
    assert_null(second.same);
    assert_int_equal(second.fresh->set.n, 2);
    assert_string_not_equal(second.fresh->set.content_hash, first.fresh->set.content_hash);
    manifest_entry_unref(second.fresh);
    manifest_entry_unref(first.fresh);
}

static void equal_manifests_have_equal_hashes(void **state)
{
    struct repo_fixture *f = *state;
    struct render_output one;
    struct render_output two;
    struct err err;
    struct render_input input = input_of(f);
    ASSERT_OK(render_run(&input, &one, &err));
    ASSERT_OK(render_run(&input, &two, &err));
    assert_string_equal(one.fresh->set.content_hash, two.fresh->set.content_hash);
    manifest_entry_unref(one.fresh);
    manifest_entry_unref(two.fresh);
}

static void fails_clearly(void **state)
{
    struct repo_fixture *f = *state;
    struct render_output out;
    struct err err;
    struct render_input input = input_of(f);
    input.source = STR("{\"path\": ");
    ASSERT_ERR(render_run(&input, &out, &err), ERR_INVALID, "source");
    assert_int_equal(out.damaged, 0);
    struct render_tree tree = input_of(f).trees[0];
    input.trees = &tree;
    tree.id = STR("0123456789012345678901234567890123456789");
    ASSERT_ERR(render_run(&input, &out, &err), ERR_NOT_FOUND, "unable to resolve");
    assert_int_equal(out.damaged, 1);
    tree = input_of(f).trees[0];
    tree.mirror = STR("/nonexistent");
    ASSERT_ERR(render_run(&input, &out, &err), ERR_NOT_FOUND, "/nonexistent");
    assert_int_equal(out.damaged, 1);
}

static void discovers(void **state)
{
    struct repo_fixture *f = *state;
    struct engine_found_list found;
    bool damaged;
    struct err err;
    repo_fixture_file(f, "chart/Chart.yaml", "name: x\n");
    (void)repo_fixture_commit(f, "refs/heads/main");
    ASSERT_OK(
        render_discover(f->arena, str_from(f->path), str_from(f->head), &found, &damaged, &err));
    assert_int_equal(found.n, 1);
    ASSERT_STR(found.items[0].path, "chart");
    assert_false(damaged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(renders_then_proves, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_manifests_have_equal_hashes, setup, teardown),
        cmocka_unit_test_setup_teardown(fails_clearly, setup, teardown),
        cmocka_unit_test_setup_teardown(discovers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
