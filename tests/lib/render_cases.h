/* Cases of rendering as folders: <dir>/<case>/in/ is the tree, opts.yaml has {source, app, path}, and
 * want.yaml the output or want_error.txt a part of the error. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/render_local.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

static inline struct str
render_case_file(struct arena *arena, const char *dir, const char *name, const char *file)
{
    struct str path = arena_printf(arena, "%s/%s/%s", dir, name, file);
    struct str text = {NULL, 0};
    struct err err;
    if (fs_read_file(arena, path.p, LIMIT_MIB, &text, &err) < 0 && err.code != ERR_NOT_FOUND) {
        fail_msg("%s: %s", path.p, err.message);
    }
    return text;
}

static inline void render_case_run(const char *dir, const char *name)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_MIB);
    struct err err;
    const struct value *opts = NULL;
    struct str opts_text = render_case_file(arena, dir, name, "opts.yaml");
    ASSERT_OK(value_from_yaml(arena, opts_text, NULL, &opts, &err));
    struct render_local_options options = {
        .dir = arena_printf(arena, "%s/%s/in", dir, name).p,
        .path = arena_str(arena, value_dig_str(opts, "path")).p,
        .source = value_dig(opts, "source"),
        .app_name = arena_str(arena, value_dig_str(opts, "app")).p,
    };
    int rc = render_local(&options, &out, &err);
    struct str want_error = str_trim(render_case_file(arena, dir, name, "want_error.txt"));
    if (want_error.p != NULL) {
        char text[2048] = "(no error)";
        if (rc < 0) {
            err_format(&err, text, sizeof(text));
        }
        if (str_find(str_from(text), want_error) == STR_NONE) {
            fail_msg("%s: error is '%s', wanted '" STR_FMT "'", name, text, STR_ARG(want_error));
        }
        return;
    }
    if (rc < 0) {
        char text[2048];
        err_format(&err, text, sizeof(text));
        fail_msg("%s: %s", name, text);
    }
    struct str want = render_case_file(arena, dir, name, "want.yaml");
    if (!str_eq(buf_str(&out), want)) {
        fail_msg("%s: output is\n%s\nwanted\n" STR_FMT, name, out.p, STR_ARG(want));
    }
}

static inline void render_cases_run(const char *dir)
{
    DIR *d = opendir(dir);
    size_t n = 0;
    assert_non_null(d);
    const struct dirent *e;
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] != '.') {
            render_case_run(dir, e->d_name);
            n++;
        }
    }
    (void)closedir(d); /* it was only read */
    assert_true(n > 0);
}
