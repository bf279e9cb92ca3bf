/* .Values, .Template and the dot of a chart's templates: maps of the Go type common.Values, with its methods. */
#pragma once

#include "engine/template/tval.h"

/* The map as common.Values; what is changed in one is changed in the other. */
struct tval objects_values(struct arena *arena, struct tmap *map);
