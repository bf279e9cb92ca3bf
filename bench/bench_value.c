/* How fast trees are read and written: MB/s of JSON and YAML on manifests made here.
 *
 *     bench_value [name...]         prints lines "name value unit"
 *     bench_value --write DIR       writes the texts to DIR/manifests.json and .yaml, for other readers
 *
 * Times are of the processor, so other load matters little. The text is a stream of Deployments,
 * Services and ConfigMaps like those of real applications: labels, environment, probes, a block of
 * configuration. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"

enum {
    N_OBJECTS = 1500,
    ROUND_US = 1000000, /* how long each measurement repeats */
    N_ENV = 12,
    N_LINES = 20,
};

/* ---- the manifests ---- */

static void build_metadata(struct value_builder *b, const char *kind, int i)
{
    struct arena *arena = b->arena;
    struct str app = arena_printf(arena, "shop-%s-%04d", kind, i);
    value_build_field_map(b, "metadata");
    value_build_field_str(b, "name", app);
    value_build_field_str(b, "namespace", STR("production"));
    value_build_field_map(b, "labels");
    value_build_field_str(b, "app.kubernetes.io/name", app);
    value_build_field_str(b, "app.kubernetes.io/part-of", STR("shop"));
    value_build_field_str(b, "app.kubernetes.io/version", STR("1.4.2"));
    value_build_end(b);
    value_build_field_map(b, "annotations");
    value_build_field_str(b, "argocd.argoproj.io/sync-wave", arena_printf(arena, "%d", i % 5));
    value_build_field_str(b, "description", STR("serves requests: one of many, see the handbook"));
    value_build_end(b);
    value_build_end(b);
}

static void build_probe(struct value_builder *b, const char *name)
{
    value_build_field_map(b, name);
    value_build_field_map(b, "httpGet");
    value_build_field_str(b, "path", STR("/healthz"));
    value_build_field_int(b, "port", 8080);
    value_build_end(b);
    value_build_field_int(b, "initialDelaySeconds", 5);
    value_build_field_int(b, "periodSeconds", 10);
    value_build_end(b);
}

static void build_container(struct value_builder *b, int i)
{
    value_build_field_list(b, "containers");
    value_build_map(b);
    value_build_field_str(b, "name", STR("main"));
    value_build_field_str(b, "image", STR("images.example.com/shop/server:1.4.2"));
    value_build_field_list(b, "args");
    value_build_str(b, STR("--listen=:8080"));
    value_build_str(b, STR("--log-level=info"));
    value_build_end(b);
    value_build_field_list(b, "env");
    for (int k = 0; k < N_ENV; k++) {
        value_build_map(b);
        value_build_field_str(b, "name", arena_printf(b->arena, "SHOP_SETTING_%d", k));
        value_build_field_str(b, "value", arena_printf(b->arena, "value-%d-of-%d", k, i));
        value_build_end(b);
    }
    value_build_end(b);
    build_probe(b, "livenessProbe");
    build_probe(b, "readinessProbe");
    value_build_field_map(b, "resources");
    value_build_field_map(b, "limits");
    value_build_field_str(b, "cpu", STR("500m"));
    value_build_field_str(b, "memory", STR("256Mi"));
    value_build_end(b);
    value_build_end(b);
    value_build_end(b);
    value_build_end(b);
}

static void build_deployment(struct value_builder *b, int i)
{
    value_build_field_str(b, "apiVersion", STR("apps/v1"));
    value_build_field_str(b, "kind", STR("Deployment"));
    build_metadata(b, "web", i);
    value_build_field_map(b, "spec");
    value_build_field_int(b, "replicas", i % 7);
    value_build_field_map(b, "template");
    value_build_field_map(b, "spec");
    build_container(b, i);
    value_build_field_str(b, "serviceAccountName", STR("shop"));
    value_build_end(b);
    value_build_end(b);
    value_build_end(b);
}

static void build_service(struct value_builder *b, int i)
{
    value_build_field_str(b, "apiVersion", STR("v1"));
    value_build_field_str(b, "kind", STR("Service"));
    build_metadata(b, "web", i);
    value_build_field_map(b, "spec");
    value_build_field_str(b, "type", STR("ClusterIP"));
    value_build_field_list(b, "ports");
    value_build_map(b);
    value_build_field_str(b, "name", STR("http"));
    value_build_field_int(b, "port", 80);
    value_build_field_int(b, "targetPort", 8080);
    value_build_end(b);
    value_build_end(b);
    value_build_end(b);
}

static void build_config_map(struct value_builder *b, int i)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    for (int k = 0; k < N_LINES; k++) {
        buf_printf(&text, "section.%d.option = \"some text %d\"\n", k, i);
    }
    value_build_field_str(b, "apiVersion", STR("v1"));
    value_build_field_str(b, "kind", STR("ConfigMap"));
    build_metadata(b, "conf", i);
    value_build_field_map(b, "data");
    value_build_field_str(b, "server.conf", buf_str(&text));
    value_build_field_str(b, "MODE", STR("production"));
    value_build_end(b);
}

static const struct value *build_object(struct arena *arena, int i)
{
    static void (*const BUILD[])(struct value_builder *, int) = {build_deployment, build_service,
                                                                 build_config_map};
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    BUILD[i % 3](&b, i);
    value_build_end(&b);
    return value_build_finish(&b);
}

/* ---- measuring ---- */

enum measurement {
    JSON_READ,
    JSON_READ_POSITIONS,
    JSON_READ_PRETTY,
    JSON_WRITE,
    YAML_READ,
    YAML_WRITE,
    VALUE_COPY,
    VALUE_EQUAL,
    MEASUREMENT_COUNT
};

