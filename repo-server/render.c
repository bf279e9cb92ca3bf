/* Rendering: first the proof that an earlier result is still right, else the engine. */
#include "repo-server/render.h"

#include <assert.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/base/tzdata.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/engine.h"
#include "repo-server/assets.h"
#include "repo-server/git/objects.h"
#include "repo-server/source/chart_tree.h"
#include "repo-server/source/source.h"

/* A tree of the input, opened when it is looked into. */
struct opened {
    const struct render_tree *tree;
    struct objects *objects; /* of a commit */
    struct source *source;
    struct engine_files *files; /* NULL: not yet */
    const struct engine_remote
        *remote; /* among the assets, that it was asked for by; NULL: of the input */
    bool read;   /* the engine has it */
};

/* Everything a render allocates and reads through. */
struct workspace {
    struct arena *arena;
    const struct render_input *input;
    struct opened *trees;
    VEC(struct opened *) remotes; /* commits of other repositories */
    struct budget budget;
    struct engine_env env;
    const struct opened *damaged;
    bool used_revision; /* the engine asked for it */
};

/* ---- trees ---- */

static int
on_module(void *data, struct str url, struct str commit, struct source **ret, struct err *err);

/* As Argo CD and kustomize clone: with submodules, of which only those are had that are looked into. */
static void set_modules(struct workspace *w, struct opened *o)
{
    bool wanted = o->remote == NULL || o->remote->submodules;
    if (wanted && w->input->assets != NULL) {
        source_set_modules(o->source, &(struct source_modules){o->tree->url, on_module, w});
    }
}

static int open_commit(struct workspace *w, struct opened *o, struct err *err)
{
    struct object_commit found;
    w->damaged = o; /* the commit was there when the fetch ended */
    TRY(objects_open(o->tree->mirror.p, &o->objects, err));
    TRY(objects_commit(o->objects, w->arena, o->tree->id, &found, err));
    w->damaged = NULL;
    o->source = source_new(o->objects, &found.tree);
    set_modules(w, o);
    o->files = source_files(o->source);
    return 0;
}

static int open_chart(struct workspace *w, struct opened *o, struct err *err)
{
    struct assets_found result;
    int here = assets_find(w->input->assets, o->tree->chart, &result, err);
    TRY(here);
    if (!here) {
        return err_set(err, ERR_UNAVAILABLE, "the chart is not here yet");
    }
    return chart_tree_new(w->arena, result.bytes, &o->files, err);
}

static int open_tree(struct workspace *w, struct opened *o, struct err *err)
{
    if (o->files != NULL) {
        return 0;
    }
    return o->tree->chart != NULL ? open_chart(w, o, err) : open_commit(w, o, err);
}

/* An error of the object store does not say which of the mirrors it was. */
static bool is_suspect(const struct workspace *w, const struct opened *o, int rc)
{
    bool suspect = w->damaged != NULL ? w->damaged == o : rc == -ERR_INTERNAL;
    return suspect && o->tree->chart == NULL && (o->objects != NULL || w->damaged == o);
}

static uint64_t find_damaged(const struct workspace *w, int rc)
{
    uint64_t all = 0;
    for (size_t i = 0; i < MIN(w->input->n_trees, (size_t)64); i++) {
        all |= is_suspect(w, &w->trees[i], rc) ? (uint64_t)1 << i : 0;
    }
    for (size_t i = 0; i < w->remotes.n; i++) {
        if (is_suspect(w, w->remotes.items[i], rc)) {
            assets_spoil(w->input->assets, w->remotes.items[i]->remote);
        }
    }
    return all;
}

/* ---- the environment ---- */

static struct str on_revision(struct engine_env *env)
{
    struct workspace *w = env->data;
    w->used_revision = true;
    return w->input->revision;
}

