/* struct local_tree: a directory on disk as an engine's file tree.
 *
 * Nothing outside the directory can be reached (common/base/fs_root.h). Blocking; one thread. */
#pragma once

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/engine_env.h"

struct local_tree;

MUST_CHECK int local_tree_open(const char *dir, struct local_tree **ret, struct err *err);
void local_tree_close(struct local_tree *tree);
DEFINE_CLEANUP(local_tree, struct local_tree, local_tree_close);

struct engine_files *local_tree_files(struct local_tree *tree);
