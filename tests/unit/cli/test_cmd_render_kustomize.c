/* Flags of building a kustomization. What is built is tested in tests/unit/engine/kustomize. */
#include <string.h>

#include "cli/cmd_render_kustomize.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"
#include "tests/lib/tmp_dir.h"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

#define CASE "tests/data/kustomize/"

static void kustomizations_are_built(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    assert_int_equal(CLI_RUN(f, "render kustomize", CASE "diamond/in/top"), 0);
    assert_non_null(strstr(f->cli.out.p, "name: left-c-t\n"));
    buf_reset(&f->cli.out);
    assert_int_equal(CLI_RUN(f, "render kustomize", "--reorder", "none", "--enable-managedby-label",
                             CASE "order_legacy/in"),
                     0);
    assert_non_null(strstr(f->cli.out.p, "managed-by: kustomize-"));
    assert_true(str_starts_with(buf_str(&f->cli.out), STR("apiVersion: admissionregistration")));
    buf_reset(&f->cli.out);
    assert_int_equal(
        CLI_RUN(f, "render kustomize", "--enable-helm", CASE "helm_chart_in_the_tree/in"), 0);
    assert_non_null(strstr(f->cli.out.p, "name: front-web\n"));
    cli_fixture_free(f);
}

static void failures_are_told(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    assert_int_equal(CLI_RUN(f, "render kustomize", CASE "error_cycle/in/a"), 1);
    assert_int_equal(CLI_RUN(f, "render kustomize", "/nonexistent"), 1);
    assert_int_equal(CLI_RUN(f, "render kustomize", CASE "helm_chart_in_the_tree/in"), 1);
    assert_int_equal(f->cli.out.n, 0);
    ASSERT_REFUSES(f, ERR_UNSUPPORTED, "external plugins are not supported", "render kustomize",
                   "--enable-alpha-plugins", CASE "diamond/in/top");
    cli_fixture_free(f);
}

static void output_goes_to_files(void **state UNUSED)
{
    char dir[TMP_DIR_BYTES];
    struct err err;
    struct str text;
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    tmp_dir_new(dir);
    assert_int_equal(CLI_RUN(f, "render kustomize", "-o", dir, CASE "diamond/in/top"), 0);
    const char *file = arena_printf(f->cli.arena, "%s/v1_pod_right-p-t.yaml", dir).p;
    ASSERT_OK(fs_read_file(f->cli.arena, file, LIMIT_MIB, &text, &err));
    assert_true(str_starts_with(text, STR("apiVersion: v1\nkind: Pod\n")));
    file = arena_printf(f->cli.arena, "%s/all.yaml", dir).p;
    assert_int_equal(CLI_RUN(f, "render kustomize", "-o", file, CASE "diamond/in/top"), 0);
    ASSERT_OK(fs_read_file(f->cli.arena, file, LIMIT_MIB, &text, &err));
    assert_true(str_find(text, STR("\n---\n")) != STR_NONE);
    assert_int_equal(f->cli.out.n, 0);
    tmp_dir_remove(dir);
    cli_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kustomizations_are_built),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(output_goes_to_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
