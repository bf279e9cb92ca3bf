/* The graph in memory, and a walk in topological order: a commit is ready when all its children were passed, so that it
 * is known then whether something seals it. */
#include "repo-server/git/history.h"

#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "repo-server/git/signed.h"

struct node {
    struct object_id id;
    int64_t date_s;
    struct node **parents; /* in the history's arena */
    size_t n_parents;
    size_t n_children; /* not passed yet */
    bool trusted;
    bool sealed;   /* by a child */
    bool boundary; /* parent of one that is not sealed */
};

typedef VEC(struct node *) node_vec;

struct history {
    struct arena *arena; /* of the nodes */
    struct objects *objects;
    struct map *nodes; /* id -> node */
    node_vec ready;    /* a heap: the newest first */
    struct node *last; /* given out, not passed on yet */
};

/* ---- reading ---- */

static struct str key_of(const struct object_id *id)
{
    return str_of((const char *)id->bytes, OBJECT_ID_BYTES);
}

static struct node *node_of(struct history *h, const struct object_id *id, node_vec *fresh)
{
    struct node *node = map_find(h->nodes, key_of(id));
    if (node == NULL) {
        node = ARENA_NEW(h->arena, struct node);
        node->id = *id;
        map_set(h->nodes, key_of(id), node);
        vec_push(fresh, node);
    }
    return node;
}

static int read_node(struct history *h, struct node *node, node_vec *fresh, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct signed_commit commit;
    struct str raw;
    char hex[2 * OBJECT_ID_BYTES + 1];
    object_id_hex(&node->id, hex);
    TRY(objects_raw(h->objects, arena, &node->id, OBJECT_TYPE_COMMIT, LIMIT_SIGNED_OBJECT_BYTES,
                    &raw, err));
    TRY_IN(signed_commit_parse(arena, raw, &commit, err), err, "commit %s", hex);
    node->date_s = commit.date_s;
    node->n_parents = commit.n_parents;
    node->parents = arena_calloc(h->arena, commit.n_parents, sizeof(struct node *));
    for (size_t i = 0; i < commit.n_parents; i++) {
        node->parents[i] = node_of(h, &commit.parents[i], fresh);
        node->parents[i]->n_children++;
    }
    return 0;
}

static int read_all(struct history *h, node_vec *fresh, struct err *err)
{
    while (fresh->n > 0) {
        if (map_len(h->nodes) > LIMIT_SIGNED_COMMITS) {
            return err_set(err, ERR_LIMIT, "the history has more than %zu commits",
                           LIMIT_SIGNED_COMMITS);
        }
        TRY(read_node(h, fresh->items[--fresh->n], fresh, err));
    }
    return 0;
}

/* ---- the heap ---- */

static bool is_newer(const struct node *a, const struct node *b)
{
    return a->date_s > b->date_s;
}

static void swap(node_vec *heap, size_t i, size_t k)
{
    struct node *node = heap->items[i];
    heap->items[i] = heap->items[k];
    heap->items[k] = node;
}

static void push(node_vec *heap, struct node *node)
{
    vec_push(heap, node);
    size_t i = heap->n - 1;
    while (i > 0 && is_newer(heap->items[i], heap->items[(i - 1) / 2])) {
        swap(heap, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static struct node *pop(node_vec *heap)
{
    struct node *first = heap->items[0];
    size_t i = 0;
    heap->items[0] = heap->items[--heap->n];
    while (true) {
        size_t newest = i;
        for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < heap->n; k++) {
            if (is_newer(heap->items[k], heap->items[newest])) {
                newest = k;
            }
        }
        if (newest == i) {
            return first;
        }
        swap(heap, i, newest);
        i = newest;
    }
}

/* ---- the walk ---- */

int history_read(struct objects *objects,
                 const struct object_id *head,
                 struct history **ret,
                 struct err *err)
{
    AUTO(history) struct history *h = MEM_NEW(struct history);
    node_vec fresh = {0};
    h->arena = arena_new();
    h->objects = objects;
    h->nodes = map_new(NULL);
    push(&h->ready, node_of(h, head, &fresh));
    int rc = read_all(h, &fresh, err);
    vec_done(&fresh);
    if (rc == 0) {
        *ret = TAKE(h);
    }
    return rc;
}

void history_free(struct history *history)
{
    if (history != NULL) {
        vec_done(&history->ready);
        map_free(history->nodes);
        arena_free(history->arena);
        mem_free(history);
    }
}

void history_trust(struct history *history, const struct object_id *id)
{
    struct node *node = map_find(history->nodes, key_of(id));
    if (node != NULL) {
        node->trusted = true;
    }
}

static void pass_on(struct history *h, struct node *node)
{
    bool seals = node->sealed || node->trusted;
    for (size_t i = 0; i < node->n_parents; i++) {
        struct node *parent = node->parents[i];
        parent->sealed |= seals;
        parent->boundary |= !seals;
        if (--parent->n_children == 0) {
            push(&h->ready, parent);
        }
    }
}

bool history_next(struct history *history, struct object_id *ret)
{
    if (history->last != NULL) {
        pass_on(history, history->last);
        history->last = NULL;
    }
    while (history->ready.n > 0) {
        struct node *node = pop(&history->ready);
        if (!node->trusted && (!node->sealed || node->boundary)) {
            history->last = node;
            *ret = node->id;
            return true;
        }
        pass_on(history, node);
    }
    return false;
}

void history_seal(struct history *history)
{
    if (history->last != NULL) {
        history->last->sealed = true;
    }
}
