/* .Chart is a plain map in Helm 4, so a wrong name in it is empty and no error.  .Files is a map with methods:
 * what Glob returns has them as well. */
#include "engine/helm/objects.h"

#include "common/base/b64.h"
#include "common/base/buf.h"
#include "common/base/glob.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_yaml.h"
#include "engine/helm/chart.h"
#include "engine/helm/objects_values.h"
#include "engine/template/func.h"

static struct tmap *new_map(struct arena *arena)
{
    return tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
}

/* ---- .Chart ---- */

static void put(struct tmap *map, const char *key, struct tval v)
{
    tmap_set_borrowed(map, str_from(key), v);
}

static void put_str(struct tmap *map, const char *key, struct str s)
{
    put(map, key, tval_str(s));
}

static struct tval texts(struct arena *arena, const struct chart_strs *list)
{
    struct tval out = tval_list_new(arena, TVAL_OF_ANY, list->n);
    for (size_t i = 0; i < list->n; i++) {
        out.list->items[i] = tval_str(list->items[i]);
    }
    return out;
}

static struct tval maintainers(struct arena *arena, const struct chart_meta *meta)
{
    struct tval out = tval_list_new(arena, TVAL_OF_ANY, meta->n_maintainers);
    for (size_t i = 0; i < meta->n_maintainers; i++) {
        struct tmap *m = new_map(arena);
        put_str(m, "Name", meta->maintainers[i].name);
        put_str(m, "Email", meta->maintainers[i].email);
        put_str(m, "URL", meta->maintainers[i].url);
        out.list->items[i] = tval_map(m);
    }
    return out;
}

static struct tval import_values(struct arena *arena, const struct value *list)
{
    return value_is(list, VALUE_LIST) ? tval_from_value(arena, list, false)
                                      : tval_list_new(arena, TVAL_OF_ANY, 0);
}

static struct tval dependencies(struct arena *arena, const struct chart_meta *meta)
{
    struct tval out = tval_list_new(arena, TVAL_OF_ANY, meta->n_dependencies);
    for (size_t i = 0; i < meta->n_dependencies; i++) {
        const struct chart_dependency *d = &meta->dependencies[i];
        struct tmap *m = new_map(arena);
        put_str(m, "Name", d->name);
        put_str(m, "Version", d->version);
        put_str(m, "Repository", d->repository);
        put_str(m, "Condition", d->condition);
        put(m, "Tags", texts(arena, &d->tags));
        put(m, "Enabled", tval_bool(d->enabled));
        put(m, "ImportValues", import_values(arena, d->import_values));
        put_str(m, "Alias", d->alias);
        out.list->items[i] = tval_map(m);
    }
    return out;
}

static struct tval annotations(struct arena *arena, const struct chart_meta *meta)
{
    if (meta->annotations == NULL) {
        return tval_map(tmap_new_nil(arena, TVAL_OF_STRING));
    }
    struct tmap *map = tmap_new(arena, TVAL_OF_STRING, NULL, NULL);
    VALUE_MAP_FOREACH(meta->annotations, e)
    {
        tmap_set_borrowed(map, e->key, tval_str(value_str(&e->value)));
    }
    return tval_map(map);
}

struct tval objects_chart(struct arena *arena, const struct chart *chart)
{
    const struct chart_meta *meta = &chart->meta;
    struct tmap *map = new_map(arena);
    put_str(map, "Name", meta->name);
    put_str(map, "Home", meta->home);
    put(map, "Sources", texts(arena, &meta->sources));
    put_str(map, "Version", meta->version);
    put_str(map, "Description", meta->description);
    put(map, "Keywords", texts(arena, &meta->keywords));
    put(map, "Maintainers", maintainers(arena, meta));
    put_str(map, "Icon", meta->icon);
    put_str(map, "APIVersion", meta->api_version);
    put_str(map, "Condition", meta->condition);
    put_str(map, "Tags", meta->tags);
    put_str(map, "AppVersion", meta->app_version);
    put(map, "Deprecated", tval_bool(meta->deprecated));
    put(map, "Annotations", annotations(arena, meta));
    put_str(map, "KubeVersion", meta->kube_version);
    put(map, "Dependencies", dependencies(arena, meta));
    put_str(map, "Type", meta->type);
    put(map, "IsRoot", tval_bool(chart->parent == NULL));
    return tval_map(map);
}

/* ---- .Files ---- */

static const struct tclass FILES;

/* The map of a .Files object: class data points to it. */
struct files {
    struct tmap *map;
};

static struct tmap *new_files(struct arena *arena)
{
    struct files *data = ARENA_NEW(arena, struct files);
    data->map = tmap_new(arena, TVAL_OF_BYTES, &FILES, data);
    return data->map;
}

static struct tval bytes(struct str data)
{
    return (struct tval){.kind = TVAL_BYTES, .s = data};
}

static struct str file_data(const struct tmap *map, struct str name)
{
    const struct tval *v = tmap_find(map, name);
    return v != NULL && (v->kind == TVAL_BYTES || v->kind == TVAL_STRING) ? v->s : STR_EMPTY;
}

