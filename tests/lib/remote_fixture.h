/* A provider of what lies elsewhere, for engines under test: archives and files from a table, at once or only when
 * asked for again. */
#pragma once

#include <string.h>

#include "common/base/arena.h"
#include "engine/engine_env.h"
#include "tests/lib/archive.h"

struct remote_item {
    const char *url;
    const char *name;    /* of a chart; NULL: a file */
    const char *version; /* that is asked for */
    const char *head;    /* Chart.yaml of the chart; the file's text */
};

struct remote_fixture {
    const struct remote_item *items; /* up to one without a URL */
    bool awaited;                    /* nothing is here yet */
    unsigned n_asked;
    struct engine_files *ref; /* of the source "values" */
};

/* An archive with Chart.yaml and a template. */
static inline struct str remote_chart(struct arena *arena, const char *name, const char *head)
{
    AUTO(buf) struct buf tar;
    buf_init(&tar, 1 << 20);
    archive_put(&tar, '0', arena_printf(arena, "%s/Chart.yaml", name).p, str_from(head));
    archive_put(&tar, '0', arena_printf(arena, "%s/templates/a.yaml", name).p,
                STR("apiVersion: v1\nkind: X\nmetadata: {name: {{ .Chart.Name }}-"
                    "{{ .Chart.Version }}}\n"));
    archive_end(&tar);
    return archive_gzip(arena, buf_str(&tar));
}

static inline int remote_get(struct engine_env *env,
                             const struct engine_remote *what,
                             struct engine_remote_result *ret,
                             struct err *err)
{
    struct remote_fixture *f = env->data;
    f->n_asked++;
    if (f->awaited) {
        return err_set(err, ERR_UNAVAILABLE, "not here yet");
    }
    for (const struct remote_item *i = f->items; i->url != NULL; i++) {
        if (!str_eq_c(what->url, i->url)) {
            continue;
        }
        if (what->type == ENGINE_REMOTE_FILE && i->name == NULL) {
            ret->bytes = str_from(i->head);
            return 0;
        }
        if (what->type == ENGINE_REMOTE_CHART && i->name != NULL && str_eq_c(what->name, i->name) &&
            str_eq_c(what->version, i->version)) {
            ret->bytes = remote_chart(env->arena, i->name, i->head);
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "nothing at '" STR_FMT "' for '" STR_FMT "'",
                   STR_ARG(what->url), STR_ARG(what->version));
}

static inline int
remote_ref(struct engine_env *env, struct str name, struct engine_files **ret, struct err *err)
{
    struct remote_fixture *f = env->data;
    if (f->ref == NULL || !str_eq_c(name, "values")) {
        return err_set(err, ERR_NOT_FOUND, "no such ref");
    }
    *ret = f->ref;
    return 0;
}
