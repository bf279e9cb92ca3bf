/* Merging packs with libgit2's pack builder. What was merged is listed in <mirror>/belay-merged until it may
 * be removed; a crash before the list is written only leaves objects that are there twice. */
#include "repo-server/git/compact.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <git2.h>
#include <git2/sys/odb_backend.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/str.h"
#include "common/base/vec.h"
#include "repo-server/git/err_git.h"

#define MERGED_FILE "belay-merged"

enum {
    ODB_PRIORITY = 1,
    LIST_BYTES_MAX = 1024 * 1024,
};

struct packs {
    struct arena *arena;
    struct str dir;        /* objects/pack */
    VEC(struct str) names; /* "pack-....", without suffix */
};

static struct str list_path(struct arena *arena, const char *mirror)
{
    return arena_printf(arena, "%s/" MERGED_FILE, mirror);
}

static bool is_listed(struct str list, struct str name)
{
    struct str rest = list;
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        if (str_eq(line, name)) {
            return true;
        }
    }
    return false;
}

/* The small packs that are not in the list. */
static int find_packs(const char *mirror, struct str merged, struct packs *ret, struct err *err)
{
    ret->dir = arena_printf(ret->arena, "%s/objects/pack", mirror);
    DIR *dir = opendir(ret->dir.p);
    if (dir == NULL) {
        return err_set_errno(err, errno, "cannot list '%s'", ret->dir.p);
    }
    const struct dirent *e;
    while ((e = readdir(dir)) != NULL) {
        struct stat st;
        struct str name = str_from(e->d_name);
        if (str_cut_suffix(&name, STR(".pack")) && !is_listed(merged, name) &&
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            st.st_size < COMPACT_SMALL_BYTES) {
            vec_push_in(ret->arena, &ret->names, arena_str(ret->arena, name));
        }
    }
    (void)closedir(dir); /* it was only read */
    return 0;
}

static int read_list(struct arena *arena, const char *mirror, struct str *ret, struct err *err)
{
    *ret = STR_EMPTY;
    int rc = fs_read_file(arena, list_path(arena, mirror).p, LIST_BYTES_MAX, ret, err);
    return rc < 0 && err->code == ERR_NOT_FOUND ? 0 : rc;
}

size_t compact_count(const char *mirror)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct packs packs = {.arena = arena};
    struct str merged;
    struct err err;
    bool ok = read_list(arena, mirror, &merged, &err) == 0 &&
              find_packs(mirror, merged, &packs, &err) == 0;
    return ok ? packs.names.n : 0;
}

static int remove_file(struct str path, struct err *err)
{
    if (unlink(path.p) < 0 && errno != ENOENT) {
        return err_set_errno(err, errno, "cannot remove '%s'", path.p);
    }
    return 0;
}

/* The index first: without it a pack is not looked at. */
static int
remove_merged(struct arena *arena, const char *mirror, struct str merged, struct err *err)
{
    struct str rest = merged;
    struct str name;
    while (str_next(&rest, '\n', &name)) {
        if (name.n > 0) {
            TRY(remove_file(
                arena_printf(arena, "%s/objects/pack/" STR_FMT ".idx", mirror, STR_ARG(name)),
                err));
            TRY(remove_file(
                arena_printf(arena, "%s/objects/pack/" STR_FMT ".pack", mirror, STR_ARG(name)),
                err));
        }
    }
    return remove_file(list_path(arena, mirror), err);
}

static int on_object(const git_oid *id, void *data)
{
    return git_packbuilder_insert(data, id, NULL);
}

/* An object database of just these packs, to go through their objects. */
static int open_packs(const struct packs *packs, git_odb **ret)
{
    git_odb *odb = NULL;
    int rc = git_odb_new(&odb);
    for (size_t i = 0; rc == 0 && i < packs->names.n; i++) {
        git_odb_backend *backend = NULL;
        struct str index = arena_printf(packs->arena, "%s/" STR_FMT ".idx", packs->dir.p,
                                        STR_ARG(packs->names.items[i]));
        rc = git_odb_backend_one_pack(&backend, index.p);
        if (rc == 0) {
            rc = git_odb_add_backend(odb, backend, ODB_PRIORITY);
        }
    }
    if (rc < 0) {
        git_odb_free(odb);
        return rc;
    }
    *ret = odb;
    return 0;
}

/* One pack of all; its name without suffix. */
static int
write_pack(const char *mirror, const struct packs *packs, struct str *ret_name, struct err *err)
{
    git_repository *repo = NULL;
    git_packbuilder *builder = NULL;
    git_odb *odb = NULL;
    int rc = git_repository_open_bare(&repo, mirror);
    if (rc == 0) {
        rc = git_packbuilder_new(&builder, repo);
    }
    if (rc == 0) {
        rc = open_packs(packs, &odb);
    }
    if (rc == 0) {
        rc = git_odb_foreach(odb, on_object, builder);
    }
    if (rc == 0) {
        rc = git_packbuilder_write(builder, NULL, 0, NULL, NULL);
    }
    if (rc == 0) {
        *ret_name = arena_printf(packs->arena, "pack-%s", git_packbuilder_name(builder));
    }
    int result = rc < 0 ? err_from_git(err, rc, "cannot merge packs of '%s'", mirror) : 0;
    git_odb_free(odb);
    git_packbuilder_free(builder);
    git_repository_free(repo);
    return result;
}

static int
write_list(const char *mirror, const struct packs *packs, struct str kept, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIST_BYTES_MAX);
    for (size_t i = 0; i < packs->names.n; i++) {
        if (!str_eq(packs->names.items[i], kept)) {
            buf_put(&text, packs->names.items[i]);
            buf_put_char(&text, '\n');
        }
    }
    TRY(buf_check(&text, "list of merged packs", err));
    return fs_write_atomic(list_path(packs->arena, mirror).p, buf_str(&text), 0600, err);
}

int compact_packs(const char *mirror, int64_t wall_s, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct packs packs = {.arena = arena};
    struct str merged;
    struct str name;
    struct stat st;
    TRY(read_list(arena, mirror, &merged, err));
    if (merged.n > 0) {
        if (stat(list_path(arena, mirror).p, &st) < 0 || wall_s - st.st_mtime < COMPACT_GRACE_S) {
            return 0; /* later */
        }
        TRY(remove_merged(arena, mirror, merged, err));
        merged = STR_EMPTY;
    }
    TRY(find_packs(mirror, merged, &packs, err));
    if (packs.names.n < COMPACT_AT) {
        return 0;
    }
    TRY(write_pack(mirror, &packs, &name, err));
    return write_list(mirror, &packs, name, err);
}
