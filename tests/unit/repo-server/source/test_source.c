/* A commit as a file tree, and when a read-set holds in another commit. */
#include "repo-server/source/source.h"
#include "tests/lib/repo_fixture.h"

struct fixture {
    struct repo_fixture repo;
    struct objects *objects;
};

static int setup(void **state)
{
    static struct fixture f;
    struct err err;
    repo_fixture_init(&f.repo);
    repo_fixture_file(&f.repo, "app/a.yaml", "a");
    repo_fixture_file(&f.repo, "app/sub/b.yaml", "b");
    repo_fixture_file(&f.repo, "README", "r");
    repo_fixture_link(&f.repo, "app/link.yaml", "../shared/c.yaml");
    repo_fixture_link(&f.repo, "linked", "app/sub");
    repo_fixture_link(&f.repo, "out", "../../etc");
    repo_fixture_file(&f.repo, "shared/c.yaml", "c");
    (void)repo_fixture_commit(&f.repo, "refs/heads/main");
    ASSERT_OK(objects_open(f.repo.path, &f.objects, &err));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    objects_close(f->objects);
    repo_fixture_done(&f->repo);
    return 0;
}

static struct source *open_head(struct fixture *f)
{
    struct object_commit c;
    struct err err;
    ASSERT_OK(objects_commit(f->objects, f->repo.arena, str_from(f->repo.head), &c, &err));
    return source_new(f->objects, &c.tree);
}

static enum engine_file_type type_of(struct source *s, const char *path)
{
    enum engine_file_type type;
    struct err err;
    ASSERT_OK(source_files(s)->type(source_files(s), str_from(path), &type, &err));
    return type;
}

static void reads_as_a_file_tree(void **state)
{
    struct fixture *f = *state;
    AUTO(source) struct source *s = open_head(f);
    struct engine_files *files = source_files(s);
    struct engine_listing l;
    struct str text;
    enum engine_file_type type;
    struct err err;
    assert_int_equal(type_of(s, ""), ENGINE_FILE_DIR);
    assert_int_equal(type_of(s, "app/a.yaml"), ENGINE_FILE_REGULAR);
    assert_int_equal(type_of(s, "app/a.yaml/x"), ENGINE_FILE_MISSING);
    assert_int_equal(type_of(s, "linked"), ENGINE_FILE_DIR);
    assert_int_equal(type_of(s, "nowhere/at/all"), ENGINE_FILE_MISSING);
    ASSERT_OK(files->list(files, f->repo.arena, STR("app"), &l, &err));
    assert_int_equal(l.n, 3);
    assert_int_equal(l.items[1].type, ENGINE_FILE_LINK);
    ASSERT_OK(files->read(files, f->repo.arena, STR("app/link.yaml"), 10, &text, &err));
    ASSERT_STR(text, "c");
    ASSERT_OK(files->read(files, f->repo.arena, STR("linked/b.yaml"), 10, &text, &err));
    ASSERT_STR(text, "b");
    ASSERT_ERR(files->type(files, STR("out/passwd"), &type, &err), ERR_DENIED, "outside");
    ASSERT_ERR(files->read(files, f->repo.arena, STR("app"), 10, &text, &err), ERR_INVALID,
               "not a file");
    ASSERT_ERR(files->read(files, f->repo.arena, STR("no"), 10, &text, &err), ERR_NOT_FOUND, "no");
    ASSERT_ERR(files->list(files, f->repo.arena, STR("README"), &l, &err), ERR_INVALID,
               "not a directory");
    ASSERT_ERR(files->list(files, f->repo.arena, STR("no"), &l, &err), ERR_NOT_FOUND, "no");
}

/* What a render of app/ would touch: the listing, two files, and a file that is not there. */
static struct read_set *touch(struct fixture *f, bool uses_commit)
{
    AUTO(source) struct source *s = open_head(f);
    struct engine_files *files = source_files(s);
    struct engine_listing l;
    struct str text;
    struct err err;
    ASSERT_OK(files->list(files, f->repo.arena, STR("app"), &l, &err));
    ASSERT_OK(files->read(files, f->repo.arena, STR("app/a.yaml"), 10, &text, &err));
    ASSERT_OK(files->read(files, f->repo.arena, STR("app/link.yaml"), 10, &text, &err));
    assert_int_equal(type_of(s, "app/.override"), ENGINE_FILE_MISSING);
    assert_int_equal(type_of(s, "elsewhere/x"), ENGINE_FILE_MISSING);
    assert_int_equal(type_of(s, "app/sub/b.yaml"), ENGINE_FILE_REGULAR);
    return source_read_set(s, uses_commit);
}

static bool holds(struct fixture *f, const struct read_set *set)
{
    AUTO(source) struct source *s = open_head(f);
    struct err err;
    int rc = read_set_holds(set, s, &err);
    ASSERT_OK(rc);
    return rc == 1;
}

