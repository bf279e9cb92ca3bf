/* The table and the names it is filled from. The library stays loaded. */
#include "common/net/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/macro.h"

#define LIBCURL_SONAME "libcurl.so.4"

static struct libcurl table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *name;
    size_t offset;
} ROWS[] = {
#define LIBCURL_ROW(name) {"curl_" #name, offsetof(struct libcurl, name)},
    LIBCURL_FUNCTIONS(LIBCURL_ROW)
#undef LIBCURL_ROW
};

static void *must_have(void *found)
{
    if (found == NULL) {
        log_error("cannot load libcurl (Debian package libcurl4)", LF_CSTR("error", dlerror()));
        abort();
    }
    return found;
}

static void load(void)
{
    void *library = must_have(dlopen(LIBCURL_SONAME, RTLD_NOW | RTLD_LOCAL));
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        void **member = (void **)((char *)&table + ROWS[i].offset);
        *member = must_have(dlsym(library, ROWS[i].name)); /* POSIX lets it answer functions */
    }
}

const struct libcurl *libcurl_get(void)
{
    (void)pthread_once(&once, load); /* fails for a bad pointer only */
    return &table;
}
