/* Registries' headers and JSON: nothing unusable as a header value or in a URL comes out. */
#include <string.h>

#include "common/base/arena.h"
#include "repo-server/source/oci_wire.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16 * 1024 };

static void headers(struct arena *arena, struct str text)
{
    struct oci_challenge c;
    oci_challenge_parse(arena,
                        HTTP_HEADERS({STR("WWW-Authenticate"), text}, {STR("x"), STR("y")},
                                     {STR("www-authenticate"), STR("Basic")}),
                        &c);
    FUZZ_CHECK(c.scheme != OCI_SCHEME_NONE);
    FUZZ_CHECK(c.scheme != OCI_SCHEME_BEARER || c.realm.n > 0);
    FUZZ_CHECK(c.realm.n <= text.n);
    struct str next = oci_link_next(HTTP_HEADERS({STR("Link"), text}));
    FUZZ_CHECK(next.p == NULL || str_find_char(next, '>') == STR_NONE);
}

static void json(struct arena *arena, struct str text)
{
    struct err err;
    struct oci_token token;
    struct oci_tags tags;
    struct oci_chart_layer layer;
    if (oci_token_parse(arena, text, &token, &err) == 0) {
        FUZZ_CHECK(http_header_is_value(token.token) && token.lasts_s >= 0);
    }
    if (oci_tags_parse(arena, text, &tags, &err) == 0) {
        for (size_t i = 0; i < tags.n; i++) {
            FUZZ_CHECK(oci_is_tag(tags.items[i]));
        }
    }
    if (oci_manifest_parse(arena, text, &layer, &err) == 0) {
        FUZZ_CHECK(layer.digest.n == 64 && layer.size_bytes >= 0);
    }
    FUZZ_CHECK(oci_error_text(arena, text).n <= text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    headers(arena, text);
    json(arena, text);
    if (oci_is_name(text)) {
        FUZZ_CHECK(str_find(text, STR("..")) == STR_NONE && text.p[0] != '/');
    }
    return 0;
}
