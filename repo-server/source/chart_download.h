/* struct chart_download: a chart's archive, from disk or from its repository, checked against its digest.
 *
 * Loop thread only, but an archive may be read by any thread that holds a reference. */
#pragma once

#include <stdbool.h>

#include "common/base/cleanup.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/url.h"
#include "repo-server/source/chart_env.h"

struct arena;
struct chart_archive;
struct chart_download;
struct chart_remote;

/* ---- archives: immutable, references counted for any thread ---- */

/* Takes the arena, in which the bytes live. */
struct chart_archive *chart_archive_new(struct arena *arena, struct str bytes);
struct chart_archive *chart_archive_ref(struct chart_archive *archive);
void chart_archive_unref(struct chart_archive *archive); /* NULL is fine */
DEFINE_CLEANUP(chart_archive, struct chart_archive, chart_archive_unref);
/* The .tgz. */
struct str chart_archive_bytes(const struct chart_archive *archive);
/* Its SHA-256, 64 digits. */
struct str chart_archive_digest(const struct chart_archive *archive);

/* ---- downloads ---- */

enum chart_download_from {
    CHART_DOWNLOAD_ANYWHERE,
    CHART_DOWNLOAD_SERVER, /* what is on disk without a digest to check it by is not used */
};

enum chart_download_what {
    CHART_DOWNLOAD_CHART,
    CHART_DOWNLOAD_FILE, /* any bytes */
};

struct chart_download_options {
    const struct chart_env *env; /* borrowed */
    struct chart_remote *remote; /* a reference is taken */
    const struct url *url;       /* copied, as all below */
    struct str name;             /* in an OCI registry; "" = the URL is downloaded as it is */
    struct str digest; /* 64 digits; "" = not known, which only a repository may be content with */
    bool pass_credentials; /* also to a server that is not the repository's */
    enum chart_download_from from;
    enum chart_download_what what;
};

/* archive is NULL on failure, else borrowed. Exactly once, never before chart_download_start() returned. */
typedef void (*chart_download_fn)(struct chart_archive *archive, const struct err *err, void *data);

/* What makes two downloads the same; also the name on disk. */
void chart_download_key(const struct chart_download_options *options,
                        char ret[DIGEST_SHA256_HEX_BYTES]);

struct chart_download *chart_download_start(const struct chart_download_options *options,
                                            chart_download_fn done,
                                            void *data);
/* done follows with ERR_CANCELED. */
void chart_download_cancel(struct chart_download *download);
