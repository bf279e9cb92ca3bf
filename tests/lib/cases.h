/* Cases as folders: tests/data/<area>/<case>/ with in.yaml, want.yaml, ...
 *
 * Paths are relative to the repository, where tests are run. Failures name the case. */
#pragma once

#include "common/base/arena.h"
#include "common/value/value.h"

/* One case: dir is its folder, name the last part of it. The arena is freed afterwards. */
typedef void (*cases_fn)(struct arena *arena, const char *dir, const char *name);

/* Runs fn for every folder in tests/data/<area>, in the order of names; fails when there is none. */
void cases_run(const char *area, cases_fn fn);

/* One YAML file of a case; NULL when it does not exist, a failure when it cannot be read. */
const struct value *cases_yaml(struct arena *arena, const char *dir, const char *file);

/* Fails with both as YAML unless they are equal. */
void cases_assert_equal(const char *dir, const struct value *is, const struct value *want);
