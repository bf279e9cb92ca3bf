/* Any text as .gitmodules: what comes of it has a path and an address, and addresses stay on their host. */
#include "repo-server/source/gitmodules.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gitmodules modules;
    struct err err;
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (gitmodules_parse(arena, str_of((const char *)data, size), &modules, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_INVALID || err.code == ERR_LIMIT);
        return 0;
    }
    for (size_t i = 0; i < modules.n; i++) {
        const struct gitmodule *m = &modules.items[i];
        struct str url;
        FUZZ_CHECK(m->path.n > 0 && m->url.n > 0 && gitmodules_find(&modules, m->path) != NULL);
        if (gitmodule_url(arena, STR("https://h/o/r"), m->url, &url, &err) == 0) {
            FUZZ_CHECK(str_eq(url, m->url) || str_starts_with(url, STR("https://h/")));
        }
    }
    return 0;
}
