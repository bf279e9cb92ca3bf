/* References and packs from a remote, through libgit2's transports. */
#include "repo-server/git/remote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <git2.h>

#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "repo-server/git/cred.h"
#include "repo-server/git/err_git.h"

/* A callback's own reason is better than what libgit2 makes of it. */
static int remote_failure(const struct cred *cred, int git_rc, struct err *err)
{
    if (cred->err.code != ERR_OK) {
        *err = cred->err;
        return -(int)err->code;
    }
    return err_from_git_remote(err, git_rc, cred->url->shown.p);
}

static int copy_adverts(struct arena *arena,
                        const git_remote_head *const *heads,
                        size_t n,
                        struct remote_adverts *ret)
{
    VEC(struct refs_advert) adverts = {0};
    for (size_t i = 0; i < n; i++) {
        char hex[GIT_OID_HEXSZ + 1];
        git_oid_tostr(hex, sizeof(hex), &heads[i]->oid);
        const char *target = heads[i]->symref_target;
        struct refs_advert a = {
            .name = arena_str(arena, str_from(heads[i]->name)),
            .oid = arena_str(arena, str_from(hex)),
            .target = arena_str(arena, str_from(target != NULL ? target : "")),
        };
        vec_push_in(arena, &adverts, a);
    }
    *ret = (struct remote_adverts){adverts.items, adverts.n};
    return 0;
}

static int list_connected(struct cred *cred,
                          git_remote *remote,
                          struct arena *arena,
                          struct remote_adverts *ret)
{
    git_remote_connect_options options;
    int rc = git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    if (rc < 0) {
        return rc;
    }
    cred_set_callbacks(cred, &options.callbacks);
    const git_remote_head **heads = NULL;
    size_t n = 0;
    rc = git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &options);
    if (rc == 0) {
        rc = git_remote_ls(&heads, &n, remote);
    }
    return rc < 0 ? rc : copy_adverts(arena, heads, n, ret);
}

int remote_list(struct cred *cred, struct arena *arena, struct remote_adverts *ret, struct err *err)
{
    git_remote *remote = NULL;
    int rc = git_remote_create_detached(&remote, cred->url->text.p);
    if (rc == 0) {
        rc = list_connected(cred, remote, arena, ret);
    }
    if (rc < 0) {
        rc = remote_failure(cred, rc, err);
    }
    git_remote_free(remote);
    return rc;
}

/* ---- fetching ---- */

/* Made beside its place and moved there, so that a mirror is complete or absent. */
static int create_mirror(const char *mirror, git_repository **ret, struct err *err)
{
    char fresh[LIMIT_PATH_BYTES];
    int n = snprintf(fresh, sizeof(fresh), "%s.new", mirror);
    if (n < 0 || (size_t)n >= sizeof(fresh)) {
        return err_set(err, ERR_INVALID, "path of the mirror is too long");
    }
    TRY(fs_remove_tree(fresh, err));
    TRY(fs_remove_tree(mirror, err));
    git_repository_init_options options;
    int rc = git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags =
        GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
    git_repository *repo = NULL;
    if (rc == 0) {
        rc = git_repository_init_ext(&repo, fresh, &options);
        git_repository_free(repo);
    }
    if (rc < 0) {
        return err_from_git(err, rc, "cannot create mirror");
    }
    if (rename(fresh, mirror) < 0) {
        return err_set_errno(err, errno, "cannot create mirror '%s'", mirror);
    }
    rc = git_repository_open_bare(ret, mirror);
    return rc < 0 ? err_from_git(err, rc, "cannot open mirror") : 0;
}

static int open_mirror(const char *mirror, git_repository **ret, struct err *err)
{
    return git_repository_open_bare(ret, mirror) == 0 ? 0 : create_mirror(mirror, ret, err);
}

static int on_progress(const git_indexer_progress *stats, void *payload)
{
    struct cred *cred = payload;
    if (cred->max_bytes == 0 || stats->received_bytes <= cred->max_bytes) {
        return 0;
    }
    return err_set(&cred->err, ERR_LIMIT,
                   "repository '%s': fetch is larger than the limit of %llu bytes",
                   cred->url->shown.p, (unsigned long long)cred->max_bytes);
}

static git_strarray make_refspecs(struct arena *arena, const struct remote_fetch *options)
{
    VEC(char *) specs = {0};
    vec_push_in(arena, &specs, arena_strdup(arena, "+refs/heads/*:refs/heads/*"));
    vec_push_in(arena, &specs, arena_strdup(arena, "+refs/tags/*:refs/tags/*"));
    for (size_t i = 0; i < options->n_wants; i++) {
        struct str want = str_from(options->wants[i]);
        if (str_starts_with(want, STR("refs/heads/")) || str_starts_with(want, STR("refs/tags/"))) {
            continue;
        }
        struct str spec =
            arena_printf(arena, "+" STR_FMT ":refs/belay/" STR_FMT, STR_ARG(want), STR_ARG(want));
        vec_push_in(arena, &specs, arena_strdup(arena, spec.p));
    }
    return (git_strarray){specs.items, specs.n};
}

static int fetch_into(struct cred *cred,
                      git_repository *repo,
                      struct arena *arena,
                      const struct remote_fetch *options,
                      struct remote_fetched *ret)
{
    git_fetch_options fetch;
    int rc = git_fetch_options_init(&fetch, GIT_FETCH_OPTIONS_VERSION);
    cred_set_callbacks(cred, &fetch.callbacks);
    fetch.callbacks.transfer_progress = on_progress;
    fetch.prune = GIT_FETCH_PRUNE;
    fetch.update_fetchhead = 0;
    fetch.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE; /* the refspec has them all */
    git_strarray refspecs = make_refspecs(arena, options);
    git_remote *remote = NULL;
    if (rc == 0) {
        rc = git_remote_create_anonymous(&remote, repo, cred->url->text.p);
    }
    if (rc == 0) {
        rc = git_remote_fetch(remote, &refspecs, &fetch, NULL);
    }
    if (rc == 0) {
        const git_indexer_progress *stats = git_remote_stats(remote);
        *ret = (struct remote_fetched){stats->received_bytes, stats->received_objects};
    }
    git_remote_free(remote);
    return rc;
}

/* Failures of the mirror itself, not of the remote. */
static bool is_damage(const struct cred *cred)
{
    const git_error *last = git_error_last();
    if (cred->err.code != ERR_OK || last == NULL) {
        return false;
    }
    switch (last->klass) {
    case GIT_ERROR_ODB:
    case GIT_ERROR_OBJECT:
    case GIT_ERROR_ZLIB:
    case GIT_ERROR_REFERENCE:
    case GIT_ERROR_REPOSITORY:
    case GIT_ERROR_CONFIG:
        return true;
    default:
        return false;
    }
}

int remote_fetch(struct cred *cred,
                 struct arena *arena,
                 const struct remote_fetch *options,
                 struct remote_fetched *ret,
                 struct err *err)
{
    git_repository *repo = NULL;
    TRY(open_mirror(options->mirror, &repo, err));
    int rc = fetch_into(cred, repo, arena, options, ret);
    if (rc < 0 && is_damage(cred)) {
        git_repository_free(repo);
        repo = NULL;
        cred->tried = false;
        TRY(create_mirror(options->mirror, &repo, err));
        rc = fetch_into(cred, repo, arena, options, ret);
    }
    if (rc < 0) {
        rc = remote_failure(cred, rc, err);
    }
    git_repository_free(repo);
    return rc;
}
