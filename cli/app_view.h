/* Applications for people: lists, summaries, tables of what they consist of. Pure: trees of the REST API
 * in, text out. */
#pragma once

#include <stdint.h>

#include "cli/output.h"
#include "common/base/buf.h"
#include "common/base/str.h"

struct arena;
struct value;

/* "namespace/name". */
struct str app_view_name(struct arena *arena, const struct value *app);

/* items: a list of Applications. TABLE, WIDE or NAME. */
void app_view_list(struct arena *arena,
                   const struct value *items,
                   enum output_format format,
                   struct buf *out);
/* What it is, how it is, its conditions. url: of the server. */
void app_view_summary(struct arena *arena,
                      const struct value *app,
                      struct str url,
                      struct buf *out);
/* Its operation, running or the last one; nothing when there was none. now_ms: Unix time. */
void app_view_operation(const struct value *app, int64_t now_ms, struct buf *out);
/* Its resources with status, health, and what the last operation said of them. */
void app_view_resources(struct arena *arena, const struct value *app, struct buf *out);
/* TABLE or WIDE; NAME prints the numbers. */
void app_view_history(struct arena *arena,
                      const struct value *app,
                      enum output_format format,
                      struct buf *out);
/* A resource tree: objects and what they own. TABLE, WIDE or NAME. */
void app_view_tree(struct arena *arena,
                   const struct value *tree,
                   enum output_format format,
                   struct buf *out);
