/* The scripted API server: one step per request. */
#include "tests/lib/kube_fixture.h"

#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/kube/kube_config.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "tests/lib/check.h"

static void log_request(struct kube_fixture *f, struct http_request *req)
{
    struct str query = http_request_query(req);
    struct http_headers headers = http_request_headers(req);
    buf_printf(&f->log, STR_FMT " " STR_FMT, STR_ARG(http_request_method(req)),
               STR_ARG(http_request_path(req)));
    if (query.p != NULL) {
        buf_printf(&f->log, "?" STR_FMT, STR_ARG(query));
    }
    buf_put_char(&f->log, '\n');
    buf_reset(&f->last_headers);
    for (size_t i = 0; i < headers.n; i++) {
        buf_printf(&f->last_headers, STR_FMT ": " STR_FMT "\n", STR_ARG(headers.items[i].name),
                   STR_ARG(headers.items[i].value));
    }
    buf_reset(&f->last_body);
    buf_put(&f->last_body, http_request_body(req));
}

static void start_stream(struct kube_fixture *f,
                         struct http_request *req,
                         const struct kube_step *step,
                         struct http_headers headers)
{
    const struct http_stream_opts opts = {
        .status = step->status,
        .content_type = "application/json",
        .headers = headers,
    };
    http_request_stream(req, &opts);
    assert_true(f->n_open < ARRAY_LEN(f->open));
    f->is_stream[f->n_open] = true;
    f->open[f->n_open++] = req;
    kube_fixture_write(f, f->n_open - 1, step->body);
}

static void answer(struct kube_fixture *f, struct http_request *req, const struct kube_step *step)
{
    struct http_header header = {0};
    struct http_headers headers = {&header, 0};
    if (step->header != NULL) {
        struct str text = str_from(step->header);
        (void)str_cut(text, ':', &header.name, &header.value); /* tests write it right */
        header.value = str_trim(header.value);
        headers.n = 1;
    }
    if (step->how == KUBE_STEP_REPLY) {
        const struct http_reply reply = {
            .status = step->status,
            .content_type = "application/json",
            .headers = headers,
            .body = str_from(step->body),
        };
        http_request_reply(req, &reply);
        return;
    }
    start_stream(f, req, step, headers);
    if (step->how == KUBE_STEP_ABORT) {
        kube_fixture_abort(f, f->n_open - 1);
    }
}

static void on_request(struct http_request *req, void *data)
{
    const struct http_fixture *server = data;
    struct kube_fixture *f = server->data;
    log_request(f, req);
    if (f->at >= f->n_steps) {
        fail_msg("more requests than steps:\n%s", f->log.p);
    }
    const struct kube_step *step = &f->steps[f->at++];
    if (step->how == KUBE_STEP_HOLD) {
        assert_true(f->n_open < ARRAY_LEN(f->open));
        f->open[f->n_open++] = req;
        return;
    }
    answer(f, req, step);
}

static void on_stat(void *data, const struct kube_stat *stat)
{
    struct kube_fixture *f = data;
    f->n_stats++;
    f->n_retries += stat->retry ? 1 : 0;
    f->last_status = stat->status;
}

static void on_warning(void *data, const struct kube_target *target UNUSED, struct str text)
{
    struct kube_fixture *f = data;
    buf_put(&f->warnings, text);
    buf_put_char(&f->warnings, '\n');
}

static void init_bufs(struct kube_fixture *f)
{
    buf_init(&f->log, LIMIT_MIB);
    buf_init(&f->last_headers, LIMIT_MIB);
    buf_init(&f->last_body, LIMIT_MIB);
    buf_init(&f->warnings, LIMIT_MIB);
}

