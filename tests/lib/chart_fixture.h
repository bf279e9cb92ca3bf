/* A server of charts: pages by path, some behind a login, on two ports that are two servers to a client; and
 * what loading charts needs, with a cache directory of its own. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/rt/work.h"
#include "proto/repo.pb-c.h"
#include "repo-server/source/chart_env.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/chart_store.h"
#include "repo-server/source/oci_get.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"
#include "tests/lib/tmp_dir.h"

enum { CHART_FIXTURE_PAGES = 24 };

/* Of the first page with the path, query included, the answer. */
struct chart_page {
    const char *path;
    struct str body;
    int status;                /* 0 = 200 */
    const char *authorization; /* without it: 401 with the challenge; NULL = nobody is asked */
    const char *challenge;
    const char *etag; /* 304 for who has it */
    struct http_header header;
};

struct chart_fixture {
    struct http_fixture *http;
    struct work *work;
    char dir[TMP_DIR_BYTES];
    struct chart_store *store;
    struct oci_tokens *tokens;
    struct chart_users users;
    struct chart_env env;
    struct arena *arena;
    struct chart_page pages[CHART_FIXTURE_PAGES];
    size_t n_pages;
    struct buf
        log; /* "path?query authorization\n" of each request, ":" before those to the second port */
    struct str url; /* "http://127.0.0.1:PORT" */
    struct str other_url;
};

static inline void chart_fixture_log_request_(struct chart_fixture *f,
                                              const struct http_request *req,
                                              struct str where)
{
    struct str login = http_request_header(req, STR("Authorization"));
    bool other = str_ends_with(http_request_host(req),
                               arena_printf(f->arena, ":%u", (unsigned)f->http->tls_port));
    buf_printf(&f->log, "%s" STR_FMT "%s" STR_FMT "\n", other ? ":" : "", STR_ARG(where),
               login.n > 0 ? " " : "", STR_ARG(login));
}

static inline const struct chart_page *chart_fixture_find_page_(const struct chart_fixture *f,
                                                                struct str where)
{
    for (size_t i = 0; i < f->n_pages; i++) {
        if (str_eq_c(where, f->pages[i].path)) {
            return &f->pages[i];
        }
    }
    return NULL;
}

static inline void chart_fixture_answer_(struct http_request *req, const struct chart_page *page)
{
    struct http_header headers[2];
    size_t n = 0;
    struct http_reply reply = {.status = page->status != 0 ? page->status : 200,
                               .content_type = "application/octet-stream",
                               .body = page->body};
    if (page->authorization != NULL &&
        !str_eq_c(http_request_header(req, STR("Authorization")), page->authorization)) {
        reply.status = 401;
        reply.body = STR("no");
        headers[n++] = (struct http_header){STR("WWW-Authenticate"), str_from(page->challenge)};
    } else if (page->etag != NULL) {
        headers[n++] = (struct http_header){STR("ETag"), str_from(page->etag)};
        if (str_eq_c(http_request_header(req, STR("If-None-Match")), page->etag)) {
            reply.status = 304;
            reply.body = STR_EMPTY;
        }
    }
    if (page->header.name.n > 0) {
        headers[n++] = page->header;
    }
    reply.headers = (struct http_headers){headers, n};
    http_request_reply(req, &reply);
}

static inline void chart_fixture_on_request_(struct http_request *req, void *data)
{
    struct chart_fixture *f = ((struct http_fixture *)data)->data;
    struct str query = http_request_query(req);
    struct str where = arena_printf(f->arena, STR_FMT "%s" STR_FMT, STR_ARG(http_request_path(req)),
                                    query.p != NULL ? "?" : "", STR_ARG(query));
    chart_fixture_log_request_(f, req, where);
    const struct chart_page *page = chart_fixture_find_page_(f, where);
    if (page == NULL) {
        http_fixture_reply(req, 404, STR("nothing here"));
        return;
    }
    chart_fixture_answer_(req, page);
}

