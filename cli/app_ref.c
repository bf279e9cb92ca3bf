/* Names to paths of the REST API. */
#include "cli/app_ref.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/net/url.h"

int app_ref_parse(const char *text, struct app_ref *ret, struct err *err)
{
    struct str before;
    struct str after;
    struct app_ref ref = {STR_EMPTY, str_from(text)};
    if (str_cut(ref.name, '/', &before, &after)) {
        ref = (struct app_ref){before, after};
        if (before.n == 0) {
            return err_set(err, ERR_INVALID, "'%s': the namespace is missing", text);
        }
    }
    if (ref.name.n == 0 || str_find_char(ref.name, '/') != STR_NONE) {
        return err_set(err, ERR_INVALID, "'%s' is not the name of an application", text);
    }
    *ret = ref;
    return 0;
}

static void put_params(struct buf *query, const struct app_param *params)
{
    for (; params != NULL && params->name != NULL; params++) {
        if (params->value.n > 0) {
            url_query_put(query, str_from(params->name), params->value);
        }
    }
}

static struct str with_query(struct arena *arena, struct str path, const struct buf *query)
{
    return query->n == 0
               ? path
               : arena_printf(arena, STR_FMT "?" STR_FMT, STR_ARG(path), STR_ARG(buf_str(query)));
}

struct str app_ref_path(struct arena *arena,
                        const struct app_ref *ref,
                        const char *below,
                        const struct app_param *params)
{
    AUTO(buf) struct buf path;
    AUTO(buf) struct buf query;
    buf_init(&path, LIMIT_HTTP_URL_BYTES);
    buf_init(&query, LIMIT_HTTP_URL_BYTES);
    buf_put_c(&path, "/api/v1/applications/");
    url_escape(&path, ref->name);
    if (below != NULL) {
        buf_printf(&path, "/%s", below);
    }
    const struct app_param namespace[] = {{"appNamespace", ref->namespace}, {NULL, STR_EMPTY}};
    put_params(&query, namespace);
    put_params(&query, params);
    return with_query(arena, buf_to_arena(&path, arena), &query);
}

struct str app_params_path(struct arena *arena, const char *path, const struct app_param *params)
{
    AUTO(buf) struct buf query;
    buf_init(&query, LIMIT_HTTP_URL_BYTES);
    put_params(&query, params);
    return with_query(arena, str_from(path), &query);
}
