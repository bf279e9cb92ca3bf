/* Each repository is fetched once, with a depth of one, into a temporary directory, as kustomize does it; steps of git follow each
 * other, each under the deadline of its own that the source asks for. */
#include "cli/remote_local.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/local_tree.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/net/http_client.h"
#include "common/rt/config.h"
#include "common/rt/loop.h"
#include "common/rt/subproc.h"
#include "version.h"

enum {
    GIT_TIMEOUT_MS = 27 * 1000,
    FILE_TIMEOUT_MS = 60 * 1000,
    REDIRECTS_MAX = 10,
    OUTPUT_BYTES_MAX = 64 * 1024, /* of git, for messages */
    ARGS_MAX = 8,
};

#define USER_AGENT "belay/" BELAY_VERSION

extern char **environ;

struct clone {
    struct str url;
    struct str version;
    bool submodules;
    struct str dir;
    struct local_tree *tree; /* NULL: it failed */
};

struct remote_local {
    struct arena *arena;
    struct loop *loop;
    struct http_client *http; /* NULL until a file is asked for */
    bool http_closed;
    VEC(struct clone) clones;
    struct str git; /* path of the program; "" = not looked for */
};

struct remote_local *remote_local_new(void)
{
    struct remote_local *r = MEM_NEW(struct remote_local);
    r->arena = arena_new();
    return r;
}

static void on_http_closed(void *data)
{
    ((struct remote_local *)data)->http_closed = true;
}

static bool is_http_closed(void *data)
{
    return ((struct remote_local *)data)->http_closed;
}

void remote_local_free(struct remote_local *remote)
{
    struct err ignored;
    if (remote == NULL) {
        return;
    }
    VEC_FOREACH(&remote->clones, clone) {
        local_tree_close(clone->tree);
        /* what stays is in a directory for such things */
        (void)(fs_remove_tree(clone->dir.p, &ignored) < 0);
    }
    if (remote->http != NULL) {
        http_client_close(remote->http, on_http_closed, remote);
        (void)loop_run_until(remote->loop, is_http_closed, remote, -1);
    }
    loop_free(remote->loop);
    arena_free(remote->arena);
    mem_free(remote);
}

static struct loop *loop_of(struct remote_local *r)
{
    if (r->loop == NULL) {
        r->loop = loop_new();
    }
    return r->loop;
}

/* ---- git ---- */

struct step {
    struct buf output;
    struct err err; /* code ERR_OK = none */
    bool done;
};

static void on_stdout(struct subproc *proc UNUSED, struct str bytes, void *data)
{
    buf_put(&((struct step *)data)->output, bytes);
}

static void on_stderr_line(struct subproc *proc UNUSED, struct str line, void *data)
{
    struct step *step = data;
    buf_put(&step->output, line);
    buf_put_char(&step->output, '\n');
}

static void on_exit_step(struct subproc *proc UNUSED, const struct err *err, void *data)
{
    struct step *step = data;
    step->done = true;
    if (err != NULL) {
        step->err = *err;
    }
}

static bool is_done(void *data)
{
    return ((struct step *)data)->done;
}

static int find_git(struct remote_local *r, struct err *err)
{
    const char *path = config_env("PATH");
    struct str rest = str_from(path != NULL ? path : "/usr/bin:/bin");
    struct str dir;
    while (r->git.n == 0 && str_next(&rest, ':', &dir)) {
        struct str program = arena_printf(r->arena, STR_FMT "/git", STR_ARG(dir));
        if (dir.n > 0 && access(program.p, X_OK) == 0) {
            r->git = program;
        }
    }
    return r->git.n > 0 ? 0 : err_set(err, ERR_UNSUPPORTED, "no 'git' program on path");
}

static struct str command_text(struct remote_local *r, const char *const *argv)
{
    struct str text = r->git;
    for (size_t i = 1; argv[i] != NULL; i++) {
        text = arena_printf(r->arena, STR_FMT " %s", STR_ARG(text), argv[i]);
    }
    return text;
}

static int fail(struct remote_local *r,
                const struct step *step,
                const char *const *argv,
                int64_t timeout_ms,
                struct err *err)
{
    struct str command = command_text(r, argv);
    if (step->err.code == ERR_TIMEOUT) {
        return err_set(err, ERR_TIMEOUT, "hit %llds timeout running '" STR_FMT "'",
                       (long long)(timeout_ms / 1000), STR_ARG(command));
    }
    return err_set(err, ERR_NOT_FOUND, "failed to run '" STR_FMT "': " STR_FMT ": exit status %d",
                   STR_ARG(command), STR_ARG(buf_str(&step->output)), step->err.system_code);
}

static int run_git(struct remote_local *r,
                   struct str dir,
                   int64_t timeout_ms,
                   const char *const *argv,
                   struct err *err)
{
    static const struct subproc_callbacks CALLBACKS = {on_stdout, on_stderr_line, on_exit_step};
    struct step step = {.err = {.code = ERR_OK}};
    struct subproc *proc;
    const struct subproc_options options = {
        .path = r->git.p,
        .argv = argv,
        .environ = (const char *const *)environ,
        .cwd = dir.p,
        .deadline_ms = clock_now_ms(clock_system()) + timeout_ms,
    };
    buf_init(&step.output, OUTPUT_BYTES_MAX);
    int rc = subproc_start(loop_of(r), &options, &CALLBACKS, &step, &proc, err);
    if (rc == 0) {
        subproc_close_stdin(proc);
        (void)loop_run_until(r->loop, is_done, &step, -1);
        rc = step.err.code == ERR_OK ? 0 : fail(r, &step, argv, timeout_ms, err);
    }
    buf_done(&step.output);
    return rc;
}

