/* Each text flag is a row: where in the Application it goes. */
#include "cli/app_spec.h"

#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

#define FINALIZER "resources-finalizer.argocd.argoproj.io"

enum { PATH_KEYS = 5 };

struct text_row {
    size_t offset;
    const char *path[PATH_KEYS]; /* NULL at the end */
};

#define TEXT(field, ...)                        \
    {                                           \
        offsetof(struct app_spec_flags, field), \
        {                                       \
            __VA_ARGS__                         \
        }                                       \
    }

static const struct text_row TEXTS[] = {
    TEXT(name, "metadata", "name"),
    TEXT(namespace, "metadata", "namespace"),
    TEXT(project, "spec", "project"),
    TEXT(repo, "spec", "source", "repoURL"),
    TEXT(path, "spec", "source", "path"),
    TEXT(chart, "spec", "source", "chart"),
    TEXT(revision, "spec", "source", "targetRevision"),
    TEXT(directory_include, "spec", "source", "directory", "include"),
    TEXT(directory_exclude, "spec", "source", "directory", "exclude"),
    TEXT(dest_server, "spec", "destination", "server"),
    TEXT(dest_name, "spec", "destination", "name"),
    TEXT(dest_namespace, "spec", "destination", "namespace"),
};

static const char *text_of(const struct app_spec_flags *flags, const struct text_row *row)
{
    return *(const char *const *)((const char *)flags + row->offset);
}

static const struct value *
apply_texts(struct arena *arena, const struct value *app, const struct app_spec_flags *flags)
{
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        const char *text = text_of(flags, &TEXTS[i]);
        if (text != NULL) {
            app = value_with_path(arena, app, value_new_str(arena, str_from(text)), TEXTS[i].path);
        }
    }
    return app;
}

/* ---- sync policy ---- */

static bool is_automated_word(const char *word)
{
    struct str s = str_from(word);
    return str_starts_with(s, STR("auto")); /* auto, automatic, automated: a choice of the flag */
}

static int apply_policy(struct arena *arena,
                        const struct value **app,
                        const struct app_spec_flags *flags,
                        struct err *err)
{
    const struct {
        bool on;
        const char *flag;
        const char *key;
    } SWITCHES[] = {
        {flags->auto_prune, "auto-prune", "prune"},
        {flags->self_heal, "self-heal", "selfHeal"},
        {flags->allow_empty, "allow-empty", "allowEmpty"},
    };
    const struct value *v = *app;
    if (flags->sync_policy != NULL && !is_automated_word(flags->sync_policy)) {
        v = value_without(arena, v, "spec", "syncPolicy", "automated");
    } else if (flags->sync_policy != NULL &&
               !value_is(value_dig(v, "spec", "syncPolicy", "automated"), VALUE_MAP)) {
        v = value_with(arena, v, &VALUE_EMPTY_MAP, "spec", "syncPolicy", "automated");
    }
    bool automated = value_is(value_dig(v, "spec", "syncPolicy", "automated"), VALUE_MAP);
    for (size_t i = 0; i < ARRAY_LEN(SWITCHES); i++) {
        if (SWITCHES[i].on && !automated) {
            return err_set(err, ERR_INVALID, "--%s needs --sync-policy automated",
                           SWITCHES[i].flag);
        }
        if (SWITCHES[i].on) {
            v = value_with(arena, v, &VALUE_TRUE, "spec", "syncPolicy", "automated",
                           SWITCHES[i].key);
        }
    }
    for (size_t i = 0; i < flags->sync_options.n; i++) {
        const struct value *list = value_dig(v, "spec", "syncPolicy", "syncOptions");
        const struct value *option = value_new_str(arena, str_from(flags->sync_options.items[i]));
        v = value_with(arena, v, value_list_append(arena, list, option), "spec", "syncPolicy",
                       "syncOptions");
    }
    *app = v;
    return 0;
}

/* ---- labels, annotations, the rest ---- */

static int apply_pairs(struct arena *arena,
                       const struct value **app,
                       const struct flag_list *pairs,
                       const char *field,
                       struct err *err)
{
    for (size_t i = 0; i < pairs->n; i++) {
        struct str key;
        struct str text;
        if (!str_cut(str_from(pairs->items[i]), '=', &key, &text) || key.n == 0) {
            return err_set(err, ERR_INVALID, "%s: '%s' is not KEY=VALUE", field, pairs->items[i]);
        }
        const struct value *map = value_map_set(arena, value_dig(*app, "metadata", field), key,
                                                value_new_str(arena, text));
        *app = value_with(arena, *app, map, "metadata", field);
    }
    return 0;
}

static const struct value *with_finalizer(struct arena *arena, const struct value *app)
{
    const struct value *list = value_dig(app, "metadata", "finalizers");
    VALUE_FOREACH(list, f) {
        if (str_eq(value_str(f), STR(FINALIZER))) {
            return app;
        }
    }
    list = value_list_append(arena, list, value_new_str(arena, STR(FINALIZER)));
    return value_with(arena, app, list, "metadata", "finalizers");
}

static const struct value *
with_default(struct arena *arena, const struct value *v, struct str text, const char *const *path)
{
    return value_str(value_dig_path(v, path)).n > 0
               ? v
               : value_with_path(arena, v, value_new_str(arena, text), path);
}

int app_spec_apply(struct arena *arena,
                   const struct value *base,
                   const struct app_spec_flags *flags,
                   const struct value **ret,
                   struct err *err)
{
    const struct value *app = base != NULL ? base : &VALUE_EMPTY_MAP;
    app = with_default(arena, app, STR("argoproj.io/v1alpha1"),
                       (const char *const[]){"apiVersion", NULL});
    app = with_default(arena, app, STR("Application"), (const char *const[]){"kind", NULL});
    app = apply_texts(arena, app, flags);
    if (flags->directory_recurse) {
        app = value_with(arena, app, &VALUE_TRUE, "spec", "source", "directory", "recurse");
    }
    if (flags->history_limit >= 0) {
        app = value_with(arena, app, value_new_int(arena, flags->history_limit), "spec",
                         "revisionHistoryLimit");
    }
    if (flags->set_finalizer) {
        app = with_finalizer(arena, app);
    }
    TRY(apply_policy(arena, &app, flags, err));
    TRY(apply_pairs(arena, &app, &flags->labels, "labels", err));
    TRY(apply_pairs(arena, &app, &flags->annotations, "annotations", err));
    app = with_default(arena, app, STR("default"), (const char *const[]){"spec", "project", NULL});
    *ret = app;
    return 0;
}

bool app_spec_any(const struct app_spec_flags *flags)
{
    bool any = flags->sync_policy != NULL || flags->sync_options.n > 0 || flags->labels.n > 0 ||
               flags->annotations.n > 0 || flags->history_limit >= 0;
    bool switches = flags->auto_prune || flags->self_heal || flags->allow_empty ||
                    flags->directory_recurse || flags->set_finalizer;
    for (size_t i = 2; i < ARRAY_LEN(TEXTS); i++) { /* after name and namespace */
        any |= text_of(flags, &TEXTS[i]) != NULL;
    }
    return any || switches;
}
