/* Building a kustomization from a table of files. */
#pragma once

#include "common/base/budget.h"
#include "common/base/limits.h"
#include "engine/kustomize/kustomize.h"
#include "tests/lib/check.h"
#include "tests/lib/mem_tree.h"

struct kustomize_fixture {
    struct arena *arena;
    struct budget budget;
    struct mem_tree tree;
    struct engine_env env;
    struct kustomize_options options;
    struct str error_text; /* kustomize's own, after a failure */
    struct str text;       /* what it prints */
};

static inline void kustomize_fixture_init(struct kustomize_fixture *f, const struct mem_file *files)
{
    *f = (struct kustomize_fixture){.arena = arena_new(), .budget = budget_unlimited()};
    f->budget.depth = LIMIT_DOC_DEPTH;
    f->tree = mem_tree_of(files);
    f->env = (struct engine_env){.arena = f->arena, .budget = &f->budget, .files = &f->tree.files};
    f->options.error_text = &f->error_text;
}

static inline void kustomize_fixture_done(struct kustomize_fixture *f)
{
    arena_free(f->arena);
}

static inline int
kustomize_fixture_build(struct kustomize_fixture *f, const char *dir, struct err *err)
{
    struct kustomize_result result;
    TRY(kustomize_build(&f->env, str_from(dir), &f->options, &result, err));
    return kustomize_print(&f->env, &result, &f->text, err);
}
