/* Login, logout, who am I, settings for clients. */
#pragma once

struct rest_call;

void session_create(struct rest_call *call);
void session_delete(struct rest_call *call);
void session_userinfo(struct rest_call *call);
