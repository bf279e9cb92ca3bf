/* Failures per user name in a bounded map. */
#include "api-server/auth/login_limit.h"

#include <assert.h>

#include "common/base/map.h"
#include "common/base/mem.h"

enum {
    USERS_MAX = 1000, /* names remembered: guessing names must not cost memory */
};

struct failures {
    int n;
    int64_t last_ms;
};

struct login_limit {
    struct map *users; /* name -> struct failures */
    int n_running;
};

struct login_limit *login_limit_new(void)
{
    struct login_limit *limit = MEM_NEW(struct login_limit);
    limit->users = map_new(mem_free);
    return limit;
}

void login_limit_free(struct login_limit *limit)
{
    if (limit != NULL) {
        map_free(limit->users);
        mem_free(limit);
    }
}

static bool is_over(const struct failures *f, int64_t now_ms)
{
    return now_ms - f->last_ms > LOGIN_WINDOW_MS;
}

bool login_limit_begin(struct login_limit *limit, struct str username, int64_t now_ms)
{
    const struct failures *f = map_find(limit->users, username);
    bool locked = f != NULL && f->n >= LOGIN_FAILURES_MAX && !is_over(f, now_ms);
    if (locked || limit->n_running >= LOGIN_CONCURRENT_MAX) {
        return false;
    }
    limit->n_running++;
    return true;
}

static void forget_old(struct login_limit *limit, int64_t now_ms)
{
    MAP_FOREACH(limit->users, it) {
        if (is_over(it.value, now_ms)) {
            (void)map_remove(limit->users, it.key);
        }
    }
}

/* Full of fresh failures: somebody tries names; the one that waited longest goes. */
static void make_room(struct login_limit *limit, int64_t now_ms)
{
    forget_old(limit, now_ms);
    size_t at = 0;
    struct map_entry first;
    if (map_len(limit->users) >= USERS_MAX && map_next(limit->users, &at, &first)) {
        (void)map_remove(limit->users, first.key);
    }
}

void login_limit_cancel(struct login_limit *limit)
{
    assert(limit->n_running > 0);
    limit->n_running--;
}

void login_limit_end(struct login_limit *limit, struct str username, bool success, int64_t now_ms)
{
    login_limit_cancel(limit);
    if (success) {
        (void)map_remove(limit->users, username);
        return;
    }
    struct failures *f = map_find(limit->users, username);
    if (f == NULL) {
        if (map_len(limit->users) >= USERS_MAX) {
            make_room(limit, now_ms);
        }
        f = MEM_NEW(struct failures);
        map_set(limit->users, username, f);
    }
    f->n = is_over(f, now_ms) ? 1 : f->n + 1;
    f->last_ms = now_ms;
}
