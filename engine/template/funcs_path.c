/* Paths, as Go's package path has them; the os functions are the same on Linux. */
#include "common/base/limits.h"
#include "engine/template/func.h"

/* path.Clean: at least one and at most s.n + 1 bytes are written to dst. */
static size_t clean_into(struct str s, char *dst)
{
    bool rooted = s.n > 0 && s.p[0] == '/';
    size_t n = 0;
    size_t floor = 0; /* ".." cannot go below this */
    if (rooted) {
        dst[n++] = '/';
        floor = 1;
    }
    struct str rest = s.n > 0 ? s : STR_EMPTY;
    struct str part;
    while (str_next(&rest, '/', &part)) {
        bool up = str_eq(part, STR(".."));
        if (part.n == 0 || str_eq(part, STR("."))) {
            continue;
        }
        if (up && n > floor) {
            while (--n > floor && dst[n] != '/') {
            }
            continue;
        }
        if (up && rooted) {
            continue;
        }
        if (n > (size_t)rooted) {
            dst[n++] = '/';
        }
        memcpy(dst + n, part.p, part.n);
        n += part.n;
        floor = up ? n : floor;
    }
    if (n == 0) {
        dst[n++] = '.';
    }
    return n;
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
