/* Is an Application that somebody wants to store any good? */
#pragma once

struct rest_call;
struct value;

/* Spec, project and destination are checked always; the repository (by rendering the sources) unless the
 * query says validate=false. Answers the call when something is wrong, else goes on with next(call, app). */
void validate_application(struct rest_call *call,
                          const struct value *app,
                          void (*next)(struct rest_call *call, const struct value *app));
