/* Lock file or Chart.yaml ─▶ what is wanted ─▶ archives and directories ─▶ subcharts of the chart. */
#include "engine/helm/deps_build.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/semver.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/chart_load.h"
#include "engine/helm/deps.h"

#define FILE_SCHEME "file://"

struct build {
    struct engine_env *env;
    const struct deps_build_options *options;
    struct chart *chart;
    VEC(struct chart *) built;
    size_t n_awaited;
};

/* ---- the lock file ---- */

static void put_key(struct buf *out, const char *key)
{
    buf_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",", key);
}

static void put_text(struct buf *out, const char *key, struct str text)
{
    if (text.n > 0) {
        put_key(out, key);
        value_json_put_string(out, text, true);
    }
}

/* One dependency as Go's encoder writes Helm's struct: this text is what lock files have the digest of. */
static int put_dependency(struct buf *out, const struct chart_dependency *d, struct err *err)
{
    static const struct value_json_write GO = {.escape_html = true};
    buf_put_c(out, "{\"name\":");
    value_json_put_string(out, d->name, true);
    put_text(out, "version", d->version);
    put_key(out, "repository");
    value_json_put_string(out, d->repository, true);
    put_text(out, "condition", d->condition);
    for (size_t i = 0; i < d->tags.n; i++) {
        buf_put_c(out, i == 0 ? ",\"tags\":[" : ",");
        value_json_put_string(out, d->tags.items[i], true);
    }
    buf_put_c(out, d->tags.n > 0 ? "]" : "");
    buf_put_c(out, d->enabled ? ",\"enabled\":true" : "");
    if (value_len(d->import_values) > 0) {
        put_key(out, "import-values");
        TRY(value_to_json(out, d->import_values, &GO, err));
    }
    put_text(out, "alias", d->alias);
    buf_put_char(out, '}');
    return 0;
}

static int
put_dependencies(struct buf *out, const struct chart_dependency *items, size_t n, struct err *err)
{
    buf_put_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_put_c(out, i > 0 ? "," : "");
        TRY(put_dependency(out, &items[i], err));
    }
    buf_put_char(out, ']');
    return 0;
}

static bool is_digest_of(struct str digest, struct buf *text)
{
    char hex[DIGEST_SHA256_HEX_BYTES];
    digest_sha256_hex(buf_str(text), hex);
    return str_cut_prefix(&digest, STR("sha256:")) && str_eq_c(digest, hex);
}

