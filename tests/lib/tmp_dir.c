/* Folders for tests. */
#include "tests/lib/tmp_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/check.h"

void tmp_dir_new(char dir[TMP_DIR_BYTES])
{
    (void)snprintf(dir, TMP_DIR_BYTES, "/tmp/belay-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

void tmp_dir_put(const char *dir, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void tmp_dir_remove(const char *dir)
{
    DIR *handle = opendir(dir);
    assert_non_null(handle);
    const struct dirent *entry;
    while ((entry = readdir(handle)) != NULL) {
        if (entry->d_name[0] != '.') {
            assert_int_equal(unlinkat(dirfd(handle), entry->d_name, 0), 0);
        }
    }
    assert_int_equal(closedir(handle), 0);
    assert_int_equal(rmdir(dir), 0);
}
