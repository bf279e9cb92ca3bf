/* A chart repository with real archives, and a helm_repo to load them with. */
#pragma once

#include "repo-server/source/helm_repo.h"
#include "tests/lib/chart_fixture.h"
#include "tests/lib/remote_fixture.h"

struct helm_repo_fixture {
    struct chart_fixture *chart;
    struct helm_repo *repo;
    struct str url; /* of the repository */
    struct buf index;
    unsigned n_runs; /* loads that ended */
    bool idle;
};

static inline void helm_repo_fixture_on_run_(const struct chart_load_run *run UNUSED, void *data)
{
    ((struct helm_repo_fixture *)data)->n_runs++;
}

static inline void helm_repo_fixture_on_idle_(void *data)
{
    ((struct helm_repo_fixture *)data)->idle = true;
}

/* Serves it from now on; `more` are lines of Chart.yaml. */
static inline void helm_repo_fixture_add(struct helm_repo_fixture *f,
                                         const char *name,
                                         const char *version,
                                         const char *more)
{
    struct chart_fixture *c = f->chart;
    struct str head =
        arena_printf(c->arena, "apiVersion: v2\nname: %s\nversion: %s\n%s", name, version, more);
    struct str archive = remote_chart(c->arena, name, head.p);
    const char *file = arena_printf(c->arena, "/r/%s-%s.tgz", name, version).p;
    buf_printf(&f->index, "  - {name: %s, version: %s, urls: ['%s'], digest: %s}\n", name, version,
               file, chart_fixture_digest(c, archive));
    chart_fixture_page(c, &(struct chart_page){.path = file, .body = archive});
    chart_fixture_page(c, &(struct chart_page){.path = "/r/index.yaml",
                                               .body = buf_to_arena(&f->index, c->arena)});
}

/* All versions of one chart come after it. */
static inline void helm_repo_fixture_chart(struct helm_repo_fixture *f, const char *name)
{
    buf_printf(&f->index, "  %s:\n", name);
}

static inline void helm_repo_fixture_init(struct helm_repo_fixture *f)
{
    struct err err;
    memset(f, 0, sizeof(*f));
    f->chart = chart_fixture_new();
    f->url = arena_printf(f->chart->arena, "%s/r", f->chart->url.p);
    buf_init(&f->index, LIMIT_MIB);
    buf_put_c(&f->index, "apiVersion: v1\nentries:\n");
    struct helm_repo_options options = {
        .loop = f->chart->http->loop,
        .work = f->chart->work,
        .cache_dir = f->chart->dir,
        .index_ttl_ms = HTTP_FIXTURE_WAIT_MS,
        .request_timeout_ms = HTTP_FIXTURE_WAIT_MS,
        .download_timeout_ms = HTTP_FIXTURE_WAIT_MS,
        .max_running = 4,
        .max_index_bytes = LIMIT_MIB,
        .on_run = helm_repo_fixture_on_run_,
        .data = f,
    };
    ASSERT_OK(helm_repo_new(&options, &f->repo, &err));
}

/* What is loading gets ERR_CANCELED. */
static inline void helm_repo_fixture_stop(struct helm_repo_fixture *f)
{
    helm_repo_stop(f->repo, helm_repo_fixture_on_idle_, f);
    chart_fixture_wait(f->chart, &f->idle);
}

static inline void helm_repo_fixture_done(struct helm_repo_fixture *f)
{
    if (!f->idle) {
        helm_repo_fixture_stop(f);
    }
    helm_repo_free(f->repo);
    buf_done(&f->index);
    chart_fixture_free(f->chart);
}
