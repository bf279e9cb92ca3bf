/* libc's own zones are process-global state, so the files are read here. */
#include "common/base/tzdata.h"

#include <sys/stat.h>

#include "common/base/fs.h"
#include "common/base/limits.h"

#define DATABASE "/usr/share/zoneinfo"

/* Names come from templates: none leads out of the database. */
static bool is_name(struct str name)
{
    return name.n > 0 && name.p[0] != '/' && str_find(name, STR("..")) == STR_NONE &&
           str_find_char(name, '\\') == STR_NONE && str_find_char(name, '\0') == STR_NONE &&
           name.n <= LIMIT_TZDATA_NAME_BYTES;
}

int tzdata_read(struct arena *arena, struct str name, struct str *ret, struct err *err)
{
    struct stat st;
    if (stat(DATABASE, &st) < 0) {
        return err_set(err, ERR_UNSUPPORTED,
                       "time zone '" STR_FMT "': there is no time zone database in " DATABASE,
                       STR_ARG(name));
    }
    *ret = STR_EMPTY;
    if (!is_name(name)) {
        return 0;
    }
    const char *path = arena_printf(arena, DATABASE "/" STR_FMT, STR_ARG(name)).p;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) {
        return 0;
    }
    return fs_read_file(arena, path, LIMIT_TZDATA_BYTES, ret, err);
}
