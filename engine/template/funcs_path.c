/* Paths, as Go's package path has them; the os functions are the same on Linux. */
#include "common/base/limits.h"
#include "engine/template/func.h"

/* A clean path being written. */
struct cleaner {
    char *dst;
    size_t n;
    size_t floor; /* ".." cannot go below this */
    bool rooted;
};

static void put_part(struct cleaner *c, struct str part)
{
    if (c->n > (size_t)c->rooted) {
        c->dst[c->n++] = '/';
    }
    memcpy(c->dst + c->n, part.p, part.n);
    c->n += part.n;
}

/* ".." */
static void go_up(struct cleaner *c)
{
    if (c->n > c->floor) {
        do {
            c->n--;
        } while (c->n > c->floor && c->dst[c->n] != '/');
    } else if (!c->rooted) {
        put_part(c, STR(".."));
        c->floor = c->n;
    }
}

/* path.Clean: at least one and at most s.n + 1 bytes are written to dst. */
static size_t clean_into(struct str s, char *dst)
{
    struct cleaner c = {.dst = dst, .rooted = str_starts_with(s, STR("/"))};
    struct str rest = s.n > 0 ? s : STR_EMPTY;
    struct str part;
    if (c.rooted) {
        dst[c.n++] = '/';
        c.floor = 1;
    }
    while (str_next(&rest, '/', &part)) {
        if (str_eq(part, STR(".."))) {
            go_up(&c);
        } else if (part.n > 0 && !str_eq(part, STR("."))) {
            put_part(&c, part);
        }
    }
    if (c.n == 0) {
        dst[c.n++] = '.';
    }
    return c.n;
}

static int clean_path(struct tcall *call, struct str s, struct tval *ret, struct err *err)
{
    TRY(budget_bytes(call->budget, s.n + 1, err));
    char *dst = arena_bytes(call->arena, s.n + 1);
    *ret = tval_str(str_of(dst, clean_into(s, dst)));
    return 0;
}

static int clean(TFUNC_PARAMS)
{
    return clean_path(call, args[0].s, ret, err);
}

static int dir(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    size_t slash = str_rfind_char(s, '/');
    return clean_path(call, str_sub(s, 0, slash == STR_NONE ? 0 : slash + 1), ret, err);
}

static int base(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    bool empty = s.n == 0;
    while (s.n > 0 && s.p[s.n - 1] == '/') {
        s.n--;
    }
    size_t slash = str_rfind_char(s, '/');
    s = slash == STR_NONE ? s : str_sub(s, slash + 1, s.n);
    if (s.n == 0) {
        s = empty ? STR(".") : STR("/");
    }
    *ret = tval_str(s);
    return 0;
}

static int ext(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    size_t slash = str_rfind_char(s, '/');
    s = slash == STR_NONE ? s : str_sub(s, slash + 1, s.n);
    size_t dot = str_rfind_char(s, '.');
    *ret = tval_str(dot == STR_NONE ? STR_EMPTY : str_sub(s, dot, s.n));
    return 0;
}

static int is_abs(TFUNC_PARAMS)
{
    *ret = tval_bool(str_starts_with(args[0].s, STR("/")));
    return 0;
}

static const struct tfunc ROWS[] = {
    {"base", "s", base},      {"dir", "s", dir},       {"clean", "s", clean},
    {"ext", "s", ext},        {"isAbs", "s", is_abs},  {"osBase", "s", base},
    {"osDir", "s", dir},      {"osClean", "s", clean}, {"osExt", "s", ext},
    {"osIsAbs", "s", is_abs},
};
const struct tfunc_table TFUNCS_PATH = TFUNC_TABLE(ROWS);
