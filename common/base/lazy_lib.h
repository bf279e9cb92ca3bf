/* Shared libraries that are loaded when one of their functions is first called.
 *
 * OpenSSL and others are half of the time and most of the memory of a short command that does not need them. The link
 * of such a program has stand-ins for their functions instead, written by tools/lazy_libs.py: each jumps to the
 * function through a pointer, which leads here the first time. Nothing shows in the sources.  Any thread. */
#pragma once

/* Both are laid out by tools/lazy_libs.py. */
struct lazy_lib {
    const char *soname;
    void *handle; /* NULL until loaded */
};

struct lazy_function {
    void *address;
    struct lazy_lib *lib;
    const char *name;
};

/* The address, which is in f->address from then on. Without the library or the function the process ends, as it would
 * not have begun were it linked. */
void *lazy_lib_resolve(struct lazy_function *f);
