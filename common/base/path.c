/* Clean paths and symbolic links inside a tree. Pure: what is a link is asked of the caller. */
#include "common/base/path.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"

enum {
    LINKS_MAX = 40, /* as Linux */
};

/* Put the parts of `rel` behind those already in `out`. */
static int push_parts(struct buf *out, struct str rel, struct err *err)
{
    struct str rest = rel;
    struct str part;
    while (str_next(&rest, '/', &part)) {
        if (part.n == 0 || str_eq_c(part, ".")) {
            continue;
        }
        if (str_eq_c(part, "..")) {
            if (out->n == 0) {
                return err_set(err, ERR_INVALID, "path '" STR_FMT "' leaves the root",
                               STR_ARG(rel));
            }
            buf_truncate(out, path_dir(buf_str(out)).n);
            continue;
        }
        if (out->n > 0) {
            buf_put_char(out, '/');
        }
        buf_put(out, part);
    }
    return buf_check(out, "path", err);
}

int path_join_safe(
    struct arena *arena, struct str base, struct str rel, struct str *ret, struct err *err)
{
    if (str_find_char(rel, '\0') != STR_NONE) {
        return err_set(err, ERR_INVALID, "path contains a NUL byte");
    }
    if (rel.n > LIMIT_PATH_BYTES) {
        return err_set(err, ERR_INVALID, "path is longer than %d bytes", LIMIT_PATH_BYTES);
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_PATH_BYTES);
    if (rel.n == 0 || rel.p[0] != '/') {
        buf_put(&out, base);
    }
    TRY(push_parts(&out, rel, err));
    *ret = buf_to_arena(&out, arena);
    return 0;
}

struct str path_dir(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    return slash == STR_NONE ? STR_EMPTY : str_sub(path, 0, slash);
}

struct str path_base(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    return slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);
}

struct str path_append(struct arena *arena, struct str dir, struct str name)
{
    if (dir.n == 0) {
        return arena_str(arena, name);
    }
    char *path = arena_bytes(arena, dir.n + 1 + name.n + 1);
    char *to = mempcpy(path, dir.p, dir.n);
    *to++ = '/';
    to = mempcpy(to, name.p, name.n);
    *to = '\0';
    return str_of(path, dir.n + 1 + name.n);
}

bool path_is_below(struct str path, struct str dir)
{
    if (dir.n == 0) {
        return true;
    }
    return str_starts_with(path, dir) && (path.n == dir.n || path.p[dir.n] == '/');
}

/* Put what a link points to in front of what is still to be walked. */
static int
follow(struct arena *arena, struct str link, struct str target, struct str *rest, struct err *err)
{
    if (target.n > 0 && target.p[0] == '/') {
        return err_set(err, ERR_DENIED, "symbolic link '" STR_FMT "' points outside: '" STR_FMT "'",
                       STR_ARG(link), STR_ARG(target));
    }
    if (target.n + rest->n + 1 > LIMIT_PATH_BYTES) {
        return err_set(err, ERR_INVALID, "symbolic link '" STR_FMT "' is too long", STR_ARG(link));
    }
    *rest = rest->n == 0
                ? target
                : arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(target), STR_ARG(*rest));
    return 0;
}

int path_resolve(struct arena *arena,
                 struct str path,
                 path_readlink_fn readlink,
                 void *data,
                 struct str *ret,
                 struct err *err)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_PATH_BYTES);
    struct str rest = path;
    for (int n_links = 0; rest.n > 0;) {
        struct str part;
        struct str after = STR_EMPTY;
        (void)str_cut(rest, '/', &part, &after); /* without a "/" all of it is the part */
        rest = after;
        size_t parent_n = out.n;
        if (out.n == 0 && str_eq_c(part, "..")) {
            return err_set(err, ERR_DENIED, "symbolic links in '" STR_FMT "' lead outside",
                           STR_ARG(path));
        }
        TRY(push_parts(&out, part, err));
        if (part.n == 0 || str_eq_c(part, ".") || str_eq_c(part, "..")) {
            continue;
        }
        struct str target;
        int is_link = readlink(data, arena, buf_str(&out), &target, err);
        TRY(is_link);
        if (is_link == 0) {
            continue;
        }
        if (++n_links > LINKS_MAX) {
            return err_set(err, ERR_INVALID, "too many symbolic links in '" STR_FMT "'",
                           STR_ARG(path));
        }
        TRY(follow(arena, buf_str(&out), target, &rest, err));
        buf_truncate(&out, parent_n);
    }
    *ret = buf_to_arena(&out, arena);
    return 0;
}
