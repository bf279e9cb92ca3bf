/* The steps of `helm template` one after the other.
 *
 * All templates of the tree are one set and see one tree of values, which they may change: the order in which
 * they run is part of the behaviour (deepest first, and backwards by name). */
#include "engine/helm/helm_render.h"

#include <stdlib.h>

#include "common/base/crew.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/semver.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/helm/capabilities.h"
#include "engine/helm/chart.h"
#include "engine/helm/chart_load.h"
#include "engine/helm/deps.h"
#include "engine/helm/deps_build.h"
#include "engine/helm/helm_schema.h"
#include "engine/helm/ignore.h"
#include "engine/helm/objects.h"
#include "engine/helm/objects_values.h"
#include "engine/helm/order.h"
#include "engine/helm/values_coalesce.h"
#include "engine/template/ast.h"
#include "engine/template/template.h"

#define NO_VALUE "<no value>"

enum {
    DOCUMENT_PIECES = 5,
    RELEASE_NAME_BYTES = 53, /* what is left of a label's 63 for suffixes */
    SLOTS = 8,               /* templates parsed before they are run: trees are large */
};

/* One file of templates/ with what it sees as dot. */
struct template_file {
    struct str name; /* "chart/templates/web.yaml" */
    struct str text;
    struct str base_path;
    struct tmap *scope;
    size_t depth; /* of its name */
};

struct crd {
    struct str name;
    struct str text;
};

struct render {
    struct engine_env *env;
    const struct helm_options *options;
    struct chart *chart;
    struct str release_name;
    struct tmap *values;
    const struct capabilities *capabilities;
    VEC(struct template_file) files;
    VEC(struct crd) crds;
    struct order *order;
    VEC(struct engine_object) objects;
    VEC(struct str) pieces;
};

/* ---- checks ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Labels between dots, each beginning and ending with a letter or digit. */
static int check_release_name(struct str name, struct err *err)
{
    bool ok = name.n > 0 && name.n <= RELEASE_NAME_BYTES && is_name_char(name.p[name.n - 1]);
    for (size_t i = 0; ok && i < name.n; i++) {
        bool at_edge = i == 0 || name.p[i - 1] == '.' || name.p[i] == '.';
        ok = is_name_char(name.p[i]) ||
             (i > 0 && (name.p[i] == '-' || name.p[i] == '.') &&
              (!at_edge || (name.p[i] == '.' && is_name_char(name.p[i - 1]))));
    }
    return ok ? 0
              : err_set(err, ERR_INVALID,
                        "release name '" STR_FMT
                        "': it must consist of lower case letters, digits, "
                        "'-' and '.', and have at most %d characters",
                        STR_ARG(name), RELEASE_NAME_BYTES);
}

/* Argo CD gives every name as --name-template, which sees no data. */
static int make_release_name(const struct render *r, struct str *ret, struct err *err)
{
    struct engine_env *env = r->env;
    const struct str file = STR("name-template");
    struct template_run run = {.set = template_set_new(env->arena),
                               .arena = env->arena,
                               .budget = env->budget,
                               .env = env,
                               .missing = TEMPLATE_MISSING_VALUE};
    *ret = r->options->release_name;
    if (str_find(*ret, STR("{{")) == STR_NONE) {
        return 0;
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_KIB);
    TRY(template_parse(run.set, file, *ret, env->budget, err));
    TRY(template_execute(&run, file, tval_nil(), &out, NULL, err));
    TRY(buf_check(&out, "release name", err));
    *ret = buf_to_arena(&out, env->arena);
    return 0;
}

static int check_kube_version(struct render *r, struct err *err)
{
    struct str want = r->chart->meta.kube_version;
    struct str is = r->capabilities->kube.normalized;
    const struct semver_constraint *c;
    struct semver v;
    if (want.n == 0) {
        return 0;
    }
    if (semver_constraint_parse(r->env->arena, want, &c, err) < 0 ||
        semver_parse(is, &v, err) < 0 || !semver_constraint_check(c, &v)) {
        return err_set(err, ERR_INVALID,
                       "chart requires kubeVersion: " STR_FMT
                       " which is incompatible with Kubernetes " STR_FMT,
                       STR_ARG(want), STR_ARG(is));
    }
    return 0;
}

