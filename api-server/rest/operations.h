/* Sync, rollback, terminate: operations are requested by writing the Application's `operation`. */
#pragma once

struct rest_call;

void operations_sync(struct rest_call *call);
void operations_rollback(struct rest_call *call);
void operations_terminate(struct rest_call *call);
