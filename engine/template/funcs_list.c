/* Lists: sprig's list.go. Results are new lists but for `slice`, which shares the items.
 *
 * sprig has each function twice, panicking and with an error; a panic becomes an error of the same text. */
#include <math.h>

#include "engine/template/func.h"

static struct tval nil_list(void)
{
    return (struct tval){.kind = TVAL_LIST, .list = NULL};
}

static int new_list(struct tcall *call, size_t n, struct tval *ret, struct err *err)
{
    TRY(budget_nodes(call->budget, n, err));
    *ret = tval_list_new(call->arena, TVAL_OF_ANY, n);
    return 0;
}

/* "<complaint> <kind>" for what is no list. */
static int list_len(struct tval list, const char *complaint, size_t *ret, struct err *err)
{
    if (list.kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID,
                       "runtime error: invalid memory address or nil pointer dereference");
    }
    if (!tval_is_list(list)) {
        return err_set(err, ERR_INVALID, "%s %s", complaint, tval_kind_name(list));
    }
    *ret = (size_t)tval_len(list);
    return 0;
}

/* Items [from, to) of the list to the end of dst, from its item `at` on. */
static void copy_items(struct tval dst, size_t at, struct tval list, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        dst.list->items[at++] = tval_at(list, i);
    }
}

/* ---- making and growing ---- */

static int list(TFUNC_PARAMS)
{
    TRY(new_list(call, n_args, ret, err));
    for (size_t i = 0; i < n_args; i++) {
        ret->list->items[i] = args[i];
    }
    return 0;
}

static int append(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot push on type", &n, err));
    TRY(new_list(call, n + 1, ret, err));
    copy_items(*ret, 0, args[0], 0, n);
    ret->list->items[n] = args[1];
    return 0;
}

static int prepend(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot prepend on type", &n, err));
    TRY(new_list(call, n + 1, ret, err));
    copy_items(*ret, 1, args[0], 0, n);
    ret->list->items[0] = args[1];
    return 0;
}

static int concat_len(const struct tval *args, size_t n_args, size_t *ret, struct err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < n_args; i++) {
        size_t n = 0;
        if (args[i].kind != TVAL_NIL && !tval_is_list(args[i])) {
            return err_set(err, ERR_INVALID, "Cannot concat type %s as list",
                           tval_kind_name(args[i]));
        }
        TRY(list_len(args[i], "", &n, err));
        total += n;
    }
    *ret = total;
    return 0;
}

static int concat(TFUNC_PARAMS)
{
    size_t total = 0;
    TRY(concat_len(args, n_args, &total, err));
    if (total == 0) {
        *ret = nil_list();
        return 0;
    }
    TRY(new_list(call, total, ret, err));
    size_t at = 0;
    for (size_t i = 0; i < n_args; i++) {
        size_t n = (size_t)tval_len(args[i]);
        copy_items(*ret, at, args[i], 0, n);
        at += n;
    }
    return 0;
}

/* ---- parts ---- */

static int first(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find first on type", &n, err));
    *ret = n > 0 ? tval_at(args[0], 0) : tval_nil();
    return 0;
}

static int last(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find last on type", &n, err));
    *ret = n > 0 ? tval_at(args[0], n - 1) : tval_nil();
    return 0;
}

static int
part(struct tcall *call, struct tval all, size_t from, size_t to, struct tval *ret, struct err *err)
{
    if (from > to) { /* of an empty list */
        *ret = nil_list();
        return 0;
    }
    TRY(new_list(call, to - from, ret, err));
    copy_items(*ret, 0, all, from, to);
    return 0;
}

static int rest(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find rest on type", &n, err));
    return part(call, args[0], 1, n, ret, err);
}

static int initial(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find initial on type", &n, err));
    return part(call, args[0], n > 0 ? 0 : 1, n > 0 ? n - 1 : 0, ret, err);
}

static int slice(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "list should be type of slice or array but", &n, err));
    if (n == 0) {
        *ret = tval_nil();
        return 0;
    }
    int64_t from = n_args > 1 ? tval_to_int64(args[1]) : 0;
    int64_t to = n_args > 2 ? tval_to_int64(args[2]) : (int64_t)n;
    if (from < 0 || to < from || to > (int64_t)n) {
        return err_set(err, ERR_INVALID, "reflect.Value.Slice: slice index out of bounds");
    }
    if (args[0].kind == TVAL_BYTES) {
        *ret = args[0];
        ret->s = str_sub(args[0].s, (size_t)from, (size_t)to);
        return 0;
    }
    *ret = tval_list_new(call->arena, args[0].list->elem, 0);
    ret->list->items = args[0].list->items + from;
    ret->list->n = (size_t)(to - from);
    return 0;
}

