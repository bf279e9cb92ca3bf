/* Maps with string keys: sprig's dict.go, and the merging of dario.cat/mergo 1.0.1 behind `merge`.
 *
 * `set`, `unset` and `merge` change their first argument, which others may refer to. Go's order of keys is
 * random; here it is bytewise. */
#include "engine/template/func.h"

static struct tval new_dict(struct tcall *call)
{
    return tval_map(tmap_new(call->arena, TVAL_OF_ANY, NULL, NULL));
}

/* The keys in order; the walk over them is paid for. */
static int keys_of(
    struct tcall *call, const struct tmap *map, struct str **ret, size_t *ret_n, struct err *err)
{
    TRY(budget_nodes(call->budget, tmap_len(map), err));
    *ret = tmap_keys(map, call->arena, ret_n);
    return 0;
}

/* ---- single keys ---- */

static int dict(TFUNC_PARAMS)
{
    TRY(budget_nodes(call->budget, n_args, err));
    struct tval made = new_dict(call);
    for (size_t i = 0; i < n_args; i += 2) {
        struct str key = tval_text(call->arena, args[i]);
        tmap_set(made.map, key, i + 1 < n_args ? args[i + 1] : tval_str(STR_EMPTY));
    }
    *ret = made;
    return 0;
}

static int get(TFUNC_PARAMS)
{
    const struct tval *found = tmap_find(args[0].map, args[1].s);
    *ret = found != NULL ? *found : tval_str(STR_EMPTY);
    return 0;
}

static int set(TFUNC_PARAMS)
{
    TRY(budget_nodes(call->budget, 1, err));
    if (tmap_is_nil(args[0].map)) {
        return err_set(err, ERR_INVALID, "assignment to entry in nil map");
    }
    tcall_escapes(call, args[0].map);
    tmap_set(args[0].map, args[1].s, args[2]);
    *ret = args[0];
    return 0;
}

static int unset(TFUNC_PARAMS)
{
    (void)tmap_remove(args[0].map, args[1].s); /* nothing to remove is fine */
    *ret = args[0];
    return 0;
}

static int has_key(TFUNC_PARAMS)
{
    *ret = tval_bool(tmap_find(args[0].map, args[1].s) != NULL);
    return 0;
}

/* A type assertion that fails: v.(want). */
static int bad_assertion(struct tcall *call, struct tval v, const char *want, struct err *err)
{
    struct str type = tval_type_name(call->arena, v);
    if (v.kind == TVAL_NIL) {
        type = STR("nil");
    }
    return err_set(err, ERR_INVALID, "interface conversion: interface {} is " STR_FMT ", not %s",
                   STR_ARG(type), want);
}

/* v must be a plain map: one of a named type, as .Values, is none. */
static int plain_map(struct tcall *call, struct tval v, struct tmap **ret, struct err *err)
{
    if (v.kind != TVAL_MAP || tmap_class(v.map) != NULL || tmap_elem(v.map) != TVAL_OF_ANY) {
        return bad_assertion(call, v, "map[string]interface {}", err);
    }
    *ret = v.map;
    return 0;
}

static int dig(TFUNC_PARAMS)
{
    if (n_args < 3) {
        return err_set(err, ERR_INVALID, "dig needs at least three arguments");
    }
    size_t n_keys = n_args - 2;
    struct tval at = args[n_args - 1];
    struct tmap *map = NULL;
    TRY(plain_map(call, at, &map, err));
    for (size_t i = 0; i < n_keys; i++) {
        if (args[i].kind != TVAL_STRING) {
            return bad_assertion(call, args[i], "string", err);
        }
    }
    for (size_t i = 0; i < n_keys; i++) {
        TRY(plain_map(call, at, &map, err));
        const struct tval *found = tmap_find(map, args[i].s);
        if (found == NULL) {
            *ret = args[n_keys];
            return 0;
        }
        at = *found;
    }
    *ret = at;
    return 0;
}

/* ---- whole maps ---- */

static int keys(TFUNC_PARAMS)
{
    size_t total = 0;
    for (size_t i = 0; i < n_args; i++) {
        total += tmap_len(args[i].map);
    }
    struct tval list = tval_list_new(call->arena, TVAL_OF_STRING, total);
    size_t at = 0;
    for (size_t i = 0; i < n_args; i++) {
        struct str *names = NULL;
        size_t n = 0;
        TRY(keys_of(call, args[i].map, &names, &n, err));
        for (size_t k = 0; k < n; k++) {
            list.list->items[at++] = tval_str(names[k]);
        }
    }
    *ret = list;
    return 0;
}

static int values(TFUNC_PARAMS)
{
    struct str *names = NULL;
    size_t n = 0;
    TRY(keys_of(call, args[0].map, &names, &n, err));
    struct tval list = tval_list_new(call->arena, TVAL_OF_ANY, n);
    for (size_t i = 0; i < n; i++) {
        list.list->items[i] = tmap_get(args[0].map, names[i]);
    }
    *ret = list;
    return 0;
}

static int pick(TFUNC_PARAMS)
{
    TRY(budget_nodes(call->budget, n_args, err));
    struct tval made = new_dict(call);
    for (size_t i = 1; i < n_args; i++) {
        const struct tval *found = tmap_find(args[0].map, args[i].s);
        if (found != NULL) {
            tmap_set(made.map, args[i].s, *found);
        }
    }
    *ret = made;
    return 0;
}

