/* The built-in objects of templates: .Chart, .Files, .Release, .Template, .Subcharts. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct chart;
struct chart_files;

/* .Chart: Chart.yaml with Go's names of the fields. */
struct tval objects_chart(struct arena *arena, const struct chart *chart);
/* .Files: name to bytes, with Get, GetBytes, Glob, Lines, AsConfig and AsSecrets. The files are borrowed. */
struct tval objects_files(struct arena *arena, const struct chart_files *files);

struct objects_release {
    struct str name;
    struct str namespace;
    bool is_upgrade;
};

struct tval objects_release(struct arena *arena, const struct objects_release *release);
/* .Template of one file. */
struct tval objects_template(struct arena *arena, struct str name, struct str base_path);