enum change { CHANGE_FILE, CHANGE_LINK, CHANGE_REMOVE };

static const struct {
    const char *name;
    enum change change;
    const char *path;
    const char *content;
    bool holds;
} CHANGES[] = {
    {"a file nobody read", CHANGE_FILE, "README", "other", true},
    {"a new directory", CHANGE_FILE, "new/x", "x", true},
    {"content of a file whose type was asked", CHANGE_FILE, "app/sub/b.yaml", "other", true},
    {"a new name two levels down", CHANGE_FILE, "app/sub/new", "x", true},
    {"a file that was read", CHANGE_FILE, "app/a.yaml", "other", false},
    {"a new name in the directory listed", CHANGE_FILE, "app/new", "x", false},
    {"a name gone from it", CHANGE_REMOVE, "app/sub/b.yaml", NULL, false},
    {"the target of a link", CHANGE_FILE, "shared/c.yaml", "other", false},
    {"where a link points", CHANGE_LINK, "app/link.yaml", "../README", false},
    {"a file that was missing", CHANGE_FILE, "elsewhere/x", "x", false},
    {"a link through which a missing file appears", CHANGE_LINK, "elsewhere", "new", false},
    {"a file that became a link", CHANGE_LINK, "app/a.yaml", "../README", false},
    {"mode of a file whose type was asked", CHANGE_LINK, "app/sub/b.yaml", "../a.yaml", false},
};

static void read_sets_hold_exactly_when_nothing_seen_changed(void **state)
{
    struct fixture *f = *state;
    git_oid tree_id;
    assert_int_equal(git_index_write_tree(&tree_id, f->repo.index), 0);
    for (size_t i = 0; i < ARRAY_LEN(CHANGES); i++) {
        AUTO(read_set) struct read_set *set = touch(f, false);
        assert_true(read_set_size(set) > 0);
        if (CHANGES[i].change == CHANGE_LINK) {
            repo_fixture_link(&f->repo, CHANGES[i].path, CHANGES[i].content);
        } else {
            repo_fixture_file(&f->repo, CHANGES[i].path, CHANGES[i].content);
        }
        (void)repo_fixture_commit(&f->repo, "refs/heads/main");
        if (holds(f, set) != CHANGES[i].holds) {
            fail_msg("%s: wanted %d", CHANGES[i].name, CHANGES[i].holds);
        }
        git_tree *tree = NULL;
        assert_int_equal(git_tree_lookup(&tree, f->repo.repo, &tree_id), 0);
        assert_int_equal(git_index_read_tree(f->repo.index, tree), 0);
        git_tree_free(tree);
        (void)repo_fixture_commit(&f->repo, "refs/heads/main");
        assert_true(holds(f, set));
    }
}

static void a_render_that_saw_the_commit_is_good_for_it_alone(void **state)
{
    struct fixture *f = *state;
    AUTO(read_set) struct read_set *set = touch(f, true);
    assert_false(holds(f, set));
}

/* ---- submodules ---- */

static void put_module(struct fixture *f, const char *path, const char *commit)
{
    git_index_entry entry = {.mode = GIT_FILEMODE_COMMIT, .path = path};
    assert_int_equal(git_oid_fromstr(&entry.id, commit), 0);
    assert_int_equal(git_index_add(f->repo.index, &entry), 0);
}

struct modules {
    struct fixture *f;
    struct source *tree; /* that all submodules have */
    unsigned n_opened;
    bool away;
};

static int
open_module(void *data, struct str url, struct str commit, struct source **ret, struct err *err)
{
    struct modules *m = data;
    m->n_opened++;
    ASSERT_STR(url, "https://h/o/lib");
    assert_int_equal(commit.n, 40);
    if (m->away) {
        return err_set(err, ERR_UNAVAILABLE, "not here yet");
    }
    *ret = m->tree;
    return 0;
}

#define MODULES "[submodule \"lib\"]\n path = app/lib\n url = ../lib\n"

/* The tree of setup() as a submodule of one that has one more which nobody declares. */
static struct source *open_outer(struct fixture *f, struct modules *m)
{
    char inner[GIT_OID_HEXSZ + 1];
    memcpy(inner, f->repo.head, sizeof(inner));
    *m = (struct modules){.f = f, .tree = open_head(f)};
    put_module(f, "app/lib", inner);
    put_module(f, "lost", inner);
    repo_fixture_file(&f->repo, ".gitmodules", MODULES);
    repo_fixture_link(&f->repo, "short", "app/lib/app");
    (void)repo_fixture_commit(&f->repo, "refs/heads/outer");
    struct source *s = open_head(f);
    source_set_modules(s, &(struct source_modules){STR("https://h/o/r"), open_module, m});
    return s;
}

