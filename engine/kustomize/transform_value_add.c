/* The ValueAddTransformer: one value into fields of many objects, as a whole or as a part of a file path. */
#include <stddef.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kdecode.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kpath.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kustomization.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/selector.h"
#include "engine/kustomize/transform.h"

struct target {
    struct selector selector;
    struct str field_path;
    int64_t position; /* of a part of a file path, from 1; 0 = the whole value */
};

struct config {
    struct str value;
    struct value_slice targets; /* struct target */
    struct str target_file;
};

#define TARGET(field) offsetof(struct target, field)
static const struct kfield TARGET_FIELDS[] = {
    {"selector", KFIELD_STRUCT, TARGET(selector), &KUSTOMIZATION_SELECTOR_TABLE, NULL, NULL},
    {"fieldPath", KFIELD_STR, TARGET(field_path), NULL, NULL, NULL},
    {"filePathPosition", KFIELD_INT, TARGET(position), NULL, NULL, NULL},
};
static const struct ktable TARGET_TABLE = KTABLE("Target", struct target, TARGET_FIELDS);

#define CONFIG(field) offsetof(struct config, field)
static const struct kfield CONFIG_FIELDS[] = {
    {"value", KFIELD_STR, CONFIG(value), NULL, NULL, NULL},
    {"targets", KFIELD_LIST, CONFIG(targets), &TARGET_TABLE, NULL, NULL},
    {"targetFilePath", KFIELD_STR, CONFIG(target_file), NULL, NULL, NULL},
};
static const struct ktable CONFIG_TABLE =
    KTABLE("ValueAddTransformerPlugin", struct config, CONFIG_FIELDS);

struct addition {
    struct str value;
    int64_t position;
};

/* ---- values ---- */

/* The part goes before the one at its position, from 1, or to the end; a leading slash stays. */
static struct str
insert_part(struct arena *arena, struct str path, struct str part, int64_t position)
{
    AUTO(buf) struct buf b;
    struct str rest = path;
    struct str one;
    bool put = false;
    int64_t n = 1;
    buf_init(&b, LIMIT_DOC_BYTES);
    buf_put_c(&b, str_starts_with(path, STR("/")) ? "/" : "");
    while (str_next(&rest, '/', &one)) {
        if (one.n == 0) {
            continue;
        }
        if (n == position) {
            buf_put(&b, part);
            buf_put_char(&b, '/');
            put = true;
        }
        buf_put(&b, one);
        buf_put_char(&b, '/');
        n++;
    }
    if (!put) {
        buf_put(&b, part);
        buf_put_char(&b, '/');
    }
    buf_truncate(&b, b.n - 1);
    return buf_to_arena(&b, arena);
}

static int add_value(const struct kpath_edit *edit,
                     const struct value *leaf,
                     const struct value **ret,
                     struct err *err)
{
    static const struct value_yaml_opts OPTS = {.schema = VALUE_YAML_CORE};
    const struct addition *addition = edit->data;
    struct arena *arena = edit->env->arena;
    if (value_is(leaf, VALUE_MAP) || value_is(leaf, VALUE_LIST)) {
        return err_set(err, ERR_INVALID, "wrong node kind: expected ScalarNode but got %s",
                       leaf->type == VALUE_MAP ? "MappingNode" : "SequenceNode");
    }
    struct str text = addition->value;
    if (addition->position > 0) {
        text = insert_part(arena, kres_text(arena, leaf), text, addition->position);
    }
    bool quoted = value_is(leaf, VALUE_STRING) && (leaf->flags & VALUE_QUOTED) != 0;
    if (quoted || value_from_yaml(arena, text, &OPTS, ret, err) < 0 || value_is(*ret, VALUE_MAP) ||
        value_is(*ret, VALUE_LIST)) {
        *ret = value_new_str(arena, text); /* quoted before, or no YAML of its own */
    }
    return 0;
}

/* ---- targets ---- */

static int add_to(const struct klayer *layer,
                  struct kres *res,
                  const struct target *target,
                  struct str value,
                  struct err *err)
{
    struct engine_env *env = layer->build->env;
    if (str_eq(target->field_path, STR("metadata/namespace"))) {
        struct namespace_config config = {.namespace = value};
        return transform_namespace_of(layer, res, &config, err);
    }
    struct addition addition = {value, target->position};
    struct kpath_edit edit = {
        .env = env,
        .match = KPATH_EXACT,
        .create = true,
        .created = VALUE_STRING,
        .set = add_value,
        .data = &addition,
    };
    const struct value *object = NULL;
    size_t n = 0;
    struct kpath path = kpath_split(env->arena, target->field_path, '/');
    TRY(kpath_edit(&edit, res->object, path, &object, &n, err));
    kres_set(res, object);
    return 0;
}

static int apply_target(const struct klayer *layer,
                        struct resmap *m,
                        const struct target *target,
                        struct str value,
                        struct err *err)
{
    struct selector_match *match = NULL;
    struct kres_list list;
    TRY(selector_compile(layer->build->env, &target->selector, &match, err));
    TRY(selector_select(match, layer->build->schema, m, &list, err));
    for (size_t i = 0; i < list.n; i++) {
        TRY(add_to(layer, list.items[i], target, value, err));
    }
    return 0;
}

static int check_targets(struct value_slice targets, struct err *err)
{
    const struct target *items = targets.items;
    for (size_t i = 0; i < targets.n; i++) {
        if (items[i].field_path.n == 0) {
            return err_set(err, ERR_INVALID, "fieldPath cannot be empty");
        }
        if (items[i].position < 0) {
            return err_set(err, ERR_INVALID, "value of FilePathPosition (%lld) cannot be negative",
                           (long long)items[i].position);
        }
    }
    return 0;
}

static int apply_targets(const struct klayer *layer,
                         struct resmap *m,
                         struct value_slice targets,
                         struct str value,
                         struct err *err)
{
    const struct target *items = targets.items;
    for (size_t i = 0; i < targets.n; i++) {
        TRY(apply_target(layer, m, &items[i], value, err));
    }
    return 0;
}

/* Targets that stand in a file of their own. */
static int
read_targets(const struct klayer *layer, struct str path, struct value_slice *ret, struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    struct config shared = {0};
    struct str text;
    const struct value *v = NULL;
    TRY(kload_file(layer->load, path, &text, err));
    if (value_from_yaml(arena, text, NULL, &v, err) < 0 ||
        kdecode_map(arena, v, &CONFIG_TABLE, KDECODE_LAX, &shared, err) < 0) {
        return err_at(err, kload_path(layer->load, path), 0, 0);
    }
    *ret = shared.targets;
    return 0;
}

int transform_value_add(const struct klayer *layer,
                        struct resmap *m,
                        const struct value *config,
                        struct err *err)
{
    struct config c = {0};
    struct value_slice shared = {0};
    TRY(kdecode_map(layer->build->env->arena, config, &CONFIG_TABLE, KDECODE_LAX, &c, err));
    struct str value = str_trim(c.value);
    if (value.n == 0) {
        value = path_base(layer->load->dir);
    }
    if (c.target_file.n > 0) {
        TRY(read_targets(layer, c.target_file, &shared, err));
    }
    if (c.targets.n + shared.n == 0) {
        return err_set(err, ERR_INVALID, "must specify at least one target");
    }
    TRY(check_targets(c.targets, err));
    TRY(check_targets(shared, err));
    TRY(apply_targets(layer, m, c.targets, value, err));
    return apply_targets(layer, m, shared, value, err);
}
