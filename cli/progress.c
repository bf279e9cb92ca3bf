/* The last line of each subject is remembered; one that is the same again is not repeated. */
#include "cli/progress.h"

#include "cli/blocked_text.h"
#include "cli/output.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/value/value.h"

struct progress {
    struct map *last; /* subject -> text */
};

struct progress *progress_new(void)
{
    struct progress *p = MEM_NEW(struct progress);
    p->last = map_new(mem_free);
    return p;
}

void progress_free(struct progress *progress)
{
    if (progress != NULL) {
        map_free(progress->last);
        mem_free(progress);
    }
}

/* "HH:MM:SS  subject  text". */
static void tell(struct progress *p,
                 int64_t wall_ms,
                 const struct buf *subject,
                 const struct buf *text,
                 struct buf *out)
{
    char stamp[CLOCK_RFC3339_BYTES];
    const char *last = map_find(p->last, buf_str(subject));
    if (text->n == 0 || (last != NULL && str_eq_c(buf_str(text), last))) {
        return;
    }
    map_set(p->last, buf_str(subject), mem_strndup(text->p, text->n));
    clock_rfc3339(wall_ms, stamp);
    output_text(out, str_sub(str_from(stamp), 11, 19));
    buf_put_c(out, "  ");
    output_text(out, buf_str(subject));
    buf_put_c(out, "  ");
    output_text(out, buf_str(text));
    buf_put_char(out, '\n');
}

static void put_word(struct buf *b, const char *between, struct str word)
{
    if (word.n > 0) {
        buf_put_c(b, b->n > 0 ? between : "");
        buf_put(b, word);
    }
}

static void put_object(struct buf *b, const struct value *resource)
{
    put_word(b, "", value_dig_str(resource, "group"));
    put_word(b, "/", value_dig_str(resource, "kind"));
    put_word(b, " ", value_dig_str(resource, "namespace"));
    buf_put_c(b, value_dig_str(resource, "namespace").n > 0 ? "/" : " ");
    buf_put(b, value_dig_str(resource, "name"));
}

struct line {
    struct progress *p;
    int64_t wall_ms;
    struct buf subject;
    struct buf text;
};

static void finish(struct line *line, struct buf *out)
{
    tell(line->p, line->wall_ms, &line->subject, &line->text, out);
    buf_reset(&line->subject);
    buf_reset(&line->text);
}

static void tell_app(struct line *line, const struct value *app, struct buf *out)
{
    buf_put(&line->subject, value_dig_str(app, "metadata", "name"));
    put_word(&line->text, "  ", value_dig_str(app, "status", "sync", "status"));
    put_word(&line->text, "  ", value_dig_str(app, "status", "health", "status"));
    finish(line, out);
}

static void tell_operation(struct line *line, const struct value *app, struct buf *out)
{
    const struct value *state = value_dig(app, "status", "operationState");
    buf_put(&line->subject, value_dig_str(app, "metadata", "name"));
    buf_put_c(&line->subject, " operation");
    put_word(&line->text, "  ", value_dig_str(state, "phase"));
    put_word(&line->text, "  ", value_dig_str(state, "message"));
    finish(line, out);
}

static void tell_blocked(struct line *line, const struct value *app, struct buf *out)
{
    struct str why = blocked_text(app);
    if (why.n > 0) {
        buf_put(&line->subject, value_dig_str(app, "metadata", "name"));
        buf_put_c(&line->subject, " waiting");
        put_word(&line->text, "  ", why);
        finish(line, out);
    }
}

static void tell_resources(struct line *line, const struct value *app, struct buf *out)
{
    VALUE_FOREACH(value_dig(app, "status", "resources"), resource) {
        put_object(&line->subject, resource);
        put_word(&line->text, "  ", value_dig_str(resource, "status"));
        put_word(&line->text, "  ", value_dig_str(resource, "health", "status"));
        finish(line, out);
    }
    VALUE_FOREACH(value_dig(app, "status", "operationState", "syncResult", "resources"), result) {
        put_object(&line->subject, result);
        buf_put_c(&line->subject, " sync");
        put_word(&line->text, "  ", value_dig_str(result, "status"));
        put_word(&line->text, "  ", value_dig_str(result, "hookPhase"));
        put_word(&line->text, "  ", value_dig_str(result, "message"));
        finish(line, out);
    }
}

void progress_update(struct progress *progress,
                     const struct value *app,
                     int64_t wall_ms,
                     struct buf *out)
{
    struct line line = {.p = progress, .wall_ms = wall_ms};
    buf_init(&line.subject, LIMIT_DOC_BYTES);
    buf_init(&line.text, LIMIT_DOC_BYTES);
    tell_app(&line, app, out);
    tell_operation(&line, app, out);
    tell_blocked(&line, app, out);
    tell_resources(&line, app, out);
    buf_done(&line.subject);
    buf_done(&line.text);
}