static int make_dir(struct remote_local *r, struct str *ret, struct err *err)
{
    const char *parent = config_env("TMPDIR");
    struct str dir = arena_printf(r->arena, "%s/belay-kustomize-XXXXXX",
                                  parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    char *name = arena_strdup(r->arena, dir.p);
    if (mkdtemp(name) == NULL) {
        return err_set(err, ERR_UNAVAILABLE, "cannot make a temporary directory");
    }
    *ret = str_from(name);
    return 0;
}

static int
fetch(struct remote_local *r, const struct engine_remote *what, struct str dir, struct err *err)
{
    struct str url = arena_str(r->arena, what->url);
    struct str ref = what->version.n > 0 ? arena_str(r->arena, what->version) : STR("HEAD");
    const char *const steps[][ARGS_MAX] = {
        {"git", "init", NULL},
        {"git", "remote", "add", "origin", url.p, NULL},
        {"git", "fetch", "--depth=1", url.p, ref.p, NULL},
        {"git", "checkout", "FETCH_HEAD", NULL},
        {"git", "submodule", "update", "--init", "--recursive", NULL},
    };
    size_t n = ARRAY_LEN(steps) - (what->submodules ? 0 : 1);
    if (url.p[0] == '-' || ref.p[0] == '-') {
        return err_set(err, ERR_INVALID, "'%s': not a URL or reference",
                       url.p[0] == '-' ? url.p : ref.p);
    }
    for (size_t i = 0; i < n; i++) {
        int64_t timeout_ms = what->timeout_ms > 0 ? what->timeout_ms : GIT_TIMEOUT_MS;
        TRY(run_git(r, dir, timeout_ms, steps[i], err));
    }
    return 0;
}

static struct clone *find_clone(struct remote_local *r, const struct engine_remote *what)
{
    VEC_FOREACH(&r->clones, c) {
        if (str_eq(c->url, what->url) && str_eq(c->version, what->version) &&
            c->submodules == what->submodules && c->tree != NULL) {
            return c;
        }
    }
    return NULL;
}

static int get_repository(struct remote_local *r,
                          const struct engine_remote *what,
                          struct engine_remote_result *ret,
                          struct err *err)
{
    struct clone *known = find_clone(r, what);
    if (known == NULL) {
        struct clone clone = {
            .url = arena_str(r->arena, what->url),
            .version = arena_str(r->arena, what->version),
            .submodules = what->submodules,
        };
        TRY(find_git(r, err));
        TRY(make_dir(r, &clone.dir, err));
        vec_push_in(r->arena, &r->clones, clone);
        known = &r->clones.items[r->clones.n - 1];
        TRY(fetch(r, what, known->dir, err));
        TRY(local_tree_open(known->dir.p, &known->tree, err));
    }
    *ret = (struct engine_remote_result){.files = local_tree_files(known->tree)};
    return 0;
}

/* ---- files ---- */

struct download {
    struct arena *arena;
    struct str bytes;
    struct err err; /* code ERR_OK = none */
    bool done;
};

static void on_downloaded(const struct http_response *response, const struct err *err, void *data)
{
    struct download *d = data;
    d->done = true;
    if (err != NULL) {
        d->err = *err;
    } else if (http_response_check(response, &d->err) < 0) {
        d->err.system_code = response->status;
    } else {
        d->bytes = buf_to_arena(response->body, d->arena);
    }
}

static bool is_downloaded(void *data)
{
    return ((struct download *)data)->done;
}

static int get_file(struct remote_local *r,
                    struct engine_env *env,
                    const struct engine_remote *what,
                    struct engine_remote_result *ret,
                    struct err *err)
{
    struct http_header agent = {STR("user-agent"), STR(USER_AGENT)};
    struct download d = {.arena = env->arena, .err = {.code = ERR_OK}};
    const struct http_call_opts opts = {
        .url = what->url,
        .headers = {&agent, 1},
        .timeout_ms = what->timeout_ms > 0 ? what->timeout_ms : FILE_TIMEOUT_MS,
        .max_body_bytes = LIMIT_DOC_BYTES,
        .max_redirects = REDIRECTS_MAX,
        .done = on_downloaded,
        .data = &d,
    };
    if (r->http == NULL) {
        r->http = http_client_new(loop_of(r), NULL);
    }
    TRY(http_client_start(r->http, NULL, &opts, NULL, err));
    (void)loop_run_until(r->loop, is_downloaded, &d, -1);
    if (d.err.code != ERR_OK) {
        *err = d.err;
        /* ERR_UNAVAILABLE would mean that asking again helps */
        err->code = err->code == ERR_UNAVAILABLE ? ERR_NOT_FOUND : err->code;
        return -(int)err->code;
    }
    *ret = (struct engine_remote_result){.bytes = d.bytes};
    return 0;
}

static int on_remote(struct engine_env *env,
                     const struct engine_remote *what,
                     struct engine_remote_result *ret,
                     struct err *err)
{
    struct remote_local *r = env->data;
    switch (what->type) {
    case ENGINE_REMOTE_GIT:
        return get_repository(r, what, ret, err);
    case ENGINE_REMOTE_FILE:
        return get_file(r, env, what, ret, err);
    case ENGINE_REMOTE_CHART:
        break;
    }
    return err_set(err, ERR_UNSUPPORTED,
                   "chart '" STR_FMT "' of '" STR_FMT "' is not here; `helm pull` brings it",
                   STR_ARG(what->name), STR_ARG(what->url));
}

void remote_local_attach(struct remote_local *remote, struct engine_env *env)
{
    env->remote = on_remote;
    env->data = remote;
}
