/* struct engine_env: everything an engine sees of the world.
 *
 * Engines are pure: bytes and trees in, trees or errors out.  Files, time, randomness and cluster lookups
 * come through the callbacks here, so a render can run on a pool thread, in a sandboxed process or
 * inside the command line tool, and is repeated exactly by repeating its inputs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/err.h"
#include "common/base/str.h"

struct crew;
struct value;
struct rand;

enum engine_file_type {
    ENGINE_FILE_MISSING,
    ENGINE_FILE_REGULAR,
    ENGINE_FILE_DIR,
    ENGINE_FILE_LINK,  /* in listings only: look-ups follow it */
    ENGINE_FILE_OTHER, /* submodule, device */
};

struct engine_entry {
    struct str name;            /* NUL-terminated */
    enum engine_file_type type; /* of the entry itself */
};

struct engine_listing {
    const struct engine_entry *items; /* bytewise by name */
    size_t n;
};

/* A read-only file tree: a Git commit, a directory, an unpacked chart.  Embedded in its provider's struct.
 *
 * Paths are clean (common/base/path.h) and relative to the root of the tree.  Symbolic links are followed
 * inside the tree; one that leads outside is ERR_DENIED.  Results live in the arena given. */
struct engine_files {
    /* What the path is after following links; a missing one is ENGINE_FILE_MISSING, not an error. */
    int (*type)(struct engine_files *files,
                struct str path,
                enum engine_file_type *ret,
                struct err *err);
    /* The path with every link on it replaced by what it leads to; what is missing stays as it was. */
    int (*resolve)(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   struct str *ret,
                   struct err *err);
    /* ERR_NOT_FOUND, ERR_INVALID (not a directory), ERR_LIMIT. */
    int (*list)(struct engine_files *files,
                struct arena *arena,
                struct str path,
                struct engine_listing *ret,
                struct err *err);
    /* ERR_NOT_FOUND, ERR_INVALID (not a regular file), ERR_LIMIT (larger than max_bytes, which is
     * told from the size before anything is read). NUL-terminated. */
    int (*read)(struct engine_files *files,
                struct arena *arena,
                struct str path,
                size_t max_bytes,
                struct str *ret,
                struct err *err);
};

/* Something that is not in the tree: a chart of a repository, another Git repository, a file of a web server. */
enum engine_remote_type {
    ENGINE_REMOTE_CHART, /* url: chart repository, https:// or oci://, or "@name" of one; name, version: of the
                            chart; a version may be a constraint */
    ENGINE_REMOTE_GIT,  /* url: repository; version: branch, tag or commit, "" = HEAD */
    ENGINE_REMOTE_FILE, /* url: http:// or https:// */
};

struct engine_remote {
    enum engine_remote_type type;
    struct str url;
    struct str name;
    struct str version;
    int64_t timeout_ms;    /* that the source asks for; 0 = the provider's */
    bool submodules;       /* GIT: with them */
    bool pass_credentials; /* CHART: the repository's also to servers its index names */
    bool values;           /* FILE: values of a chart, for which only some schemes may be allowed */
};

struct engine_remote_result {
    struct engine_files *files; /* GIT: of the commit */
    struct str bytes;           /* CHART: the archive; FILE: the content */
    struct str revision;        /* CHART: the version; GIT: the commit */
};

/* Names and values an application knows itself by (the build environment of its engines). */
struct engine_app {
    struct str name; /* instance name: name, or namespace_name */
    struct str project;
    struct str namespace; /* destination */
    struct str repo_url;
    struct str target_revision; /* as written */
};

struct engine_cluster {
    struct str kube_version; /* of the destination; "" = unknown */
    const struct str *api_versions;
    size_t n_api_versions;
};

struct engine_env {
    struct arena *arena;   /* results and all that is temporary */
    struct budget *budget; /* charged by loops over input; bytes count what is read */
    struct crew *crew; /* helps; lives as long as results do, and goes before the arena. It may call
                                   read() of files from its threads. NULL: one thread does all */
    struct engine_files *files; /* the repository */
    struct engine_app app;
    struct engine_cluster cluster;
    int64_t now_ms;    /* Unix time templates see */
    struct rand *rand; /* NULL: randomness is refused */
    /* The resolved commit.  A render that asks for it depends on it, so its result is not valid for another
     * commit with the same files. NULL when there is none. */
    struct str (*revision)(struct engine_env *env);
    /* An object of the cluster for `lookup`; NULL: every look-up finds nothing, as `helm template`. */
    int (*lookup)(struct engine_env *env,
                  struct str api_version,
                  struct str kind,
                  struct str namespace,
                  struct str name,
                  const struct value **ret,
                  struct err *err);
    /* Brings what is not in the tree; NULL: it cannot be had. A provider that would have to wait answers ERR_UNAVAILABLE and remembers
     * what was asked for: the render is then repeated when all of that is there. So an engine asks for everything it
     * knows it will need before it passes the first such error on. */
    int (*remote)(struct engine_env *env,
                  const struct engine_remote *what,
                  struct engine_remote_result *ret,
                  struct err *err);
    /* The tree of another source of the application, for "$name/...". ERR_NOT_FOUND: there is none of this name.
     * NULL: there are none. */
    int (*ref)(struct engine_env *env, struct str name, struct engine_files **ret, struct err *err);
    /* The data of a time zone as in the zone database ("TZif"), STR_EMPTY for an unknown name; NULL: only UTC is
     * known. ERR_UNSUPPORTED: there is no database. Needs no env: the database is the machine's. */
    int (*zone)(struct arena *arena, struct str name, struct str *ret, struct err *err);
    void *data; /* of the provider of the functions */
};

/* One object of a result. */
struct engine_object {
    const struct value *object; /* a map with apiVersion and kind */
    struct str file;            /* where it was written, relative to the root of the tree */
    uint32_t line;              /* from 1 */
};
