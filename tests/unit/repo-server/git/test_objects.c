/* Commits, trees and blobs, hostile ones too. */
#include "repo-server/git/objects.h"
#include "tests/lib/repo_fixture.h"

static struct repo_fixture f;

static int setup(void **state UNUSED)
{
    repo_fixture_init(&f);
    repo_fixture_file(&f, "a.yaml", "one");
    repo_fixture_file(&f, "a/x", "two");
    repo_fixture_link(&f, "link", "a.yaml");
    (void)repo_fixture_commit(&f, "refs/heads/main");
    return 0;
}

static int teardown(void **state UNUSED)
{
    repo_fixture_done(&f);
    return 0;
}

static void reads_commits(void **state UNUSED)
{
    AUTO(objects) struct objects *o = NULL;
    struct object_commit c;
    struct err err;
    char hex[2 * OBJECT_ID_BYTES + 1];
    ASSERT_OK(objects_open(f.path, &o, &err));
    ASSERT_OK(objects_commit(o, f.arena, str_from(f.head), &c, &err));
    object_id_hex(&c.id, hex);
    assert_string_equal(hex, f.head);
    ASSERT_STR(c.author, "Tess Ter <tess@example.com>");
    ASSERT_STR(c.message, "a message\n");
    assert_true(c.date_ms == INT64_C(1700000000000));
    ASSERT_OK(objects_commit(o, f.arena, str_of(f.head, 8), &c, &err));
    ASSERT_ERR(objects_commit(o, f.arena, STR("0123456789"), &c, &err), ERR_NOT_FOUND,
               "unable to resolve '0123456789' to a commit SHA");
    ASSERT_ERR(objects_commit(o, f.arena, STR("xyz"), &c, &err), ERR_INTERNAL, "xyz");
    struct objects *none = NULL;
    ASSERT_ERR(objects_open("/nonexistent", &none, &err), ERR_NOT_FOUND, "/nonexistent");
}

static void reads_trees_in_the_order_of_names(void **state UNUSED)
{
    AUTO(objects) struct objects *o = NULL;
    struct object_commit c;
    struct object_tree t;
    struct str text;
    struct err err;
    ASSERT_OK(objects_open(f.path, &o, &err));
    ASSERT_OK(objects_commit(o, f.arena, str_from(f.head), &c, &err));
    ASSERT_OK(objects_tree(o, f.arena, &c.tree, &t, &err));
    assert_int_equal(t.n, 3);
    ASSERT_STR(t.items[0].name, "a"); /* git itself puts a directory behind "a.yaml" */
    assert_int_equal(t.items[0].mode, OBJECT_DIR);
    ASSERT_STR(t.items[1].name, "a.yaml");
    assert_int_equal(t.items[2].mode, OBJECT_LINK);
    ASSERT_OK(objects_blob(o, f.arena, &t.items[1].id, 3, &text, &err));
    ASSERT_STR(text, "one");
    ASSERT_ERR(objects_blob(o, f.arena, &t.items[1].id, 2, &text, &err), ERR_LIMIT, "3 bytes");
    ASSERT_ERR(objects_blob(o, f.arena, &t.items[0].id, 2, &text, &err), ERR_INVALID,
               "is a tree, not a blob");
    struct object_id none = {{1}};
    ASSERT_ERR(objects_blob(o, f.arena, &none, 2, &text, &err), ERR_INTERNAL, "cannot read object");
}

static void refuses_hostile_trees(void **state UNUSED)
{
    static const struct str TREES[] = {
        {"100644 ..\0aaaaaaaaaaaaaaaaaaaa", 30},
        {"100644 .\0aaaaaaaaaaaaaaaaaaaa", 29},
        {"100644 a/b\0aaaaaaaaaaaaaaaaaaaa", 31},
        {"100644 \0aaaaaaaaaaaaaaaaaaaa", 28},
        {"100644 a\0aaaa", 13},
        {"100644", 6},
        {"100644 a\0aaaaaaaaaaaaaaaaaaaa100644 a\0aaaaaaaaaaaaaaaaaaaa", 58},
    };
    AUTO(objects) struct objects *o = NULL;
    struct err err;
    git_odb *odb = NULL;
    assert_int_equal(git_repository_odb(&odb, f.repo), 0);
    ASSERT_OK(objects_open(f.path, &o, &err));
    for (size_t i = 0; i < ARRAY_LEN(TREES); i++) {
        git_oid oid;
        struct object_id id;
        struct object_tree t;
        assert_int_equal(git_odb_write(&oid, odb, TREES[i].p, TREES[i].n, GIT_OBJECT_TREE), 0);
        memcpy(id.bytes, oid.id, sizeof(id.bytes));
        ASSERT_ERR(objects_tree(o, f.arena, &id, &t, &err), ERR_INVALID, "malformed Git tree");
    }
    git_odb_free(odb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_commits),
        cmocka_unit_test(reads_trees_in_the_order_of_names),
        cmocka_unit_test(refuses_hostile_trees),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
