/* Deletion of an Application with finalizers of ours: hooks, and its objects. Loop thread only. */
#pragma once

struct pass;

/* Works on an Application that is being deleted: deletes one wave of its objects, or takes the finalizers
 * off when nothing is left. Ends the pass. */
void deletion_begin(struct pass *pass);
