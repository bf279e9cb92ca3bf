/* zlib's inflate with a bound on what comes out, so that a small archive cannot fill the memory. */
#include "common/base/gunzip.h"

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

#include "common/base/limits.h"

enum {
    GZIP_WINDOW = 16 + MAX_WBITS, /* only gzip's framing, no zlib or raw streams */
    CHUNK_BYTES = 64 * 1024,
};

bool gunzip_is(struct str in)
{
    return in.n >= 2 && (unsigned char)in.p[0] == 0x1f && (unsigned char)in.p[1] == 0x8b;
}

/* One call of inflate(), zlib's code in ret. */
static int inflate_some(z_stream *z, struct buf *out, int *ret, struct err *err)
{
    size_t room = MIN((size_t)CHUNK_BYTES, out->max_bytes - out->n);
    unsigned char beyond; /* a full buffer may still see the end of the stream */
    char *to = room > 0 ? buf_reserve(out, room) : NULL;
    z->next_out = to != NULL ? (unsigned char *)to : &beyond;
    z->avail_out = to != NULL ? (uInt)room : 1;
    *ret = inflate(z, Z_NO_FLUSH);
    if (to != NULL) {
        buf_commit(out, room - z->avail_out);
    } else if (z->avail_out == 0) {
        return err_set(err, ERR_LIMIT, "unpacks to more than %zu bytes", out->max_bytes);
    }
    return 0;
}

static int inflate_member(z_stream *z, struct buf *out, struct err *err)
{
    for (;;) {
        int rc;
        TRY(inflate_some(z, out, &rc, err));
        if (rc == Z_STREAM_END) {
            return 0;
        }
        if (rc == Z_BUF_ERROR || (rc == Z_OK && z->avail_in == 0 && z->avail_out > 0)) {
            return err_set(err, ERR_INVALID, "gzip: unexpected end");
        }
        if (rc != Z_OK) {
            return err_set(err, ERR_INVALID, "gzip: %s", z->msg != NULL ? z->msg : "broken data");
        }
    }
}

static int inflate_all(z_stream *z, struct buf *out, struct err *err)
{
    for (;;) {
        TRY(inflate_member(z, out, err));
        if (!gunzip_is(str_of((const char *)z->next_in, z->avail_in))) {
            return 0;
        }
        (void)inflateReset(z); /* only fails on a broken z_stream */
    }
}

int gunzip_bytes(struct str in, struct buf *out, struct err *err)
{
    z_stream z = {0};
    if (!gunzip_is(in)) {
        return err_set(err, ERR_INVALID, "gzip: invalid header");
    }
    if (in.n > UINT_MAX) {
        return err_set(err, ERR_LIMIT, "more than %u bytes to unpack", UINT_MAX);
    }
    z.next_in = (const unsigned char *)in.p;
    z.avail_in = (uInt)in.n;
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK) {
        return err_set(err, ERR_INTERNAL, "zlib cannot be started");
    }
    int rc = inflate_all(&z, out, err);
    (void)inflateEnd(&z); /* reports only that the stream was not used up */
    return rc;
}
