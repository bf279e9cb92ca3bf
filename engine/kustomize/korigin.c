/* Origins are values: each step makes a new one. */
#include "engine/kustomize/korigin.h"

#include "common/base/path.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"
#include "engine/kustomize/krepo.h"
#include "engine/kustomize/resmap.h"

/* Go's filepath.Join: "a/../../b" -> "../b". */
static struct str join_clean(struct arena *arena, struct str base, struct str rel)
{
    struct str out = base;
    struct str rest = rel;
    struct str part;
    while (str_next(&rest, '/', &part)) {
        if (part.n == 0 || str_eq_c(part, ".")) {
            continue;
        }
        if (str_eq_c(part, "..") && out.n > 0 && !str_eq_c(path_base(out), "..")) {
            out = path_dir(out);
        } else {
            out = path_append(arena, out, part);
        }
    }
    return out;
}

const struct korigin *
korigin_append(struct arena *arena, const struct korigin *origin, struct str path)
{
    struct krepo repo;
    if (origin == NULL) {
        return NULL;
    }
    struct korigin *out = ARENA_NEW(arena, struct korigin);
    *out = *origin;
    if (krepo_parse(arena, path, &repo)) {
        out->repo = repo.url;
        out->ref = repo.ref;
        /* kustomize's name for the root of a repository not fetched yet */
        out->path = repo.dir.n > 0 ? repo.dir : STR("notCloned");
        return out;
    }
    out->path = join_clean(arena, out->path, path);
    return out;
}

const struct korigin *
korigin_field(struct arena *arena, const struct korigin *origin, struct str file, const char *kind)
{
    if (origin == NULL) {
        return NULL;
    }
    struct korigin *out = ARENA_NEW(arena, struct korigin);
    out->repo = origin->repo;
    out->ref = origin->ref;
    out->configured_in = join_clean(arena, origin->path, file);
    out->configured_by.gvk = (struct kgvk){STR_EMPTY, STR("builtin"), str_from(kind)};
    out->is_configured = true;
    return out;
}

const struct korigin *korigin_plugin(struct arena *arena, const struct kres *config)
{
    const struct korigin *origin = config->origin;
    if (origin == NULL) {
        return NULL;
    }
    struct korigin *out = ARENA_NEW(arena, struct korigin);
    out->repo = origin->repo;
    out->ref = origin->ref;
    out->configured_in = origin->path;
    out->configured_by = config->id;
    out->is_configured = true;
    return out;
}

void korigin_mark_generated(struct resmap *m, const struct korigin *origin)
{
    if (origin == NULL) {
        return;
    }
    RESMAP_FOREACH(m, res)
    {
        res->origin = res->origin != NULL ? res->origin : origin;
    }
}

void korigin_mark_transformed(struct arena *arena, struct resmap *m, const struct korigin *origin)
{
    if (origin == NULL) {
        return;
    }
    RESMAP_FOREACH(m, res)
    {
        if (res->origin == NULL) {
            res->origin = origin;
        } else {
            vec_push_in(arena, &res->transformations, origin);
        }
    }
}

/* ---- text ---- */

static void build(struct value_builder *b, struct arena *arena, const struct korigin *origin)
{
    value_build_map(b);
    value_build_field_str_opt(b, "path", origin->path);
    value_build_field_str_opt(b, "repo", origin->repo);
    value_build_field_str_opt(b, "ref", origin->ref);
    value_build_field_str_opt(b, "configuredIn", origin->configured_in);
    if (origin->is_configured) {
        const struct kid *by = &origin->configured_by;
        struct str version = by->gvk.group.n == 0
                                 ? by->gvk.version
                                 : arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(by->gvk.group),
                                                STR_ARG(by->gvk.version));
        value_build_field_map(b, "configuredBy");
        value_build_field_str_opt(b, "apiVersion", version);
        value_build_field_str_opt(b, "kind", by->gvk.kind);
        value_build_field_str_opt(b, "name", by->name);
        value_build_field_str_opt(b, "namespace", by->namespace);
        value_build_end(b);
    }
    value_build_end(b);
}

static const struct value_yaml_write STYLE = {.style = VALUE_YAML_GO3, .insertion_order = true};

int korigin_to_text(struct arena *arena,
                    const struct korigin *origin,
                    struct str *ret,
                    struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    build(&b, arena, origin);
    return value_to_yaml_in(arena, value_build_finish(&b), &STYLE, ret, err);
}

int korigin_transformations_to_text(struct arena *arena,
                                    const struct kres *res,
                                    struct str *ret,
                                    struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < res->transformations.n; i++) {
        build(&b, arena, res->transformations.items[i]);
    }
    value_build_end(&b);
    return value_to_yaml_in(arena, value_build_finish(&b), &STYLE, ret, err);
}
