/* What a build shares: reading resource files, and the text of a failure on its way out. */
#include "engine/kustomize/kbuild.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/resmap.h"

/* ---- errors ---- */

enum { ERROR_TEXT_BYTES = sizeof(struct err) };

/* Kustomize's messages have no positions in front. */
static struct str cause_text(struct arena *arena, const struct err *err)
{
    struct err cause = *err;
    char text[ERROR_TEXT_BYTES];
    cause.pos = (struct err_pos){0};
    err_format(&cause, text, sizeof(text));
    return arena_str(arena, str_from(text));
}

struct str kbuild_take_error(struct kbuild *build, const struct err *err)
{
    struct str text = build->error_text;
    build->error_text = STR_EMPTY;
    return text.n > 0 ? text : cause_text(build->env->arena, err);
}

int kbuild_wrap(struct kbuild *build, struct err *err, const char *fmt, ...)
{
    struct arena *arena = build->env->arena;
    struct str inner = kbuild_take_error(build, err);
    va_list ap;
    va_start(ap, fmt);
    struct str context = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    build->error_text = arena_printf(arena, STR_FMT ": " STR_FMT, STR_ARG(context), STR_ARG(inner));
    return -(int)err->code;
}

void kbuild_end_edits(struct kbuild *build)
{
    build->edits++;
}

/* ---- the documents of a text ---- */

struct reading {
    struct kbuild *build;
    struct str file;
    bool any_keys; /* as patches have them */
    VEC(struct kres *) found;
};

static struct str without_cr(struct arena *arena, struct str text)
{
    if (str_find(text, STR("\r\n")) == STR_NONE) {
        return text;
    }
    char *out = arena_bytes(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n') {
            out[n++] = text.p[i];
        }
    }
    out[n] = '\0';
    return str_of(out, n);
}

/* The next separator from `from` on: a line feed, a line that begins with "---", and its line feed. False at the end. */
static bool find_separator(struct str text, size_t from, size_t *ret_start, size_t *ret_end)
{
    size_t at = str_find(str_sub(text, from, text.n), STR("\n---"));
    if (at == STR_NONE) {
        return false;
    }
    size_t start = from + at;
    size_t end = str_find_char(str_sub(text, start + 1, text.n), '\n');
    if (end == STR_NONE) {
        return false;
    }
    *ret_start = start;
    *ret_end = start + 1 + end + 1;
    return true;
}

static uint32_t count_lines(struct str text)
{
    uint32_t n = 0;
    struct str rest = text;
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        n += rest.p != NULL ? 1 : 0;
    }
    return n;
}

static int malformed(struct reading *r, uint32_t lines_before, struct err *err)
{
    struct arena *arena = r->build->env->arena;
    struct err_pos pos = err->pos;
    struct str text = value_yaml_error_text(arena, err);
    if (err->code != ERR_INVALID) {
        return err_at(err, r->file, lines_before + pos.line, pos.column);
    }
    (void)err_set(err, ERR_INVALID, KBUILD_MALFORMED ": " STR_FMT, STR_ARG(text));
    return err_at(err, r->file, pos.line > 0 ? lines_before + pos.line : 0, pos.column);
}

/* ---- what becomes a resource ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct value_entry *x = *(const struct value_entry *const *)a;
    const struct value_entry *y = *(const struct value_entry *const *)b;
    return str_cmp(x->key, y->key);
}

/* "map[a:1 b:2]", sorted, as Go prints maps. */
static struct str map_in_go(struct arena *arena, const struct value *map)
{
    size_t n = value_is(map, VALUE_MAP) ? value_len(map) : 0;
    const struct value_entry **entries = arena_calloc(arena, n + 1, sizeof(*entries));
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_DOC_BYTES);
    buf_put_c(&b, "map[");
    for (size_t i = 0; i < n; i++) {
        entries[i] = value_entry_at(map, i);
    }
    qsort(entries, n, sizeof(*entries), compare_keys);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%s" STR_FMT ":" STR_FMT, i > 0 ? " " : "", STR_ARG(entries[i]->key),
                   STR_ARG(kres_text(arena, &entries[i]->value)));
    }
    buf_put_char(&b, ']');
    return buf_to_arena(&b, arena);
}

static struct str metadata_in_go(struct arena *arena, const struct value *object)
{
    const struct value *metadata = value_dig(object, "metadata");
    return arena_printf(
        arena, "{{" STR_FMT " " STR_FMT "} {{" STR_FMT " " STR_FMT "} " STR_FMT " " STR_FMT "}}",
        STR_ARG(kres_text(arena, value_dig(object, "apiVersion"))),
        STR_ARG(kres_text(arena, value_dig(object, "kind"))),
        STR_ARG(kres_text(arena, value_dig(metadata, "name"))),
        STR_ARG(kres_text(arena, value_dig(metadata, "namespace"))),
        STR_ARG(map_in_go(arena, value_dig(metadata, "labels"))),
        STR_ARG(map_in_go(arena, value_dig(metadata, "annotations"))));
}