/* ---- values ---- */

static int prepare(struct render *r, struct err *err)
{
    /* charts' own values, of which all that counts is copied in the end */
    AUTO(arena) struct arena *own = arena_new();
    struct arena *arena = r->env->arena;
    const struct helm_options *o = r->options;
    const struct deps_build_options deps = {own, o->chart, o->pass_credentials};
    const struct values_merge merge = {arena, VALUES_COALESCE, o->warnings, VALUES_SRC_KEPT};
    struct tmap *user;
    TRY(make_release_name(r, &r->release_name, err));
    TRY(check_release_name(r->release_name, err));
    TRY(capabilities_make(arena, o->kube_version, o->api_versions, o->n_api_versions,
                          &r->capabilities, err));
    TRY(values_from_inputs(arena, o->inputs, o->n_inputs, o->reader, &user, err));
    TRY(chart_load(r->env, own, o->chart, &r->chart, err));
    if (chart_is_library(r->chart)) {
        return err_set(err, ERR_INVALID, "library charts are not installable");
    }
    TRY(o->only_vendored ? deps_check_present(r->chart, err)
                         : deps_build(r->env, &deps, r->chart, err));
    TRY(deps_process(arena, own, r->chart, user, o->warnings, err));
    TRY(check_kube_version(r, err));
    TRY(values_coalesce(&merge, r->chart, user, &r->values, err));
    return o->skip_schemas ? 0 : helm_schema_check(r->env, r->chart, r->values, err);
}

/* ---- scopes ---- */

static size_t depth_of(struct str path)
{
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        n += path.p[i] == '/' ? 1 : 0;
    }
    return n;
}

static void add_templates(struct render *r, const struct chart *chart, struct tmap *scope)
{
    struct arena *arena = r->env->arena;
    struct str path = chart_path(arena, chart);
    struct str base_path = path_append(arena, path, STR("templates"));
    for (size_t i = 0; i < chart->templates.n; i++) {
        const struct chart_file *f = &chart->templates.items[i];
        if (chart_is_library(chart) && !str_starts_with(path_base(f->name), STR("_"))) {
            continue;
        }
        struct str name = path_append(arena, path, f->name);
        struct template_file file = {name, f->data, base_path, scope, depth_of(name)};
        vec_push_in(arena, &r->files, file);
    }
}

/* The scope of one chart: subcharts see only their own table of the values. */
static struct tmap *add_scope(struct render *r,
                              const struct chart *chart,
                              struct tmap *values,
                              struct tval release,
                              struct tval capabilities)
{
    struct arena *arena = r->env->arena;
    struct tmap *scope = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    struct tmap *subcharts = tmap_new(arena, TVAL_OF_ANY, NULL, NULL);
    tmap_set(scope, STR("Chart"), objects_chart(arena, chart));
    tmap_set(scope, STR("Files"), objects_files(arena, &chart->files));
    tmap_set(scope, STR("Release"), release);
    tmap_set(scope, STR("Capabilities"), capabilities);
    tmap_set(scope, STR("Values"), objects_values(arena, values));
    tmap_set(scope, STR("Subcharts"), tval_map(subcharts));
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        const struct chart *sub = chart->subcharts[i];
        struct tmap *below = tmap_get(values, sub->meta.name).map; /* coalescing made it */
        tmap_set(subcharts, sub->meta.name,
                 tval_map(add_scope(r, sub, below, release, capabilities)));
    }
    add_templates(r, chart, scope);
    return scope;
}

/* Deepest first, then backwards by name: a parent's definitions come later and win. */
static int compare_templates(const void *a, const void *b)
{
    const struct template_file *x = a;
    const struct template_file *y = b;
    return x->depth != y->depth ? (x->depth < y->depth ? 1 : -1) : -str_cmp(x->name, y->name);
}

static size_t count_templates(const struct chart *chart)
{
    size_t n = chart->templates.n;
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        n += count_templates(chart->subcharts[i]);
    }
    return n;
}

