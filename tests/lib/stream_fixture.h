/* Reading the event streams of the API server under test. A header for api_fixture.h, which see. */
#pragma once

#include "tests/lib/api_fixture.h"

#define STREAM "/api/v1/stream/applications"

struct stream_reading {
    struct api_fixture *f;
    struct http_result result;
    const char *want;
};

static inline bool stream_has_text(void *data)
{
    struct stream_reading *r = data;
    return str_find(buf_str(&r->result.body), str_from(r->want)) != STR_NONE ||
           r->result.n_done > 0;
}

static inline void stream_wait_text(struct stream_reading *r, const char *text)
{
    r->want = text;
    api_fixture_wait(r->f, stream_has_text, r);
    if (str_find(buf_str(&r->result.body), str_from(text)) == STR_NONE) {
        fail_msg("no '%s' in '%s'", text, r->result.body.p);
    }
}

static inline void
stream_begin(struct api_fixture *f, struct stream_reading *r, const char *path, bool sse)
{
    struct http_header *h = arena_calloc(f->arena, 2, sizeof(*h));
    *r = (struct stream_reading){.f = f, .result = {.want_header = "content-type"}};
    h[0] = (struct http_header){STR("accept"),
                                sse ? STR("text/event-stream") : STR("application/json")};
    h[1] =
        (struct http_header){STR("authorization"), arena_printf(f->arena, "Bearer %s", f->token)};
    struct http_call_opts opts = {.headers = {h, 2}, .on_data = http_result_data};
    api_fixture_begin(f, opts, path, &r->result);
}

static inline bool stream_no_streams(void *data)
{
    return list_empty(&((struct api_fixture *)data)->server->streams);
}

static inline void stream_end(struct stream_reading *r)
{
    if (r->result.n_done == 0) {
        http_call_cancel(r->result.call);
        api_fixture_wait(r->f, http_result_is_done, &r->result);
    }
    http_result_free(&r->result);
    api_fixture_wait(r->f, stream_no_streams, r->f);
}

static inline void stream_setup(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "b", "");
    api_fixture_app(f, "a", "");
}
