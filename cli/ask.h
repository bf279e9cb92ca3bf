/* Asking the user, on the terminal or, where there is none, from standard input. Blocking. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

enum ask_echo { ASK_SHOWN, ASK_HIDDEN };

/* Standard input is a terminal. */
bool ask_can(void);

/* The line the user enters, without its line feed. On a terminal `prompt` is shown on standard error, and
 * with ASK_HIDDEN what is entered is not. ERR_CANCELED at the end of the input, ERR_LIMIT. */
MUST_CHECK int ask_line(
    struct arena *arena, const char *prompt, enum ask_echo echo, struct str *ret, struct err *err);
/* True when the answer begins with y. */
MUST_CHECK int ask_yes(const char *prompt, bool *ret, struct err *err);
