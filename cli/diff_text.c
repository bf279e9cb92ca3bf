/* Lines are numbered by their content, equal beginnings and ends cut off, and Myers' greedy algorithm finds the
 * edits between the rest; its frontiers are kept, so that the path can be walked back. */
#include "cli/diff_text.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/base/vec.h"

enum {
    /* Edits looked for before giving up: the frontiers then take 4 * EDITS_MAX^2 bytes, 64 MiB. */
    EDITS_MAX = 4000,
};

struct lines {
    struct str *items;
    size_t n;
};

struct edit_script {
    bool *removed; /* of the old lines */
    bool *added;   /* of the new lines */
};

static struct lines split(struct arena *arena, struct str text)
{
    VEC(struct str) found = {0};
    vec_push_in(arena, &found, STR_EMPTY); /* there is an array, though there may be no line */
    found.n = 0;
    while (text.n > 0) {
        size_t at = str_find_char(text, '\n');
        size_t end = at == STR_NONE ? text.n : at + 1;
        struct str line = str_sub(text, 0, end);
        vec_push_in(arena, &found, line);
        text = str_sub(text, end, text.n);
    }
    return (struct lines){found.items, found.n};
}

/* ---- Myers ---- */

/* Diagonal k = x - y, from -d to d; frontier d holds the furthest x on each. */
struct search {
    const struct lines *a;
    const struct lines *b;
    int32_t **frontiers; /* [d] points to the middle: index by k */
    int32_t *x;          /* the present frontier, middle */
    int32_t d;
};

static int32_t follow(const struct search *s, int32_t x, int32_t k)
{
    int32_t y = x - k;
    while ((size_t)x < s->a->n && (size_t)y < s->b->n && str_eq(s->a->items[x], s->b->items[y])) {
        x++;
        y++;
    }
    return x;
}

/* Whether the step to diagonal k of frontier d came from k + 1: a new line was added. */
static bool is_added(const int32_t *before, int32_t d, int32_t k)
{
    return k == -d || (k != d && before[k - 1] < before[k + 1]);
}

/* One more edit; true when the end is reached. */
static bool advance(struct search *s, int32_t d)
{
    int32_t goal = (int32_t)s->a->n - (int32_t)s->b->n;
    for (int32_t k = -d; k <= d; k += 2) {
        int32_t x = 0;
        if (d > 0) {
            x = is_added(s->x, d, k) ? s->x[k + 1] : s->x[k - 1] + 1;
        }
        bool inside = x <= (int32_t)s->a->n && x - k <= (int32_t)s->b->n && x - k >= 0;
        s->x[k] = inside ? follow(s, x, k) : x;
        if (k == goal && s->x[k] >= (int32_t)s->a->n) {
            return true;
        }
    }
    return false;
}

static int32_t *copy_frontier(struct arena *arena, const int32_t *x, int32_t d)
{
    size_t n = 2 * (size_t)d + 1;
    int32_t *copy = arena_calloc(arena, n, sizeof(*copy));
    memcpy(copy, x - d, n * sizeof(*copy));
    return copy + d;
}

/* From the end back to the beginning, marking what each edit did. */
static void walk_back(const struct search *s, struct edit_script *script)
{
    int32_t x = (int32_t)s->a->n;
    int32_t k = x - (int32_t)s->b->n;
    for (int32_t d = s->d; d > 0; d--) {
        const int32_t *before = s->frontiers[d - 1];
        if (is_added(before, d, k)) {
            k++;
            x = before[k];
            script->added[x - k] = true;
        } else {
            k--;
            x = before[k];
            script->removed[x] = true;
        }
    }
}

static void fill(bool *marks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        marks[i] = true;
    }
}

static void find_edits(struct arena *arena,
                       const struct lines *a,
                       const struct lines *b,
                       struct edit_script *script)
{
    struct search s = {.a = a, .b = b};
    int32_t max = (int32_t)MIN(a->n + b->n, (size_t)EDITS_MAX);
    int32_t *space = arena_calloc(arena, 2 * (size_t)max + 3, sizeof(*space));
    s.x = space + max + 1;
    s.frontiers = arena_calloc(arena, (size_t)max + 1, sizeof(*s.frontiers));
    for (s.d = 0; s.d <= max; s.d++) {
        if (advance(&s, s.d)) {
            walk_back(&s, script);
            return;
        }
        s.frontiers[s.d] = copy_frontier(arena, s.x, s.d);
    }
    fill(script->removed, a->n);
    fill(script->added, b->n);
}

/* ---- writing ---- */

struct writer {
    const struct diff_text_opts *opts;
    const struct lines *a;
    const struct lines *b;
    const struct edit_script *script;
    struct buf *out;
};

