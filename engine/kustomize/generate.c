/* ConfigMaps, Secrets, and the service account of an IAM policy. */
#include "engine/kustomize/generate.h"

#include "common/base/b64.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kvpairs.h"
#include "engine/kustomize/resmap.h"

/* Kustomize cuts base64 into lines of this length once it has one. */
enum { BASE64_LINE_BYTES = 70 };

/* ---- options ---- */

static bool has_key(struct value_str_pairs pairs, struct str key)
{
    for (size_t i = 0; i < pairs.n; i++) {
        if (str_eq(pairs.items[i].key, key)) {
            return true;
        }
    }
    return false;
}

static void
put_defaults(struct value_builder *b, struct value_str_pairs own, struct value_str_pairs defaults)
{
    for (size_t i = 0; i < defaults.n; i++) {
        if (!has_key(own, defaults.items[i].key)) {
            value_build_key(b, defaults.items[i].key);
            value_build_str(b, defaults.items[i].value);
        }
    }
}

/* Labels or annotations, the entry's own first. */
static void put_pairs(struct value_builder *b,
                      const char *field,
                      struct value_str_pairs own,
                      struct value_str_pairs defaults)
{
    if (own.n + defaults.n == 0) {
        return;
    }
    value_build_field_map(b, field);
    for (size_t i = 0; i < own.n; i++) {
        value_build_key(b, own.items[i].key);
        value_build_str(b, own.items[i].value);
    }
    put_defaults(b, own, defaults);
    value_build_end(b);
}

/* ---- data ---- */

static struct str base64_lines(struct arena *arena, struct str bytes)
{
    struct str text = b64_encode_in(arena, bytes, B64_STANDARD);
    if (text.n < BASE64_LINE_BYTES) {
        return text;
    }
    AUTO(buf) struct buf b;
    buf_init(&b, 2 * LIMIT_DOC_BYTES);
    for (size_t at = 0; at < text.n; at += BASE64_LINE_BYTES) {
        buf_put(&b, str_sub(text, at, at + BASE64_LINE_BYTES));
        buf_put_char(&b, '\n');
    }
    return buf_to_arena(&b, arena);
}

/* The values that are text, or those that are not; no map when there are none. */
static void put_config_data(struct value_builder *b,
                            const char *field,
                            const struct kvpairs *pairs,
                            bool is_text)
{
    size_t n = 0;
    for (size_t i = 0; i < pairs->list.n; i++) {
        const struct value_str_pair *pair = &pairs->list.items[i];
        if (utf8_valid(pair->value) != is_text) {
            continue;
        }
        if (n++ == 0) {
            value_build_field_map(b, field);
        }
        value_build_key(b, pair->key);
        value_build_str(b, is_text ? pair->value : base64_lines(b->arena, pair->value));
    }
    if (n > 0) {
        value_build_end(b);
    }
}

static void put_secret_data(struct value_builder *b, const struct kvpairs *pairs)
{
    value_build_field_map(b, "data");
    for (size_t i = 0; i < pairs->list.n; i++) {
        value_build_key(b, pairs->list.items[i].key);
        value_build_str(b, base64_lines(b->arena, pairs->list.items[i].value));
    }
    value_build_end(b);
}

/* ---- objects ---- */

enum kind {
    KIND_CONFIG_MAP,
    KIND_SECRET,
};

struct job {
    const struct pairs_source *config;
    const struct generator_options *defaults;
    const struct kvpairs *pairs;
    enum kind kind;
};

static const struct value *make_object(struct arena *arena, const struct job *job)
{
    const struct pairs_source *config = job->config;
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "apiVersion", STR("v1"));
    value_build_field_str(&b, "kind", job->kind == KIND_SECRET ? STR("Secret") : STR("ConfigMap"));
    value_build_field_map(&b, "metadata");
    value_build_field_str(&b, "name", config->name);
    value_build_field_str_opt(&b, "namespace", config->namespace);
    put_pairs(&b, "labels", config->options.labels, job->defaults->labels);
    put_pairs(&b, "annotations", config->options.annotations, job->defaults->annotations);
    value_build_end(&b);
    if (job->kind == KIND_SECRET) {
        value_build_field_str(&b, "type", config->type.n > 0 ? config->type : STR("Opaque"));
        put_secret_data(&b, job->pairs);
    } else {
        put_config_data(&b, "data", job->pairs, true);
        put_config_data(&b, "binaryData", job->pairs, false);
    }
    if (config->options.immutable || job->defaults->immutable) {
        value_build_field_bool(&b, "immutable", true);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

static int generate(const struct klayer *layer,
                    const struct pairs_source *config,
                    const struct generator_options *defaults,
                    enum kind kind,
                    struct resmap *m,
                    struct err *err)
{
    static const struct generator_options NONE = {0};
    struct arena *arena = layer->build->env->arena;
    struct kvpairs pairs;
    struct job job = {config, defaults != NULL ? defaults : &NONE, &pairs, kind};
    if (config->name.n == 0) {
        return err_set(err, ERR_INVALID, "a configmap must have a name");
    }
    TRY(kvpairs_load(layer, config, &pairs, err));
    struct kres *res = kres_new(arena, make_object(arena, &job));
    res->behavior = kbehavior_parse(config->behavior);
    res->needs_hash =
        !config->options.disable_name_suffix_hash && !job.defaults->disable_name_suffix_hash;
    return resmap_append(m, res, err);
}

int generate_config_map(const struct klayer *layer,
                        const struct pairs_source *config,
                        const struct generator_options *defaults,
                        struct resmap *m,
                        struct err *err)
{
    return generate(layer, config, defaults, KIND_CONFIG_MAP, m, err);
}

int generate_secret(const struct klayer *layer,
                    const struct pairs_source *config,
                    const struct generator_options *defaults,
                    struct resmap *m,
                    struct err *err)
{
    return generate(layer, config, defaults, KIND_SECRET, m, err);
}

/* ---- IAM policies ---- */

int generate_iam_policy(const struct klayer *layer,
                        const struct value *config,
                        struct resmap *m,
                        struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    struct str cloud = value_dig_str(config, "cloud");
    struct str account = value_dig_str(config, "serviceAccount", "name");
    struct str project = value_dig_str(config, "serviceAccount", "projectId");
    if (!str_eq(cloud, STR("gke"))) {
        return err_set(err, ERR_INVALID, "cloud provider " STR_FMT " not supported yet",
                       STR_ARG(cloud));
    }
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "apiVersion", STR("v1"));
    value_build_field_str(&b, "kind", STR("ServiceAccount"));
    value_build_field_map(&b, "metadata");
    value_build_field_map(&b, "annotations");
    value_build_field(&b, "iam.gke.io/gcp-service-account",
                      value_new_printf(arena, STR_FMT "@" STR_FMT ".iam.gserviceaccount.com",
                                       STR_ARG(account), STR_ARG(project)));
    value_build_end(&b);
    value_build_field_str(&b, "name", value_dig_str(config, "kubernetesService", "name"));
    value_build_field_str_opt(&b, "namespace",
                              value_dig_str(config, "kubernetesService", "namespace"));
    value_build_end(&b);
    value_build_end(&b);
    return resmap_append(m, kres_new(arena, value_build_finish(&b)), err);
}
