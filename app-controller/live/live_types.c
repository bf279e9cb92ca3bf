/* One document of some megabytes: fetched on the loop, read on the pool.
 *
 * Those who come while one is being fetched wait for that one, unless they want one asked for after they came: then
 * another is fetched when it has come. */
#include "app-controller/live/live_types.h"

#include "app-controller/live/live_cache.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/rt/loop.h"
#include "common/rt/work.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/compare/shape.h"

struct live_types {
    struct live_cache *cache;
    struct work *work;
    struct doc *doc;     /* NULL = not known */
    struct list waiting; /* for the next document */
    struct list served;  /* by the one being fetched */
    bool busy;           /* fetching, reading or telling */
    bool outdated;       /* what is being fetched is not kept */
    struct job job;
    struct arena *arena; /* of text */
    struct str text;
    struct doc *read;
    struct err err; /* code ERR_OK = none */
};

struct live_types *live_types_new(struct live_cache *cache, struct work *work)
{
    struct live_types *t = MEM_NEW(struct live_types);
    t->cache = cache;
    t->work = work;
    list_init(&t->waiting);
    list_init(&t->served);
    return t;
}

void live_types_free(struct live_types *t)
{
    if (t != NULL) {
        doc_unref(t->doc);
        mem_free(t);
    }
}

void live_types_forget(struct live_types *t)
{
    doc_unref(TAKE(t->doc));
    t->outdated = t->busy;
}

static void fetch(struct live_types *t);

/* ---- telling ---- */

static void serve_all(struct live_types *t, struct doc *doc, const struct err *err)
{
    for (struct list *node; (node = list_pop(&t->served)) != NULL;) {
        struct live_types_wait *wait = CONTAINER_OF(node, struct live_types_wait, node);
        wait->done(wait->data, doc, err);
    }
}

static void tell(void *data)
{
    struct live_types *t = data;
    struct live_cache *cache = t->cache;
    AUTO(doc) struct doc *doc = TAKE(t->read);
    const struct err err = t->err;
    if (doc != NULL && !t->outdated) {
        doc_unref(t->doc);
        t->doc = doc_ref(doc);
    }
    serve_all(t, doc, doc == NULL ? &err : NULL);
    t->busy = false;
    if (!list_empty(&t->waiting)) {
        fetch(t);
    }
    live_cache_release(cache);
}

static void fail(struct live_types *t, const struct err *err)
{
    t->err = *err;
    loop_post(kube_client_loop(live_cache_client(t->cache)), tell, t);
}

/* ---- fetching ---- */

static int read_document(struct job *job, struct err *err)
{
    struct live_types *t = CONTAINER_OF(job, struct live_types, job);
    const struct value *document = NULL;
    const struct value *reduced = NULL;
    TRY(value_from_json(t->arena, t->text, NULL, &document, err));
    TRY(shape_reduce_openapi(t->arena, document, SHAPE_KEEP_TYPES, &reduced, err));
    t->read = doc_copy_of(reduced);
    return 0;
}

static void on_read(struct job *job, const struct err *err)
{
    struct live_types *t = CONTAINER_OF(job, struct live_types, job);
    arena_free(TAKE(t->arena));
    if (err != NULL) {
        doc_unref(TAKE(t->read));
        t->err = *err;
    }
    tell(t);
}

static void on_fetched(void *data, const struct kube_reply *reply)
{
    struct live_types *t = data;
    struct err err;
    if (reply->err != NULL) {
        fail(t, reply->err);
        return;
    }
    t->arena = arena_new();
    t->text = arena_str(t->arena, reply->body);
    t->job = (struct job){.run = read_document, .done = on_read};
    if (work_submit(t->work, WORK_DIFF, &t->job, &err) < 0) {
        arena_free(TAKE(t->arena));
        fail(t, &err);
    }
}

static void begin(struct live_types *t)
{
    live_cache_use(t->cache);
    for (struct list *node; (node = list_pop(&t->waiting)) != NULL;) {
        list_push(&t->served, node);
    }
    t->busy = true;
    t->outdated = false;
    t->err.code = ERR_OK;
}

static void fetch(struct live_types *t)
{
    begin(t);
    struct kube_request request = {
        .verb = KUBE_GET,
        .raw_path = STR("/openapi/v2"),
        .raw_body = true,
        .done = on_fetched,
        .data = t,
    };
    (void)kube_start(live_cache_client(t->cache), &request);
}

/* What is known is told from the loop. */
static void tell_known(struct live_types *t)
{
    begin(t);
    t->read = doc_ref(t->doc);
    loop_post(kube_client_loop(live_cache_client(t->cache)), tell, t);
}

void live_types_ask(struct live_types *t, enum live_types_age age, struct live_types_wait *wait)
{
    bool known = age == LIVE_TYPES_KNOWN;
    list_push(t->busy && known ? &t->served : &t->waiting, &wait->node);
    if (t->busy) {
        return;
    }
    if (known && t->doc != NULL) {
        tell_known(t);
    } else {
        fetch(t);
    }
}
