/* status.resources[].health of an Application, which the stored status leaves out: taken from the tree the
 * controller has (resourceHealthSource: appTree). */
#pragma once

struct rest_call;
struct value;

/* done(call, app with health) runs once; without the controller the Application goes out as it is stored. */
void app_health_fill(struct rest_call *call,
                     const struct value *app,
                     void (*done)(struct rest_call *call, const struct value *app));
