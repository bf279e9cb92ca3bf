/* Templates run in tests: text and data in, output or error out. */
#pragma once

#include "common/base/limits.h"
#include "common/base/rand.h"
#include "engine/engine_env.h"
#include "engine/template/template.h"
#include "engine/template/tval.h"
#include "tests/lib/check.h"
#include "tests/lib/parse.h"

struct template_fixture {
    struct arena *arena;
    struct budget budget;
    struct rand_seeded rand;
    struct engine_env env;
    struct err err;
    int rc;
    struct str text; /* the output, or the error in Helm's form */
};

static inline void template_fixture_init(struct template_fixture *f)
{
    *f = (struct template_fixture){.arena = arena_new(), .budget = budget_unlimited()};
    f->budget.depth = LIMIT_TEMPLATE_DEPTH;
    rand_seeded_init(&f->rand, 1);
    f->env = (struct engine_env){
        .arena = f->arena,
        .budget = &f->budget,
        .now_ms = 1700000000000,
        .rand = &f->rand.rand,
    };
}

static inline void template_fixture_done(struct template_fixture *f)
{
    arena_free(f->arena);
}

/* The file is "t". */
static inline void
template_fixture_run(struct template_fixture *f, struct str text, struct tval data)
{
    struct template_run run = {
        .set = template_set_new(f->arena), .arena = f->arena, .budget = &f->budget, .env = &f->env};
    AUTO(buf) struct buf out;
    AUTO(buf) struct buf chain;
    buf_init(&out, LIMIT_MIB);
    buf_init(&chain, LIMIT_MIB);
    f->rc = template_parse(run.set, STR("t"), text, &f->budget, &f->err);
    if (f->rc == 0) {
        f->rc = template_execute(&run, STR("t"), data, &out, &chain, &f->err);
    } else {
        buf_put_c(&chain, f->err.message);
    }
    f->text = buf_to_arena(f->rc < 0 ? &chain : &out, f->arena);
}

/* A template, its data as YAML, and what it prints, or the error. */
struct template_row {
    const char *text;
    const char *data;
    const char *want;
};

static inline void template_fixture_check(const struct template_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct template_fixture f;
        template_fixture_init(&f);
        struct tval data = tval_from_value(f.arena, parse_yaml(f.arena, rows[i].data), false);
        template_fixture_run(&f, str_from(rows[i].text), data);
        if (!str_eq_c(f.text, rows[i].want)) {
            fail_msg("%s of %s\n  is:     '" STR_FMT "'\n  wanted: '%s'", rows[i].text,
                     rows[i].data, STR_ARG(f.text), rows[i].want);
        }
        template_fixture_done(&f);
    }
}
