/* What the resource tree shows of an object beyond its metadata: health, images, network, a few words.
 * Pure; any thread. */
#pragma once

#include "common/base/str.h"

struct arena;
struct customizations;
struct value;

/* A JSON object with those of info, images, networkingInfo and health that apply, as in ResourceNode of
 * the REST API; empty when none does. With scripts (NULL = none) it takes their time. */
struct str
live_info_of(struct arena *arena, const struct value *obj, const struct customizations *scripts);
