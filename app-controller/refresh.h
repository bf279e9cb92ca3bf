/* Refresh of one application: fetch, compare, decide on automated sync, write. Loop thread only. */
#pragma once

#include "app-controller/controller.h"

struct pass;

/* How far the application has to be refreshed: at least as far as the pass was asked to. */
enum refresh_level refresh_wanted(struct pass *pass);

/* Decides whether and how far to refresh, does it, and ends the pass. What the pass knows of the end of an operation
 * (pass->op_ended) is written with what it finds. */
void refresh_begin(struct pass *pass);
