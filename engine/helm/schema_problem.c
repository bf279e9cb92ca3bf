/* What is wrong: making, charging and printing of problems. Texts are those of santhosh-tekuri/jsonschema in English. */
#include <stdarg.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "engine/helm/schema_check_internal.h"
#include "engine/template/tval.h"

void schema_problems_add(struct schema_problems *list, struct schema_problem *problem)
{
    if (problem == NULL) {
        return;
    }
    if (list->last != NULL) {
        list->last->next = problem;
    } else {
        list->first = problem;
    }
    list->last = problem;
    list->n++;
}

/* ---- parts of messages ---- */

/* 'it\'s "this"': Go's %q with other quotes. The library replaces \" everywhere, so one of the backslashes that a
 * text ends in is lost. */
static void put_quoted(struct buf *out, struct str text)
{
    struct buf go;
    buf_init(&go, LIMIT_SCHEMA_PROBLEM_BYTES);
    tval_quote(&go, text);
    size_t start = out->n + 1;
    for (size_t i = 0; i < go.n; i++) {
        i += go.p[i] == '\\' && i + 1 < go.n && go.p[i + 1] == '"' ? 1 : 0;
        buf_put_c(out, go.p[i] == '\'' ? "\\" : "");
        buf_put_char(out, go.p[i]);
    }
    if (out->n > start) {
        out->p[start - 1] = '\'';
        out->p[out->n - 1] = '\'';
    }
    buf_done(&go);
}

static struct str take(const struct schema_frame *f, struct buf *out)
{
    struct str text = buf_to_arena(out, f->set->arena);
    buf_done(out);
    return text;
}

struct str schema_shown(const struct schema_frame *f, struct str text)
{
    struct buf out;
    if (f->is_quiet) {
        return STR_EMPTY;
    }
    buf_init(&out, LIMIT_SCHEMA_PROBLEM_BYTES);
    put_quoted(&out, text);
    return take(f, &out);
}

struct str schema_shown_number(const struct schema_frame *f, double n)
{
    struct buf out;
    buf_init(&out, LIMIT_KIB);
    schema_number_put(&out, n);
    return take(f, &out);
}

struct str schema_shown_count(const struct schema_frame *f, int64_t n)
{
    struct buf out;
    buf_init(&out, LIMIT_KIB);
    schema_number_put_count(&out, n);
    return take(f, &out);
}

struct str schema_shown_scalar(const struct schema_frame *f, const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_NULL:
        return STR("<nil>");
    case VALUE_BOOL:
        return v->b ? STR("true") : STR("false");
    case VALUE_STRING:
        return schema_shown(f, value_str(v));
    case VALUE_INT:
    case VALUE_FLOAT:
        break;
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        return STR("value");
    }
    return v->lexeme_n > 0 ? str_of(v->lexeme, v->lexeme_n)
                           : arena_printf(f->set->arena, "%lld", (long long)value_int(v, 0));
}

struct str schema_shown_list(const struct schema_frame *f, const struct str *parts, size_t n)
{
    struct buf out;
    if (f->is_quiet) {
        return STR_EMPTY;
    }
    buf_init(&out, LIMIT_SCHEMA_PROBLEM_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_put_c(&out, i > 0 ? ", " : "");
        buf_put(&out, parts[i]);
    }
    return take(f, &out);
}

/* ---- making ---- */

static void put_path(struct buf *out, struct arena *arena, const struct schema_path *path)
{
    size_t n = 0;
    for (const struct schema_path *p = path; p != NULL; p = p->parent) {
        n++;
    }
    const struct schema_path **steps = arena_calloc(arena, n + 1, sizeof(*steps));
    for (size_t i = n; i > 0; i--) {
        steps[i - 1] = path;
        path = path->parent;
    }
    for (size_t i = 0; i < n; i++) {
        if (steps[i]->key.p == NULL) {
            buf_printf(out, "/%zu", steps[i]->index);
        } else {
            buf_put(out, schema_pointer_add(arena, STR_EMPTY, steps[i]->key));
        }
    }
}

