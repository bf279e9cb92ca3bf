/* The call GetPlan: what a sync would do, without doing it. Loop thread only. */
#pragma once

struct ipc_call;
typedef struct ProtobufCMessage ProtobufCMessage;

/* A handler (common/ipc/ipc_server.h). */
void planning_get(struct ipc_call *call, const ProtobufCMessage *message);
