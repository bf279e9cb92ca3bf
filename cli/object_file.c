/* Reads the whole file into the arena of the command. */
#include "cli/object_file.h"

#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/lua/customize.h"

int cli_read_object(struct cli *cli, const char *file, const struct value **ret, struct err *err)
{
    struct str text;
    if (strcmp(file, "-") == 0) {
        TRY(fs_read_fd(cli->arena, STDIN_FILENO, LIMIT_DOC_BYTES, &text, err));
    } else {
        TRY(fs_read_file(cli->arena, file, LIMIT_DOC_BYTES, &text, err));
    }
    TRY_IN(value_from_yaml(cli->arena, text, NULL, ret, err), err, "%s", file);
    if (!value_is(*ret, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "%s: no object", file);
    }
    return 0;
}

int cli_read_scripts(struct cli *cli,
                     const char *file,
                     struct customizations **ret,
                     struct err *err)
{
    const struct value *config = NULL;
    if (file != NULL) {
        TRY(cli_read_object(cli, file, &config, err));
    }
    TRY_IN(customizations_new(value_dig(config, "data"), ret, err), err, "%s", file);
    return 0;
}