static void put_line(const struct writer *w, char mark, const char *colour, struct str line)
{
    bool ends = str_cut_suffix(&line, STR("\n"));
    if (w->opts->colour && colour != NULL) {
        buf_printf(w->out, "\033[%sm%c" STR_FMT "\033[0m\n", colour, mark, STR_ARG(line));
    } else {
        buf_printf(w->out, "%c" STR_FMT "\n", mark, STR_ARG(line));
    }
    if (!ends) {
        buf_put_c(w->out, "\\ No newline at end of file\n");
    }
}

/* Where equal lines stop: both positions at a change, or at the end. */
static void skip_equal(const struct writer *w, size_t *i, size_t *j)
{
    while (*i < w->a->n && *j < w->b->n && !w->script->removed[*i] && !w->script->added[*j]) {
        (*i)++;
        (*j)++;
    }
}

static void skip_change(const struct writer *w, size_t *i, size_t *j)
{
    while (*i < w->a->n && w->script->removed[*i]) {
        (*i)++;
    }
    while (*j < w->b->n && w->script->added[*j]) {
        (*j)++;
    }
}

static bool at_end(const struct writer *w, size_t i, size_t j)
{
    return i == w->a->n && j == w->b->n;
}

/* The end of the hunk that begins with the change at (i, j): where more equal lines follow than the context of
 * two changes. */
static void hunk_end(const struct writer *w, size_t *i, size_t *j)
{
    for (;;) {
        skip_change(w, i, j);
        size_t next_i = *i;
        size_t next_j = *j;
        skip_equal(w, &next_i, &next_j);
        if (at_end(w, next_i, next_j) || next_i - *i > 2 * w->opts->context) {
            size_t tail = MIN(next_i - *i, w->opts->context);
            *i += tail;
            *j += tail;
            return;
        }
        *i = next_i;
        *j = next_j;
    }
}

/* "12,3", as diff writes a range; of no lines it names the line before. */
static void put_range(struct buf *out, size_t from, size_t n)
{
    buf_printf(out, "%zu", n > 0 ? from + 1 : from);
    if (n != 1) {
        buf_printf(out, ",%zu", n);
    }
}

static void put_hunk_head(const struct writer *w, size_t i, size_t n_old, size_t j, size_t n_new)
{
    buf_put_c(w->out, w->opts->colour ? "\033[36m@@ -" : "@@ -");
    put_range(w->out, i, n_old);
    buf_put_c(w->out, " +");
    put_range(w->out, j, n_new);
    buf_put_c(w->out, w->opts->colour ? " @@\033[0m\n" : " @@\n");
}

static void put_hunk(const struct writer *w, size_t i, size_t end_i, size_t j, size_t end_j)
{
    put_hunk_head(w, i, end_i - i, j, end_j - j);
    while (i < end_i || j < end_j) {
        if (i < end_i && w->script->removed[i]) {
            put_line(w, '-', "31", w->a->items[i++]);
        } else if (j < end_j && w->script->added[j]) {
            put_line(w, '+', "32", w->b->items[j++]);
        } else {
            put_line(w, ' ', NULL, w->a->items[i]);
            i++;
            j++;
        }
    }
}

static void put_hunks(const struct writer *w)
{
    size_t i = 0;
    size_t j = 0;
    for (;;) {
        size_t before_i = i;
        skip_equal(w, &i, &j);
        if (at_end(w, i, j)) {
            return;
        }
        size_t head = MIN(i - before_i, w->opts->context);
        size_t start_i = i - head;
        size_t start_j = j - head;
        hunk_end(w, &i, &j);
        put_hunk(w, start_i, i, start_j, j);
    }
}

/* Lines equal at both ends need no search. */
static struct edit_script compare(struct arena *arena, const struct lines *a, const struct lines *b)
{
    struct edit_script script = {
        .removed = arena_calloc(arena, a->n + 1, sizeof(bool)),
        .added = arena_calloc(arena, b->n + 1, sizeof(bool)),
    };
    size_t head = 0;
    size_t tail = 0;
    size_t most = MIN(a->n, b->n);
    while (head < most && str_eq(a->items[head], b->items[head])) {
        head++;
    }
    while (tail < most - head && str_eq(a->items[a->n - 1 - tail], b->items[b->n - 1 - tail])) {
        tail++;
    }
    struct lines inner_a = {a->items + head, a->n - head - tail};
    struct lines inner_b = {b->items + head, b->n - head - tail};
    struct edit_script inner = {script.removed + head, script.added + head};
    find_edits(arena, &inner_a, &inner_b, &inner);
    return script;
}

bool diff_text(struct str old_text,
               struct str new_text,
               const struct diff_text_opts *opts,
               struct buf *out)
{
    if (str_eq(old_text, new_text)) {
        return false;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct lines a = split(arena, old_text);
    struct lines b = split(arena, new_text);
    struct edit_script script = compare(arena, &a, &b);
    struct writer w = {opts, &a, &b, &script, out};
    buf_printf(out, "--- %s\n+++ %s\n", opts->old_name, opts->new_name);
    put_hunks(&w);
    return true;
}
