/* One line for each field. Values are cut: whoever wants all of them looks at the difference itself. */
#include "cli/field_table.h"

#include "cli/cli.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

enum { VALUE_BYTES = 40 };

static struct str short_value(struct arena *arena, const struct value *v)
{
    struct str text = STR("-");
    struct err unused; /* only sizes beyond any object's can fail */
    if (v == NULL || value_to_json_in(arena, v, NULL, &text, &unused) < 0) {
        return STR("-");
    }
    return text.n <= VALUE_BYTES
               ? text
               : arena_printf(arena, STR_FMT "...", STR_ARG(str_sub(text, 0, VALUE_BYTES - 3)));
}

static struct str author(struct arena *arena, const struct value *change)
{
    struct str manager = value_dig_str(change, "manager");
    struct str part = value_dig_str(change, "subresource");
    return part.n > 0 ? arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(manager), STR_ARG(part))
                      : manager;
}

void field_table(struct cli *cli, const struct value *changes)
{
    static const char *const HEADERS[] = {"FIELD", "LIVE", "DESIRED", "SET BY", "AT", NULL};
    struct output_table *table = output_table_new(cli->arena, HEADERS);
    VALUE_FOREACH(changes, change) {
        const struct str cells[] = {
            value_dig_str(change, "path"),
            short_value(cli->arena, value_dig(change, "live")),
            short_value(cli->arena, value_dig(change, "wanted")),
            author(cli->arena, change),
            value_dig_str(change, "time"),
        };
        output_table_row(table, cells);
    }
    if (output_table_len(table) > 0) {
        output_table_print(table, &cli->out);
    }
}
