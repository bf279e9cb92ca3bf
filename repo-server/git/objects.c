/* Objects of a mirror through libgit2's object database.  Trees are parsed here from their raw form, so
 * that entries can be ordered by plain name and hostile names are refused in one place. */
#include "repo-server/git/objects.h"

#include <stdlib.h>
#include <string.h>

#include <git2.h>
#include <git2/sys/repository.h>

#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "repo-server/git/err_git.h"

struct objects {
    git_repository *repo;
    git_odb *odb;
};

bool object_id_equal(const struct object_id *a, const struct object_id *b)
{
    return memcmp(a->bytes, b->bytes, OBJECT_ID_BYTES) == 0;
}

void object_id_hex(const struct object_id *id, char dst[2 * OBJECT_ID_BYTES + 1])
{
    digest_hex(id->bytes, OBJECT_ID_BYTES, dst);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool object_id_parse(struct str hex, struct object_id *ret)
{
    struct object_id id;
    if (hex.n != 2 * OBJECT_ID_BYTES) {
        return false;
    }
    for (size_t i = 0; i < OBJECT_ID_BYTES; i++) {
        int high = digit_of(hex.p[2 * i]);
        int low = digit_of(hex.p[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        id.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret = id;
    return true;
}

int objects_open(const char *mirror, struct objects **ret, struct err *err)
{
    AUTO(objects) struct objects *o = MEM_NEW(struct objects);
    int rc = git_repository_open_bare(&o->repo, mirror);
    if (rc == 0) {
        rc = git_repository_odb(&o->odb, o->repo);
    }
    if (rc < 0) {
        return err_from_git(err, rc, "cannot open mirror '%s'", mirror);
    }
    *ret = TAKE(o);
    return 0;
}

void objects_close(struct objects *o)
{
    if (o != NULL) {
        git_odb_free(o->odb);
        git_repository_free(o->repo);
        mem_free(o);
    }
}

static struct object_id id_of(const git_oid *oid)
{
    struct object_id id;
    memcpy(id.bytes, oid->id, OBJECT_ID_BYTES);
    return id;
}

static git_oid raw_id_of(const struct object_id *id)
{
    git_oid oid;
    memcpy(oid.id, id->bytes, OBJECT_ID_BYTES);
    return oid;
}

static void fill_commit(struct arena *arena, const git_commit *c, struct object_commit *ret)
{
    const git_signature *author = git_commit_author(c);
    const char *message = git_commit_message(c);
    *ret = (struct object_commit){
        .id = id_of(git_commit_id(c)),
        .tree = id_of(git_commit_tree_id(c)),
        .author = arena_printf(arena, "%s <%s>", author->name, author->email),
        .date_ms = (int64_t)author->when.time * 1000,
        .message = arena_str(arena, str_from(message != NULL ? message : "")),
    };
}

int objects_commit(struct objects *o,
                   struct arena *arena,
                   struct str sha,
                   struct object_commit *ret,
                   struct err *err)
{
    git_oid oid;
    int rc = git_oid_fromstrn(&oid, sha.p, sha.n);
    git_object *found = NULL;
    git_object *commit = NULL;
    if (rc == 0) {
        rc = git_object_lookup_prefix(&found, o->repo, &oid, sha.n, GIT_OBJECT_ANY);
    }
    if (rc == GIT_EAMBIGUOUS) {
        return err_set(err, ERR_INVALID, "short SHA '" STR_FMT "' is ambiguous", STR_ARG(sha));
    }
    if (rc == GIT_ENOTFOUND) {
        return err_set(err, ERR_NOT_FOUND, "unable to resolve '" STR_FMT "' to a commit SHA",
                       STR_ARG(sha));
    }
    if (rc == 0) {
        rc = git_object_peel(&commit, found, GIT_OBJECT_COMMIT);
    }
    git_object_free(found);
    if (rc < 0) {
        return err_from_git(err, rc, "cannot read commit '" STR_FMT "'", STR_ARG(sha));
    }
    fill_commit(arena, (git_commit *)commit, ret);
    git_object_free(commit);
    return 0;
}

/* Read one object of the wanted type after its size was checked. */
static int read_object(struct objects *o,
                       const struct object_id *id,
                       git_object_t type,
                       size_t max_bytes,
                       git_odb_object **ret,
                       struct err *err)
{
    git_oid oid = raw_id_of(id);
    size_t n = 0;
    git_object_t found = GIT_OBJECT_INVALID;
    char hex[2 * OBJECT_ID_BYTES + 1];
    object_id_hex(id, hex);
    int rc = git_odb_read_header(&n, &found, o->odb, &oid);
    if (rc == 0 && found != type) {
        return err_set(err, ERR_INVALID, "object %s is a %s, not a %s", hex,
                       git_object_type2string(found), git_object_type2string(type));
    }
    if (rc == 0 && n > max_bytes) {
        return err_set(err, ERR_LIMIT, "%zu bytes, more than the limit of %zu", n, max_bytes);
    }
    if (rc == 0) {
        rc = git_odb_read(ret, o->odb, &oid);
    }
    /* not ERR_NOT_FOUND: the path exists, its object is what is missing */
    if (rc < 0) {
        (void)err_from_git(err, rc, "cannot read object %s", hex);
        err->code = ERR_INTERNAL;
        return -ERR_INTERNAL;
    }
    return 0;
}

static enum object_mode mode_of(struct str octal)
{
    if (str_eq_c(octal, "40000") || str_eq_c(octal, "040000")) {
        return OBJECT_DIR;
    }
    if (str_eq_c(octal, "120000")) {
        return OBJECT_LINK;
    }
    return str_eq_c(octal, "160000") ? OBJECT_COMMIT : OBJECT_FILE;
}

static bool name_is_fit(struct str name)
{
    return name.n > 0 && !str_eq_c(name, ".") && !str_eq_c(name, "..") &&
           str_find_char(name, '/') == STR_NONE;
}

/* "<octal mode> <name>\0<20 bytes>" */
static int
parse_entry(struct arena *arena, struct str *rest, struct object_entry *ret, struct err *err)
{
    struct str mode;
    struct str after;
    struct str name;
    bool ok = str_cut(*rest, ' ', &mode, &after) && str_cut(after, '\0', &name, &after) &&
              after.n >= OBJECT_ID_BYTES && name_is_fit(name);
    if (!ok) {
        return err_set(err, ERR_INVALID, "malformed Git tree");
    }
    ret->name = arena_str(arena, name);
    ret->mode = mode_of(mode);
    memcpy(ret->id.bytes, after.p, OBJECT_ID_BYTES);
    *rest = str_sub(after, OBJECT_ID_BYTES, after.n);
    return 0;
}

static int entry_cmp(const void *a, const void *b)
{
    const struct object_entry *x = a;
    const struct object_entry *y = b;
    return str_cmp(x->name, y->name);
}

static int parse_tree(struct arena *arena, struct str raw, struct object_tree *ret, struct err *err)
{
    VEC(struct object_entry) entries = {0};
    while (raw.n > 0) {
        struct object_entry e;
        TRY(parse_entry(arena, &raw, &e, err));
        if (entries.n >= LIMIT_TREE_FILES) {
            return err_set(err, ERR_LIMIT, "directory has more than %d entries", LIMIT_TREE_FILES);
        }
        vec_push_in(arena, &entries, e);
    }
    if (entries.n > 0) {
        qsort(entries.items, entries.n, sizeof(*entries.items), entry_cmp);
    }
    for (size_t i = 1; i < entries.n; i++) {
        if (str_eq(entries.items[i - 1].name, entries.items[i].name)) {
            return err_set(err, ERR_INVALID, "malformed Git tree");
        }
    }
    *ret = (struct object_tree){entries.items, entries.n};
    return 0;
}

int objects_tree(struct objects *o,
                 struct arena *arena,
                 const struct object_id *id,
                 struct object_tree *ret,
                 struct err *err)
{
    git_odb_object *raw = NULL;
    TRY(read_object(o, id, GIT_OBJECT_TREE, LIMIT_GIT_BLOB_BYTES, &raw, err));
    int rc =
        parse_tree(arena, str_of(git_odb_object_data(raw), git_odb_object_size(raw)), ret, err);
    git_odb_object_free(raw);
    return rc;
}

int objects_blob(struct objects *o,
                 struct arena *arena,
                 const struct object_id *id,
                 size_t max_bytes,
                 struct str *ret,
                 struct err *err)
{
    git_odb_object *raw = NULL;
    TRY(read_object(o, id, GIT_OBJECT_BLOB, max_bytes, &raw, err));
    *ret = arena_str(arena, str_of(git_odb_object_data(raw), git_odb_object_size(raw)));
    git_odb_object_free(raw);
    return 0;
}

int objects_raw(struct objects *o,
                struct arena *arena,
                const struct object_id *id,
                enum object_type type,
                size_t max_bytes,
                struct str *ret,
                struct err *err)
{
    git_odb_object *raw = NULL;
    git_object_t wanted = type == OBJECT_TYPE_TAG ? GIT_OBJECT_TAG : GIT_OBJECT_COMMIT;
    TRY(read_object(o, id, wanted, max_bytes, &raw, err));
    *ret = arena_str(arena, str_of(git_odb_object_data(raw), git_odb_object_size(raw)));
    git_odb_object_free(raw);
    return 0;
}
