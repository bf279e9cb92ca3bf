/* What the controller keeps of an object in memory: 10,000 and 100,000 objects, managed ones whole and others by their
 * metadata, and how long taking them over from a watch takes.
 *
 * The objects are those of tests/data/diff, as a real API server stored them, under names of their own. Prints "name
 * value unit" lines; run from the root of the repository. */
#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>

#include "app-controller/compare/tracking.h"
#include "app-controller/live/live_store.h"
#include "app-controller/live/live_update.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"

enum {
    OBJECTS_OF_APP = 20,
};

static const char *const CASES[] = {
    "deployment_web", "service_web",       "ingress_ing",    "configmap_cm", "secret_s",
    "cronjob_cj",     "serviceaccount_sa", "statefulset_db", "role_empty",   "rolebinding_rb",
};

static const struct tracking TRACKING = {.method = TRACKING_ANNOTATION};

struct bench {
    struct arena *arena; /* of the originals */
    const struct value *originals[ARRAY_LEN(CASES)];
};

static int load(struct bench *b)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct str text;
        const char *path =
            arena_printf(b->arena, "tests/data/diff/synced_1.37/%s/live.yaml", CASES[i]).p;
        if (fs_read_file(b->arena, path, LIMIT_MIB, &text, &err) < 0 ||
            value_from_yaml(b->arena, text, NULL, &b->originals[i], &err) < 0) {
            fprintf(stderr, "%s: %s\n", path, err.message);
            return 1;
        }
    }
    return 0;
}

/* The n-th object: a copy with name, uid and, when somebody manages it, tracking of its own. */
static const struct value *
object(struct arena *arena, const struct bench *b, size_t n, enum live_depth depth)
{
    struct str app = arena_printf(arena, "application-%zu", n / OBJECTS_OF_APP);
    struct str name = arena_printf(arena, "some-object-%zu", n);
    struct str uid = arena_printf(arena, "%08zx-0000-4000-8000-000000000000", n);
    const struct value *obj = kube_with_name(arena, b->originals[n % ARRAY_LEN(CASES)], name);
    obj = kube_with_namespace(arena, obj, app);
    obj = value_with(arena, obj, value_new_str(arena, uid), "metadata", "uid");
    return depth == LIVE_WHOLE ? tracking_apply(arena, &TRACKING, app, app, obj)
                               : kube_without_annotation(arena, obj, STR(TRACKING_ID_ANNOTATION));
}

static struct live_kind *kind_of(struct live_store *store, const struct value *obj)
{
    struct kube_gvk gvk = kube_gvk_of(obj);
    return live_store_kind(store, gvk.group, gvk.version, gvk.kind, gvk.kind, true);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage); /* cannot fail with these arguments */
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static size_t heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void measure(const struct bench *b, const char *what, size_t n, enum live_depth depth)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_store *store = live_store_new();
    size_t before = heap_bytes();
    double took = 0;
    for (size_t i = 0; i < n; i++) {
        struct live_update update;
        struct live_obj *obj;
        arena_reset(arena);
        const struct value *v = object(arena, b, i, depth);
        struct live_kind *kind = kind_of(store, v);
        double begin = cpu_seconds();
        live_update_of(arena, &TRACKING, v, depth, &update);
        (void)live_store_put(kind, &update, &obj);
        took += cpu_seconds() - begin;
    }
    printf("live_%s_%zu %zu bytes_per_object\n", what, n, (heap_bytes() - before) / n);
    printf("live_%s_%zu_put %.2f us_per_object\n", what, n, took / (double)n * 1e6);
    live_store_free(store);
}

int main(void)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct bench b = {.arena = arena};
    if (load(&b) != 0) {
        return 1;
    }
    measure(&b, "managed", 10000, LIVE_WHOLE);
    measure(&b, "managed", 100000, LIVE_WHOLE);
    measure(&b, "unmanaged", 10000, LIVE_METADATA);
    measure(&b, "unmanaged", 100000, LIVE_METADATA);
    return 0;
}
