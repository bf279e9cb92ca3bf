/* Splitters for watch streams and list answers.
 *
 * Lists are cut by counting brackets outside strings: "items" is looked for at the first level only,
 * and may come before or after the list's metadata, as servers send both. */
#include "common/kube/kube_stream.h"

#include <string.h>

#include "common/base/limits.h"

/* ---- lines ---- */

void kube_lines_init(struct kube_lines *lines, size_t max_line_bytes)
{
    buf_init(&lines->partial, max_line_bytes);
}

void kube_lines_done(struct kube_lines *lines)
{
    buf_done(&lines->partial);
}

void kube_lines_reset(struct kube_lines *lines)
{
    buf_reset(&lines->partial);
}

static int emit_line(struct str line, kube_piece_fn fn, void *data, struct err *err)
{
    line = str_trim(line);
    return line.n > 0 ? fn(data, line, err) : 0;
}

static int check_line_length(const struct kube_lines *lines, size_t n, struct err *err)
{
    if (n <= lines->partial.max_bytes) {
        return 0;
    }
    return err_set(err, ERR_LIMIT, "a line of the stream is larger than %zu bytes",
                   lines->partial.max_bytes);
}

int kube_lines_feed(
    struct kube_lines *lines, struct str bytes, kube_piece_fn fn, void *data, struct err *err)
{
    while (bytes.n > 0) {
        size_t end = str_find_char(bytes, '\n');
        size_t n = end == STR_NONE ? bytes.n : end;
        struct str piece = str_sub(bytes, 0, n);
        TRY(check_line_length(lines, lines->partial.n + n, err));
        if (end == STR_NONE) {
            buf_put(&lines->partial, piece);
            return 0;
        }
        bytes = str_sub(bytes, n + 1, bytes.n);
        if (lines->partial.n == 0) {
            TRY(emit_line(piece, fn, data, err));
            continue;
        }
        buf_put(&lines->partial, piece);
        int rc = emit_line(buf_str(&lines->partial), fn, data, err);
        buf_reset(&lines->partial);
        TRY(rc);
    }
    return 0;
}

/* ---- lists ---- */

void kube_items_init(struct kube_items *items, size_t max_item_bytes)
{
    *items = (struct kube_items){0};
    buf_init(&items->envelope, LIMIT_KUBE_ENVELOPE_BYTES);
    buf_init(&items->item, max_item_bytes);
}

void kube_items_done(struct kube_items *items)
{
    buf_done(&items->envelope);
    buf_done(&items->item);
}

void kube_items_reset(struct kube_items *items)
{
    struct buf envelope = items->envelope;
    struct buf item = items->item;
    *items = (struct kube_items){.envelope = envelope, .item = item};
    buf_reset(&items->envelope);
    buf_reset(&items->item);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Follow a character inside a string; true while it goes on. */
static bool in_string_after(struct kube_items *items, char c)
{
    if (items->escaped) {
        items->escaped = false;
    } else if (c == '\\') {
        items->escaped = true;
    } else if (c == '"') {
        items->in_string = false;
    }
    return items->in_string;
}

/* A string of the envelope ended with the last byte put. */
static void envelope_string_end(struct kube_items *items)
{
    struct str text = str_sub(buf_str(&items->envelope), items->string_start, items->envelope.n);
    items->key_is_items = items->depth == 1 && str_eq_c(text, "\"items\"");
}

static void envelope_token(struct kube_items *items, char c)
{
    bool value_is_items = items->value_is_items;
    items->value_is_items = c == ':' && items->key_is_items;
    items->key_is_items = false;
    switch (c) {
    case '"':
        items->in_string = true;
        items->string_start = items->envelope.n - 1;
        break;
    case '[':
        if (value_is_items) {
            items->state = KUBE_ITEMS_BETWEEN;
            break;
        }
        items->depth++;
        break;
    case '{':
        items->depth++;
        break;
    case '}':
    case ']':
        items->depth -= items->depth > 0 ? 1 : 0;
        break;
    default:
        break;
    }
}

/* Takes bytes up to the start of the items; returns how many. */
static size_t feed_envelope(struct kube_items *items, struct str bytes)
{
    size_t i = 0;
    while (i < bytes.n && items->state == KUBE_ITEMS_ENVELOPE) {
        char c = bytes.p[i++];
        buf_put_char(&items->envelope, c);
        if (items->in_string) {
            if (!in_string_after(items, c)) {
                envelope_string_end(items);
            }
        } else if (!is_space(c)) {
            envelope_token(items, c);
        }
    }
    return i;
}

static int feed_between(struct kube_items *items, char c, struct err *err)
{
    if (is_space(c) || c == ',') {
        return 0;
    }
    if (c == '{') {
        items->state = KUBE_ITEMS_ITEM;
        items->depth = 1;
        buf_put_char(&items->item, c);
        return 0;
    }
    if (c == ']') {
        items->state = KUBE_ITEMS_ENVELOPE;
        items->depth = 1;
        buf_put_char(&items->envelope, c);
        return 0;
    }
    return err_set(err, ERR_INVALID, "list item %zu is not an object", items->n_items);
}

/* Bytes up to the item's end, or all; items->depth is 0 at the end. */
static size_t scan_item(struct kube_items *items, struct str bytes)
{
    size_t i = 0;
    while (i < bytes.n && items->depth > 0) {
        char c = bytes.p[i++];
        if (items->in_string) {
            (void)in_string_after(items, c); /* the state is all that is wanted */
            continue;
        }
        switch (c) {
        case '"':
            items->in_string = true;
            break;
        case '{':
        case '[':
            items->depth++;
            break;
        case '}':
        case ']':
            items->depth--;
            break;
        default:
            break;
        }
    }
    return i;
}

static int end_item(struct kube_items *items, kube_piece_fn fn, void *data, struct err *err)
{
    items->state = KUBE_ITEMS_BETWEEN;
    items->n_items++;
    int rc = fn(data, buf_str(&items->item), err);
    buf_reset(&items->item);
    return rc;
}

int kube_items_feed(
    struct kube_items *items, struct str bytes, kube_piece_fn fn, void *data, struct err *err)
{
    size_t i = 0;
    while (i < bytes.n) {
        struct str rest = str_sub(bytes, i, bytes.n);
        switch (items->state) {
        case KUBE_ITEMS_ENVELOPE:
            i += feed_envelope(items, rest);
            TRY(buf_check(&items->envelope, "the envelope of a list", err));
            break;
        case KUBE_ITEMS_BETWEEN:
            i++;
            TRY(feed_between(items, rest.p[0], err));
            break;
        case KUBE_ITEMS_ITEM: {
            size_t n = scan_item(items, rest);
            buf_put_bytes(&items->item, rest.p, n);
            i += n;
            TRY(buf_check(&items->item, "a list item", err));
            if (items->depth == 0) {
                TRY(end_item(items, fn, data, err));
            }
            break;
        }
        }
    }
    return 0;
}

int kube_items_finish(const struct kube_items *items, struct str *ret_envelope, struct err *err)
{
    struct str text = str_trim(buf_str(&items->envelope));
    if (items->state != KUBE_ITEMS_ENVELOPE || items->depth != 0 || items->in_string ||
        text.n == 0) {
        return err_set(err, ERR_UNAVAILABLE, "the list ended in the middle");
    }
    *ret_envelope = text;
    return 0;
}