static struct str shown_path(const struct schema_frame *f)
{
    struct buf out;
    buf_init(&out, LIMIT_SCHEMA_PROBLEM_BYTES);
    put_path(&out, f->set->arena, f->path);
    struct str path = schema_shown(f, buf_str(&out));
    buf_done(&out);
    return path;
}

static int charge(struct schema_frame *f, size_t n, struct err *err)
{
    struct schema_set *set = f->set;
    if (n > LIMIT_SCHEMA_PROBLEM_BYTES - set->problem_bytes) {
        return err_set(err, ERR_LIMIT, "problems with a JSON schema take more than %zu bytes",
                       LIMIT_SCHEMA_PROBLEM_BYTES);
    }
    set->problem_bytes += n;
    return budget_steps(set->budget, 1 + n / LIMIT_KIB, err);
}

PRINTF(4, 0)
static int vmake(struct schema_frame *f,
                 struct schema_problem **ret,
                 struct err *err,
                 const char *fmt,
                 va_list ap)
{
    struct schema_problem *p = ARENA_NEW(f->set->arena, struct schema_problem);
    if (!f->is_quiet) {
        p->path = shown_path(f);
        p->message = arena_vprintf(f->set->arena, fmt, ap);
    }
    *ret = p;
    return charge(f, sizeof(*p) + p->path.n + p->message.n, err);
}

int schema_problem_new(
    struct schema_frame *f, struct schema_problem **ret, struct err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int rc = vmake(f, ret, err, fmt, ap);
    va_end(ap);
    return rc;
}

int schema_add(struct schema_frame *f, struct err *err, const char *fmt, ...)
{
    struct schema_problem *problem = NULL;
    va_list ap;
    va_start(ap, fmt);
    int rc = vmake(f, &problem, err, fmt, ap);
    va_end(ap);
    schema_problems_add(&f->problems, problem);
    return rc;
}

int schema_add_caused(struct schema_frame *f,
                      const struct schema_problems *causes,
                      struct err *err,
                      const char *fmt,
                      ...)
{
    struct schema_problem *problem = NULL;
    va_list ap;
    va_start(ap, fmt);
    int rc = vmake(f, &problem, err, fmt, ap);
    va_end(ap);
    problem->causes = *causes;
    schema_problems_add(&f->problems, problem);
    return rc;
}

int schema_add_count(
    struct schema_frame *f, const char *what, size_t got, int64_t want, struct err *err)
{
    struct str is = schema_shown_count(f, (int64_t)got);
    struct str wanted = schema_shown_count(f, want);
    return schema_add(f, err, "%s: got " STR_FMT ", want " STR_FMT, what, STR_ARG(is),
                      STR_ARG(wanted));
}

/* ---- printing ---- */

static int put(struct buf *out,
               const struct schema_problem *p,
               size_t indent,
               struct budget *budget,
               struct err *err)
{
    bool is_shown = p->kind != SCHEMA_PROBLEM_REFERENCE || p->causes.n != 1;
    TRY(budget_steps(budget, 1, err));
    TRY(budget_enter(budget, err));
    if (is_shown) {
        buf_put_fill(out, ' ', 2 * indent);
        buf_printf(out, "- at " STR_FMT ": " STR_FMT "\n", STR_ARG(p->path), STR_ARG(p->message));
    }
    for (const struct schema_problem *cause = p->causes.first; cause != NULL; cause = cause->next) {
        TRY(put(out, cause, is_shown ? indent + 1 : indent, budget, err));
    }
    budget_leave(budget);
    return 0;
}

int schema_problems_put(struct buf *out,
                        const struct schema_problems *list,
                        struct budget *budget,
                        struct err *err)
{
    for (const struct schema_problem *p = list->first; p != NULL; p = p->next) {
        TRY(put(out, p, 0, budget, err));
    }
    return 0;
}
