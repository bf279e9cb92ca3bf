/* Resources and a layer for tests of single transformers, without a kustomization. */
#pragma once

#include "common/base/budget.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "tests/lib/parse.h"

struct kustom {
    struct arena *arena;
    struct budget budget;
    struct engine_env env;
    struct kbuild build;
    struct klayer layer;
    struct resmap *m;
};

static inline struct value_yaml_docs kustom_parse(struct arena *arena, const char *text)
{
    static const struct value_yaml_opts CORE = {.schema = VALUE_YAML_CORE};
    struct value_yaml_docs docs;
    struct err err;
    ASSERT_OK(value_from_yaml_stream(arena, str_from(text), &CORE, &docs, &err));
    return docs;
}

/* objects: documents, in file r.yaml. */
static inline void kustom_setup(struct kustom *f, const char *objects)
{
    struct err err;
    f->arena = arena_new();
    f->budget = budget_unlimited();
    f->env = (struct engine_env){.arena = f->arena, .budget = &f->budget};
    f->build = (struct kbuild){.env = &f->env, .schema = kschema_builtin()};
    f->layer = (struct klayer){.build = &f->build, .config = kconfig_default()};
    f->m = resmap_new(&f->env, kschema_builtin());
    struct value_yaml_docs docs = kustom_parse(f->arena, objects);
    for (size_t i = 0; i < docs.n; i++) {
        struct kres *res = kres_new(f->arena, docs.items[i].value);
        res->file = STR("r.yaml");
        ASSERT_OK(resmap_append(f->m, res, &err));
    }
}

static inline void kustom_done(struct kustom *f)
{
    arena_free(f->arena);
}

/* The objects are these documents, in this order. */
static inline void kustom_assert(const struct kustom *f, const char *name, const char *want)
{
    struct value_yaml_docs docs = kustom_parse(f->arena, want);
    struct err err;
    struct str text = STR_EMPTY;
    if (docs.n != resmap_len(f->m)) {
        fail_msg("%s: %zu objects, wanted %zu", name, resmap_len(f->m), docs.n);
    }
    for (size_t i = 0; i < docs.n; i++) {
        const struct value *is = resmap_at(f->m, i)->object;
        if (!value_equal(is, docs.items[i].value)) {
            ASSERT_OK(value_to_yaml_in(f->arena, is, NULL, &text, &err));
            fail_msg("%s: object %zu is:\n" STR_FMT, name, i, STR_ARG(text));
        }
    }
}

/* Fails with this text when it is not NULL, else the objects are `want`. */
static inline void kustom_check(const struct kustom *f,
                                const char *name,
                                int rc,
                                const struct err *err,
                                const char *want,
                                const char *want_error)
{
    if (want_error != NULL) {
        if (rc == 0) {
            fail_msg("%s: no error", name);
        }
        check_contains(err, want_error);
        return;
    }
    if (rc < 0) {
        char text[2048];
        err_format(err, text, sizeof(text));
        fail_msg("%s: %s", name, text);
    }
    kustom_assert(f, name, want);
}
