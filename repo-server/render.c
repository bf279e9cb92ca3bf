/* Rendering a commit: first the proof that an earlier result is still right, else the engine. */
#include "repo-server/render.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/engine.h"
#include "repo-server/git/objects.h"
#include "repo-server/source/source.h"

/* Everything a render allocates and reads through. */
struct workspace {
    struct arena *arena;
    struct objects *objects;
    struct source *source;
    struct budget budget;
    struct engine_env env;
    struct str commit;
    bool used_commit; /* the engine asked for the revision */
};

static void workspace_done(struct workspace *w)
{
    source_free(w->source);
    objects_close(w->objects);
    arena_free(w->arena);
}

static struct str on_revision(struct engine_env *env)
{
    struct workspace *w = env->data;
    w->used_commit = true;
    return w->commit;
}

static int workspace_init(
    struct workspace *w, struct str mirror, struct str commit, int64_t timeout_ms, struct err *err)
{
    *w = (struct workspace){.arena = arena_new(), .commit = commit};
    struct object_commit found;
    int rc = objects_open(mirror.p, &w->objects, err);
    if (rc == 0) {
        rc = objects_commit(w->objects, w->arena, commit, &found, err);
    }
    if (rc < 0) {
        workspace_done(w);
        return rc;
    }
    w->source = source_new(w->objects, &found.tree);
    w->budget = budget_unlimited();
    w->budget.depth = LIMIT_TEMPLATE_DEPTH;
    w->budget.steps = LIMIT_TEMPLATE_STEPS;
    w->budget.bytes = LIMIT_IPC_MESSAGE_BYTES;
    w->budget.clock = clock_system();
    w->budget.deadline_ms = timeout_ms > 0 ? clock_now_ms(clock_system()) + timeout_ms : 0;
    w->env = (struct engine_env){
        .arena = w->arena,
        .budget = &w->budget,
        .files = source_files(w->source),
        .rand = rand_system(),
        .revision = on_revision,
        .data = w,
    };
    return 0;
}

/* The first variant whose read-set holds in this commit; *ret NULL when there is none. */
static int find_same(struct workspace *w,
                     const struct render_input *input,
                     struct manifest_entry **ret,
                     struct err *err)
{
    *ret = NULL;
    for (size_t i = 0; i < input->n_variants; i++) {
        int holds = read_set_holds(input->variants[i]->reads, w->source, err);
        TRY(holds);
        if (holds) {
            *ret = input->variants[i];
            return 0;
        }
    }
    return 0;
}

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

static int render_fresh(struct workspace *w,
                        const struct render_input *input,
                        struct manifest_entry **ret,
                        struct err *err)
{
    struct engine_source source = {.max_bytes = input->max_bytes};
    struct engine_result result;
    w->env.app = input->app;
    w->env.cluster = input->cluster;
    w->env.now_ms = input->wall_ms;
    TRY_IN(value_from_json(w->arena, input->source, NULL, &source.source, err), err, "source");
    TRY(engine_render(&w->env, &source, &result, err));
    struct manifest_set set = {.arena = arena_new()};
    if (serialize(&result, &set, err) < 0) {
        arena_free(set.arena);
        return -(int)err->code;
    }
    *ret = manifest_entry_new(&set, source_read_set(w->source, w->used_commit));
    return 0;
}

int render_run(const struct render_input *input, struct render_output *ret, struct err *err)
{
    struct workspace w;
    *ret = (struct render_output){0};
    if (workspace_init(&w, input->mirror, input->commit, input->timeout_ms, err) < 0) {
        ret->mirror_damaged = true; /* the commit was there when the fetch ended */
        return -(int)err->code;
    }
    int rc = find_same(&w, input, &ret->same, err);
    if (rc == 0 && ret->same == NULL) {
        rc = render_fresh(&w, input, &ret->fresh, err);
    }
    ret->mirror_damaged = rc == -ERR_INTERNAL;
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
    struct workspace w;
    *ret_mirror_damaged = true;
    TRY(workspace_init(&w, mirror, commit, 0, err));
    w.env.arena = arena;
    int rc = engine_discover(&w.env, ret, err);
    *ret_mirror_damaged = rc == -ERR_INTERNAL;
    workspace_done(&w);
    return rc;
}
