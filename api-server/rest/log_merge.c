/* A queue for each source; the oldest of their first lines is the next. Sources are few (their number is
 * limited by server.maxPodLogsToRender). */
#include "api-server/rest/log_merge.h"

#include <string.h>

#include "common/base/list.h"
#include "common/base/mem.h"

struct queued {
    struct list node;
    struct log_line line; /* strings follow */
};

struct source {
    struct list lines;
    bool ended;
};

struct log_merge {
    struct source *sources;
    size_t n_sources;
    size_t n_lines;
    struct queued *taken; /* what was returned last */
};

struct log_merge *log_merge_new(size_t n_sources)
{
    struct log_merge *m = MEM_NEW(struct log_merge);
    m->sources = mem_calloc(n_sources, sizeof(*m->sources));
    m->n_sources = n_sources;
    for (size_t i = 0; i < n_sources; i++) {
        list_init(&m->sources[i].lines);
    }
    return m;
}

void log_merge_free(struct log_merge *m)
{
    if (m == NULL) {
        return;
    }
    for (size_t i = 0; i < m->n_sources; i++) {
        LIST_FOREACH(&m->sources[i].lines, node) {
            mem_free(CONTAINER_OF(node, struct queued, node));
        }
    }
    mem_free(m->taken);
    mem_free(m->sources);
    mem_free(m);
}

/* Returns the place behind the copy. */
static char *put_str(char *to, struct str from, struct str *ret)
{
    if (from.n > 0) {
        memcpy(to, from.p, from.n);
    }
    *ret = str_of(to, from.n);
    return to + from.n;
}

void log_merge_put(struct log_merge *m, const struct log_line *line)
{
    struct queued *q = mem_alloc(sizeof(*q) + line->time.n + line->text.n);
    q->line = *line;
    char *end = put_str((char *)(q + 1), line->time, &q->line.time);
    (void)put_str(end, line->text, &q->line.text);
    list_push(&m->sources[line->source].lines, &q->node);
    m->n_lines++;
}

void log_merge_end(struct log_merge *m, size_t source)
{
    m->sources[source].ended = true;
}

size_t log_merge_len(const struct log_merge *m)
{
    return m->n_lines;
}

static struct queued *first_of(const struct source *s)
{
    return list_empty(&s->lines) ? NULL : CONTAINER_OF(s->lines.next, struct queued, node);
}

static bool is_older(const struct log_line *a, const struct log_line *b)
{
    return a->ms != b->ms ? a->ms < b->ms : str_cmp(a->time, b->time) < 0;
}

bool log_merge_next(struct log_merge *m, bool hurry, struct log_line *ret)
{
    struct queued *oldest = NULL;
    for (size_t i = 0; i < m->n_sources; i++) {
        struct queued *q = first_of(&m->sources[i]);
        if (q == NULL && !m->sources[i].ended && !hurry) {
            return false;
        }
        if (q != NULL && (oldest == NULL || is_older(&q->line, &oldest->line))) {
            oldest = q;
        }
    }
    if (oldest == NULL) {
        return false;
    }
    list_remove(&oldest->node);
    m->n_lines--;
    mem_free(m->taken);
    m->taken = oldest;
    *ret = oldest->line;
    return true;
}
