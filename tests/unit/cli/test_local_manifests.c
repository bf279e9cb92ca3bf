/* Directories as the source of an application. */
#include "cli/local_manifests.h"
#include "common/base/buf.h"
#include "tests/lib/parse.h"
#include "tests/lib/tmp_dir.h"

#define APP                                                                                     \
    "{metadata: {name: web}, spec: {source: {repoURL: https://x, path: there, targetRevision: " \
    "v1, directory: {include: '*.yaml'}}, destination: {namespace: ns}}}"

struct room {
    char dir[TMP_DIR_BYTES];
    struct arena *arena;
};

static const char *in(const struct room *r, const char *name)
{
    return arena_printf(r->arena, "%s/%s", r->dir, name).p;
}

static void fill(struct room *r)
{
    r->arena = arena_new();
    tmp_dir_new(r->dir);
    tmp_dir_put(r->dir, "a.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    tmp_dir_put(r->dir, "b.json", "no manifest: [");
}

static void clear(struct room *r)
{
    tmp_dir_remove(r->dir);
    arena_free(r->arena);
}

static int render(struct room *r,
                  const char *dir,
                  const char *root,
                  const char *app,
                  const struct value **ret,
                  struct err *err)
{
    const struct local_manifests what = {dir, root, parse_yaml(r->arena, app)};
    return local_manifests_render(r->arena, &what, ret, err);
}

static void files_take_the_place_of_the_source(void **state UNUSED)
{
    struct room r;
    const struct value *texts = NULL;
    struct err err;
    fill(&r);
    ASSERT_OK(render(&r, r.dir, NULL, APP, &texts, &err));
    assert_int_equal(value_len(texts), 1);
    assert_non_null(strstr(arena_str(r.arena, value_str(value_at(texts, 0))).p, "\"name\":\"a\""));
    ASSERT_OK(render(&r, r.dir, "/tmp/", APP, &texts, &err));
    assert_int_equal(value_len(texts), 1);
    clear(&r);
}

static void what_cannot_be_is_refused(void **state UNUSED)
{
    struct room r;
    const struct value *texts = NULL;
    struct err err;
    fill(&r);
    assert_int_equal(render(&r, r.dir, "/elsewhere", APP, &texts, &err), -ERR_INVALID);
    assert_int_equal(render(&r, in(&r, "none"), NULL, APP, &texts, &err), -ERR_NOT_FOUND);
    assert_int_equal(render(&r, r.dir, NULL, "{spec: {sources: [{path: a}]}}", &texts, &err),
                     -ERR_UNSUPPORTED);
    clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_take_the_place_of_the_source),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