static void submodules_are_directories(void **state)
{
    struct fixture *f = *state;
    struct modules m;
    AUTO(source) struct source *s = open_outer(f, &m);
    AUTO(source) struct source *inner = m.tree;
    struct engine_files *files = source_files(s);
    struct engine_listing l;
    struct str text;
    struct err err;
    assert_int_equal(type_of(s, "app/lib"), ENGINE_FILE_DIR);
    ASSERT_OK(files->list(files, f->repo.arena, STR("app"), &l, &err));
    assert_int_equal(m.n_opened, 0); /* only what is looked into */
    ASSERT_OK(files->read(files, f->repo.arena, STR("app/lib/app/a.yaml"), 10, &text, &err));
    ASSERT_STR(text, "a");
    ASSERT_OK(files->read(files, f->repo.arena, STR("short/link.yaml"), 10, &text, &err));
    ASSERT_STR(text, "c");
    ASSERT_OK(files->list(files, f->repo.arena, STR("app/lib"), &l, &err));
    assert_true(l.n >= 4);
    assert_int_equal(type_of(s, "app/lib/none/at/all"), ENGINE_FILE_MISSING);
    ASSERT_ERR(files->read(files, f->repo.arena, STR("app/lib"), 10, &text, &err), ERR_INVALID,
               "not a file");
    assert_int_equal(type_of(s, "lost"), ENGINE_FILE_DIR);
    assert_int_equal(type_of(s, "lost/x"), ENGINE_FILE_MISSING);
    ASSERT_OK(files->list(files, f->repo.arena, STR("lost"), &l, &err));
    assert_int_equal(l.n, 0);
    m.away = true;
    ASSERT_ERR(files->read(files, f->repo.arena, STR("app/lib/README"), 10, &text, &err),
               ERR_UNAVAILABLE, "submodule 'app/lib'");
}

static void without_provider_submodules_are_empty(void **state)
{
    struct fixture *f = *state;
    struct modules m;
    AUTO(source) struct source *unused = open_outer(f, &m);
    AUTO(source) struct source *inner = m.tree;
    AUTO(source) struct source *s = open_head(f);
    struct engine_listing l;
    struct err err;
    assert_int_equal(type_of(s, "app/lib"), ENGINE_FILE_DIR);
    assert_int_equal(type_of(s, "app/lib/app"), ENGINE_FILE_MISSING);
    ASSERT_OK(source_files(s)->list(source_files(s), f->repo.arena, STR("app/lib"), &l, &err));
    assert_int_equal(l.n, 0);
}

static int holds_at_head(struct fixture *f, const struct read_set *reads)
{
    AUTO(source) struct source *s = open_head(f);
    struct err err;
    int holds = read_set_holds(reads, s, &err);
    ASSERT_OK(holds < 0 ? holds : 0);
    return holds;
}

static void a_read_set_has_the_commits_of_submodules(void **state)
{
    struct fixture *f = *state;
    struct modules m;
    struct err err;
    struct str text;
    AUTO(source) struct source *s = open_outer(f, &m);
    AUTO(source) struct source *inner = m.tree;
    assert_int_equal(type_of(s, "lost/x"), ENGINE_FILE_MISSING);
    ASSERT_OK(source_files(s)->read(source_files(s), f->repo.arena, STR("app/lib/README"), 10,
                                    &text, &err));
    AUTO(read_set) struct read_set *reads = source_read_set(s, false);
    repo_fixture_file(&f->repo, "README", "more");
    (void)repo_fixture_commit(&f->repo, "refs/heads/outer");
    assert_int_equal(holds_at_head(f, reads), 1);
    put_module(f, "lost", f->repo.head);
    (void)repo_fixture_commit(&f->repo, "refs/heads/outer");
    assert_int_equal(holds_at_head(f, reads), 1); /* it is empty whatever it is */
    repo_fixture_file(&f->repo, ".gitmodules", MODULES "[submodule \"lost\"]\npath=lost\nurl=u\n");
    (void)repo_fixture_commit(&f->repo, "refs/heads/outer");
    assert_int_equal(holds_at_head(f, reads), 0);
    repo_fixture_file(&f->repo, ".gitmodules", MODULES);
    put_module(f, "app/lib", f->repo.head);
    (void)repo_fixture_commit(&f->repo, "refs/heads/outer");
    assert_int_equal(holds_at_head(f, reads), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_as_a_file_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(read_sets_hold_exactly_when_nothing_seen_changed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_render_that_saw_the_commit_is_good_for_it_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(submodules_are_directories, setup, teardown),
        cmocka_unit_test_setup_teardown(without_provider_submodules_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(a_read_set_has_the_commits_of_submodules, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
