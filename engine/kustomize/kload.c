/* The chain of directories a build has entered, and reading files from them.
 *
 * A directory of a chain is never entered again, nor one above it: bases cannot name each other in a circle. */
#include "engine/kustomize/kload.h"

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "engine/engine_env.h"
#include "engine/kustomize/krepo.h"

/* ---- what messages say ---- */

/* base + "/" + rel without "." and "..", from the root of the tree as if that were the file system's. */
static struct str show_path(struct arena *arena, struct str base, struct str rel)
{
    struct str out = rel.n > 0 && rel.p[0] == '/' ? STR_EMPTY : base;
    struct str rest = rel;
    struct str part;
    while (str_next(&rest, '/', &part)) {
        if (part.n == 0 || str_eq_c(part, ".")) {
            continue;
        }
        out = str_eq_c(part, "..") ? path_dir(out) : path_append(arena, out, part);
    }
    return arena_printf(arena, "/" STR_FMT, STR_ARG(out));
}

struct str kload_show(const struct kload *load, struct str path)
{
    return show_path(load->env->arena, load->dir, path);
}

static bool is_web_url(struct str path)
{
    return (path.n > 7 && str_eq_nocase(str_sub(path, 0, 7), STR("http://"))) ||
           (path.n > 8 && str_eq_nocase(str_sub(path, 0, 8), STR("https://")));
}

static const struct kload *remote_of(const struct kload *load)
{
    while (load != NULL && load->remote.n == 0) {
        load = load->parent;
    }
    return load;
}

struct str kload_path(const struct kload *load, struct str path)
{
    struct arena *arena = load->env->arena;
    const struct kload *remote = remote_of(load);
    if (is_web_url(path)) {
        return path;
    }
    struct str shown = kload_show(load, path);
    if (remote != NULL) {
        return arena_printf(arena, STR_FMT ":" STR_FMT, STR_ARG(remote->remote), STR_ARG(shown));
    }
    return str_sub(shown, 1, shown.n);
}

/* What Go says when a link or file on the path cannot be followed: the first part that is not there. */
static int missing(const struct kload *load, struct str path, struct str asked, struct err *err)
{
    struct arena *arena = load->env->arena;
    struct engine_files *files = load->files;
    enum engine_file_type type = ENGINE_FILE_DIR;
    for (size_t n = 0; n < path.n;) {
        size_t slash = str_find_char(str_sub(path, n, path.n), '/');
        size_t end = slash == STR_NONE ? path.n : n + slash;
        TRY(files->type(files, str_sub(path, 0, end), &type, err));
        if (type == ENGINE_FILE_MISSING) {
            return err_set(err, ERR_NOT_FOUND,
                           "evalsymlink failure on '" STR_FMT "' : lstat /" STR_FMT
                           ": no such file or directory",
                           STR_ARG(asked), STR_ARG(str_sub(path, 0, end)));
        }
        if (type != ENGINE_FILE_DIR && end < path.n) {
            break;
        }
        n = end + 1;
    }
    (void)arena;
    return err_set(err, ERR_NOT_FOUND, "evalsymlink failure on '" STR_FMT "' : not a directory",
                   STR_ARG(asked));
}

/* ---- paths ---- */

/* The real path that an entry names, and what is there. */
static int resolve(const struct kload *load,
                   struct str entry,
                   struct str *ret_path,
                   enum engine_file_type *ret,
                   struct err *err)
{
    struct engine_files *files = load->files;
    struct arena *arena = load->env->arena;
    struct str path;
    struct str real;
    struct str base = entry.n > 0 && entry.p[0] == '/' ? STR_EMPTY : load->dir;
    if (path_join_safe(arena, base, entry, &path, err) < 0) {
        return err_set(err, ERR_DENIED, "'" STR_FMT "' leads out of the source", STR_ARG(entry));
    }
    TRY(files->resolve(files, arena, path, &real, err));
    TRY(files->type(files, real, ret, err));
    if (*ret == ENGINE_FILE_MISSING) {
        return missing(load, real, kload_show(load, entry), err);
    }
    *ret_path = real;
    return 0;
}

