/* What can be wrong with a spec by itself.
 *
 * Texts end up in InvalidSpecError conditions; where Argo CD has a wording people may look for, it is
 * kept. */
#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/model/application_spec.h"
#include "common/value/value.h"

struct problems {
    struct arena *arena;
    struct str *items;
    size_t n;
    size_t cap;
};

static void add_problem(struct problems *problems, struct str text)
{
    vec_push_in(problems->arena, problems, text);
}

static void check_destination(struct problems *problems, const struct app_destination *destination)
{
    if (destination->server.n > 0 && destination->name.n > 0) {
        add_problem(problems,
                    arena_printf(problems->arena,
                                 "application destination can't have both name and "
                                 "server defined: " STR_FMT " " STR_FMT,
                                 STR_ARG(destination->name), STR_ARG(destination->server)));
    }
    if (destination->server.n == 0 && destination->name.n == 0) {
        add_problem(problems, STR("Destination server missing from app spec"));
    }
}

static bool is_ref_name(struct str ref)
{
    for (size_t i = 0; i < ref.n; i++) {
        char c = ref.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_';
        if (!good) {
            return false;
        }
    }
    return ref.n > 0;
}

static size_t count_tools(const struct app_source *source)
{
    const struct value *const blocks[] = {source->helm, source->kustomize, source->directory_tree,
                                          source->plugin};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        n += blocks[i] != NULL ? 1 : 0;
    }
    return n;
}

static void
check_source(struct problems *problems, const struct app_source *source, struct str path)
{
    struct arena *arena = problems->arena;
    bool located = source->path.n > 0 || source->chart.n > 0 || source->ref.n > 0;
    if (source->repo_url.n == 0 || !located) {
        add_problem(problems, arena_printf(arena,
                                           STR_FMT ".repoURL and either source.path, source.chart, "
                                                   "or source.ref are required",
                                           STR_ARG(path)));
    }
    if (source->path.n > 0 && source->chart.n > 0) {
        add_problem(problems,
                    arena_printf(arena, STR_FMT " has both a path and a chart", STR_ARG(path)));
    }
    if (source->chart.n > 0 && source->target_revision.n == 0) {
        add_problem(problems, arena_printf(arena,
                                           STR_FMT ".targetRevision is required if the manifest "
                                                   "source is a helm chart",
                                           STR_ARG(path)));
    }
    if (count_tools(source) > 1) {
        add_problem(problems, arena_printf(arena,
                                           STR_FMT " has settings of more than one of helm, "
                                                   "kustomize, directory and plugin",
                                           STR_ARG(path)));
    }
}

static void check_refs(struct problems *problems, const struct app_sources *sources)
{
    struct arena *arena = problems->arena;
    for (size_t i = 0; i < sources->n; i++) {
        struct str ref = sources->items[i].ref;
        if (ref.n > 0 && !is_ref_name(ref)) {
            add_problem(problems, arena_printf(arena,
                                               "spec.sources[%zu].ref '" STR_FMT
                                               "' may only have letters, digits, '-' and '_'",
                                               i, STR_ARG(ref)));
        }
        for (size_t k = 0; k < i && ref.n > 0; k++) {
            if (str_eq(sources->items[k].ref, ref)) {
                add_problem(problems, arena_printf(arena,
                                                   "spec.sources[%zu].ref '" STR_FMT
                                                   "' is taken by spec.sources[%zu]",
                                                   i, STR_ARG(ref), k));
            }
        }
    }
}

static void check_retry(struct problems *problems, const struct app_retry *retry)
{
    if (retry->backoff_ms < 0 || retry->backoff_max_ms < 0 || retry->factor < 0) {
        add_problem(problems, STR("spec.syncPolicy.retry.backoff must not be negative"));
    }
}

struct app_strs app_spec_problems(struct arena *arena, const struct app_spec *spec)
{
    struct problems problems = {.arena = arena};
    check_destination(&problems, &spec->destination);
    if (spec->sources.n == 0) {
        add_problem(&problems, STR("spec.source.repoURL and either source.path, source.chart, or "
                                   "source.ref are required"));
    }
    for (size_t i = 0; i < spec->sources.n; i++) {
        struct str path =
            spec->multi_source ? arena_printf(arena, "spec.sources[%zu]", i) : STR("spec.source");
        check_source(&problems, &spec->sources.items[i], path);
    }
    if (spec->multi_source) {
        check_refs(&problems, &spec->sources);
    }
    check_retry(&problems, &spec->sync_policy.retry);
    return (struct app_strs){problems.items, problems.n};
}
