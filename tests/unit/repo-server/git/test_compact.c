/* Merging packs: when, what stays, when the old ones go. */
#include <dirent.h>

#include "common/base/clock.h"
#include "repo-server/git/compact.h"
#include "repo-server/git/objects.h"
#include "tests/lib/repo_fixture.h"

enum { N_COMMITS = COMPACT_AT + 2 };

struct fixture {
    struct repo_fixture repo;
    char shas[N_COMMITS][GIT_OID_HEXSZ + 1];
};

/* One commit in a pack of its own, its loose objects removed, as after a fetch. */
static void add_pack(struct fixture *f, size_t i)
{
    static const char DIGITS[] = "0123456789abcdef";
    git_packbuilder *builder = NULL;
    git_oid id;
    struct err err;
    repo_fixture_file(&f->repo, "a", arena_printf(f->repo.arena, "content %zu", i).p);
    memcpy(f->shas[i], repo_fixture_commit(&f->repo, "refs/heads/main"), sizeof(f->shas[i]));
    assert_int_equal(git_oid_fromstr(&id, f->shas[i]), 0);
    assert_int_equal(git_packbuilder_new(&builder, f->repo.repo), 0);
    assert_int_equal(git_packbuilder_insert_commit(builder, &id), 0);
    assert_int_equal(git_packbuilder_write(builder, NULL, 0, NULL, NULL), 0);
    git_packbuilder_free(builder);
    for (int d = 0; d < 256; d++) {
        struct str dir = arena_printf(f->repo.arena, "%s/objects/%c%c", f->repo.path,
                                      DIGITS[d >> 4], DIGITS[d & 15]);
        ASSERT_OK(fs_remove_tree(dir.p, &err));
    }
}

static size_t count_packs(struct fixture *f)
{
    DIR *dir = opendir(arena_printf(f->repo.arena, "%s/objects/pack", f->repo.path).p);
    size_t n = 0;
    const struct dirent *e;
    assert_non_null(dir);
    while ((e = readdir(dir)) != NULL) {
        n += str_ends_with(str_from(e->d_name), STR(".pack"));
    }
    (void)closedir(dir);
    return n;
}

static void assert_all_there(struct fixture *f)
{
    AUTO(objects) struct objects *o = NULL;
    struct err err;
    ASSERT_OK(objects_open(f->repo.path, &o, &err));
    for (size_t i = 0; i < N_COMMITS; i++) {
        struct object_commit c;
        struct object_tree t;
        ASSERT_OK(objects_commit(o, f->repo.arena, str_from(f->shas[i]), &c, &err));
        ASSERT_OK(objects_tree(o, f->repo.arena, &c.tree, &t, &err));
    }
}

static void merges_and_removes_later(void **state UNUSED)
{
    static struct fixture f;
    struct err err;
    int64_t now = clock_wall_ms(clock_system()) / 1000;
    repo_fixture_init(&f.repo);
    for (size_t i = 0; i < N_COMMITS; i++) {
        if (i == COMPACT_AT - 1) {
            ASSERT_OK(compact_packs(f.repo.path, now, &err));
            assert_int_equal(count_packs(&f), COMPACT_AT - 1); /* not yet */
        }
        add_pack(&f, i);
    }
    assert_int_equal(compact_count(f.repo.path), N_COMMITS);
    ASSERT_OK(compact_packs(f.repo.path, now, &err));
    assert_int_equal(count_packs(&f), N_COMMITS + 1);
    assert_int_equal(compact_count(f.repo.path), 1);
    ASSERT_OK(compact_packs(f.repo.path, now + COMPACT_GRACE_S / 2, &err));
    assert_int_equal(count_packs(&f), N_COMMITS + 1);
    ASSERT_OK(compact_packs(f.repo.path, now + COMPACT_GRACE_S + 5, &err));
    assert_int_equal(count_packs(&f), 1);
    assert_all_there(&f);
    assert_int_equal(compact_count("/nonexistent"), 0);
    repo_fixture_done(&f.repo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(merges_and_removes_later)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