static inline struct chart_fixture *chart_fixture_new(void)
{
    struct chart_fixture *f = MEM_NEW(struct chart_fixture);
    struct err err;
    f->http = http_fixture_new(NULL);
    f->http->handler = chart_fixture_on_request_;
    f->http->data = f;
    f->arena = arena_new();
    f->work = work_new(f->http->loop, NULL);
    tmp_dir_new(f->dir);
    ASSERT_OK(chart_store_open(f->dir, &f->store, &err));
    f->tokens = oci_tokens_new();
    buf_init(&f->log, LIMIT_MIB);
    f->url = arena_printf(f->arena, "http://127.0.0.1:%u", (unsigned)f->http->port);
    f->other_url = arena_printf(f->arena, "http://127.0.0.1:%u", (unsigned)f->http->tls_port);
    f->env = (struct chart_env){
        .loop = f->http->loop,
        .work = f->work,
        .client = f->http->client,
        .store = f->store,
        .tokens = f->tokens,
        .users = &f->users,
        .request_timeout_ms = HTTP_FIXTURE_WAIT_MS,
        .download_timeout_ms = HTTP_FIXTURE_WAIT_MS,
    };
    return f;
}

static inline bool chart_fixture_nobody_(void *data)
{
    return ((struct chart_fixture *)data)->users.n == 0;
}

static inline void chart_fixture_free(struct chart_fixture *f)
{
    struct err err;
    http_fixture_wait(f->http, chart_fixture_nobody_, f);
    work_free(f->work);
    oci_tokens_free(f->tokens);
    chart_store_close(f->store);
    http_fixture_free(f->http);
    ASSERT_OK(fs_remove_tree(f->dir, &err));
    buf_done(&f->log);
    arena_free(f->arena);
    mem_free(f);
}

/* In place of one with the same path. */
static inline void chart_fixture_page(struct chart_fixture *f, const struct chart_page *page)
{
    for (size_t i = 0; i < f->n_pages; i++) {
        if (strcmp(f->pages[i].path, page->path) == 0) {
            f->pages[i] = *page;
            return;
        }
    }
    assert_true(f->n_pages < CHART_FIXTURE_PAGES);
    f->pages[f->n_pages++] = *page;
}

/* The log so far, which is emptied. In the fixture's arena. */
static inline const char *chart_fixture_log(struct chart_fixture *f)
{
    struct str text = buf_to_arena(&f->log, f->arena);
    buf_reset(&f->log);
    return text.p;
}

/* url: NUL-terminated; user may be NULL. */
static inline Belay__Repository
chart_fixture_repo(const char *url, const char *user, const char *password)
{
    Belay__Repository repo;
    belay__repository__init(&repo);
    repo.url = (char *)(uintptr_t)url;
    if (user != NULL) {
        repo.username = (char *)(uintptr_t)user;
        repo.password = (char *)(uintptr_t)password;
    }
    return repo;
}

static inline struct chart_remote *chart_fixture_remote(const Belay__Repository *repo)
{
    struct chart_remote *remote;
    struct err err;
    ASSERT_OK(chart_remote_new(repo, STR_EMPTY, &remote, &err));
    return remote;
}

static inline bool chart_fixture_is_set_(void *data)
{
    return *(const bool *)data;
}

static inline void chart_fixture_wait(struct chart_fixture *f, const bool *flag)
{
    http_fixture_wait(f->http, chart_fixture_is_set_, (void *)(uintptr_t)flag);
}

/* Bytes that pass for an archive, and their SHA-256. */
#define CHART_FIXTURE_ARCHIVE ((struct str){"\x1f\x8b\x08 archive", 11})
static inline const char *chart_fixture_digest(struct chart_fixture *f, struct str bytes)
{
    char hex[DIGEST_SHA256_HEX_BYTES];
    digest_sha256_hex(bytes, hex);
    return arena_strdup(f->arena, hex);
}

/* A manifest of a chart with such a layer. */
static inline struct str chart_fixture_manifest(struct chart_fixture *f, struct str archive)
{
    return arena_printf(f->arena,
                        "{\"schemaVersion\":2,"
                        "\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\"},"
                        "\"layers\":[{\"mediaType\":\"application/vnd.cncf.helm.chart.provenance"
                        ".v1.prov\",\"digest\":\"sha256:0\",\"size\":1},"
                        "{\"mediaType\":\"application/vnd.cncf.helm.chart.content.v1.tar+gzip\","
                        "\"digest\":\"sha256:%s\",\"size\":%zu}]}",
                        chart_fixture_digest(f, archive), archive.n);
}