/* ---- directories ---- */

static int not_a_directory(struct err *err, struct str shown)
{
    return err_set(err, ERR_INVALID,
                   "must build at directory: '" STR_FMT "': file is not directory", STR_ARG(shown));
}

/* kustomize says what it wanted, and then what the trouble was. */
static int wanted_directory(struct err *err)
{
    struct err cause = *err;
    char text[ERR_MESSAGE_BYTES];
    cause.pos = (struct err_pos){0};
    err_format(&cause, text, sizeof(text));
    return err_set(err, cause.code, "must build at directory: not a valid directory: %s", text);
}

int kload_init(struct kload *load,
               struct engine_env *env,
               struct str dir,
               enum kload_restriction restriction,
               struct err *err)
{
    struct str real = STR_EMPTY;
    enum engine_file_type type = ENGINE_FILE_DIR;
    *load = (struct kload){.env = env, .files = env->files, .restriction = restriction};
    if (resolve(load, dir, &real, &type, err) < 0) {
        return err->code == ERR_NOT_FOUND ? wanted_directory(err) : -(int)err->code;
    }
    if (type != ENGINE_FILE_DIR) {
        return not_a_directory(err, kload_show(load, dir));
    }
    load->dir = real;
    return 0;
}

static int check_cycle(const struct kload *load, struct str dir, struct err *err)
{
    struct engine_files *files = load->files;
    for (const struct kload *at = load; at != NULL && at->files == files; at = at->parent) {
        if (path_is_below(at->dir, dir)) {
            return err_set(err, ERR_INVALID,
                           "cycle detected: candidate root '/" STR_FMT
                           "' contains visited root '/" STR_FMT "'",
                           STR_ARG(dir), STR_ARG(at->dir));
        }
    }
    return 0;
}

static int
enter_directory(const struct kload *load, struct str entry, struct kload *ret, struct err *err)
{
    struct str dir;
    enum engine_file_type type;
    if (entry.p[0] == '/') {
        return err_set(err, ERR_INVALID, "new root '" STR_FMT "' cannot be absolute",
                       STR_ARG(entry));
    }
    if (resolve(load, entry, &dir, &type, err) < 0) {
        return err->code == ERR_NOT_FOUND ? wanted_directory(err) : -(int)err->code;
    }
    if (type != ENGINE_FILE_DIR) {
        return not_a_directory(err, kload_show(load, entry));
    }
    TRY(check_cycle(load, dir, err));
    *ret = *load;
    ret->dir = dir;
    ret->parent = load;
    ret->remote = STR_EMPTY;
    return 0;
}

/* ---- remotes ---- */

int kload_ask_remote(const struct kload *load,
                     const struct engine_remote *what,
                     struct engine_remote_result *ret,
                     struct err *err)
{
    struct engine_env *env = load->env;
    if (env->remote == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "'" STR_FMT "': there is no access to other sources",
                       STR_ARG(what->url));
    }
    if (load->n_remotes != NULL && ++*load->n_remotes > LIMIT_KUSTOMIZE_REMOTES) {
        return err_set(err, ERR_LIMIT, "more than %d files, charts and repositories from elsewhere",
                       LIMIT_KUSTOMIZE_REMOTES);
    }
    return env->remote(env, what, ret, err);
}

/* A repository that an ancestor came from, or whose URL begins as that one's. */
static int check_remote_cycle(const struct kload *load, struct str entry, struct err *err)
{
    for (const struct kload *at = load; at != NULL; at = at->parent) {
        if (at->remote.n > 0 && str_starts_with(at->remote, entry)) {
            return err_set(err, ERR_INVALID,
                           "cycle detected: URI '" STR_FMT "' referenced by previous URI '" STR_FMT
                           "'",
                           STR_ARG(entry), STR_ARG(at->remote));
        }
    }
    return 0;
}