static int check_digest(const struct chart *chart, const struct chart_lock *lock, struct err *err)
{
    const struct chart_meta *meta = &chart->meta;
    bool is_v1 = str_eq_c(meta->api_version, "v1");
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    buf_put_char(&text, '[');
    TRY(put_dependencies(&text, meta->dependencies, meta->n_dependencies, err));
    buf_put_char(&text, ',');
    if (lock->has_list) {
        TRY(put_dependencies(&text, lock->dependencies, lock->n_dependencies, err));
    } else {
        buf_put_c(&text, "null");
    }
    buf_put_char(&text, ']');
    TRY(buf_check(&text, "dependencies", err));
    if (is_digest_of(lock->digest, &text)) {
        return 0;
    }
    if (is_v1) { /* Helm 2 took the declarations alone */
        buf_reset(&text);
        buf_put_c(&text, "{\"dependencies\":");
        TRY(put_dependencies(&text, meta->dependencies, meta->n_dependencies, err));
        buf_put_char(&text, '}');
        if (is_digest_of(lock->digest, &text)) {
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "the lock file (%s) is out of sync with the dependencies file (%s). "
                   "Please update the dependencies",
                   is_v1 ? "requirements.lock" : "Chart.lock",
                   is_v1 ? "requirements.yaml" : "Chart.yaml");
}

/* ---- finding ---- */

static int check_version(struct build *b,
                         const struct chart_dependency *d,
                         struct chart *found,
                         struct err *err)
{
    const struct semver_constraint *constraint;
    struct semver version;
    TRY_IN(semver_constraint_parse(b->env->arena, d->version, &constraint, err), err,
           "dependency '" STR_FMT "' has an invalid version/constraint format", STR_ARG(d->name));
    TRY(semver_parse(found->meta.version, &version, err));
    if (!semver_constraint_check(constraint, &version)) {
        return err_set(err, ERR_INVALID,
                       "can't get a valid version for dependency '" STR_FMT "': '" STR_FMT
                       "' is wanted, " STR_FMT " has " STR_FMT,
                       STR_ARG(d->name), STR_ARG(d->version), STR_ARG(d->repository),
                       STR_ARG(found->meta.version));
    }
    return 0;
}

static int load_directory(struct build *b,
                          const struct chart_dependency *d,
                          struct chart **ret,
                          struct err *err)
{
    struct engine_env *env = b->env;
    struct str dir = str_sub(d->repository, sizeof(FILE_SCHEME) - 1, d->repository.n);
    struct str path;
    enum engine_file_type type;
    if (str_starts_with(dir, STR("/"))) {
        return err_set(err, ERR_INVALID,
                       "the path must be relative to the chart: there are no other files here");
    }
    TRY(path_join_safe(env->arena, b->options->path, dir, &path, err));
    TRY(env->files->type(env->files, path, &type, err));
    if (type != ENGINE_FILE_DIR) {
        return err_set(err, ERR_NOT_FOUND, "directory '" STR_FMT "' is not there", STR_ARG(path));
    }
    TRY_IN(chart_load(env, b->options->values, path, ret, err), err, "directory '" STR_FMT "'",
           STR_ARG(path));
    return check_version(b, d, *ret, err);
}

/* 1 = *ret; 0 = its archive is not here yet. */
static int
load_archive(struct build *b, const struct chart_dependency *d, struct chart **ret, struct err *err)
{
    struct engine_remote_result result;
    struct engine_remote remote = {
        .type = ENGINE_REMOTE_CHART,
        .url = d->repository,
        .name = d->name,
        .version = d->version,
        .pass_credentials = b->options->pass_credentials,
    };
    int rc = b->env->remote(b->env, &remote, &result, err);
    if (rc == -ERR_UNAVAILABLE) {
        return 0;
    }
    TRY(rc);
    TRY(chart_load_archive(b->env, b->options->values, result.bytes, ret, err));
    return 1;
}

static bool is_built(const struct build *b, const struct chart *chart)
{
    for (size_t i = 0; i < b->built.n; i++) {
        const struct chart_meta *other = &b->built.items[i]->meta;
        if (str_eq(other->name, chart->meta.name) && str_eq(other->version, chart->meta.version)) {
            return true;
        }
    }
    return false;
}

static int build_one(struct build *b, const struct chart_dependency *d, struct err *err)
{
    struct chart *chart;
    int here = 1;
    if (d->repository.n == 0) {
        return 0; /* has to be in charts/, which is looked at in the end */
    }
    if (str_starts_with(d->repository, STR(FILE_SCHEME))) {
        TRY_IN(load_directory(b, d, &chart, err), err, "dependency '" STR_FMT "'",
               STR_ARG(d->name));
    } else {
        here = load_archive(b, d, &chart, err);
        TRY_IN(here, err, "dependency '" STR_FMT "'", STR_ARG(d->name));
    }
    if (!here) {
        b->n_awaited++;
    } else if (!is_built(b, chart)) {
        chart->parent = b->chart;
        vec_push_in(b->env->arena, &b->built, chart);
    }
    return 0;
}

/* ---- the chart's new subcharts ---- */

static bool is_replaced(const struct build *b, const struct chart *old)
{
    for (size_t i = 0; i < b->built.n; i++) {
        if (str_eq(b->built.items[i]->meta.name, old->meta.name)) {
            return true;
        }
    }
    return false;
}

static void replace_subcharts(struct build *b)
{
    struct chart *chart = b->chart;
    struct chart **all =
        arena_calloc(b->env->arena, chart->n_subcharts + b->built.n + 1, sizeof(struct chart *));
    size_t n = 0;
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        if (!is_replaced(b, chart->subcharts[i])) {
            all[n++] = chart->subcharts[i];
        }
    }
    for (size_t i = 0; i < b->built.n; i++) {
        all[n++] = b->built.items[i];
    }
    chart->subcharts = all;
    chart->n_subcharts = n;
}

static int check_constraint(struct build *b, const struct chart_dependency *d, struct err *err)
{
    const struct semver_constraint *ignored;
    TRY_IN(semver_constraint_parse(b->env->arena, d->version, &ignored, err), err,
           "dependency '" STR_FMT "' has an invalid version/constraint format", STR_ARG(d->name));
    return 0;
}

static int build_all(struct build *b, struct err *err)
{
    const struct chart_meta *meta = &b->chart->meta;
    struct chart_lock lock = {.dependencies = meta->dependencies,
                              .n_dependencies = meta->n_dependencies};
    if (b->chart->lock.p != NULL) {
        TRY_IN(chart_lock_parse(b->env->arena, b->chart->lock, &lock, err), err, "lock file");
        TRY(check_digest(b->chart, &lock, err));
    }
    for (size_t i = 0; i < lock.n_dependencies; i++) {
        if (lock.dependencies[i].repository.n > 0) {
            TRY(check_constraint(b, &lock.dependencies[i], err));
        }
        TRY(build_one(b, &lock.dependencies[i], err));
    }
    if (b->n_awaited > 0) {
        return err_set(err, ERR_UNAVAILABLE, "dependencies are not here yet");
    }
    return 0;
}

int deps_build(struct engine_env *env,
               const struct deps_build_options *options,
               struct chart *chart,
               struct err *err)
{
    struct build b = {.env = env, .options = options, .chart = chart};
    struct err missing;
    if (deps_check_present(chart, &missing) == 0) {
        return 0;
    }
    if (env->remote == NULL) {
        *err = missing;
        return -(int)err->code;
    }
    TRY(build_all(&b, err));
    replace_subcharts(&b);
    return deps_check_present(chart, err);
}
