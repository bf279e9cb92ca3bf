/* A memo has two generations: what is found in the old one moves to the new one, and at the end the old one goes. */
#include "app-controller/jq.h"

#include "app-controller/jq_worker.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/subproc_sync.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

enum {
    IDLE_MAX = 4, /* helpers kept */
};

struct jq_pool {
    int64_t timeout_ms;
    struct subproc_sync *idle[IDLE_MAX];
    size_t n_idle;
    size_t n_out; /* runners */
    bool closing;
};

/* What an expression gave for an object. */
struct given {
    enum err_code code; /* ERR_OK: text is paths; else why not */
    char *text;
};

struct jq_memo {
    struct map *old;
    struct map *fresh;
};

struct jq_runner {
    struct jq_pool *pool;
    struct jq_memo *memo;
    struct subproc_sync *proc;
    int64_t timeout_ms;
    struct ignore_jq jq;
};

/* ---- memo ---- */

static void free_given(void *value)
{
    struct given *g = value;
    mem_free(g->text);
    mem_free(g);
}

struct jq_memo *jq_memo_new(void)
{
    struct jq_memo *m = MEM_NEW(struct jq_memo);
    m->old = map_new(free_given);
    m->fresh = map_new(free_given);
    return m;
}

void jq_memo_free(struct jq_memo *m)
{
    if (m != NULL) {
        map_free(m->old);
        map_free(m->fresh);
        mem_free(m);
    }
}

static const struct given *memo_find(struct jq_memo *m, struct str key)
{
    struct given *g = map_find(m->fresh, key);
    if (g == NULL && (g = map_take(m->old, key)) != NULL) {
        map_set(m->fresh, key, g);
    }
    return g;
}

static const struct given *
memo_put(struct jq_memo *m, struct str key, enum err_code code, struct str text)
{
    struct given *g = MEM_NEW(struct given);
    *g = (struct given){code, mem_strndup(text.p, text.n)};
    map_set(m->fresh, key, g);
    return g;
}

/* ---- pool ---- */

struct jq_pool *jq_pool_new(int64_t timeout_ms)
{
    struct jq_pool *pool = MEM_NEW(struct jq_pool);
    pool->timeout_ms = timeout_ms;
    return pool;
}

static void free_if_over(struct jq_pool *pool)
{
    if (pool->closing && pool->n_out == 0) {
        mem_free(pool);
    }
}

void jq_pool_free(struct jq_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    while (pool->n_idle > 0) {
        subproc_sync_free(pool->idle[--pool->n_idle]);
    }
    pool->closing = true;
    free_if_over(pool);
}

static struct subproc_sync *take_proc(struct jq_pool *pool)
{
    static const struct subproc_sync_opts OPTS = {
        .name = "jq",
        .flag = JQ_WORKER_FLAG,
        .max_memory_bytes = LIMIT_JQ_BYTES,
        .max_answer_bytes = LIMIT_JQ_ANSWER_BYTES,
    };
    return pool->n_idle > 0 ? pool->idle[--pool->n_idle] : subproc_sync_new(&OPTS);
}

static void give_proc(struct jq_pool *pool, struct subproc_sync *proc)
{
    if (pool->n_idle < IDLE_MAX && !pool->closing) {
        pool->idle[pool->n_idle++] = proc;
    } else {
        subproc_sync_free(proc);
    }
}

/* ---- running ---- */

static struct str key_of(struct arena *arena, const struct value *obj, struct str expression)
{
    return arena_printf(arena, "%016llx " STR_FMT, (unsigned long long)value_hash(obj),
                        STR_ARG(expression));
}

/* What is said of an expression that fails is remembered, too: one that hangs must not do so every time. */
static const struct given *
run(struct jq_runner *r, struct str key, struct str expression, const struct value *obj)
{
    AUTO(buf) struct buf request;
    AUTO(buf) struct buf answer;
    struct err err;
    buf_init(&request, LIMIT_DOC_BYTES);
    buf_init(&answer, LIMIT_JQ_ANSWER_BYTES + 1);
    buf_put(&request, expression);
    buf_put_char(&request, '\0');
    if (value_to_json(&request, obj, NULL, &err) < 0 ||
        subproc_sync_call(r->proc, buf_str(&request), r->timeout_ms, &answer, &err) < 0) {
        bool late = err.code == ERR_TIMEOUT;
        return memo_put(r->memo, key, err.code,
                        late ? STR("takes longer than it may") : str_from(err.message));
    }
    struct str text = str_sub(buf_str(&answer), 1, answer.n);
    bool ok = answer.n > 0 && answer.p[0] == JQ_WORKER_PATHS;
    return memo_put(r->memo, key, ok ? ERR_OK : ERR_INVALID, text);
}

static int paths(void *data,
                 struct arena *arena,
                 const struct value *obj,
                 struct str expression,
                 const struct value **ret,
                 struct err *err)
{
    struct jq_runner *r = data;
    struct str key = key_of(arena, obj, expression);
    const struct given *given = memo_find(r->memo, key);
    if (given == NULL) {
        given = run(r, key, expression, obj);
    }
    if (given->code != ERR_OK) {
        return err_set(err, given->code, "jq expression '" STR_FMT "': %s", STR_ARG(expression),
                       given->text);
    }
    return value_from_json(arena, arena_str(arena, str_from(given->text)), NULL, ret, err);
}

struct jq_runner *jq_runner_begin(struct jq_pool *pool, struct jq_memo *memo)
{
    struct jq_runner *r = MEM_NEW(struct jq_runner);
    *r = (struct jq_runner){
        .pool = pool,
        .memo = memo != NULL ? memo : jq_memo_new(),
        .proc = take_proc(pool),
        .timeout_ms = pool->timeout_ms,
        .jq = {paths, r},
    };
    pool->n_out++;
    return r;
}

struct jq_memo *jq_runner_end(struct jq_runner *r)
{
    struct jq_memo *memo = r->memo;
    struct map *empty = memo->old;
    map_clear(empty);
    memo->old = memo->fresh;
    memo->fresh = empty;
    give_proc(r->pool, r->proc);
    r->pool->n_out--;
    free_if_over(r->pool);
    mem_free(r);
    return memo;
}

const struct ignore_jq *jq_runner_jq(struct jq_runner *r)
{
    return &r->jq;
}
