/* The choice of a way, and what it needs. */
#include "app-controller/how.h"

#include "app-controller/sync/options.h"
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/compare/rules.h"
#include "engine/compare/shape.h"

#define COMPARE_OPTIONS_ANNOTATION "argocd.argoproj.io/compare-options"

static bool app_says(const struct how *how, const char *option)
{
    return kube_annotation_has(how->object, STR(COMPARE_OPTIONS_ANNOTATION), str_from(option));
}

enum diff_mode how_mode(const struct how *how, const struct value *target, const struct value *live)
{
    if (!app_says(how, "ServerSideDiff=false") &&
        (how->server_side || app_says(how, "ServerSideDiff=true"))) {
        return DIFF_SERVER_SIDE;
    }
    struct sync_options app = sync_options_default();
    sync_options_add(&app, how->app->spec.sync_policy.sync_options);
    struct sync_options own = sync_options_of(&app, target, live);
    return own.server_side_apply ? DIFF_STRUCTURED : DIFF_THREE_WAY;
}

/* ---- dry runs and versions ---- */

struct str how_answer_key(struct arena *arena, struct kube_key key, struct str version)
{
    struct str text = kube_key_to_str(arena, key);
    return version.n > 0 ? arena_printf(arena, STR_FMT "@" STR_FMT, STR_ARG(text), STR_ARG(version))
                         : text;
}

static struct answer key_of(const struct how *how,
                            enum how_question what,
                            const struct value *target,
                            const struct value *live)
{
    bool dry_run = what == HOW_DRY_RUN;
    struct str version = dry_run ? STR_EMPTY : kube_gvk_of(target).version;
    return (struct answer){
        .key = how_answer_key(how->arena, kube_key_of(live), version),
        .resource_version = kube_resource_version(live),
        .target_hash = dry_run ? value_hash(target) : 0,
    };
}

static const struct how_answer *asked_answer(const struct how *how, const struct answer *key)
{
    for (size_t i = 0; i < how->answers.n; i++) {
        if (str_eq(how->answers.items[i].key.key, key->key)) {
            return &how->answers.items[i];
        }
    }
    return NULL;
}

/* *ret is NULL when it has to be asked for first. */
static int find_answer(struct how *how,
                       enum how_question what,
                       const struct value *target,
                       const struct value *live,
                       const struct value **ret,
                       struct err *err)
{
    static const char *const NAMES[] = {
        [HOW_DRY_RUN] = "dry run of the server-side diff",
        [HOW_VERSION] = "live object in the manifest's version",
    };
    struct answer key = key_of(how, what, target, live);
    *ret = answer_list_find(how->known, &key);
    const struct how_answer *asked = *ret == NULL ? asked_answer(how, &key) : NULL;
    if (*ret == NULL && asked == NULL) {
        struct how_answer question = {.what = what, .key = key, .target = target};
        vec_push_in(how->arena, &how->answers, question);
    } else if (asked != NULL && asked->err != NULL) {
        *err = *asked->err;
        return err_wrap(err, "%s", NAMES[what]);
    } else if (asked != NULL && asked->doc != NULL) {
        *ret = doc_root(asked->doc);
    }
    return 0;
}

static int take_answer(struct how *how,
                       const struct value *target,
                       const struct value *live,
                       struct diff_opts *opts,
                       struct err *err)
{
    TRY(find_answer(how, HOW_DRY_RUN, target, live, &opts->answer, err));
    if (opts->answer == NULL) {
        opts->mode = DIFF_THREE_WAY; /* for now: it is compared again */
    }
    return 0;
}

/* The cache has a kind in one version; manifests of others are compared in theirs. */
static int take_version(struct how *how,
                        const struct value *target,
                        const struct value **live,
                        struct err *err)
{
    const struct value *same = NULL;
    if (str_eq(kube_gvk_of(target).version, kube_gvk_of(*live).version)) {
        return 0;
    }
    TRY(find_answer(how, HOW_VERSION, target, *live, &same, err));
    *live = same != NULL ? same : *live;
    return 0;
}

/* ---- schemas ---- */

static const struct value *schema_of(struct how *how, const struct value *target)
{
    struct kube_gvk gvk = kube_gvk_of(target);
    for (size_t i = 0; i < how->schemas.n; i++) {
        const struct how_schema *s = &how->schemas.items[i];
        if (str_eq(s->group, gvk.group) && str_eq(s->version, gvk.version)) {
            return s->api;
        }
    }
    struct how_schema question = {.group = gvk.group, .version = gvk.version};
    vec_push_in(how->arena, &how->schemas, question);
    return NULL;
}

static void read_schema(struct how *how, struct how_schema *s)
{
    AUTO(arena) struct arena *scratch = arena_new();
    const struct value *document = NULL;
    const struct value *reduced = NULL;
    struct err unused; /* without a schema the tables of built-in kinds are what is known */
    if (s->text.n == 0 || value_from_json(scratch, s->text, NULL, &document, &unused) < 0 ||
        shape_reduce_openapi(scratch, document, SHAPE_KEEP_MERGING, &reduced, &unused) < 0) {
        return;
    }
    struct doc *doc = doc_copy_of(reduced);
    arena_hold(how->arena, doc);
    doc_unref(doc);
    s->reduced = doc;
    s->api = doc_root(doc);
    s->fresh = true;
    s->text = STR_EMPTY;
}

void how_read_schemas(struct how *how)
{
    for (size_t i = 0; i < how->schemas.n; i++) {
        read_schema(how, &how->schemas.items[i]);
    }
}

/* ---- */

bool how_has_questions(const struct how *how)
{
    bool any = false;
    for (size_t i = 0; i < how->answers.n; i++) {
        any = any || (how->answers.items[i].doc == NULL && how->answers.items[i].err == NULL);
    }
    for (size_t i = 0; i < how->schemas.n; i++) {
        any = any || !how->schemas.items[i].asked;
    }
    return any;
}

int how_compare(struct how *how,
                const struct value *target,
                const struct value **live,
                struct diff_opts *opts,
                struct err *err)
{
    struct kube_gvk gvk = kube_gvk_of(target);
    TRY(take_version(how, target, live, err));
    opts->mode = how_mode(how, target, *live);
    opts->normalize.keep_status = compare_rules_keep_status(how->rules, gvk.group, gvk.kind);
    opts->normalize.ignore_aggregated_roles = compare_rules_ignore_aggregated(how->rules);
    opts->known = compare_rules_known(how->rules);
    if (opts->mode == DIFF_SERVER_SIDE) {
        opts->keep_mutations = app_says(how, "IncludeMutationWebhook=true");
        return take_answer(how, target, *live, opts, err);
    }
    if (opts->mode == DIFF_STRUCTURED) {
        opts->api = schema_of(how, target);
    }
    return 0;
}