static int check_object(struct reading *r, const struct value *object, struct err *err)
{
    struct arena *arena = r->build->env->arena;
    struct kid id = kid_from_object(object);
    if (!value_is(object, VALUE_MAP) ||
        (value_len(value_find(object, STR("metadata"))) == 0 && id.gvk.kind.n == 0 &&
         value_dig_str(object, "apiVersion").n == 0)) {
        return err_set(err, ERR_INVALID, "missing Resource metadata");
    }
    if (id.gvk.kind.n == 0) {
        return err_set(err, ERR_INVALID, "missing kind in object " STR_FMT,
                       STR_ARG(metadata_in_go(arena, object)));
    }
    if (id.name.n == 0 && !str_ends_with(id.gvk.kind, STR("List"))) {
        return err_set(err, ERR_INVALID, "missing metadata.name in object " STR_FMT,
                       STR_ARG(metadata_in_go(arena, object)));
    }
    return 0;
}

static int add_object(struct reading *r, const struct value *object, uint32_t line, struct err *err)
{
    struct engine_env *env = r->build->env;
    bool is_container = value_is(object, VALUE_MAP) || value_is(object, VALUE_LIST);
    if (value_type(object) == VALUE_NULL || (is_container && value_len(object) == 0)) {
        return 0;
    }
    TRY(budget_steps(env->budget, 1, err));
    if (check_object(r, object, err) < 0) {
        return err_at(err, r->file, line, 0);
    }
    struct kres *res = kres_new(env->arena, object);
    res->file = r->file;
    res->line = line;
    vec_push_in(env->arena, &r->found, res);
    return 0;
}

static uint32_t line_of(const struct value *v, uint32_t lines_before)
{
    return v->line > 0 ? lines_before + v->line : 0;
}

/* A List that is alone in its text is replaced by its items where it stands. */
static bool is_wrapper(const struct value *object)
{
    struct str kind = value_dig_str(object, "kind");
    return (str_eq_c(kind, "List") || str_eq_c(kind, "ResourceList")) &&
           (value_find(object, STR("items")) != NULL ||
            value_find(object, STR("functionConfig")) != NULL);
}

enum alone { ALONE, AMONG_OTHERS };

static int add_document(
    struct reading *r, struct str text, uint32_t lines_before, enum alone alone, struct err *err)
{
    const struct value_yaml_opts opts = {
        .schema = VALUE_YAML_CORE, .duplicates = VALUE_DUP_ERROR, .any_keys = r->any_keys};
    struct engine_env *env = r->build->env;
    const struct value *object;
    if (value_from_yaml(env->arena, text, &opts, &object, err) < 0) {
        return malformed(r, lines_before, err);
    }
    if (alone == ALONE && is_wrapper(object)) {
        VALUE_FOREACH(value_find(object, STR("items")), item) {
            TRY(add_object(r, item, line_of(item, lines_before), err));
        }
        return 0;
    }
    return add_object(r, object, line_of(object, lines_before), err);
}

static int add_documents(struct reading *r, struct str text, struct err *err)
{
    size_t from = 0;
    size_t start;
    size_t end;
    uint32_t lines = 0;
    enum alone alone = ALONE;
    while (find_separator(text, from, &start, &end)) {
        struct str after = str_trim(str_sub(text, start + 4, end));
        if (after.n > 0 && after.p[0] != '#') {
            return err_set(err, ERR_INVALID, "invalid document separator: " STR_FMT,
                           STR_ARG(str_trim(str_sub(text, start, end))));
        }
        alone = AMONG_OTHERS;
        struct str document = str_sub(text, from, start + 1);
        TRY(add_document(r, document, lines, AMONG_OTHERS, err));
        lines += count_lines(str_sub(text, from, end));
        from = end;
    }
    return add_document(r, str_sub(text, from, text.n), lines, alone, err);
}

/* Lists of any kind become their items, behind all else; lists in lists again. */
static int inline_lists(struct reading *r, struct kres_list *ret, struct err *err)
{
    VEC(struct kres *) all = {0};
    for (size_t i = 0; i < r->found.n; i++) {
        struct kres *res = r->found.items[i];
        const struct value *items = value_find(res->object, STR("items"));
        if (!str_ends_with(res->id.gvk.kind, STR("List")) || items == NULL) {
            vec_push_in(r->build->env->arena, &all, res);
            continue;
        }
        if (items->type != VALUE_LIST && items->type != VALUE_NULL) {
            (void)err_set(err, ERR_INVALID, "expected array in " STR_FMT "/items, but found %s",
                          STR_ARG(res->id.gvk.kind), value_type_noun(value_type(items)));
            return err_at(err, r->file, res->line, 0);
        }
        VALUE_FOREACH(items, item) {
            uint32_t first = res->object->line;
            uint32_t line = item->line >= first ? res->line + (item->line - first) : res->line;
            TRY(add_object(r, item, line, err));
        }
    }
    *ret = (struct kres_list){all.items, all.n};
    return 0;
}

static int parse(struct reading *r, struct str text, struct kres_list *ret, struct err *err)
{
    TRY(add_documents(r, without_cr(r->build->env->arena, text), err));
    return inline_lists(r, ret, err);
}

int kbuild_parse_patches(
    struct kbuild *build, struct str text, struct str file, struct kres_list *ret, struct err *err)
{
    struct reading r = {.build = build, .file = file, .any_keys = true};
    return parse(&r, text, ret, err);
}

int kbuild_parse(
    struct kbuild *build, struct str text, struct str file, struct resmap *into, struct err *err)
{
    struct reading r = {.build = build, .file = file};
    struct kres_list list;
    TRY(parse(&r, text, &list, err));
    for (size_t i = 0; i < list.n; i++) {
        TRY(resmap_append(into, list.items[i], err));
    }
    return 0;
}
