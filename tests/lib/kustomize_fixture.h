/* A build over files in memory, and resources from YAML and back, for transformers and generators under test. */
#pragma once

#include "common/base/budget.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/resmap.h"
#include "tests/lib/mem_tree.h"
#include "tests/lib/parse.h"

struct kustomize_fixture {
    struct arena *arena;
    struct budget budget;
    struct mem_tree tree;
    struct engine_env env;
    struct kustomize_options options;
    struct kbuild build;
    struct kload load;
    struct klayer layer;
    struct resmap *m;
};

/* files: up to one without a path; the kustomization stands in the root. */
static inline void kustomize_fixture_init(struct kustomize_fixture *f, const struct mem_file *files)
{
    struct err err;
    *f = (struct kustomize_fixture){.arena = arena_new(), .budget = budget_unlimited()};
    f->tree = mem_tree_of(files);
    f->env = (struct engine_env){.arena = f->arena, .budget = &f->budget, .files = &f->tree.files};
    f->build = (struct kbuild){.env = &f->env, .options = &f->options, .schema = kschema_builtin()};
    ASSERT_OK(kload_init(&f->load, &f->env, STR_EMPTY, KLOAD_ROOT_ONLY, &err));
    f->layer = (struct klayer){.build = &f->build, .load = &f->load};
    f->m = resmap_new(&f->env, f->build.schema);
}

static inline void kustomize_fixture_done(struct kustomize_fixture *f)
{
    arena_free(f->arena);
}

static inline void kustomize_fixture_add(struct kustomize_fixture *f, const char *yaml)
{
    struct err err;
    ASSERT_OK(kbuild_parse(&f->build, arena_str(f->arena, str_from(yaml)), STR_EMPTY, f->m, &err));
}

/* All objects as one list, in kustomize's reading of YAML. */
static inline void kustomize_fixture_expect(struct kustomize_fixture *f, const char *want)
{
    struct err err;
    const struct value_yaml_opts opts = {.schema = VALUE_YAML_CORE};
    struct value_yaml_docs docs;
    ASSERT_OK(value_from_yaml_stream(f->arena, str_from(want), &opts, &docs, &err));
    for (size_t i = 0; i < MAX(docs.n, resmap_len(f->m)); i++) {
        const struct value *is = i < resmap_len(f->m) ? resmap_at(f->m, i)->object : NULL;
        const struct value *expected = i < docs.n ? docs.items[i].value : NULL;
        if (is == NULL || expected == NULL || !value_equal(is, expected)) {
            struct str text = STR_EMPTY;
            ASSERT_OK(value_to_yaml_in(f->arena, is, NULL, &text, &err));
            fail_msg("object %zu is:\n" STR_FMT "wanted:\n%s", i, STR_ARG(text), want);
        }
    }
}
