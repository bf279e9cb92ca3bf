/* What this server is. */
#pragma once

struct rest_call;

void about_version(struct rest_call *call);
void about_health(struct rest_call *call);
void about_landing(struct rest_call *call);
void about_settings(struct rest_call *call);
