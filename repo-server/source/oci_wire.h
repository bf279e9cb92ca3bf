/* What an OCI registry and we say to each other: challenges, tokens, lists of tags, manifests.
 *
 * Everything read here comes from a server that may be hostile. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/net/http_header.h"

/* What a manifest request accepts. */
#define OCI_ACCEPT_MANIFEST                        \
    "application/vnd.oci.image.manifest.v1+json, " \
    "application/vnd.docker.distribution.manifest.v2+json"

enum oci_scheme { OCI_SCHEME_NONE, OCI_SCHEME_BASIC, OCI_SCHEME_BEARER };

struct oci_challenge {
    enum oci_scheme scheme; /* the best of those offered that we know */
    struct str realm;       /* Bearer: where tokens are given */
    struct str service;
    struct str scope;
};
/* From the WWW-Authenticate headers of a 401. */
void oci_challenge_parse(struct arena *arena,
                         struct http_headers headers,
                         struct oci_challenge *ret);

/* The URL of the next page by the Link header; p is NULL on the last one. */
struct str oci_link_next(struct http_headers headers);

struct oci_token {
    struct str token;
    int64_t lasts_s;
};
MUST_CHECK int
oci_token_parse(struct arena *arena, struct str json, struct oci_token *ret, struct err *err);

struct oci_tags {
    const struct str *items;
    size_t n;
};
MUST_CHECK int
oci_tags_parse(struct arena *arena, struct str json, struct oci_tags *ret, struct err *err);

/* Layer and size of a chart. */
struct oci_chart_layer {
    struct str digest; /* 64 hexadecimal digits */
    int64_t size_bytes;
};
/* ERR_INVALID when it is no manifest of a Helm chart. */
MUST_CHECK int oci_manifest_parse(struct arena *arena,
                                  struct str json,
                                  struct oci_chart_layer *ret,
                                  struct err *err);

/* The message of the first error in a registry's answer; "" when there is none. */
struct str oci_error_text(struct arena *arena, struct str json);

/* "1.2.3+x" <-> "1.2.3_x": tags have no plus sign. */
struct str oci_tag_of(struct arena *arena, struct str version);
struct str oci_version_of(struct arena *arena, struct str tag);
/* What the specification lets a tag and a repository's name be: both become part of a URL. */
bool oci_is_tag(struct str tag);
bool oci_is_name(struct str name);
/* "sha256:" and 64 lower-case digits: cuts to the digits. */
bool oci_cut_digest(struct str *digest);
