/* struct context_file: the servers this user has logged in to, and which one is meant.
 *
 * A YAML file in the shape of the argocd CLI's: contexts name a server and a user, servers say how they
 * are reached, users have a token. It is read and written as a whole, with mode 0600. Blocking. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

struct context {
    struct str name;
    struct str server;     /* "host[:port][/path]" */
    struct str token;      /* "" = not logged in */
    bool insecure;         /* certificates are not checked */
    bool plain_text;       /* HTTP */
    struct str server_crt; /* file of roots to trust; "" = the system's */
};

struct context_file {
    struct arena *arena; /* borrowed */
    const char *path;
    const struct value *root; /* as read: what is not known here stays */
};

/* ${XDG_CONFIG_HOME:-~/.config}/belay/config, in the arena; ERR_NOT_FOUND without a home. */
MUST_CHECK int context_default_path(struct arena *arena, const char **ret, struct err *err);

/* A missing file is an empty one. ERR_DENIED when others may read it, ERR_INVALID with position. */
MUST_CHECK int
context_load(struct arena *arena, const char *path, struct context_file *ret, struct err *err);
/* name NULL = the current context. ERR_NOT_FOUND. */
MUST_CHECK int context_find(const struct context_file *file,
                            const char *name,
                            struct context *ret,
                            struct err *err);
/* The context of a server, whatever its name; false = none. */
bool context_find_server(const struct context_file *file, struct str server, struct context *ret);

/* Add or replace the context with its server and user, and make it the current one. */
void context_put(struct context_file *file, const struct context *context);
/* Forget the token of a context. */
void context_forget_token(struct context_file *file, struct str name);
MUST_CHECK int context_save(const struct context_file *file, struct err *err);
