/* Running data cases. */
#include "tests/lib/cases.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

static int is_case(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

void cases_run(const char *area, cases_fn fn)
{
    AUTO(arena) struct arena *paths = arena_new();
    const char *root = arena_printf(paths, "tests/data/%s", area).p;
    struct dirent **entries = NULL;
    int n = scandir(root, &entries, is_case, alphasort);
    if (n <= 0) {
        fail_msg("%s: no cases", root);
    }
    for (int i = 0; i < n; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const char *name = arena_strdup(arena, entries[i]->d_name);
        free(entries[i]);
        fn(arena, arena_printf(arena, "%s/%s", root, name).p, name);
    }
    free(entries);
}

const struct value *cases_yaml(struct arena *arena, const char *dir, const char *file)
{
    struct err err;
    struct str text = STR_EMPTY;
    const char *path = arena_printf(arena, "%s/%s", dir, file).p;
    if (fs_read_file(arena, path, LIMIT_MIB, &text, &err) < 0) {
        if (err.code != ERR_NOT_FOUND) {
            fail_msg("%s: %s", path, err.message);
        }
        return NULL;
    }
    const struct value *v = NULL;
    if (value_from_yaml(arena, text, NULL, &v, &err) < 0) {
        fail_msg("%s:%u: %s", path, err.pos.line, err.message);
    }
    return v;
}

static const char *to_text(struct arena *arena, const struct value *v)
{
    struct err err;
    struct str text;
    if (value_to_yaml_in(arena, v, NULL, &text, &err) < 0) {
        return err.code == ERR_LIMIT ? "(too large)" : "(cannot be written)";
    }
    return text.p;
}

void cases_assert_equal(const char *dir, const struct value *is, const struct value *want)
{
    if (value_equal(is, want)) {
        return;
    }
    AUTO(arena) struct arena *arena = arena_new();
    fail_msg("%s\n--- is ---\n%s--- wanted ---\n%s", dir, to_text(arena, is), to_text(arena, want));
}