/* Helm takes a malformed pattern for "**". */
static int files_glob(struct tcall *call,
                      const struct tmap *map,
                      struct str pattern,
                      struct tval *ret,
                      struct err *err)
{
    struct err ignored;
    struct tmap *found = new_files(call->arena);
    bool all = glob_check(pattern, &ignored) < 0;
    size_t n;
    const struct str *names = tmap_keys(map, call->arena, &n);
    for (size_t i = 0; i < n; i++) {
        TRY(budget_steps(call->budget, 1 + names[i].n, err));
        if (all || glob_match(pattern, names[i], '/')) {
            tmap_set_borrowed(found, names[i], bytes(file_data(map, names[i])));
        }
    }
    *ret = tval_map(found);
    return 0;
}

static struct tval files_lines(struct arena *arena, struct str text)
{
    struct str line;
    size_t n = 1;
    if (text.n == 0) {
        return tval_list_new(arena, TVAL_OF_STRING, 0);
    }
    (void)str_cut_suffix(&text, STR("\n")); /* only some have it */
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n' ? 1 : 0;
    }
    struct tval out = tval_list_new(arena, TVAL_OF_STRING, n);
    for (size_t i = 0; str_next(&text, '\n', &line); i++) {
        out.list->items[i] = tval_str(line);
    }
    return out;
}

static const struct tmap *files_map(const void *data)
{
    return ((const struct files *)data)->map;
}

static int files_get(TMETHOD_PARAMS)
{
    *ret = tval_str(file_data(files_map(data), args[0].s));
    return 0;
}

static int files_get_bytes(TMETHOD_PARAMS)
{
    *ret = bytes(file_data(files_map(data), args[0].s));
    return 0;
}

static int on_files_lines(TMETHOD_PARAMS)
{
    *ret = files_lines(call->arena, file_data(files_map(data), args[0].s));
    return 0;
}

static int on_files_glob(TMETHOD_PARAMS)
{
    return files_glob(call, files_map(data), args[0].s, ret, err);
}

enum files_form { FILES_TEXT, FILES_BASE64 };

/* A YAML map of the files' last names; of equal ones the last in path order stays. */
static struct str files_yaml(struct arena *arena, const struct tmap *map, enum files_form form)
{
    struct err ignored;
    struct str text;
    size_t n;
    const struct str *names = tmap_keys(map, arena, &n);
    struct value_entry *entries = arena_calloc(arena, n + 1, sizeof(*entries));
    for (size_t i = 0; i < n; i++) {
        struct str data = file_data(map, names[i]);
        data = form == FILES_BASE64 ? b64_encode_in(arena, data, B64_STANDARD)
                                    : arena_str(arena, data);
        entries[i] =
            (struct value_entry){arena_str(arena, path_base(names[i])), value_of_str(data)};
    }
    if (value_to_yaml_in(arena, value_new_map(arena, entries, n), NULL, &text, &ignored) < 0) {
        return STR_EMPTY; /* as Helm does with what it cannot write */
    }
    (void)str_cut_suffix(&text, STR("\n")); /* every text ends so */
    return text;
}

static int files_as_config(TMETHOD_PARAMS)
{
    *ret = tval_str(files_yaml(call->arena, files_map(data), FILES_TEXT));
    return 0;
}

static int files_as_secrets(TMETHOD_PARAMS)
{
    *ret = tval_str(files_yaml(call->arena, files_map(data), FILES_BASE64));
    return 0;
}

static const struct tmethod FILES_METHODS[] = {
    {"Get", "s", files_get},
    {"GetBytes", "s", files_get_bytes},
    {"Glob", "s", on_files_glob},
    {"Lines", "s", on_files_lines},
    {"AsConfig", "", files_as_config},
    {"AsSecrets", "", files_as_secrets},
    {NULL, NULL, NULL},
};

static const struct tclass FILES = {
    .type = "engine.files",
    .kind = "map",
    .methods = FILES_METHODS,
};

struct tval objects_files(struct arena *arena, const struct chart_files *files)
{
    struct tmap *map = new_files(arena);
    for (size_t i = 0; i < files->n; i++) {
        tmap_set_borrowed(map, files->items[i].name, bytes(files->items[i].data));
    }
    return tval_map(map);
}

/* ---- the rest ---- */

struct tval objects_release(struct arena *arena, const struct objects_release *release)
{
    struct tmap *map = new_map(arena);
    put_str(map, "Name", release->name);
    put_str(map, "Namespace", release->namespace);
    put(map, "IsUpgrade", tval_bool(release->is_upgrade));
    put(map, "IsInstall", tval_bool(!release->is_upgrade));
    put(map, "Revision", tval_int(1));
    put_str(map, "Service", STR("Helm"));
    return tval_map(map);
}

struct tval objects_template(struct arena *arena, struct str name, struct str base_path)
{
    struct tmap *map = new_map(arena);
    put_str(map, "Name", name);
    put_str(map, "BasePath", base_path);
    return objects_values(arena, map);
}
