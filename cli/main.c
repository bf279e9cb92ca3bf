/* The `belay` command. */
#include "cli/cli.h"
#include "common/rt/subproc.h"

int main(int argc, char **argv)
{
    subproc_child_main(&argc, argv); /* `belay render kustomize` runs git */
    return cli_main(argc, argv);
}
