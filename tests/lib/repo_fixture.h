/* A bare repository in a directory of its own, written through libgit2, for tests of what reads it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <git2.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "repo-server/git/gitlib.h"
#include "tests/lib/check.h"

struct repo_fixture {
    struct arena *arena;
    char dir[64];  /* removed at the end */
    char path[96]; /* of the repository */
    char url[128]; /* file:// */
    git_repository *repo;
    git_index *index;
    char head[GIT_OID_HEXSZ + 1];
};

static inline void repo_fixture_init(struct repo_fixture *f)
{
    struct err err;
    memset(f, 0, sizeof(*f));
    f->arena = arena_new();
    memcpy(f->dir, "/tmp/belay-test-repo.XXXXXX", sizeof("/tmp/belay-test-repo.XXXXXX"));
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof(f->path), "%s/src.git", f->dir);
    (void)snprintf(f->url, sizeof(f->url), "file://%s", f->path);
    ASSERT_OK(gitlib_init(&err));
    git_repository_init_options options;
    assert_int_equal(git_repository_init_options_init(&options, 1), 0);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    options.initial_head = "main";
    assert_int_equal(git_repository_init_ext(&f->repo, f->path, &options), 0);
    assert_int_equal(git_repository_index(&f->index, f->repo), 0);
}

static inline void repo_fixture_done(struct repo_fixture *f)
{
    struct err err;
    git_index_free(f->index);
    git_repository_free(f->repo);
    gitlib_done();
    ASSERT_OK(fs_remove_tree(f->dir, &err));
    arena_free(f->arena);
}

/* One file of the next commit; content NULL removes it. */
static inline void
repo_fixture_put(struct repo_fixture *f, const char *path, const char *content, git_filemode_t mode)
{
    if (content == NULL) {
        assert_int_equal(git_index_remove_bypath(f->index, path), 0);
        return;
    }
    git_index_entry entry = {.mode = mode, .path = path};
    assert_int_equal(git_index_add_from_buffer(f->index, &entry, content, strlen(content)), 0);
}

static inline void repo_fixture_file(struct repo_fixture *f, const char *path, const char *content)
{
    repo_fixture_put(f, path, content, GIT_FILEMODE_BLOB);
}

static inline void repo_fixture_link(struct repo_fixture *f, const char *path, const char *target)
{
    repo_fixture_put(f, path, target, GIT_FILEMODE_LINK);
}

/* Commit what was put onto a reference; its id stands in head. */
static inline const char *repo_fixture_commit(struct repo_fixture *f, const char *ref)
{
    git_oid tree_id;
    git_oid id;
    git_oid parent_id;
    git_tree *tree = NULL;
    git_commit *parent = NULL;
    git_signature *who = NULL;
    assert_int_equal(git_index_write_tree(&tree_id, f->index), 0);
    assert_int_equal(git_tree_lookup(&tree, f->repo, &tree_id), 0);
    assert_int_equal(git_signature_new(&who, "Tess Ter", "tess@example.com", 1700000000, 0), 0);
    if (git_reference_name_to_id(&parent_id, f->repo, ref) == 0) {
        assert_int_equal(git_commit_lookup(&parent, f->repo, &parent_id), 0);
    }
    const git_commit *parents[] = {parent};
    assert_int_equal(git_commit_create(&id, f->repo, ref, who, who, NULL, "a message\n", tree,
                                       parent != NULL ? 1 : 0, parents),
                     0);
    git_oid_tostr(f->head, sizeof(f->head), &id);
    git_signature_free(who);
    git_commit_free(parent);
    git_tree_free(tree);
    return f->head;
}

/* A ConfigMap of this name. */
static inline const char *repo_fixture_object(struct repo_fixture *f, const char *name)
{
    return arena_printf(f->arena, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n", name)
        .p;
}