static bool is_one_of(struct str key, const struct tval *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(key, names[i].s)) {
            return true;
        }
    }
    return false;
}

static int omit(TFUNC_PARAMS)
{
    struct str *names = NULL;
    size_t n = 0;
    TRY(keys_of(call, args[0].map, &names, &n, err));
    struct tval made = new_dict(call);
    for (size_t i = 0; i < n; i++) {
        TRY(budget_steps(call->budget, n_args, err));
        if (!is_one_of(names[i], args + 1, n_args - 1)) {
            tmap_set(made.map, names[i], tmap_get(args[0].map, names[i]));
        }
    }
    *ret = made;
    return 0;
}

static int pluck(TFUNC_PARAMS)
{
    TRY(budget_nodes(call->budget, n_args, err));
    struct tval list = tval_list_new(call->arena, TVAL_OF_ANY, n_args - 1);
    list.list->n = 0;
    for (size_t i = 1; i < n_args; i++) {
        const struct tval *found = tmap_find(args[i].map, args[0].s);
        if (found != NULL) {
            list.list->items[list.list->n++] = *found;
        }
    }
    *ret = list;
    return 0;
}

/* ---- merging ---- */

/* mergo makes a map where there is a nil one, which stays what it is elsewhere. */
static struct tval merged_into(struct tcall *call, struct tval dst)
{
    return tmap_is_nil(dst.map) ? new_dict(call) : dst;
}

enum merge_mode { MERGE_FILL, MERGE_OVERWRITE };

static int merge_maps(struct tcall *call,
                      struct tmap *dst,
                      const struct tmap *src,
                      enum merge_mode mode,
                      struct err *err);

/* What Go's SetMapIndex takes: anything into interface {}, else elements of the same type. */
static int put(struct tcall *call,
               struct tmap *dst,
               const struct tmap *src,
               struct str key,
               struct tval v,
               struct err *err)
{
    if (tmap_elem(dst) != TVAL_OF_ANY && tmap_elem(dst) != tmap_elem(src)) {
        return err_set(err, ERR_INVALID,
                       "reflect.Value.SetMapIndex: value of type interface {} is not assignable "
                       "to the type of the map's elements");
    }
    tcall_escapes(call, dst);
    tmap_set(dst, key, v);
    return 0;
}

/* mergo's rules for one key.  An element of dst that is empty is as good as missing; an empty map counts
 * after what src has was merged into it, so only an empty one is replaced by src's own. */
static int merge_key(struct tcall *call,
                     struct tmap *dst,
                     const struct tmap *src,
                     struct str key,
                     enum merge_mode mode,
                     struct err *err)
{
    struct tval from = tmap_get(src, key);
    const struct tval *to = tmap_find(dst, key);
    bool both_maps = to != NULL && to->kind == TVAL_MAP && from.kind == TVAL_MAP;
    if (from.kind == TVAL_NIL && mode == MERGE_FILL) {
        return 0;
    }
    if (both_maps) {
        TRY(merge_maps(call, to->map, from.map, mode, err));
        to = tmap_find(dst, key); /* dst may be inside of itself */
    }
    bool full = to != NULL && tval_true(*to);
    if (full && (both_maps || mode == MERGE_FILL)) {
        return 0;
    }
    return put(call, dst, src, key, from, err);
}

static int merge_keys(struct tcall *call,
                      struct tmap *dst,
                      const struct tmap *src,
                      enum merge_mode mode,
                      struct err *err)
{
    struct str *names = NULL;
    size_t n = 0;
    TRY(keys_of(call, src, &names, &n, err));
    for (size_t i = 0; i < n; i++) {
        TRY(merge_key(call, dst, src, names[i], mode, err));
    }
    return 0;
}

static int merge_maps(struct tcall *call,
                      struct tmap *dst,
                      const struct tmap *src,
                      enum merge_mode mode,
                      struct err *err)
{
    TRY(budget_enter(call->budget, err));
    int rc = merge_keys(call, dst, src, mode, err);
    budget_leave(call->budget);
    return rc;
}

static int merge_all(struct tcall *call,
                     const struct tval *args,
                     size_t n_args,
                     enum merge_mode mode,
                     struct tval *ret,
                     struct err *err)
{
    struct tval dst = merged_into(call, args[0]);
    for (size_t i = 1; i < n_args; i++) {
        TRY(merge_maps(call, dst.map, args[i].map, mode, err));
    }
    *ret = dst;
    return 0;
}

static int merge(TFUNC_PARAMS)
{
    return merge_all(call, args, n_args, MERGE_FILL, ret, err);
}

static int merge_overwrite(TFUNC_PARAMS)
{
    return merge_all(call, args, n_args, MERGE_OVERWRITE, ret, err);
}

static const struct tfunc ROWS[] = {
    {"dict", "a*", dict},
    {"get", "ms", get},
    {"set", "msa", set},
    {"unset", "ms", unset},
    {"hasKey", "ms", has_key},
    {"dig", "a*", dig},
    {"keys", "m*", keys},
    {"values", "m", values},
    {"pick", "ms*", pick},
    {"omit", "ms*", omit},
    {"pluck", "sm*", pluck},
    {"merge", "mm*", merge},
    {"mustMerge", "mm*", merge},
    {"mergeOverwrite", "mm*", merge_overwrite},
    {"mustMergeOverwrite", "mm*", merge_overwrite},
};

const struct tfunc_table TFUNCS_DICT = TFUNC_TABLE(ROWS);