static int bad_length(struct err *err)
{
    return err_set(err, ERR_INVALID, "runtime error: makeslice: len out of range");
}

/* In floats and with their signs, as sprig counts: it matters for sizes below 1 only. */
static int chunk(TFUNC_PARAMS)
{
    size_t n = 0;
    int64_t size = args[0].i;
    TRY(list_len(args[1], "Cannot chunk type", &n, err));
    double n_chunks = floor(((double)n - 1) / (double)size) + 1;
    if (!isfinite(n_chunks) || n_chunks < 0) {
        return bad_length(err);
    }
    TRY(new_list(call, (size_t)n_chunks, ret, err));
    for (size_t i = 0; i < ret->list->n; i++) {
        int64_t left = i + 1 < ret->list->n ? 0 : (int64_t)n % size;
        int64_t length = left != 0 ? left : size;
        if (length < 0) {
            return bad_length(err);
        }
        size_t from = i * (size_t)size;
        TRY(part(call, args[1], from, from + (size_t)length, &ret->list->items[i], err));
    }
    ret->list->elem = TVAL_OF_LIST;
    return 0;
}

/* ---- order and choice ---- */

static int reverse(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find reverse on type", &n, err));
    TRY(new_list(call, n, ret, err));
    for (size_t i = 0; i < n; i++) {
        ret->list->items[n - 1 - i] = tval_at(args[0], i);
    }
    return 0;
}

static bool contains(const struct tval *items, size_t n, struct tval wanted)
{
    for (size_t i = 0; i < n; i++) {
        if (tval_equal(wanted, items[i])) {
            return true;
        }
    }
    return false;
}

static int compact(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot compact on type", &n, err));
    TRY(new_list(call, n, ret, err));
    ret->list->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct tval item = tval_at(args[0], i);
        if (tval_true(item)) {
            ret->list->items[ret->list->n++] = item;
        }
    }
    return 0;
}

static int uniq(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find uniq on type", &n, err));
    TRY(new_list(call, n, ret, err));
    ret->list->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct tval item = tval_at(args[0], i);
        TRY(budget_steps(call->budget, ret->list->n, err));
        if (!contains(ret->list->items, ret->list->n, item)) {
            ret->list->items[ret->list->n++] = item;
        }
    }
    return 0;
}

static int without(TFUNC_PARAMS)
{
    size_t n = 0;
    TRY(list_len(args[0], "Cannot find without on type", &n, err));
    TRY(new_list(call, n, ret, err));
    ret->list->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct tval item = tval_at(args[0], i);
        TRY(budget_steps(call->budget, n_args, err));
        if (!contains(args + 1, n_args - 1, item)) {
            ret->list->items[ret->list->n++] = item;
        }
    }
    return 0;
}

static int has(TFUNC_PARAMS)
{
    size_t n = 0;
    *ret = tval_bool(false);
    if (args[1].kind == TVAL_NIL) {
        return 0;
    }
    TRY(list_len(args[1], "Cannot find has on type", &n, err));
    TRY(budget_steps(call->budget, n, err));
    for (size_t i = 0; i < n && !ret->b; i++) {
        ret->b = tval_equal(args[0], tval_at(args[1], i));
    }
    return 0;
}

static const struct tfunc ROWS[] = {
    {"list", "a*", list},
    {"tuple", "a*", list},
    {"append", "aa", append},
    {"push", "aa", append},
    {"mustAppend", "aa", append},
    {"mustPush", "aa", append},
    {"prepend", "aa", prepend},
    {"mustPrepend", "aa", prepend},
    {"concat", "a*", concat},
    {"first", "a", first},
    {"mustFirst", "a", first},
    {"last", "a", last},
    {"mustLast", "a", last},
    {"rest", "a", rest},
    {"mustRest", "a", rest},
    {"initial", "a", initial},
    {"mustInitial", "a", initial},
    {"slice", "aa*", slice},
    {"mustSlice", "aa*", slice},
    {"chunk", "ia", chunk},
    {"mustChunk", "ia", chunk},
    {"reverse", "a", reverse},
    {"mustReverse", "a", reverse},
    {"compact", "a", compact},
    {"mustCompact", "a", compact},
    {"uniq", "a", uniq},
    {"mustUniq", "a", uniq},
    {"without", "aa*", without},
    {"mustWithout", "aa*", without},
    {"has", "aa", has},
    {"mustHas", "aa", has},
};

const struct tfunc_table TFUNCS_LIST = TFUNC_TABLE(ROWS);
