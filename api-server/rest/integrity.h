/* What came of verifying a source's commits, as manifests and revisions show it. */
#pragma once

#include "proto/repo.pb-c.h"

struct value_builder;

/* Fields of the map that is being built: the signature as text under the name given, and sourceIntegrityResult. Nothing when
 * there is no result. */
void integrity_build(struct value_builder *b,
                     const char *signature_field,
                     const Belay__IntegrityResult *result);
