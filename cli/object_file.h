/* A Kubernetes object from a file, for commands that look at one without any server. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;
struct customizations;
struct value;

/* The first document of a file of YAML or JSON; "-" is standard input. ERR_INVALID when it is no map. */
MUST_CHECK int
cli_read_object(struct cli *cli, const char *file, const struct value **ret, struct err *err);
/* The scripts of an argocd-cm in a file; file may be NULL. */
MUST_CHECK int
cli_read_scripts(struct cli *cli, const char *file, struct customizations **ret, struct err *err);
