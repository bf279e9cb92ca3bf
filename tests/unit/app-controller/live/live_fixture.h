/* A store with one kind, and objects put into it. */
#pragma once

#include "app-controller/live/live_store.h"
#include "tests/lib/parse.h"

#define UID(n) "00000000-0000-0000-0000-00000000000" n

struct live_fixture {
    struct live_store *store;
    struct live_kind *maps;
};

static inline void live_fixture_init(struct live_fixture *f)
{
    f->store = live_store_new();
    f->maps =
        live_store_kind(f->store, STR(""), STR("v1"), STR("ConfigMap"), STR("configmaps"), true);
}

/* Object ns/NAME; app and whole object ("" and NULL = none). */
static inline struct live_obj *live_fixture_put(struct live_fixture *f,
                                                const char *name,
                                                const char *uid,
                                                const char *version,
                                                const char *app,
                                                const struct value *full)
{
    struct live_obj *obj = NULL;
    const struct live_update up = {
        .namespace_ = STR("ns"),
        .name = str_from(name),
        .uid = str_from(uid),
        .resource_version = str_from(version),
        .app = str_from(app),
        .full = full,
    };
    (void)live_store_put(f->maps, &up, &obj);
    return obj;
}
