/* The source of the Application, with the files of a directory. */
#include "cli/local_manifests.h"

#include "cli/output.h"
#include "cli/render_local.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

/* Where the files come from is not the source's any more. */
static const struct value *source_of(struct arena *arena, const struct value *app)
{
    static const char *const ELSEWHERE[] = {"repoURL", "path", "targetRevision", "chart", "ref"};
    const struct value *source = value_dig(app, "spec", "source");
    for (size_t i = 0; i < ARRAY_LEN(ELSEWHERE); i++) {
        source = value_map_remove(arena, source, str_from(ELSEWHERE[i]));
    }
    return source;
}

static int below(const struct local_manifests *what, struct str *ret, struct err *err)
{
    struct str dir = str_from(what->dir);
    struct str root = str_from(what->root);
    while (root.n > 1 && root.p[root.n - 1] == '/') {
        root.n--;
    }
    if (!str_starts_with(dir, root) || (dir.n > root.n && dir.p[root.n] != '/')) {
        return err_set(err, ERR_INVALID, "--local '%s' is not below --local-repo-root '%s'",
                       what->dir, what->root);
    }
    *ret = dir.n > root.n ? str_sub(dir, root.n + 1, dir.n) : STR_EMPTY;
    return 0;
}

static int
to_texts(struct arena *arena, struct str rendered, const struct value **ret, struct err *err)
{
    const struct value *objects = NULL;
    TRY(value_from_json(arena, rendered, NULL, &objects, err));
    const struct value *texts = &VALUE_EMPTY_LIST;
    VALUE_FOREACH(objects, object) {
        struct str json;
        TRY(value_to_json_in(arena, object, NULL, &json, err));
        texts = value_list_append(arena, texts, value_new_str(arena, json));
    }
    *ret = texts;
    return 0;
}

int local_manifests_render(struct arena *arena,
                           const struct local_manifests *what,
                           const struct value **ret,
                           struct err *err)
{
    struct str path = STR_EMPTY;
    if (value_len(value_dig(what->app, "spec", "sources")) > 0) {
        return err_set(err, ERR_UNSUPPORTED,
                       "--local needs an application of one source; this one has several");
    }
    if (what->root != NULL) {
        TRY(below(what, &path, err));
    }
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_SOURCE_BYTES);
    const struct render_local_options options = {
        .dir = what->root != NULL ? what->root : what->dir,
        .path = arena_str(arena, path).p,
        .source = source_of(arena, what->app),
        .app_name = arena_str(arena, value_dig_str(what->app, "metadata", "name")).p,
        .namespace =
            arena_str(arena, value_dig_str(what->app, "spec", "destination", "namespace")).p,
        .format = OUTPUT_JSON,
    };
    TRY(render_local(&options, &text, err));
    return to_texts(arena, buf_to_arena(&text, arena), ret, err);
}
