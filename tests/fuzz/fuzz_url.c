/* URLs: what is read is printed, read again and the same; escaping and back; no path leaves its root. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/net/url.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

static struct str format(struct arena *arena, const struct url *url)
{
    AUTO(buf) struct buf text;
    buf_init(&text, (size_t)16 * MAX_BYTES);
    url_format(url, &text);
    FUZZ_CHECK(!text.overflow);
    return buf_to_arena(&text, arena);
}

static void round_trip(struct arena *arena, const struct url *url)
{
    struct err err;
    struct url again;
    struct str text = format(arena, url);
    FUZZ_OK(url_parse(arena, text, &again, &err));
    FUZZ_CHECK(str_eq(text, format(arena, &again)));
    FUZZ_CHECK(str_eq(url->host, again.host) && url->port == again.port);
    FUZZ_CHECK(str_eq(url->path, again.path) && str_eq(url->password, again.password));
}

static void resolve(struct arena *arena, struct str text)
{
    struct err err;
    struct url base;
    struct url url;
    FUZZ_OK(url_parse(arena, STR("http://u:p@host:1/a/b/c?q"), &base, &err));
    if (url_resolve(arena, &base, text, &url, &err) == 0) {
        FUZZ_CHECK(url.path.n == 0 || url.path.p[0] == '/');
    }
}

static void check_parts(struct arena *arena, struct str text)
{
    struct err err;
    struct str back;
    struct url_segments segments;
    struct url_params params;
    AUTO(buf) struct buf escaped;
    buf_init(&escaped, (size_t)4 * MAX_BYTES);
    url_escape(&escaped, text);
    if (memchr(text.n > 0 ? text.p : "", '\0', text.n) == NULL) {
        FUZZ_OK(url_unescape(arena, buf_str(&escaped), &back, &err));
        FUZZ_CHECK(str_eq(text, back));
    }
    if (url_path_segments(arena, text, &segments, &err) == 0) {
        for (size_t i = 0; i < segments.n; i++) {
            FUZZ_CHECK(!str_eq_c(segments.items[i], ".."));
        }
    }
    if (url_query_parse(arena, text, &params, &err) == 0) {
        FUZZ_CHECK(params.n <= text.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    struct err err;
    struct url url;
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    if (url_parse(arena, text, &url, &err) == 0) {
        round_trip(arena, &url);
    }
    if (url_parse_git(arena, text, &url, &err) == 0) {
        round_trip(arena, &url);
    }
    resolve(arena, text);
    check_parts(arena, text);
    return 0;
}
