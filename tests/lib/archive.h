/* Making tar and gzip in memory, also ones no good program would write. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum { ARCHIVE_BLOCK = 512 };

/* The checksum of a header made or changed by hand. */
static inline void archive_seal(char *header)
{
    unsigned sum = 0;
    char text[8];
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < ARCHIVE_BLOCK; i++) {
        sum += (unsigned char)header[i];
    }
    (void)snprintf(text, sizeof(text), "%06o", sum & 0777777); /* six digits and a NUL always fit */
    memcpy(header + 148, text, 7);
}

/* One entry: type flag '0' is a file, '5' a directory, 'L' a long name, 'x' a pax header. */
static inline void archive_put(struct buf *tar, char type, const char *name, struct str data)
{
    char header[ARCHIVE_BLOCK] = {0};
    char size[24];
    memcpy(header, name, MIN(strlen(name), (size_t)100));
    (void)snprintf(size, sizeof(size), "%011zo", data.n); /* small sizes only */
    memcpy(header + 124, size, 11);
    header[156] = type;
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    archive_seal(header);
    buf_put_bytes(tar, header, sizeof(header));
    buf_put(tar, data);
    buf_put_fill(tar, '\0', (ARCHIVE_BLOCK - data.n % ARCHIVE_BLOCK) % ARCHIVE_BLOCK);
}

static inline void archive_end(struct buf *tar)
{
    buf_put_fill(tar, '\0', (size_t)2 * ARCHIVE_BLOCK);
}

static inline struct str archive_gzip(struct arena *arena, struct str text)
{
    z_stream z = {0};
    size_t room = text.n + text.n / 100 + 1024;
    char *out = arena_bytes(arena, room);
    (void)deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
                       Z_DEFAULT_STRATEGY); /* fixed settings */
    z.next_in = (const unsigned char *)text.p;
    z.avail_in = (unsigned)text.n;
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    (void)deflate(&z, Z_FINISH); /* there is room for all of it */
    (void)deflateEnd(&z);
    return str_of(out, z.total_out);
}

/* Bytes taken for a tar, packed; sums in headers are set right, so that a fuzzer need not guess them. */
static inline struct str archive_pack_raw(struct arena *arena, const uint8_t *data, size_t size)
{
    char *tar = arena_bytes(arena, size);
    memcpy(tar, data, size);
    for (size_t at = 0; at + ARCHIVE_BLOCK <= size; at += ARCHIVE_BLOCK) {
        if (memcmp(tar + at + 257, "ustar", 5) == 0) {
            archive_seal(tar + at);
        }
    }
    return archive_gzip(arena, str_of(tar, size));
}
