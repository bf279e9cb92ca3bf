/* Actions on live objects, for the API server: which there are, and running one.
 *
 * The object is read from its cluster, built-in rules and scripts of argocd-cm look at it on the pool, and
 * what they make of it is written: all of it is checked against the project first, and creations are tried
 * without effect, so that little is left half done. Loop thread only. */
#pragma once

typedef struct ProtobufCMessage ProtobufCMessage;
struct ipc_call;

void actions_list(struct ipc_call *call, const ProtobufCMessage *message);
void actions_run(struct ipc_call *call, const ProtobufCMessage *message);
