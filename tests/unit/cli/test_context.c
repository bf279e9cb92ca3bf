/* The file of contexts: reading, changing, writing; who may read it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/context.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

struct fixture {
    char dir[TMP_DIR_BYTES];
    char path[TMP_DIR_BYTES + 16];
    struct arena *arena;
};

static int set_up(void **state)
{
    static struct fixture f;
    tmp_dir_new(f.dir);
    (void)snprintf(f.path, sizeof(f.path), "%s/config", f.dir);
    f.arena = arena_new();
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    tmp_dir_remove(f->dir);
    return 0;
}

static void a_missing_file_is_empty(void **state)
{
    struct fixture *f = *state;
    struct context_file file;
    struct context context;
    struct err err;
    ASSERT_OK(context_load(f->arena, f->path, &file, &err));
    ASSERT_ERR(context_find(&file, NULL, &context, &err), ERR_NOT_FOUND, "log in");
    ASSERT_ERR(context_find(&file, "x", &context, &err), ERR_NOT_FOUND, "no context 'x'");
    assert_false(context_find_server(&file, STR("x"), &context));
}

static void what_is_put_is_found_again(void **state)
{
    struct fixture *f = *state;
    struct context_file file;
    struct context context = {
        .name = STR("prod"), .server = STR("belay.example"), .token = STR("t1"), .insecure = true};
    struct stat st;
    struct err err;
    ASSERT_OK(context_load(f->arena, f->path, &file, &err));
    context_put(&file, &context);
    context = (struct context){.name = STR("dev"),
                               .server = STR("localhost:8080"),
                               .token = STR("t2"),
                               .plain_text = true,
                               .server_crt = STR("/ca.pem")};
    context_put(&file, &context);
    ASSERT_OK(context_save(&file, &err));
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    ASSERT_OK(context_load(f->arena, f->path, &file, &err));
    ASSERT_OK(context_find(&file, NULL, &context, &err));
    ASSERT_STR(context.name, "dev");
    ASSERT_STR(context.server_crt, "/ca.pem");
    assert_true(context.plain_text);
    assert_false(context.insecure);
    assert_true(context_find_server(&file, STR("belay.example"), &context));
    ASSERT_STR(context.token, "t1");
    assert_true(context.insecure);
}

static void a_token_is_forgotten_and_the_rest_kept(void **state)
{
    struct fixture *f = *state;
    struct context_file file;
    struct context context;
    struct str text;
    struct err err;
    ASSERT_OK(fs_write_atomic(f->path,
                              STR("current-context: a\n"
                                  "contexts:\n- {name: a, server: s, user: u, more: 1}\n"
                                  "servers:\n- {server: s, grpc-web: true}\n"
                                  "users:\n- {name: u, auth-token: secret, refresh-token: r}\n"),
                              0600, &err));
    ASSERT_OK(context_load(f->arena, f->path, &file, &err));
    ASSERT_OK(context_find(&file, "a", &context, &err));
    ASSERT_STR(context.token, "secret");
    context_forget_token(&file, STR("a"));
    context_forget_token(&file, STR("unknown"));
    ASSERT_OK(context_save(&file, &err));
    ASSERT_OK(fs_read_file(f->arena, f->path, LIMIT_MIB, &text, &err));
    assert_null(strstr(text.p, "secret"));
    assert_non_null(strstr(text.p, "refresh-token: r"));
    assert_non_null(strstr(text.p, "grpc-web: true"));
    assert_non_null(strstr(text.p, "more: 1"));
}

static void files_that_cannot_be_used(void **state)
{
    struct fixture *f = *state;
    struct context_file file;
    struct err err;
    ASSERT_OK(fs_write_atomic(f->path, STR("a: [\n"), 0600, &err));
    ASSERT_ERR(context_load(f->arena, f->path, &file, &err), ERR_INVALID, "config:");
    ASSERT_OK(fs_write_atomic(f->path, STR("[a]\n"), 0600, &err));
    ASSERT_ERR(context_load(f->arena, f->path, &file, &err), ERR_INVALID, "not a list");
    assert_int_equal(chmod(f->path, 0640), 0);
    ASSERT_ERR(context_load(f->arena, f->path, &file, &err), ERR_DENIED, "chmod 600");
}

static void the_default_path_follows_the_environment(void **state)
{
    struct fixture *f = *state;
    const char *path;
    struct err err;
    assert_int_equal(setenv("XDG_CONFIG_HOME", "/x", 1), 0);
    ASSERT_OK(context_default_path(f->arena, &path, &err));
    assert_string_equal(path, "/x/belay/config");
    assert_int_equal(setenv("XDG_CONFIG_HOME", "", 1), 0);
    assert_int_equal(setenv("HOME", "/h", 1), 0);
    ASSERT_OK(context_default_path(f->arena, &path, &err));
    assert_string_equal(path, "/h/.config/belay/config");
    assert_int_equal(setenv("HOME", "", 1), 0);
    ASSERT_ERR(context_default_path(f->arena, &path, &err), ERR_NOT_FOUND, "--config");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_missing_file_is_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_put_is_found_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_is_forgotten_and_the_rest_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_default_path_follows_the_environment, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
