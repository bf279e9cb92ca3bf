/* Keys of the config map become options. */
#include "common/rbac/rbac_config.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"

static int by_name(const void *a, const void *b)
{
    const struct rbac_text *x = a;
    const struct rbac_text *y = b;
    return str_cmp(x->name, y->name);
}

static bool is_policy(struct str key)
{
    return str_starts_with(key, STR("policy.")) && str_ends_with(key, STR(".csv"));
}

void rbac_config_read(struct arena *arena, const struct value *data, struct rbac_opts *ret)
{
    const struct str main = STR("policy.csv");
    VEC(struct rbac_text) texts = {0};
    struct rbac_text first = {main, value_str(value_find(data, main))};
    vec_push_in(arena, &texts, first);
    VALUE_MAP_FOREACH(data, e)
    {
        if (is_policy(e->key) && !str_eq(e->key, main)) {
            struct rbac_text text = {e->key, value_str(&e->value)};
            vec_push_in(arena, &texts, text);
        }
    }
    qsort(texts.items + 1, texts.n - 1, sizeof(*texts.items), by_name);
    *ret = (struct rbac_opts){
        .mode = str_eq(value_str(value_find(data, STR("policy.matchMode"))), STR("regex"))
                    ? RBAC_REGEX
                    : RBAC_GLOB,
        .default_role = value_str(value_find(data, STR("policy.default"))),
        .texts = texts.items,
        .n_texts = texts.n,
    };
}

int rbac_config_scopes(struct arena *arena,
                       const struct value *data,
                       struct app_strs *ret,
                       struct err *err)
{
    static const struct str GROUPS = {"groups", 6};
    struct str text = str_trim(value_str(value_find(data, STR("scopes"))));
    const struct value *list = NULL;
    if (text.n > 0) {
        TRY_IN(value_from_yaml(arena, text, NULL, &list, err), err, "scopes");
    }
    if (list == NULL || value_is(list, VALUE_NULL)) {
        *ret = (struct app_strs){&GROUPS, 1};
        return 0;
    }
    VEC(struct str) scopes = {0};
    VALUE_FOREACH(list, item) {
        if (value_is(item, VALUE_STRING)) {
            vec_push_in(arena, &scopes, value_str(item));
        }
    }
    if (!value_is(list, VALUE_LIST) || scopes.n != value_len(list)) {
        return err_set(err, ERR_INVALID, "scopes must be a list of names, as [groups, email]");
    }
    *ret = (struct app_strs){scopes.items, scopes.n};
    return 0;
}
