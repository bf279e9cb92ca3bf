/* What the resource tree shows of an object beyond its metadata: health, images, network, a few words.
 * Pure; any thread. */
#pragma once

#include "common/base/str.h"

struct arena;
struct customizations;
struct health;
struct value;

/* A JSON object with those of info, images, networkingInfo and health that apply, as in ResourceNode of
 * the REST API; empty when none does. With scripts (NULL = none) it takes their time. */
struct str
live_info_of(struct arena *arena, const struct value *obj, const struct customizations *scripts);
/* The health in what live_info_of() made; NONE for "". */
struct health live_info_health(struct arena *arena, struct str info);
