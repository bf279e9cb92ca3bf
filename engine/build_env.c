/* ARGOCD_APP_* in settings. */
#include "engine/build_env.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "engine/engine_env.h"

static struct str revision_of(struct engine_env *env, size_t n)
{
    struct str revision = env->revision != NULL ? env->revision(env) : STR_EMPTY;
    return str_sub(revision, 0, n);
}

static struct str variable(struct engine_env *env, struct str path, struct str name)
{
    const struct {
        const char *name;
        struct str value;
    } rows[] = {
        {"ARGOCD_APP_NAME", env->app.name},
        {"ARGOCD_APP_NAMESPACE", env->app.namespace},
        {"ARGOCD_APP_PROJECT_NAME", env->app.project},
        {"ARGOCD_APP_SOURCE_PATH", path},
        {"ARGOCD_APP_SOURCE_REPO_URL", env->app.repo_url},
        {"ARGOCD_APP_SOURCE_TARGET_REVISION", env->app.target_revision},
    };
    static const struct {
        const char *name;
        size_t n; /* characters of the revision */
    } revisions[] = {
        {"ARGOCD_APP_REVISION", (size_t)-1},
        {"ARGOCD_APP_REVISION_SHORT", 7},
        {"ARGOCD_APP_REVISION_SHORT_8", 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (str_eq_c(name, rows[i].name)) {
            return rows[i].value;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(revisions); i++) {
        if (str_eq_c(name, revisions[i].name)) {
            return revision_of(env, revisions[i].n);
        }
    }
    return STR_EMPTY;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The name behind a "$"; *ret_n: how much of the text it takes. n = 0: there is none. */
static struct str name_behind(struct str rest, size_t *ret_n)
{
    size_t n = 0;
    if (rest.n > 0 && rest.p[0] == '{') {
        size_t end = str_find_char(rest, '}');
        *ret_n = end != STR_NONE ? end + 1 : 0;
        return end != STR_NONE ? str_sub(rest, 1, end) : STR_EMPTY;
    }
    while (n < rest.n && is_name_char(rest.p[n])) {
        n++;
    }
    *ret_n = n;
    return str_sub(rest, 0, n);
}

struct str build_env_expand(struct engine_env *env, struct str path, struct str text)
{
    if (str_find_char(text, '$') == STR_NONE) {
        return text;
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_DOC_BYTES);
    for (size_t i = 0; i < text.n; i++) {
        size_t taken = 0;
        if (text.p[i] != '$') {
            buf_put_char(&out, text.p[i]);
            continue;
        }
        struct str rest = str_sub(text, i + 1, text.n);
        struct str name = name_behind(rest, &taken);
        if (rest.n > 0 && rest.p[0] == '$') {
            buf_put_char(&out, '$');
            taken = 1;
        } else if (taken > 0) {
            buf_put(&out, variable(env, path, name));
        } else {
            buf_put_char(&out, '$');
        }
        i += taken;
    }
    return buf_to_arena(&out, env->arena);
}
