/* Each message is one line "data: {...}"; comments, other fields and empty lines say nothing here. */
#include "cli/event_reader.h"

#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

void event_reader_init(struct event_reader *r,
                       size_t max_line_bytes,
                       client_event_fn on_event,
                       void *data)
{
    *r = (struct event_reader){.on_event = on_event, .data = data};
    buf_init(&r->line, max_line_bytes);
}

void event_reader_done(struct event_reader *r)
{
    buf_done(&r->line);
}

/* {"result": ...} goes on, {"error": {"http_code": n, "message": "..."}} ends the stream. */
static int take_message(struct event_reader *r, struct str json, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *message = NULL;
    TRY_IN(value_from_json(arena, json, NULL, &message, err), err, "message of the stream");
    const struct value *error = value_dig(message, "error");
    if (error != NULL) {
        int status = (int)value_int(value_dig(error, "http_code"), 500);
        return err_set(err, err_code_from_http(status), STR_FMT,
                       STR_ARG(value_dig_str(error, "message")));
    }
    return r->on_event(r->data, value_dig(message, "result"), err);
}

static int put(struct event_reader *r, struct str bytes, struct err *err)
{
    buf_put(&r->line, bytes);
    return buf_check(&r->line, "a message of the stream", err);
}

int event_reader_feed(struct event_reader *r, struct str bytes, struct err *err)
{
    size_t at;
    while ((at = str_find_char(bytes, '\n')) != STR_NONE) {
        TRY(put(r, str_sub(bytes, 0, at), err));
        bytes = str_sub(bytes, at + 1, bytes.n);
        struct str line = str_trim(buf_str(&r->line));
        int rc = str_cut_prefix(&line, STR("data:")) ? take_message(r, str_trim(line), err) : 0;
        if (rc != 0) {
            return rc;
        }
        buf_reset(&r->line);
    }
    return put(r, bytes, err);
}