static void collect(struct render *r)
{
    struct arena *arena = r->env->arena;
    struct objects_release release = {r->release_name, r->options->namespace,
                                      r->options->is_upgrade};
    vec_reserve_in(arena, &r->files, count_templates(r->chart));
    (void)add_scope(r, r->chart, r->values, objects_release(arena, &release),
                    capabilities_object(arena, r->capabilities)); /* its files hold it */
    if (r->files.n > 0) {
        qsort(r->files.items, r->files.n, sizeof(*r->files.items), compare_templates);
    }
}

/* ---- templates ---- */

/* What a template prints for nil is dropped from its output, wherever it came from. */
static struct str drop_no_value(struct arena *arena, struct str text)
{
    size_t at = str_find(text, STR(NO_VALUE));
    if (at == STR_NONE) {
        return arena_str(arena, text);
    }
    char *out = arena_bytes(arena, text.n + 1);
    size_t n = 0;
    while (at != STR_NONE) {
        memcpy(out + n, text.p, at);
        n += at;
        text = str_sub(text, at + sizeof(NO_VALUE) - 1, text.n);
        at = str_find(text, STR(NO_VALUE));
    }
    if (text.n > 0) {
        memcpy(out + n, text.p, text.n);
    }
    n += text.n;
    out[n] = '\0';
    return str_of(out, n);
}

/* What one run needs: its syntax tree, which a crew may make ahead of it, and all it makes. */
struct slot {
    struct arena *scratch;
    struct template_ahead ahead;
};

/* One template after the other. What a run makes is dropped at its end, unless it left something in the values. */
struct runner {
    struct render *render;
    struct template_run run;
    bool escaped;
    size_t left;      /* of the output */
    size_t n_offered; /* files */
    size_t n_slots;
    struct slot slots[SLOTS]; /* in turn, one for each file */
};

static void free_arena(void *arena)
{
    arena_free(arena);
}

static struct slot *slot_of(struct runner *u, size_t file)
{
    return &u->slots[file % u->n_slots];
}

/* Files up to the one given are offered; partials were parsed before. */
static void offer_up_to(struct runner *u, size_t end)
{
    struct render *r = u->render;
    for (; u->n_offered < MIN(end, r->files.n); u->n_offered++) {
        struct slot *slot = slot_of(u, u->n_offered);
        struct str name = r->files.items[u->n_offered].name;
        template_ahead_offer(&slot->ahead, u->run.set, name, u->run.budget, r->env->crew,
                             slot->scratch);
    }
}

/* Kept blocks of many arenas would be much memory. */
static void free_scratch(struct runner *u, struct slot *slot)
{
    if (u->escaped) {
        arena_defer(u->render->env->arena, free_arena, slot->scratch);
    } else if (u->n_slots == 1) {
        arena_reset(slot->scratch);
        return;
    } else {
        arena_free(slot->scratch);
    }
    slot->scratch = arena_new();
    u->escaped = false;
}

/* The text counts as a template though a define of its name has replaced it. */
static int check_replaced(struct runner *u, const struct template_file *file, struct err *err)
{
    const struct tdef *def;
    TRY(template_get(u->run.set, file->name, u->run.budget, &def, err));
    if (def != NULL && str_eq(def->file, file->name)) {
        return 0;
    }
    return template_check(u->run.set, file->name, file->text, u->run.budget, err);
}

static int run_file(struct runner *u, const struct template_file *file, struct err *err)
{
    struct arena *arena = u->render->env->arena;
    AUTO(buf) struct buf out;
    buf_init(&out, u->left);
    TRY(check_replaced(u, file, err));
    tmap_set(file->scope, STR("Template"), objects_template(arena, file->name, file->base_path));
    if (template_execute(&u->run, file->name, objects_values(u->run.arena, file->scope), &out, NULL,
                         err) < 0) {
        err->pos = (struct err_pos){0}; /* Helm's text names the place, columns counted from 0 */
        return -(int)err->code;
    }
    TRY(buf_check(&out, "output of the chart", err));
    u->left -= out.n;
    if (!str_ends_with(file->name, STR("NOTES.txt"))) {
        order_add(u->render->order, file->name, drop_no_value(arena, buf_str(&out)));
    }
    return 0;
}

