/* Chart archives as file trees: everything listed is there, and names stay inside. Packed archives as they are, others
 * taken for the tar inside. */
#include "common/base/gunzip.h"
#include "common/base/path.h"
#include "repo-server/source/chart_tree.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/archive.h"

enum { MAX_BYTES = 64 * 1024, DEPTH_MAX = 40 };

static void walk(struct engine_files *files, struct arena *arena, struct str dir, int depth)
{
    struct engine_listing listing;
    struct err err;
    FUZZ_CHECK(files->list(files, arena, dir, &listing, &err) == 0);
    for (size_t i = 0; i < listing.n && depth < DEPTH_MAX; i++) {
        const struct engine_entry *e = &listing.items[i];
        struct str path = path_append(arena, dir, e->name);
        struct str clean;
        struct str text;
        enum engine_file_type type;
        FUZZ_CHECK(path_join_safe(arena, STR_EMPTY, path, &clean, &err) == 0);
        FUZZ_CHECK(str_eq(path, clean) && e->name.n > 0);
        FUZZ_CHECK(files->type(files, path, &type, &err) == 0 && type != ENGINE_FILE_MISSING);
        if (type == ENGINE_FILE_DIR) {
            walk(files, arena, path, depth + 1);
        } else {
            FUZZ_CHECK(files->read(files, arena, path, SIZE_MAX, &text, &err) == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str bytes = str_of((const char *)data, size);
    struct engine_files *files;
    struct err err;
    if (!gunzip_is(bytes)) {
        bytes = archive_pack_raw(arena, data, size);
    }
    if (chart_tree_new(arena, bytes, &files, &err) == 0) {
        walk(files, arena, STR_EMPTY, 0);
    }
    return 0;
}
