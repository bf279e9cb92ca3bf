/* The running operation of an Application: one step of its sync per turn. Loop thread only. */
#pragma once

#include "app-controller/pass.h"

/* Works on operation and operationState, as far as it goes without waiting; then runs next(pass), unless
 * the Application could not be written: then the pass has ended and is tried again. */
void run_begin(struct pass *pass, pass_fn next);

/* The end of the operation (pass->op_ended) is stored. */
void run_ended(struct pass *pass);