/* As Helm tells it. */
static int parse_error(const struct template_file *file, struct err *err)
{
    struct str message = str_from(err->message);
    if (err->code != ERR_INVALID) {
        return err_at(err, file->name, 0, 0);
    }
    return err_set(err, ERR_INVALID, "parse error at (" STR_FMT ":%u): " STR_FMT,
                   STR_ARG(file->name), err->pos.line, STR_ARG(message));
}

/* An error of the first of the first n files that cannot be parsed goes before any other. */
static int first_parse_error(struct render *r, struct template_set *set, size_t n, struct err *err)
{
    struct err parse;
    for (size_t i = 0; i < n; i++) {
        const struct template_file *f = &r->files.items[i];
        if (template_check(set, f->name, f->text, r->env->budget, &parse) < 0) {
            *err = parse;
            return parse_error(f, err);
        }
    }
    return -(int)err->code;
}

static int parse_templates(struct render *r, struct template_set *set, struct err *err)
{
    for (size_t i = 0; i < r->files.n; i++) {
        const struct template_file *f = &r->files.items[i];
        bool is_run = !str_starts_with(path_base(f->name), STR("_"));
        int rc = is_run ? template_parse_late(set, f->name, f->text, r->env->budget, err)
                        : template_parse(set, f->name, f->text, r->env->budget, err);
        if (rc < 0) {
            (void)parse_error(f, err);
            return first_parse_error(r, set, i, err);
        }
    }
    return 0;
}

static int run_in_slot(struct runner *u, size_t i, struct err *err)
{
    struct render *r = u->render;
    struct slot *slot = slot_of(u, i);
    template_use_scratch(u->run.set, slot->scratch);
    u->run.arena = slot->scratch;
    TRY(template_ahead_take(&slot->ahead, u->run.budget, r->env->crew, err));
    TRY(run_file(u, &r->files.items[i], err));
    template_use_scratch(u->run.set, NULL);
    free_scratch(u, slot);
    return 0;
}

static int run_all(struct runner *u, struct err *err)
{
    struct render *r = u->render;
    for (size_t i = 0; i < r->files.n; i++) {
        offer_up_to(u, i + u->n_slots);
        bool is_run = !str_starts_with(path_base(r->files.items[i].name), STR("_"));
        if (is_run && run_in_slot(u, i, err) < 0) {
            return first_parse_error(r, u->run.set, r->files.n, err);
        }
    }
    return 0;
}

static int run_templates(struct render *r, struct err *err)
{
    struct engine_env *env = r->env;
    struct runner u = {
        .render = r,
        .run = {.set = template_set_new(env->arena), .budget = env->budget, .env = env},
        .left = LIMIT_CHART_OUTPUT_BYTES,
        .n_slots = env->crew != NULL ? SLOTS : 1,
    };
    u.run.ret_escaped = &u.escaped;
    TRY(parse_templates(r, u.run.set, err));
    for (size_t i = 0; i < u.n_slots; i++) {
        u.slots[i].scratch = arena_new();
    }
    int rc = run_all(&u, err);
    crew_forget(env->crew);
    template_use_scratch(u.run.set, NULL);
    for (size_t i = 0; i < u.n_slots; i++) {
        arena_free(u.slots[i].scratch);
    }
    return rc;
}

/* ---- CRDs ---- */

static bool has_manifest_extension(struct str name)
{
    static const char *const EXTENSIONS[] = {"yaml", "yml", "json"};
    size_t dot = str_rfind_char(name, '.');
    for (size_t i = 0; dot != STR_NONE && i < ARRAY_LEN(EXTENSIONS); i++) {
        if (str_eq_nocase(str_sub(name, dot + 1, name.n), str_from(EXTENSIONS[i]))) {
            return true;
        }
    }
    return false;
}

