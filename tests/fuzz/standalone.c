/* main() for fuzz targets without libFuzzer: runs the target over every file it is given, and over every
 * file below directories. Used to replay the corpora in ordinary and sanitizer builds. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t n_inputs;

static int run_file(const char *path)
{
    struct err err;
    struct str bytes;
    AUTO(arena) struct arena *arena = arena_new();
    if (fs_read_file(arena, path, LIMIT_DOC_BYTES, &bytes, &err) < 0) {
        char text[1024];
        err_format(&err, text, sizeof(text));
        (void)fprintf(stderr, "%s\n", text);
        return -1;
    }
    n_inputs++;
    return LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n);
}

static int on_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)walk;
    return type == FTW_F ? run_file(path) : 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (nftw(argv[i], on_entry, 16, FTW_PHYS) != 0) {
            (void)fprintf(stderr, "%s: failed\n", argv[i]);
            return EXIT_FAILURE;
        }
    }
    printf("%zu inputs\n", n_inputs);
    return n_inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
