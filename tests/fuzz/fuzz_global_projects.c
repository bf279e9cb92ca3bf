/* argocd-cm's globalProjects of any content: it is read or refused, and a project inherits from those that exist. */
#include "common/base/arena.h"
#include "common/model/global_projects.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

struct world {
    const struct value *base;
    size_t n_asked;
};

static const struct value *find(void *data, struct str name)
{
    struct world *w = data;
    w->n_asked++;
    FUZZ_CHECK(name.n > 0);
    return str_eq_c(name, "base") ? w->base : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct world w = {0};
    struct global_projects globals;
    const struct value *project = NULL;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    FUZZ_OK(value_from_yaml(arena, STR("{metadata: {name: base}, spec: {sourceRepos: [x]}}"), NULL,
                            &w.base, &err));
    FUZZ_OK(value_from_yaml(
        arena, STR("{metadata: {name: team, labels: {a: b, c: '1'}}, spec: {sourceRepos: [y]}}"),
        NULL, &project, &err));
    if (global_projects_parse(arena, str_of((const char *)data, size), &globals, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
        return 0;
    }
    const struct value *whole = global_projects_apply(arena, &globals, project, find, &w);
    FUZZ_CHECK(w.n_asked == globals.n);
    size_t n = value_len(value_dig(whole, "spec", "sourceRepos"));
    FUZZ_CHECK(n >= 1 && n <= 1 + globals.n);
    FUZZ_CHECK(n > 1 || whole == project);
    FUZZ_CHECK(global_projects_apply(arena, &globals, w.base, find, &w) == w.base || globals.n > 0);
    return 0;
}