static void collect_crds(struct render *r, const struct chart *chart)
{
    struct arena *arena = r->env->arena;
    struct str path = chart_path(arena, chart);
    for (size_t i = 0; i < chart->files.n; i++) {
        const struct chart_file *f = &chart->files.items[i];
        if (str_starts_with(f->name, STR("crds/")) && has_manifest_extension(f->name)) {
            struct crd crd = {path_append(arena, path, f->name), f->data};
            vec_push_in(arena, &r->crds, crd);
        }
    }
    for (size_t i = 0; i < chart->n_subcharts; i++) {
        collect_crds(r, chart->subcharts[i]);
    }
}

/* ---- results ---- */

static void put_piece(struct render *r, struct str piece)
{
    vec_push_in(r->env->arena, &r->pieces, piece);
}

static void put_document(struct render *r, struct str file, struct str text)
{
    put_piece(r, STR("---\n# Source: "));
    put_piece(r, file);
    put_piece(r, STR("\n"));
    put_piece(r, text);
    put_piece(r, STR("\n"));
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Helm trims all but the hooks, and puts hooks behind whatever comes of that. */
static void trim(struct render *r)
{
    size_t n = r->pieces.n;
    while (n > 0) {
        struct str *last = &r->pieces.items[n - 1];
        while (last->n > 0 && is_space(last->p[last->n - 1])) {
            last->n--;
        }
        if (last->n > 0) {
            break;
        }
        n--;
    }
    r->pieces.n = n;
    put_piece(r, STR("\n"));
}

static bool is_shown(const struct render *r, const struct order_manifest *hook)
{
    return !r->options->no_hooks && !(r->options->skip_tests && (hook->events & ORDER_TEST) != 0);
}

static void write_all(struct render *r, const struct order_result *order)
{
    size_t n_most = r->crds.n + order->n_manifests + order->n_hooks;
    vec_reserve_in(r->env->arena, &r->pieces, n_most * DOCUMENT_PIECES + 1);
    for (size_t i = 0; i < r->crds.n; i++) {
        put_document(r, r->crds.items[i].name, r->crds.items[i].text);
    }
    for (size_t i = 0; i < order->n_manifests; i++) {
        put_document(r, order->manifests[i]->file, order->manifests[i]->text);
    }
    trim(r);
    for (size_t i = 0; i < order->n_hooks; i++) {
        if (is_shown(r, order->hooks[i])) {
            put_document(r, order->hooks[i]->file, order->hooks[i]->text);
        }
    }
}

/* The path behind "# Source: chart/" in a document, or nothing. */
static struct str source_of(struct str text)
{
    struct str chart;
    struct str path;
    size_t at = str_find(text, STR("# Source: "));
    if (at == STR_NONE) {
        return STR_EMPTY;
    }
    text = str_sub(text, at + sizeof("# Source: ") - 1, text.n);
    (void)str_cut(text, '\n', &text, &path); /* up to the end when it is the last line */
    return str_cut(text, '/', &chart, &path) ? path : STR_EMPTY;
}

static int show_some(struct render *r, struct str all, struct buf *out, struct err *err)
{
    struct order_parts parts;
    order_split(r->env->arena, all, &parts);
    for (size_t i = 0; i < r->options->n_show_only; i++) {
        struct str pattern = r->options->show_only[i];
        bool found = false;
        for (size_t k = 0; k < parts.n; k++) {
            struct str source = source_of(parts.items[k].text);
            if (source.n > 0 && ignore_glob(pattern, source)) {
                buf_put_c(out, "---\n");
                buf_put(out, parts.items[k].text);
                buf_put_char(out, '\n');
                found = true;
            }
        }
        if (!found) {
            return err_set(err, ERR_INVALID, "could not find template " STR_FMT " in chart",
                           STR_ARG(pattern));
        }
    }
    return 0;
}

struct str helm_result_text(struct arena *arena, const struct helm_result *result)
{
    size_t n = 0;
    for (size_t i = 0; i < result->n_pieces; i++) {
        n += result->pieces[i].n;
    }
    char *text = arena_bytes(arena, n + 1);
    char *to = text;
    for (size_t i = 0; i < result->n_pieces; i++) {
        to = mempcpy(to, result->pieces[i].p, result->pieces[i].n);
    }
    *to = '\0';
    return str_of(text, n);
}

static int make_text(struct render *r, const struct order_result *order, struct err *err)
{
    AUTO(buf) struct buf some;
    buf_init(&some, LIMIT_CHART_OUTPUT_BYTES + LIMIT_CHART_BYTES);
    write_all(r, order);
    if (r->options->n_show_only == 0) {
        return 0;
    }
    const struct helm_result all = {.pieces = r->pieces.items, .n_pieces = r->pieces.n};
    TRY(show_some(r, helm_result_text(r->env->arena, &all), &some, err));
    TRY(buf_check(&some, "output", err));
    r->pieces.n = 0;
    put_piece(r, buf_to_arena(&some, r->env->arena));
    return 0;
}

static void add_object(struct render *r, const struct value *v, struct str file, uint32_t line)
{
    struct engine_object object = {v, file, line};
    if (value_is(v, VALUE_MAP) && v->n > 0) {
        vec_push_in(r->env->arena, &r->objects, object);
    }
}

static int add_crd_objects(struct render *r, struct err *err)
{
    for (size_t i = 0; i < r->crds.n; i++) {
        const struct crd *crd = &r->crds.items[i];
        struct value_yaml_docs docs;
        if (value_from_yaml_stream(r->env->arena, crd->text, NULL, &docs, err) < 0) {
            return err_at(err, crd->name, 0, 0);
        }
        for (size_t k = 0; k < docs.n; k++) {
            add_object(r, docs.items[k].value, crd->name, docs.items[k].line);
        }
    }
    return 0;
}

static int add_objects(struct render *r, const struct order_result *order, struct err *err)
{
    TRY(add_crd_objects(r, err));
    for (size_t i = 0; i < order->n_manifests; i++) {
        const struct order_manifest *m = order->manifests[i];
        add_object(r, m->value, m->file, m->line);
    }
    for (size_t i = 0; i < order->n_hooks; i++) {
        const struct order_manifest *m = order->hooks[i];
        if (is_shown(r, m)) {
            add_object(r, m->value, m->file, m->line);
        }
    }
    return 0;
}

int helm_release_name(struct engine_env *env,
                      struct str name_template,
                      struct str *ret,
                      struct err *err)
{
    static const struct str NAME = {"name-template", 13};
    struct template_set *set = template_set_new(env->arena);
    const struct template_run run = {
        .set = set, .arena = env->arena, .budget = env->budget, .env = env};
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_KIB);
    TRY(template_parse(set, NAME, name_template, env->budget, err));
    if (template_find(set, NAME) != NULL) {
        TRY(template_execute(&run, NAME, tval_nil(), &out, NULL, err));
    }
    TRY(buf_check(&out, "name of the release", err));
    *ret = buf_to_arena(&out, env->arena);
    return 0;
}

int helm_render(struct engine_env *env,
                const struct helm_options *options,
                struct helm_result *ret,
                struct err *err)
{
    struct render r = {.env = env, .options = options};
    struct order_result order;
    bool is_text = options->want == HELM_WANT_TEXT;
    r.order =
        order_new(env->arena, env->crew, is_text ? ORDER_FORGET_DOCUMENTS : ORDER_KEEP_DOCUMENTS);
    TRY(prepare(&r, err));
    collect(&r);
    TRY(run_templates(&r, err));
    TRY(order_finish(r.order, &order, err));
    if (options->include_crds) {
        collect_crds(&r, r.chart);
    }
    if (options->want != HELM_WANT_OBJECTS) {
        TRY(make_text(&r, &order, err));
    }
    if (options->want != HELM_WANT_TEXT) {
        TRY(add_objects(&r, &order, err));
    }
    *ret = (struct helm_result){
        .pieces = r.pieces.items,
        .n_pieces = r.pieces.n,
        .objects = r.objects.items,
        .n = r.objects.n,
        .chart_name = r.chart->meta.name,
        .chart_version = r.chart->meta.version,
    };
    return 0;
}
