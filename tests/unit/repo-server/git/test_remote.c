/* Listing and fetching, from a repository on disk. */
#include <unistd.h>

#include "repo-server/git/cred.h"
#include "repo-server/git/objects.h"
#include "repo-server/git/remote.h"
#include "tests/lib/repo_fixture.h"

/* libgit2's regular expressions are not given back by the library they are from. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpcre2-8";
}

struct fixture {
    struct repo_fixture repo;
    Belay__Repository request;
    struct repo_url url;
    struct cred cred;
    char mirror[128];
};

static int setup(void **state)
{
    static struct fixture f;
    struct err err;
    memset(&f, 0, sizeof(f));
    repo_fixture_init(&f.repo);
    repo_fixture_file(&f.repo, "a", "one");
    (void)repo_fixture_commit(&f.repo, "refs/heads/main");
    (void)snprintf(f.mirror, sizeof(f.mirror), "%s/m.git", f.repo.dir);
    belay__repository__init(&f.request);
    ASSERT_OK(repo_url_parse(f.repo.arena, str_from(f.repo.url), REPO_URL_FILES, &f.url, &err));
    ASSERT_OK(cred_init(&f.cred, &f.request, &f.url, f.repo.dir, f.repo.arena, &err));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    repo_fixture_done(&f->repo);
    return 0;
}

static int fetch(struct fixture *f, const char *want, struct err *err)
{
    struct remote_fetch options = {.mirror = f->mirror, .wants = &want, .n_wants = want != NULL};
    struct remote_fetched fetched;
    return remote_fetch(&f->cred, f->repo.arena, &options, &fetched, err);
}

static bool has(struct fixture *f, const char *sha)
{
    AUTO(objects) struct objects *o = NULL;
    struct object_commit c;
    struct err err;
    return objects_open(f->mirror, &o, &err) == 0 &&
           objects_commit(o, f->repo.arena, str_from(sha), &c, &err) == 0;
}

static void lists(void **state)
{
    struct fixture *f = *state;
    struct remote_adverts adverts;
    struct err err;
    ASSERT_OK(remote_list(&f->cred, f->repo.arena, &adverts, &err));
    struct refs refs = refs_build(f->repo.arena, adverts.items, adverts.n);
    assert_int_equal(refs.n, 2);
    ASSERT_STR(refs_find(&refs, STR("refs/heads/main"))->oid, f->repo.head);
    ASSERT_STR(refs_find(&refs, STR("HEAD"))->oid, f->repo.head);
}

static void fetches_heads_and_what_is_wanted(void **state)
{
    struct fixture *f = *state;
    struct err err;
    char first[GIT_OID_HEXSZ + 1];
    memcpy(first, f->repo.head, sizeof(first));
    ASSERT_OK(fetch(f, NULL, &err));
    assert_true(has(f, first));
    repo_fixture_file(&f->repo, "a", "two");
    const char *pull = repo_fixture_commit(&f->repo, "refs/pull/1/head");
    ASSERT_OK(fetch(f, NULL, &err));
    assert_false(has(f, pull));
    ASSERT_OK(fetch(f, "refs/pull/1/head", &err));
    assert_true(has(f, pull));
}

static void makes_a_damaged_mirror_anew(void **state)
{
    struct fixture *f = *state;
    struct err err;
    ASSERT_OK(fetch(f, NULL, &err));
    ASSERT_OK(fs_remove_tree(arena_printf(f->repo.arena, "%s/objects", f->mirror).p, &err));
    ASSERT_OK(fs_write_atomic(arena_printf(f->repo.arena, "%s/HEAD", f->mirror).p, STR("bad"), 0600,
                              &err));
    ASSERT_OK(fetch(f, NULL, &err));
    assert_true(has(f, f->repo.head));
}

static void says_what_is_missing(void **state)
{
    struct fixture *f = *state;
    struct remote_adverts adverts;
    struct err err;
    f->url.text = arena_printf(f->repo.arena, "%sx", f->repo.url);
    ASSERT_ERR(remote_list(&f->cred, f->repo.arena, &adverts, &err), ERR_NOT_FOUND,
               "repository not found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists, setup, teardown),
        cmocka_unit_test_setup_teardown(fetches_heads_and_what_is_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_a_damaged_mirror_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_is_missing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
