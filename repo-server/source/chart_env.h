/* struct chart_env: what everything that loads charts works with. All borrowed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct chart_store;
struct http_client;
struct loop;
struct oci_tokens;
struct work;

/* Operations not freed yet: one that was cancelled has told so before its job on the pool has ended. */
struct chart_users {
    size_t n;
    void (*on_none)(void *data); /* may be NULL */
    void *data;
};

static inline void chart_users_remove(struct chart_users *users)
{
    if (--users->n == 0 && users->on_none != NULL) {
        users->on_none(users->data);
    }
}

struct chart_env {
    struct loop *loop;
    struct work *work;
    struct http_client *client;
    const struct chart_store *store;
    struct oci_tokens *tokens;
    struct chart_users *users;
    int64_t request_timeout_ms;  /* of one answer of a registry */
    int64_t download_timeout_ms; /* of an index or an archive */
};
