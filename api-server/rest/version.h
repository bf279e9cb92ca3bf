/* What this server is. */
#pragma once

struct rest_call;

void version_get(struct rest_call *call);
void version_health(struct rest_call *call);
void version_landing(struct rest_call *call);
