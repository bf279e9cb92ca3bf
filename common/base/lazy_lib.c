/* Two threads may find the same address at the same time: both write the same. Libraries stay loaded. */
#include "common/base/lazy_lib.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "common/base/log.h"

static void *must_have(void *found, const struct lazy_function *f)
{
    if (found == NULL) {
        log_error("cannot load a library", LF_CSTR("library", f->lib->soname),
                  LF_CSTR("error", dlerror()));
        abort();
    }
    return found;
}

void *lazy_lib_resolve(struct lazy_function *f)
{
    void *handle = __atomic_load_n(&f->lib->handle, __ATOMIC_ACQUIRE);
    if (handle == NULL) {
        handle = must_have(dlopen(f->lib->soname, RTLD_NOW | RTLD_LOCAL), f);
        __atomic_store_n(&f->lib->handle, handle, __ATOMIC_RELEASE);
    }
    void *address = must_have(dlsym(handle, f->name), f);
    __atomic_store_n(&f->address, address, __ATOMIC_RELEASE);
    return address;
}
