/* A loop, a pool and a cache directory for tests of what runs the Git helper.
 *
 * The test binary is its own helper: main() begins with helper_fixture_main(). */
#pragma once

#include <string.h>

#include "common/rt/loop.h"
#include "common/rt/subproc.h"
#include "common/rt/work.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/git/mirror.h"
#include "repo-server/git/worker.h"
#include "tests/lib/repo_fixture.h"

enum { HELPER_FIXTURE_MS = 60 * 1000 };

struct helper_fixture {
    struct repo_fixture repo;
    struct loop *loop;
    struct work *work;
    struct mirror_store *store;
    char cache_dir[96];
};

/* Does not return in the helper process. */
static inline void helper_fixture_main(int argc, char **argv)
{
    subproc_child_main(&argc, argv);
    if (argc > 1 && strcmp(argv[1], WORKER_FLAG) == 0) {
        worker_main();
    }
    /* held to the end: pool threads keep what libgit2 gave them */
    struct err err;
    ASSERT_OK(gitlib_init(&err));
}

static inline void helper_fixture_init(struct helper_fixture *f)
{
    struct err err;
    memset(f, 0, sizeof(*f));
    repo_fixture_init(&f->repo);
    repo_fixture_file(&f->repo, "app/a.yaml", repo_fixture_object(&f->repo, "a"));
    (void)repo_fixture_commit(&f->repo, "refs/heads/main");
    (void)snprintf(f->cache_dir, sizeof(f->cache_dir), "%s/cache", f->repo.dir);
    ASSERT_OK(mirror_store_open(f->cache_dir, &f->store, &err));
    f->loop = loop_new();
    f->work = work_new(f->loop, NULL);
}

/* Nothing times out. */
static inline struct fetcher_options helper_fixture_fetcher(const struct helper_fixture *f)
{
    return (struct fetcher_options){.loop = f->loop,
                                    .work = f->work,
                                    .store = f->store,
                                    .cache_dir = f->cache_dir,
                                    .allow_file_urls = true,
                                    .refs_ttl_ms = HELPER_FIXTURE_MS,
                                    .list_timeout_ms = HELPER_FIXTURE_MS,
                                    .fetch_timeout_ms = HELPER_FIXTURE_MS,
                                    .max_helpers = 2};
}

static inline void helper_fixture_done(struct helper_fixture *f)
{
    work_free(f->work);
    loop_free(f->loop);
    mirror_store_close(f->store);
    repo_fixture_done(&f->repo);
}

static inline void helper_fixture_wait(struct helper_fixture *f, bool (*cond)(void *), void *data)
{
    assert_true(loop_run_until(f->loop, cond, data, HELPER_FIXTURE_MS));
}
