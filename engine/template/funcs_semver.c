/* semver and semverCompare, and the object a version is in templates. */
#include "common/base/semver.h"
#include "engine/template/func.h"
#include "engine/template/func_text.h"

enum { VERSION_TEXT_BYTES = 1024 };

static void on_print(const void *data, struct buf *out)
{
    semver_format(data, out);
}

static bool on_field(struct tcall *call, void *data, struct str name, struct tval *ret);
static int on_method(struct tcall *call,
                     void *data,
                     struct str name,
                     const struct tval *args,
                     size_t n_args,
                     struct tval *ret,
                     struct err *err);

static const char *const METHODS[] = {"Compare",          "LessThan", "LessThanEqual", "GreaterThan",
                                      "GreaterThanEqual", "Equal",    NULL};

static const struct tclass VERSION = {
    .type = "*semver.Version",
    .kind = "ptr",
    .field = on_field,
    .methods = METHODS,
    .method = on_method,
    .print = on_print,
};
/* What the Inc methods give. */
static const struct tclass NEXT_VERSION = {
    .type = "semver.Version",
    .kind = "struct",
    .field = on_field,
    .methods = METHODS,
    .method = on_method,
    .print = on_print,
};

static struct str text_of(struct arena *arena, const struct semver *v)
{
    struct buf out;
    buf_init(&out, VERSION_TEXT_BYTES);
    semver_format(v, &out);
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

/* The original keeps its "v". */
static struct tval next_version(struct tcall *call, const struct semver *from, struct semver next)
{
    struct semver *v = ARENA_NEW(call->arena, struct semver);
    struct str text = text_of(call->arena, &next);
    bool has_v = str_starts_with(from->original, STR("v"));
    next.original = has_v ? arena_printf(call->arena, "v" STR_FMT, STR_ARG(text)) : text;
    *v = next;
    return tval_obj(call->arena, &NEXT_VERSION, v);
}

static bool increment(struct tcall *call, const struct semver *v, struct str name, struct tval *ret)
{
    struct semver next = {.major = v->major, .minor = v->minor, .patch = v->patch};
    if (str_eq_c(name, "IncMajor")) {
        next.major++;
        next.minor = next.patch = 0;
    } else if (str_eq_c(name, "IncMinor")) {
        next.minor++;
        next.patch = 0;
    } else if (str_eq_c(name, "IncPatch")) {
        next.patch += v->pre.n == 0;
    } else {
        return false;
    }
    *ret = next_version(call, v, next);
    return true;
}

static bool on_field(struct tcall *call, void *data, struct str name, struct tval *ret)
{
    const struct semver *v = data;
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {{"Major", v->major}, {"Minor", v->minor}, {"Patch", v->patch}};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (str_eq_c(name, numbers[i].name)) {
            *ret = (struct tval){.kind = TVAL_UINT64, .u = numbers[i].value};
            return true;
        }
    }
    const struct {
        const char *name;
        struct str value;
    } texts[] = {{"Prerelease", v->pre}, {"Metadata", v->meta}, {"Original", v->original}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (str_eq_c(name, texts[i].name)) {
            *ret = tval_str(texts[i].value);
            return true;
        }
    }
    if (str_eq_c(name, "String")) {
        *ret = tval_str(text_of(call->arena, v));
        return true;
    }
    return increment(call, v, name, ret);
}

static bool is_less(int order)
{
    return order < 0;
}

static bool is_at_most(int order)
{
    return order <= 0;
}

static bool is_greater(int order)
{
    return order > 0;
}

static bool is_at_least(int order)
{
    return order >= 0;
}

static bool is_equal(int order)
{
    return order == 0;
}

static const struct comparison {
    const char *name;
    bool (*holds)(int order);
} COMPARISONS[] = {
    {"LessThan", is_less},       {"LessThanEqual", is_at_most},
    {"GreaterThan", is_greater}, {"GreaterThanEqual", is_at_least},
    {"Equal", is_equal},
};

/* The other version of a comparison. */
static int other_version(const struct tval *args,
                         size_t n_args,
                         struct str name,
                         const struct semver **ret,
                         struct err *err)
{
    if (n_args != 1) {
        return err_set(err, ERR_INVALID, "wrong number of args for " STR_FMT ": want 1 got %zu",
                       STR_ARG(name), n_args);
    }
    if (args[0].kind != TVAL_OBJECT || args[0].obj->class->field != on_field) {
        return err_set(err, ERR_INVALID, "wrong type for value; expected *semver.Version");
    }
    *ret = args[0].obj->data;
    return 0;
}

static int on_method(struct tcall *call UNUSED,
                     void *data,
                     struct str name,
                     const struct tval *args,
                     size_t n_args,
                     struct tval *ret,
                     struct err *err)
{
    const struct semver *other = NULL;
    if (str_eq_c(name, "Compare")) {
        TRY(other_version(args, n_args, name, &other, err));
        int order = semver_cmp(data, other);
        *ret = tval_int((order > 0) - (order < 0));
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(COMPARISONS); i++) {
        if (str_eq_c(name, COMPARISONS[i].name)) {
            TRY(other_version(args, n_args, name, &other, err));
            *ret = tval_bool(COMPARISONS[i].holds(semver_cmp(data, other)));
            return 1;
        }
    }
    return err_set(err, ERR_INTERNAL, "no method " STR_FMT, STR_ARG(name));
}

static int semver(TFUNC_PARAMS)
{
    struct semver *v = ARENA_NEW(call->arena, struct semver);
    TRY(semver_parse(args[0].s, v, err));
    *ret = tval_obj(call->arena, &VERSION, v);
    return 0;
}

static int semver_compare(TFUNC_PARAMS)
{
    const struct semver_constraint *constraint = NULL;
    struct semver v;
    TRY(budget_steps(call->budget, args[0].s.n + args[1].s.n + 1, err));
    TRY(semver_constraint_parse(call->arena, args[0].s, &constraint, err));
    TRY(semver_parse(args[1].s, &v, err));
    *ret = tval_bool(semver_constraint_check(constraint, &v));
    return 0;
}

static const struct tfunc ROWS[] = {
    {"semver", "s", semver},
    {"semverCompare", "ss", semver_compare},
};
const struct tfunc_table TFUNCS_SEMVER = TFUNC_TABLE(ROWS);
