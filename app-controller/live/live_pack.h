/* Whole objects kept as deflated canonical JSON: a fifth to a tenth of the tree's size; an object is
 * unpacked for the moment it is compared or shown. */
#pragma once

#include <stdint.h>

#include "app-controller/live/live_store.h"

/* Replace what the record holds by the packed form of obj. */
void live_pack(struct live_ext *ext, const struct value *obj);