struct kube_fixture *
kube_fixture_new(const struct kube_step *steps, size_t n_steps, const char *config_json)
{
    struct kube_fixture *f = MEM_NEW(struct kube_fixture);
    struct kube_config *config;
    struct err err;
    char server[64];
    f->http = http_fixture_new(NULL);
    f->http->handler = on_request;
    f->http->data = f;
    f->loop = f->http->loop;
    f->steps = steps;
    f->n_steps = n_steps;
    init_bufs(f);
    (void)snprintf(server, sizeof(server), "http://127.0.0.1:%u", (unsigned)f->http->port);
    ASSERT_OK(kube_config_from_secret(str_from(server), str_from(config_json), &config, &err));
    const struct kube_client_opts opts = {
        .loop = f->loop,
        .http = f->http->client,
        .config = config,
        .qps = -1,
        .on_stat = on_stat,
        .on_warning = on_warning,
        .data = f,
    };
    ASSERT_OK(kube_client_new(&opts, &f->client, &err));
    return f;
}

void kube_fixture_free(struct kube_fixture *f)
{
    kube_client_free(f->client);
    for (size_t i = 0; i < f->n_open; i++) {
        if (f->open[i] != NULL && f->is_stream[i]) {
            kube_fixture_end(f, i);
        } else if (f->open[i] != NULL) {
            http_fixture_reply(TAKE(f->open[i]), 200, STR("{}"));
        }
    }
    http_fixture_free(f->http);
    buf_done(&f->log);
    buf_done(&f->last_headers);
    buf_done(&f->last_body);
    buf_done(&f->warnings);
    mem_free(f);
}

void kube_fixture_wait(struct kube_fixture *f, bool (*cond)(void *data), void *data)
{
    http_fixture_wait(f->http, cond, data);
}

struct request_count {
    struct kube_fixture *f;
    size_t n;
};

static bool has_requests(void *data)
{
    struct request_count *count = data;
    return count->f->at >= count->n;
}

void kube_fixture_wait_requests(struct kube_fixture *f, size_t n)
{
    struct request_count count = {f, n};
    kube_fixture_wait(f, has_requests, &count);
}

void kube_fixture_write(struct kube_fixture *f, size_t i, const char *text)
{
    struct err err;
    if (text != NULL && text[0] != '\0') {
        ASSERT_OK(http_request_write(f->open[i], str_from(text), &err));
    }
}

void kube_fixture_end(struct kube_fixture *f, size_t i)
{
    http_request_end(TAKE(f->open[i]));
}

void kube_fixture_abort(struct kube_fixture *f, size_t i)
{
    http_request_abort(TAKE(f->open[i]));
}

/* ---- calls ---- */

void kube_fixture_on_done(void *data, const struct kube_reply *reply)
{
    struct kube_outcome_seen *seen = data;
    seen->n_done++;
    seen->ok = reply->err == NULL;
    seen->status = reply->status;
    (void)snprintf(seen->reason, sizeof(seen->reason), STR_FMT, STR_ARG(reply->reason));
    if (reply->err != NULL) {
        seen->err = *reply->err;
        return;
    }
    struct err err;
    if (reply->doc != NULL) {
        ASSERT_OK(value_to_json(&seen->json, doc_root(reply->doc), NULL, &err));
    } else {
        buf_put(&seen->json, reply->body);
    }
}

bool kube_outcome_seen_done(void *data)
{
    struct kube_outcome_seen *seen = data;
    return seen->n_done > 0;
}

void kube_fixture_call(struct kube_fixture *f,
                       struct kube_request request,
                       struct kube_outcome_seen *seen)
{
    *seen = (struct kube_outcome_seen){0};
    buf_init(&seen->json, LIMIT_MIB);
    request.done = kube_fixture_on_done;
    request.data = seen;
    (void)kube_start(f->client, &request); /* nothing to cancel */
    assert_int_equal(seen->n_done, 0);
    kube_fixture_wait(f, kube_outcome_seen_done, seen);
    assert_int_equal(seen->n_done, 1);
}

void kube_outcome_seen_free(struct kube_outcome_seen *seen)
{
    buf_done(&seen->json);
}
