/* Functions of templates called without an executor: expressions in prefix form, as inside {{ }}. */
#pragma once

#include "common/base/arena.h"
#include "engine/engine_env.h"
#include "engine/template/func.h"
#include "tests/lib/check.h"

struct tfunc_case {
    const char
        *expr; /* "add 1 (int64 2.5)": integers, floats, strings, true, false, nil and calls */
    const char *want; /* as print prints the result, or the text of the error */
};

/* The result with everything it needs in the arena. */
int tfunc_eval(struct engine_env *env,
               struct arena *arena,
               const char *expr,
               struct tval *ret,
               struct err *err);

/* Each expression prints what it should, or (errors) fails with the text. env->arena and budget are set here. */
void tfunc_check(struct engine_env *env, const struct tfunc_case *cases, size_t n);
void tfunc_check_errors(struct engine_env *env, const struct tfunc_case *cases, size_t n);
