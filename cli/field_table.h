/* Fields that differ and who set them, for people. */
#pragma once

struct cli;
struct value;

/* changes: the list engine/compare/field_changes.h makes and the API gives. Nothing for an empty one. */
void field_table(struct cli *cli, const struct value *changes);