static const char *const NAMES[MEASUREMENT_COUNT] = {
    [JSON_READ] = "json_read",
    [JSON_READ_POSITIONS] = "json_read_with_positions",
    [JSON_READ_PRETTY] = "json_read_pretty",
    [JSON_WRITE] = "json_write",
    [YAML_READ] = "yaml_read",
    [YAML_WRITE] = "yaml_write",
    [VALUE_COPY] = "value_copy_of_json",
    [VALUE_EQUAL] = "value_equal_of_json",
};

struct inputs {
    struct str json;
    struct str pretty;
    struct str yaml;
    const struct value *list;
    const struct value *copy;
};

/* One repetition; the bytes of text it stands for. */
static int run_once(
    enum measurement m, const struct inputs *in, struct arena *arena, size_t *ret, struct err *err)
{
    struct value_json_opts positions = {.positions = true};
    struct value_yaml_docs docs;
    const struct value *v = NULL;
    struct str text;
    *ret = in->json.n;
    switch (m) {
    case JSON_READ:
        return value_from_json(arena, in->json, NULL, &v, err);
    case JSON_READ_POSITIONS:
        return value_from_json(arena, in->json, &positions, &v, err);
    case JSON_READ_PRETTY:
        *ret = in->pretty.n;
        return value_from_json(arena, in->pretty, NULL, &v, err);
    case JSON_WRITE:
        return value_to_json_in(arena, in->list, NULL, &text, err);
    case YAML_READ:
        *ret = in->yaml.n;
        return value_from_yaml_stream(arena, in->yaml, NULL, &docs, err);
    case YAML_WRITE:
        *ret = in->yaml.n;
        return value_to_yaml_in(arena, in->list, NULL, &text, err);
    case VALUE_COPY:
        (void)value_copy(arena, in->list);
        return 0;
    case VALUE_EQUAL:
        return value_equal(in->list, in->copy) ? 0 : err_set(err, ERR_INTERNAL, "copies differ");
    case MEASUREMENT_COUNT:
        break;
    }
    return 0;
}

/* Processor time of this process in microseconds. */
static int64_t cpu_us(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage); /* cannot fail with these arguments */
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static int measure(enum measurement m, const struct inputs *in, struct err *err)
{
    size_t total = 0;
    int64_t start = cpu_us();
    int64_t us = 0;
    while (us < ROUND_US) {
        AUTO(arena) struct arena *arena = arena_new();
        size_t n = 0;
        TRY(run_once(m, in, arena, &n, err));
        total += n;
        us = cpu_us() - start;
    }
    printf("%s %.1f MB/s\n", NAMES[m], (double)total / (double)us);
    return 0;
}

static int make_inputs(struct arena *arena, struct inputs *in, struct err *err)
{
    struct value *items = arena_calloc(arena, N_OBJECTS, sizeof(*items));
    AUTO(buf) struct buf yaml;
    buf_init(&yaml, LIMIT_DOC_BYTES);
    for (int i = 0; i < N_OBJECTS; i++) {
        const struct value *object = build_object(arena, i);
        items[i] = *object;
        buf_put_c(&yaml, "---\n");
        TRY(value_to_yaml(&yaml, object, NULL, err));
    }
    in->yaml = buf_to_arena(&yaml, arena);
    in->list = value_new_list(arena, items, N_OBJECTS);
    in->copy = value_copy(arena, in->list);
    TRY(value_to_json_in(arena, in->list, NULL, &in->json, err));
    return value_to_json_in(arena, in->list, &(struct value_json_write){.pretty = true},
                            &in->pretty, err);
}

/* No names mean all. */
static bool is_wanted(const char *name, char **names, int n)
{
    bool wanted = n == 0;
    for (int i = 0; i < n; i++) {
        wanted = wanted || str_eq_c(str_from(names[i]), name);
    }
    return wanted;
}

static int run(char **names, int n_names, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(doc) struct doc *doc = NULL;
    struct inputs in = {0};
    TRY(make_inputs(arena, &in, err));
    printf("json_text %zu bytes\n", in.json.n);
    printf("yaml_text %zu bytes\n", in.yaml.n);
    TRY(doc_from_json(in.json, NULL, &doc, err));
    printf("json_tree %zu bytes\n", doc_size(doc));
    for (enum measurement m = 0; m < MEASUREMENT_COUNT; m++) {
        if (is_wanted(NAMES[m], names, n_names)) {
            TRY(measure(m, &in, err));
        }
    }
    return 0;
}

static int
write_file(struct arena *arena, const char *dir, const char *name, struct str text, struct err *err)
{
    struct str path = arena_printf(arena, "%s/%s", dir, name);
    FILE *file = fopen(path.p, "w");
    bool ok = file != NULL && fwrite(text.p, 1, text.n, file) == text.n;
    if (file != NULL) {
        ok = fclose(file) == 0 && ok;
    }
    return ok ? 0 : err_set_errno(err, errno, "writing %s", path.p);
}

static int write_inputs(const char *dir, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct inputs in = {0};
    TRY(make_inputs(arena, &in, err));
    TRY(write_file(arena, dir, "manifests.json", in.json, err));
    return write_file(arena, dir, "manifests.yaml", in.yaml, err);
}

static int run_command(int argc, char **argv, struct err *err)
{
    if (argc == 3 && str_eq_c(str_from(argv[1]), "--write")) {
        return write_inputs(argv[2], err);
    }
    return run(argv + 1, argc - 1, err);
}

int main(int argc, char **argv)
{
    struct err err;
    if (run_command(argc, argv, &err) < 0) {
        char text[1024];
        err_format(&err, text, sizeof(text));
        (void)fprintf(stderr, "bench_value: %s\n", text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
