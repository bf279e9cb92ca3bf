/* What config.c and config_value.c share. */
#pragma once

#include "common/rt/config.h"

/* Parse text by the row's type and check its range, then write it to `field` (the row's field of
 * a config struct).  Strings go into the arena.  A list is replaced. ERR_INVALID without the
 * name of the setting. */
MUST_CHECK int config_value_parse(struct arena *arena,
                                  const struct config_row *row,
                                  struct str text,
                                  void *field,
                                  struct err *err);
/* As config_value_parse() for one more occurrence of a LIST flag: items are appended. */
MUST_CHECK int config_value_append(struct arena *arena,
                                   const struct config_row *row,
                                   struct str text,
                                   void *field,
                                   struct err *err);
/* Both fields hold the same value. */
bool config_value_equal(const struct config_row *row, const void *a, const void *b);
size_t config_value_size(const struct config_row *row);
/* "string", "duration": the placeholder in --help. */
const char *config_type_name(enum config_type type);
