/* Intrusive doubly linked list: the node is a field of the object.
 *
 *     struct list queue;  list_init(&queue);
 *     list_push(&queue, &job->node);
 *     LIST_FOREACH(&queue, n) { struct job *j = CONTAINER_OF(n, struct job, node); ... }
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/macro.h"

struct list {
    struct list *next;
    struct list *prev;
};

static inline void list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

/* True for an initialised empty list and for a node that is in no list. */
static inline bool list_empty(const struct list *l)
{
    return l->next == l || l->next == NULL;
}

static inline void list_insert_after(struct list *at, struct list *node)
{
    node->prev = at;
    node->next = at->next;
    at->next->prev = node;
    at->next = node;
}

/* At the end. */
static inline void list_push(struct list *l, struct list *node)
{
    list_insert_after(l->prev, node);
}

static inline void list_push_front(struct list *l, struct list *node)
{
    list_insert_after(l, node);
}

/* A node that is in no list (or zeroed) stays as it is. */
static inline void list_remove(struct list *node)
{
    if (node->next == NULL) {
        return;
    }
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* The first node, removed; NULL when empty. */
static inline struct list *list_pop(struct list *l)
{
    if (list_empty(l)) {
        return NULL;
    }
    struct list *first = l->next;
    list_remove(first);
    return first;
}

/* The node may be removed in the body, others may not. */
#define LIST_FOREACH(l, it)                                              \
    for (struct list *it = (l)->next, *it##_next_ = it->next; it != (l); \
         it = it##_next_, it##_next_ = it->next)