static int enter_remote(const struct kload *load,
                        struct str entry,
                        const struct krepo *repo,
                        struct kload *ret,
                        struct err *err)
{
    const struct engine_remote what = {
        .type = ENGINE_REMOTE_GIT,
        .url = repo->url,
        .version = repo->ref,
        .timeout_ms = repo->timeout_ms,
        .submodules = repo->submodules,
    };
    struct engine_remote_result result = {0};
    enum engine_file_type type;
    TRY(check_remote_cycle(load, entry, err));
    TRY(kload_ask_remote(load, &what, &result, err));
    struct kload next = {
        .env = load->env,
        .files = result.files,
        .parent = load,
        .remote = entry,
        .n_remotes = load->n_remotes,
        .restriction = KLOAD_ROOT_ONLY, /* whatever holds for the repository that names it */
    };
    TRY(resolve(&next, repo->dir, &next.dir, &type, err));
    if (type != ENGINE_FILE_DIR) {
        return err_set(err, ERR_INVALID, "'/" STR_FMT "' refers to file; expecting directory",
                       STR_ARG(repo->dir));
    }
    *ret = next;
    return 0;
}

int kload_enter(const struct kload *load, struct str entry, struct kload *ret, struct err *err)
{
    struct krepo repo;
    if (entry.n == 0) {
        return err_set(err, ERR_INVALID, "new root cannot be empty");
    }
    if (krepo_parse(load->env->arena, entry, &repo)) {
        return enter_remote(load, entry, &repo, ret, err);
    }
    return enter_directory(load, entry, ret, err);
}

/* ---- files ---- */

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } TEXTS[] = {
        {400, "Bad Request"}, {401, "Unauthorized"},        {403, "Forbidden"},
        {404, "Not Found"},   {405, "Method Not Allowed"},  {408, "Request Timeout"},
        {410, "Gone"},        {429, "Too Many Requests"},   {500, "Internal Server Error"},
        {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        if (TEXTS[i].status == status) {
            return TEXTS[i].text;
        }
    }
    return "";
}

static int web_file(const struct kload *load, struct str url, struct str *ret, struct err *err)
{
    const struct engine_remote what = {.type = ENGINE_REMOTE_FILE, .url = url};
    struct engine_remote_result result = {0};
    struct krepo repo;
    if (kload_ask_remote(load, &what, &result, err) == 0) {
        *ret = result.bytes;
        return budget_bytes(load->env->budget, result.bytes.n, err);
    }
    int status = err->system_code;
    if (err->code == ERR_UNAVAILABLE || status < 300 || status > 599) {
        return -(int)err->code;
    }
    if (krepo_parse(load->env->arena, url, &repo)) {
        (void)err_set(err, ERR_NOT_FOUND, "URL is a git repository");
        return -ERR_NOT_FOUND;
    }
    (void)err_set(err, ERR_NOT_FOUND, "HTTP Error: status code %d (%s)", status,
                  status_text(status));
    err->system_code = status;
    return -ERR_NOT_FOUND;
}

int kload_file(const struct kload *load, struct str path, struct str *ret, struct err *err)
{
    return kload_file_in(load, load->env->arena, path, ret, err);
}

int kload_file_in(const struct kload *load,
                  struct arena *arena,
                  struct str path,
                  struct str *ret,
                  struct err *err)
{
    struct str real;
    enum engine_file_type type;
    struct engine_env *env = load->env;
    if (is_web_url(path)) {
        return web_file(load, path, ret, err);
    }
    TRY(resolve(load, path, &real, &type, err));
    if (type == ENGINE_FILE_DIR) {
        return err_set(err, ERR_INVALID,
                       load->restriction == KLOAD_NONE ? "read " STR_FMT ": is a directory"
                                                       : "'" STR_FMT "' must resolve to a file",
                       STR_ARG(kload_show(load, path)));
    }
    if (load->restriction == KLOAD_ROOT_ONLY && !path_is_below(path_dir(real), load->dir)) {
        return err_set(err, ERR_DENIED,
                       "security; file '" STR_FMT "' is not in or below '/" STR_FMT "'",
                       STR_ARG(kload_show(load, path)), STR_ARG(load->dir));
    }
    TRY(load->files->read(load->files, arena, real, LIMIT_DOC_BYTES, ret, err));
    return budget_bytes(env->budget, ret->n, err);
}