static int
on_ref(struct engine_env *env, struct str name, struct engine_files **ret, struct err *err)
{
    struct workspace *w = env->data;
    for (size_t i = 1; i < w->input->n_trees; i++) {
        struct opened *o = &w->trees[i];
        if (str_eq(o->tree->name, name)) {
            int rc = open_tree(w, o, err);
            if (rc < 0 && w->damaged == o) {
                err->code = ERR_INTERNAL; /* and not that there is no such source */
            }
            TRY(rc < 0 ? -(int)err->code : 0);
            o->read = true;
            *ret = o->files;
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "no source has this ref");
}

static struct opened *find_remote(const struct workspace *w, const struct assets_found *found)
{
    for (size_t i = 0; i < w->remotes.n; i++) {
        const struct render_tree *tree = w->remotes.items[i]->tree;
        if (str_eq(tree->mirror, found->mirror) && str_eq(tree->id, found->revision) &&
            w->remotes.items[i]->remote->submodules == found->asset->submodules) {
            return w->remotes.items[i];
        }
    }
    return NULL;
}

static struct opened *add_remote(struct workspace *w, const struct assets_found *found)
{
    struct render_tree *tree = ARENA_NEW(w->arena, struct render_tree);
    struct opened *o = ARENA_NEW(w->arena, struct opened);
    *tree = (struct render_tree){
        .id = found->revision, .mirror = found->mirror, .url = found->asset->url};
    *o = (struct opened){.tree = tree, .remote = found->asset};
    vec_push_in(w->arena, &w->remotes, o);
    return o;
}

/* One for all wishes that come to the same commit. */
static int open_remote(struct workspace *w,
                       const struct assets_found *found,
                       struct opened **ret,
                       struct err *err)
{
    struct opened *o = find_remote(w, found);
    o = o != NULL ? o : add_remote(w, found);
    if (open_tree(w, o, err) < 0) {
        err->code = ERR_INTERNAL; /* and not that the repository has no such commit */
        return -ERR_INTERNAL;
    }
    *ret = o;
    return 0;
}

static int find_asset(struct workspace *w,
                      const struct engine_remote *what,
                      struct assets_found *ret,
                      struct err *err)
{
    int here = assets_find(w->input->assets, what, ret, err);
    TRY(here);
    if (!here) {
        return err_set(err, ERR_UNAVAILABLE, "'" STR_FMT "' is not here yet", STR_ARG(what->url));
    }
    return 0;
}

static int
on_module(void *data, struct str url, struct str commit, struct source **ret, struct err *err)
{
    struct workspace *w = data;
    const struct engine_remote what = {
        .type = ENGINE_REMOTE_GIT, .url = url, .version = commit, .submodules = true};
    struct assets_found found;
    struct opened *o;
    TRY(find_asset(w, &what, &found, err));
    TRY(open_remote(w, &found, &o, err));
    *ret = o->source;
    return 0;
}

static int on_remote(struct engine_env *env,
                     const struct engine_remote *what,
                     struct engine_remote_result *ret,
                     struct err *err)
{
    struct workspace *w = env->data;
    struct assets_found found;
    TRY(find_asset(w, what, &found, err));
    struct engine_remote_result result = {.bytes = found.bytes, .revision = found.revision};
    if (what->type == ENGINE_REMOTE_GIT) {
        struct opened *o;
        TRY(open_remote(w, &found, &o, err));
        result.files = o->files;
    }
    *ret = result;
    return 0;
}

static void workspace_init(struct workspace *w, const struct render_input *input)
{
    *w = (struct workspace){.arena = arena_new(), .input = input};
    w->trees = arena_calloc(w->arena, input->n_trees, sizeof(*w->trees));
    for (size_t i = 0; i < input->n_trees; i++) {
        w->trees[i].tree = &input->trees[i];
    }
    w->budget = budget_unlimited();
    w->budget.depth = LIMIT_TEMPLATE_DEPTH;
    w->budget.steps = LIMIT_TEMPLATE_STEPS;
    w->budget.bytes = LIMIT_IPC_MESSAGE_BYTES;
    w->budget.clock = clock_system();
    w->budget.deadline_ms =
        input->timeout_ms > 0 ? clock_now_ms(clock_system()) + input->timeout_ms : 0;
    w->env = (struct engine_env){
        .arena = w->arena,
        .budget = &w->budget,
        .app = input->app,
        .cluster = input->cluster,
        .now_ms = input->wall_ms,
        .rand = rand_system(),
        .zone = tzdata_read,
        .revision = on_revision,
        .ref = on_ref,
        .remote = input->assets != NULL ? on_remote : NULL,
        .data = w,
    };
}

static void close_tree(struct opened *o)
{
    source_free(o->source);
    objects_close(o->objects);
}

static void workspace_done(struct workspace *w)
{
    for (size_t i = 0; i < w->input->n_trees; i++) {
        close_tree(&w->trees[i]);
    }
    VEC_FOREACH(&w->remotes, item) {
        close_tree(*item);
    }
    arena_free(w->arena);
}

/* ---- the proof ---- */

/* 1 = the tree still gives the answers the variant was made of. */
static int
tree_holds(struct workspace *w, struct opened *o, const struct manifest_tree *was, struct err *err)
{
    if (!was->read || str_eq_c(o->tree->id, was->id)) {
        return 1;
    }
    if (was->reads == NULL || o->tree->chart != NULL) {
        return 0;
    }
    TRY(open_tree(w, o, err));
    return read_set_holds(was->reads, o->source, err);
}

/* 1 = right; 0 = not, or something has to be here first. */
static int variant_holds(struct workspace *w, const struct manifest_inputs *was, struct err *err)
{
    int holds = was->n_trees == w->input->n_trees;
    for (size_t i = 0; holds && i < was->n_trees; i++) {
        holds = tree_holds(w, &w->trees[i], &was->trees[i], err);
        TRY(holds);
    }
    bool all = holds;
    for (size_t i = 0; holds && i < was->n_assets; i++) {
        int same = assets_holds(w->input->assets, &was->assets[i], err);
        TRY(same);
        all = all && same; /* all are asked for before anything is waited for */
    }
    return all;
}

/* The first variant that is right; *ret NULL when there is none. */
static int find_same(struct workspace *w, struct manifest_entry **ret, struct err *err)
{
    const struct render_input *input = w->input;
    *ret = NULL;
    for (size_t i = 0; i < input->n_variants; i++) {
        int holds = variant_holds(w, &input->variants[i]->inputs, err);
        TRY(holds);
        if (holds) {
            *ret = input->variants[i];
            return 0;
        }
    }
    return 0;
}

/* ---- the render ---- */

/* Canonical JSON of each object, and a digest over all of them. */
static int serialize(const struct engine_result *result, struct manifest_set *set, struct err *err)
{
    struct manifest *items = arena_calloc(set->arena, result->n + 1, sizeof(*items));
    AUTO(digest) struct digest *digest = digest_new();
    AUTO(buf) struct buf json;
    buf_init(&json, LIMIT_DOC_BYTES);
    digest_put_field(digest, str_from(engine_type_name(result->type)));
    for (size_t i = 0; i < result->n; i++) {
        const struct engine_object *o = &result->objects[i];
        buf_reset(&json);
        if (value_to_json(&json, o->object, NULL, err) < 0) {
            return err_at(err, o->file, o->line, 0);
        }
        items[i].json = buf_to_arena(&json, set->arena);
        items[i].file = i > 0 && str_eq(items[i - 1].file, o->file)
                            ? items[i - 1].file
                            : arena_str(set->arena, o->file);
        items[i].line = o->line;
        digest_put_field(digest, items[i].json);
    }
    digest_finish_hex(digest, set->content_hash);
    set->source_type = engine_type_name(result->type);
    set->items = items;
    set->n = result->n;
    return 0;
}

static void take_inputs(struct workspace *w, struct arena *arena, struct manifest_inputs *ret)
{
    ret->n_trees = w->input->n_trees;
    ret->trees = arena_calloc(arena, ret->n_trees + 1, sizeof(*ret->trees));
    for (size_t i = 0; i < ret->n_trees; i++) {
        const struct opened *o = &w->trees[i];
        struct manifest_tree *t = &ret->trees[i];
        assert(o->tree->id.n < sizeof(t->id));
        memcpy(t->id, o->tree->id.p, o->tree->id.n);
        t->read = o->read;
        if (o->read && o->source != NULL) {
            t->reads = source_read_set(o->source, i == 0 && w->used_revision);
        }
    }
    if (w->input->assets != NULL) {
        assets_used(w->input->assets, arena, ret);
    }
}

static int render_fresh(struct workspace *w, struct manifest_entry **ret, struct err *err)
{
    struct engine_source source = {
        .max_bytes = w->input->max_bytes,
        .kustomize_build_options = w->input->kustomize_build_options,
        .describe = w->input->describe,
    };
    struct engine_result result;
    struct manifest_inputs inputs = {0};
    TRY(open_tree(w, &w->trees[0], err));
    w->trees[0].read = true;
    w->env.files = w->trees[0].files;
    TRY_IN(value_from_json(w->arena, w->input->source, NULL, &source.source, err), err, "source");
    /* as written, and not what this request resolves: the result serves others too */
    w->env.app.target_revision = value_dig_str(source.source, "targetRevision");
    TRY(engine_render(&w->env, &source, &result, err));
    struct manifest_set set = {.arena = arena_new()};
    if (serialize(&result, &set, err) < 0) {
        arena_free(set.arena);
        return -(int)err->code;
    }
    take_inputs(w, set.arena, &inputs);
    *ret = manifest_entry_new(&set, &inputs);
    return 0;
}

/* What is awaited for a proof comes first: with it nothing may have to be rendered. */
static int prove_or_render(struct workspace *w, struct render_output *ret, struct err *err)
{
    const struct render_input *input = w->input;
    if (input->assets != NULL) {
        assets_begin(input->assets);
    }
    TRY(find_same(w, &ret->same, err));
    if (ret->same == NULL && input->assets != NULL && assets_awaited(input->assets)) {
        return err_set(err, ERR_UNAVAILABLE, "what an earlier result used is not here yet");
    }
    return ret->same == NULL ? render_fresh(w, &ret->fresh, err) : 0;
}

int render_run(const struct render_input *input, struct render_output *ret, struct err *err)
{
    struct workspace w;
    *ret = (struct render_output){0};
    workspace_init(&w, input);
    int rc = prove_or_render(&w, ret, err);
    if (rc < 0) {
        ret->damaged = find_damaged(&w, rc);
    }
    workspace_done(&w);
    return rc;
}

int render_discover(struct arena *arena,
                    struct str mirror,
                    struct str commit,
                    struct engine_found_list *ret,
                    bool *ret_mirror_damaged,
                    struct err *err)
{
    const struct render_tree tree = {.mirror = mirror, .id = commit};
    const struct render_input input = {.trees = &tree, .n_trees = 1};
    struct workspace w;
    workspace_init(&w, &input);
    int rc = open_tree(&w, &w.trees[0], err);
    if (rc == 0) {
        w.env.arena = arena;
        w.env.files = w.trees[0].files;
        rc = engine_discover(&w.env, ret, err);
    }
    *ret_mirror_damaged = rc < 0 && find_damaged(&w, rc) != 0;
    workspace_done(&w);
    return rc;
}
