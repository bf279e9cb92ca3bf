/* Plain directories: finding the files, reading them, taking the objects out.
 *
 * What Argo CD does with odd input is kept: a YAML file is only held to be manifests when it says apiVersion,
 * kind and metadata somewhere, so values files and the like may lie beside; JSON files always are. */
#include "engine/plain/dir.h"

#include "common/base/glob.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"

#define SKIP_MARKER "+argocd:skip-file-rendering"

enum file_format { FORMAT_YAML, FORMAT_JSON, FORMAT_JSONNET };

static const struct {
    const char *suffix;
    enum file_format format;
} SUFFIXES[] = {
    {".yaml", FORMAT_YAML},
    {".yml", FORMAT_YAML},
    {".json", FORMAT_JSON},
    {".jsonnet", FORMAT_JSONNET},
};

struct file {
    struct str path; /* from the root of the tree */
    enum file_format format;
};

struct walk {
    struct engine_env *env;
    struct str root; /* the source's directory */
    const struct dir_options *options;
    VEC(struct file) files;
    size_t n_entries;
    VEC(struct engine_object) objects;
    uint64_t bytes_left;
};

/* ---- options ---- */

static int option_bool(const struct value *map, const char *key, bool *ret, struct err *err)
{
    const struct value *v = value_find(map, str_from(key));
    if (v != NULL && v->type != VALUE_BOOL && v->type != VALUE_NULL) {
        return err_set(err, ERR_INVALID, "source.directory.%s is a %s, not a boolean", key,
                       value_type_name(value_type(v)));
    }
    *ret = value_bool(v, false);
    return 0;
}

static int option_glob(const struct value *map, const char *key, struct str *ret, struct err *err)
{
    const struct value *v = value_find(map, str_from(key));
    if (v != NULL && v->type != VALUE_STRING && v->type != VALUE_NULL) {
        return err_set(err, ERR_INVALID, "source.directory.%s is a %s, not a string", key,
                       value_type_name(value_type(v)));
    }
    TRY_IN(glob_check(value_str(v), err), err, "source.directory.%s", key);
    *ret = value_str(v);
    return 0;
}

int dir_options_from_value(const struct value *directory, struct dir_options *ret, struct err *err)
{
    struct dir_options o = {.max_bytes = LIMIT_SOURCE_BYTES};
    if (directory != NULL && directory->type != VALUE_MAP && directory->type != VALUE_NULL) {
        return err_set(err, ERR_INVALID, "source.directory is a %s, not a map",
                       value_type_name(value_type(directory)));
    }
    TRY(option_bool(directory, "recurse", &o.recurse, err));
    TRY(option_bool(directory, "disableExtensionFilter", &o.disable_extension_filter, err));
    TRY(option_glob(directory, "include", &o.include, err));
    TRY(option_glob(directory, "exclude", &o.exclude, err));
    *ret = o;
    return 0;
}

/* ---- finding files ---- */

static bool find_format(const struct dir_options *options, struct str name, enum file_format *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(SUFFIXES); i++) {
        if (str_ends_with(name, str_from(SUFFIXES[i].suffix))) {
            *ret = SUFFIXES[i].format;
            return true;
        }
    }
    *ret = FORMAT_YAML;
    return options->disable_extension_filter;
}

/* exclude first, both against the path below the source's directory; no character is special as
 * separator, so "*" takes in subdirectories. */
static bool is_chosen(const struct walk *w, struct str path)
{
    struct str below = w->root.n == 0 ? path : str_sub(path, w->root.n + 1, path.n);
    const struct dir_options *o = w->options;
    if (o->exclude.n > 0 && glob_match(o->exclude, below, GLOB_NO_SEPARATOR)) {
        return false;
    }
    return o->include.n == 0 || glob_match(o->include, below, GLOB_NO_SEPARATOR);
}

/* Whether a link is one to a file; links to directories are not walked, broken ones are passed over. */
static int link_is_file(struct walk *w, struct str path, struct err *err)
{
    enum engine_file_type type;
    TRY(w->env->files->type(w->env->files, path, &type, err));
    return type == ENGINE_FILE_REGULAR;
}

static int visit_dir(struct walk *w, struct str dir, struct err *err);

static int
visit_entry(struct walk *w, struct str dir, const struct engine_entry *entry, struct err *err)
{
    struct file file;
    if (entry->type == ENGINE_FILE_DIR) {
        return w->options->recurse ? visit_dir(w, path_append(w->env->arena, dir, entry->name), err)
                                   : 0;
    }
    if (entry->type == ENGINE_FILE_OTHER || !find_format(w->options, entry->name, &file.format)) {
        return 0;
    }
    file.path = path_append(w->env->arena, dir, entry->name);
    if (!is_chosen(w, file.path)) {
        return 0;
    }
    int is_file = 1;
    if (entry->type == ENGINE_FILE_LINK) {
        is_file = link_is_file(w, file.path, err);
        TRY(is_file);
    }
    if (is_file) {
        vec_push_in(w->env->arena, &w->files, file);
    }
    return 0;
}

static int visit_dir(struct walk *w, struct str dir, struct err *err)
{
    struct engine_listing listing;
    TRY(w->env->files->list(w->env->files, w->env->arena, dir, &listing, err));
    w->n_entries += listing.n;
    if (w->n_entries > LIMIT_TREE_FILES) {
        return err_set(err, ERR_LIMIT, "source has more than %d files and directories",
                       LIMIT_TREE_FILES);
    }
    TRY(budget_enter(w->env->budget, err));
    for (size_t i = 0; i < listing.n; i++) {
        TRY(budget_steps(w->env->budget, 1, err));
        TRY(visit_entry(w, dir, &listing.items[i], err));
    }
    budget_leave(w->env->budget);
    return 0;
}

