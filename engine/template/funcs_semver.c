/* semver and semverCompare, and the object a version is in templates. */
#include "common/base/semver.h"
#include "engine/template/func.h"
#include "engine/template/func_text.h"

enum { VERSION_TEXT_BYTES = 1024 };

static void on_print(const void *data, struct buf *out)
{
    semver_format(data, out);
}

static struct str text_of(struct arena *arena, const struct semver *v)
{
    struct buf out;
    buf_init(&out, VERSION_TEXT_BYTES);
    semver_format(v, &out);
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

/* ---- methods ---- */

static int get_major(TMETHOD_PARAMS)
{
    *ret = (struct tval){.kind = TVAL_UINT64, .u = ((const struct semver *)data)->major};
    return 0;
}

static int get_minor(TMETHOD_PARAMS)
{
    *ret = (struct tval){.kind = TVAL_UINT64, .u = ((const struct semver *)data)->minor};
    return 0;
}

static int get_patch(TMETHOD_PARAMS)
{
    *ret = (struct tval){.kind = TVAL_UINT64, .u = ((const struct semver *)data)->patch};
    return 0;
}

static int get_prerelease(TMETHOD_PARAMS)
{
    *ret = tval_str(((const struct semver *)data)->pre);
    return 0;
}

static int get_metadata(TMETHOD_PARAMS)
{
    *ret = tval_str(((const struct semver *)data)->meta);
    return 0;
}

static int get_original(TMETHOD_PARAMS)
{
    *ret = tval_str(((const struct semver *)data)->original);
    return 0;
}

static int get_text(TMETHOD_PARAMS)
{
    *ret = tval_str(text_of(call->arena, data));
    return 0;
}

/* The original keeps its "v". */
static int
set_next(struct tcall *call, const struct semver *from, struct semver next, struct tval *ret);

static int inc_major(TMETHOD_PARAMS)
{
    const struct semver *v = data;
    return set_next(call, v, (struct semver){.major = v->major + 1}, ret);
}

static int inc_minor(TMETHOD_PARAMS)
{
    const struct semver *v = data;
    return set_next(call, v, (struct semver){.major = v->major, .minor = v->minor + 1}, ret);
}

/* Of a prerelease it is the release. */
static int inc_patch(TMETHOD_PARAMS)
{
    const struct semver *v = data;
    struct semver next = {.major = v->major, .minor = v->minor, .patch = v->patch};
    next.patch += v->pre.n == 0;
    return set_next(call, v, next, ret);
}

static int compare_with(TMETHOD_PARAMS)
{
    int order = semver_cmp(data, args[0].obj->data);
    *ret = tval_int((order > 0) - (order < 0));
    return 0;
}

static int is_less(TMETHOD_PARAMS)
{
    *ret = tval_bool(semver_cmp(data, args[0].obj->data) < 0);
    return 0;
}

static int is_at_most(TMETHOD_PARAMS)
{
    *ret = tval_bool(semver_cmp(data, args[0].obj->data) <= 0);
    return 0;
}

static int is_greater(TMETHOD_PARAMS)
{
    *ret = tval_bool(semver_cmp(data, args[0].obj->data) > 0);
    return 0;
}

static int is_at_least(TMETHOD_PARAMS)
{
    *ret = tval_bool(semver_cmp(data, args[0].obj->data) >= 0);
    return 0;
}

static int is_equal(TMETHOD_PARAMS)
{
    *ret = tval_bool(semver_cmp(data, args[0].obj->data) == 0);
    return 0;
}

static const struct tmethod METHODS[] = {
    {"Major", "", get_major},
    {"Minor", "", get_minor},
    {"Patch", "", get_patch},
    {"Prerelease", "", get_prerelease},
    {"Metadata", "", get_metadata},
    {"Original", "", get_original},
    {"String", "", get_text},
    {"IncMajor", "", inc_major},
    {"IncMinor", "", inc_minor},
    {"IncPatch", "", inc_patch},
    {"Compare", "v", compare_with},
    {"LessThan", "v", is_less},
    {"LessThanEqual", "v", is_at_most},
    {"GreaterThan", "v", is_greater},
    {"GreaterThanEqual", "v", is_at_least},
    {"Equal", "v", is_equal},
    {NULL, NULL, NULL},
};

static const struct tclass VERSION = {
    .type = "*semver.Version",
    .kind = "ptr",
    .methods = METHODS,
    .print = on_print,
};
/* What the Inc methods give. */
static const struct tclass NEXT_VERSION = {
    .type = "semver.Version",
    .kind = "struct",
    .methods = METHODS,
    .print = on_print,
};

static int
set_next(struct tcall *call, const struct semver *from, struct semver next, struct tval *ret)
{
    struct semver *v = ARENA_NEW(call->arena, struct semver);
    struct str text = text_of(call->arena, &next);
    bool has_v = str_starts_with(from->original, STR("v"));
    next.original = has_v ? arena_printf(call->arena, "v" STR_FMT, STR_ARG(text)) : text;
    *v = next;
    *ret = tval_obj(call->arena, &NEXT_VERSION, v);
    return 0;
}

/* ---- functions ---- */

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
