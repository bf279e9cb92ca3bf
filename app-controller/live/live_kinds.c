/* Tables of kinds. */
#include "app-controller/live/live_kinds.h"

#include "common/base/macro.h"

static const struct str LAZY_GROUPS[] = {STR("extensions")};

static const struct {
    struct str group;
    struct str kind;
} FULL_KINDS[] = {
    {STR(""), STR("Pod")},
    {STR("apps"), STR("ReplicaSet")},
    {STR("batch"), STR("Job")},
};

bool live_kinds_are_lazy(struct str group)
{
    for (size_t i = 0; i < ARRAY_LEN(LAZY_GROUPS); i++) {
        if (str_eq(LAZY_GROUPS[i], group)) {
            return true;
        }
    }
    return false;
}

bool live_kinds_start_full(struct str group, struct str kind)
{
    for (size_t i = 0; i < ARRAY_LEN(FULL_KINDS); i++) {
        if (str_eq(FULL_KINDS[i].group, group) && str_eq(FULL_KINDS[i].kind, kind)) {
            return true;
        }
    }
    return false;
}

bool live_kinds_announces(struct str kind)
{
    return str_eq_c(kind, "CustomResourceDefinition") || str_eq_c(kind, "APIService");
}
