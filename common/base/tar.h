/* Reading tar archives that are in memory: ustar, GNU long names and pax headers.
 *
 *     struct tar_reader tar = {.arena = arena, .rest = bytes};
 *     struct tar_entry entry;
 *     while ((rc = tar_next(&tar, &entry, err)) > 0) { ... }
 *
 * Nothing is written anywhere, names are as the archive has them: the caller judges them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum tar_type {
    TAR_FILE,
    TAR_DIR,
    TAR_OTHER, /* links, devices: without data */
};

struct tar_entry {
    enum tar_type type;
    struct str name; /* in the arena or the archive */
    struct str data; /* borrowed from the archive */
};

struct tar_reader {
    struct arena *arena; /* for names put together */
    struct str rest;     /* of the archive */
    size_t n_entries;
    struct str long_name; /* for the next entry; p is NULL without one */
    uint64_t pax_size;
    bool has_pax_size;
};

/* The next entry: 1, at the end 0, or an error: ERR_INVALID (checksum, cut off, names that say nothing),
 * ERR_LIMIT (LIMIT_ARCHIVE_ENTRIES, LIMIT_ARCHIVE_HEADER_BYTES), ERR_UNSUPPORTED (sparse files). */
MUST_CHECK int tar_next(struct tar_reader *tar, struct tar_entry *ret, struct err *err);