/* ---- taking objects out ---- */

static int
add_object(struct walk *w, const struct file *file, const struct value *v, struct err *err)
{
    if (w->objects.n >= LIMIT_APP_OBJECTS) {
        return err_set(err, ERR_LIMIT, "source has more than %d objects", LIMIT_APP_OBJECTS);
    }
    struct engine_object o = {v, file->path, v->line};
    vec_push_in(w->env->arena, &w->objects, o);
    return budget_nodes(w->env->budget, 1, err);
}

/* Kubernetes takes apart a map by these two. */
static int check_object(const struct value *v, struct err *err)
{
    if (v->type != VALUE_MAP) {
        (void)err_set(err, ERR_INVALID, "a %s, not a Kubernetes object",
                      value_type_name(value_type(v)));
        return err_at(err, STR_EMPTY, v->line, v->column);
    }
    static const char *const NEEDED[] = {"kind", "apiVersion"};
    for (size_t i = 0; i < ARRAY_LEN(NEEDED); i++) {
        const struct value *field = value_find(v, str_from(NEEDED[i]));
        if (value_str(field).n == 0) {
            (void)err_set(err, ERR_INVALID, "object has no %s", NEEDED[i]);
            return err_at(err, STR_EMPTY, v->line, v->column);
        }
    }
    return 0;
}

static bool is_list(const struct value *v)
{
    const struct value *items = value_find(v, STR("items"));
    return items != NULL && (items->type == VALUE_LIST || items->type == VALUE_NULL) &&
           str_ends_with(value_dig_str(v, "kind"), STR("List"));
}

/* One document: an object, or a List whose items are taken as if written alone. */
static int
add_document(struct walk *w, const struct file *file, const struct value *v, struct err *err)
{
    TRY(check_object(v, err));
    if (!is_list(v)) {
        return add_object(w, file, v, err);
    }
    VALUE_FOREACH(value_find(v, STR("items")), item) {
        TRY_IN(check_object(item, err), err, "item of a " STR_FMT,
               STR_ARG(value_dig_str(v, "kind")));
        TRY(add_object(w, file, item, err));
    }
    return 0;
}

static int read_json(struct walk *w, const struct file *file, struct str text, struct err *err)
{
    static const struct value_json_opts OPTS = {.positions = true};
    const struct value *v;
    TRY(value_from_json(w->env->arena, text, &OPTS, &v, err));
    return add_document(w, file, v, err);
}

static int read_yaml(struct walk *w, const struct file *file, struct str text, struct err *err)
{
    struct value_yaml_docs docs;
    TRY(value_from_yaml_stream(w->env->arena, text, NULL, &docs, err));
    for (size_t i = 0; i < docs.n; i++) {
        if (docs.items[i].value->type != VALUE_NULL) {
            TRY(add_document(w, file, docs.items[i].value, err));
        }
    }
    return 0;
}

static bool looks_like_manifests(struct str text)
{
    return str_find(text, STR("apiVersion:")) != STR_NONE &&
           str_find(text, STR("kind:")) != STR_NONE && str_find(text, STR("metadata:")) != STR_NONE;
}

/* The size is charged before the file is read, so that a large one costs nothing. */
static int load(struct walk *w, const struct file *file, struct str *ret, struct err *err)
{
    int rc = w->env->files->read(w->env->files, w->env->arena, file->path, w->bytes_left, ret, err);
    if (rc < 0 && err->code == ERR_LIMIT) {
        return err_set(err, ERR_LIMIT,
                       "all manifests together are larger than the limit of %llu bytes "
                       "(raise the repository server's --max-combined-directory-manifests-size)",
                       (unsigned long long)w->options->max_bytes);
    }
    TRY(rc);
    w->bytes_left -= ret->n;
    return budget_bytes(w->env->budget, ret->n, err);
}

static int read_file(struct walk *w, const struct file *file, struct err *err)
{
    struct str text;
    if (file->format == FORMAT_JSONNET) {
        return err_set(err, ERR_UNSUPPORTED, "jsonnet files are not supported");
    }
    TRY(load(w, file, &text, err));
    TRY(budget_steps(w->env->budget, 1 + text.n / 16, err));
    if (str_find(text, STR(SKIP_MARKER)) != STR_NONE) {
        return 0;
    }
    if (file->format == FORMAT_JSON) {
        return read_json(w, file, text, err);
    }
    size_t n_before = w->objects.n;
    int rc = read_yaml(w, file, text, err);
    if (rc < 0 && err->code == ERR_INVALID && !looks_like_manifests(text)) {
        w->objects.n = n_before;
        return 0;
    }
    return rc;
}

int dir_render(struct engine_env *env,
               struct str path,
               const struct dir_options *options,
               struct dir_result *ret,
               struct err *err)
{
    struct walk w = {
        .env = env, .root = path, .options = options, .bytes_left = options->max_bytes};
    TRY(visit_dir(&w, path, err));
    for (size_t i = 0; i < w.files.n; i++) {
        if (read_file(&w, &w.files.items[i], err) < 0) {
            return err_at(err, w.files.items[i].path, 0, 0);
        }
    }
    *ret = (struct dir_result){w.objects.items, w.objects.n};
    return 0;
}
