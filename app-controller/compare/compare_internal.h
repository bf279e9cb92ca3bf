/* State of one comparison, for compare.c and compare_input.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app-controller/compare/compare.h"
#include "common/base/map.h"
#include "common/base/vec.h"

struct compare_object {
    struct kube_key key;
    const struct value *obj;
    size_t order; /* in the input */
    bool paired;
};

struct compare_state {
    struct arena *arena;
    const struct compare_input *in;
    VEC(struct compare_object) targets; /* without hooks; sorted by key, no two alike */
    VEC(struct compare_object) lives;   /* sorted by key, no two alike */
    VEC(const struct value *) hooks;
    VEC(const struct value *) delete_hooks;
    VEC(const struct value *) crds; /* CustomResourceDefinitions among the targets */
    VEC(struct condition) conditions;
    VEC(struct compare_resource) resources;
    struct map *uids; /* of live objects counted already */
    bool has_pre_delete_hooks;
    bool has_post_delete_hooks;
    bool out_of_sync;
    bool failed;
};

void compare_add_condition(struct compare_state *s, enum condition_type type, struct str message);

/* What the cluster says, else a CustomResourceDefinition among the targets. */
enum compare_scope
compare_scope_of(const struct compare_state *s, struct str group, struct str kind);

/* Targets with namespace and tracking, without excluded ones and repetitions; hooks apart. */
MUST_CHECK int compare_take_targets(struct compare_state *s, struct err *err);
/* Live objects the project permits. */
void compare_take_lives(struct compare_state *s);
