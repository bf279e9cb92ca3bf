/* struct chart: one chart with its subcharts, as loaded and as dependencies change it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct value;

struct chart_file {
    struct str name; /* inside the chart: "templates/web.yaml" */
    struct str data;
};

struct chart_files {
    struct chart_file *items;
    size_t n;
};

struct chart_strs {
    const struct str *items;
    size_t n;
};

/* One entry of `dependencies`. */
struct chart_dependency {
    struct str name; /* the alias instead, after dependencies were processed */
    struct str version;
    struct str repository;
    struct str condition;
    struct str alias;
    struct chart_strs tags;
    const struct value *import_values; /* list of strings and {child, parent} */
    bool enabled;
};

struct chart_maintainer {
    struct str name;
    struct str email;
    struct str url;
};

/* Chart.yaml. */
struct chart_meta {
    struct str name;
    struct str home;
    struct str version;
    struct str description;
    struct str icon;
    struct str api_version; /* "v1" when missing */
    struct str condition;
    struct str tags;
    struct str app_version;
    struct str kube_version;
    struct str type;
    bool deprecated;
    struct chart_strs sources;
    struct chart_strs keywords;
    const struct chart_maintainer *maintainers;
    size_t n_maintainers;
    const struct value *annotations; /* map of strings; NULL = none */
    struct chart_dependency *dependencies;
    size_t n_dependencies;
};

struct chart {
    struct chart *parent; /* NULL for the root */
    struct chart_meta meta;
    struct tmap *values; /* values.yaml; never NULL, not changed by rendering */
    struct str schema;   /* values.schema.json as it is; p is NULL without one */
    struct str lock;     /* Chart.lock, or requirements.lock of a chart v1; p is NULL without one */
    struct chart_files templates;
    struct chart_files files; /* all others, crds/ as well */
    struct chart **subcharts;
    size_t n_subcharts;
};

/* Read Chart.yaml's text, or (with requirements.yaml) its dependencies, into the metadata.
 * ERR_INVALID as Helm's loader. */
MUST_CHECK int
chart_meta_parse(struct arena *arena, struct str text, struct chart_meta *ret, struct err *err);
MUST_CHECK int chart_meta_parse_requirements(struct arena *arena,
                                             struct str text,
                                             struct chart_meta *meta,
                                             struct err *err);

/* Chart.lock or requirements.lock. */
struct chart_lock {
    struct chart_dependency *dependencies;
    size_t n_dependencies;
    bool has_list; /* dependencies is there, though perhaps empty */
    struct str digest;
};
MUST_CHECK int
chart_lock_parse(struct arena *arena, struct str text, struct chart_lock *ret, struct err *err);

/* What must be there and how it must look. ERR_INVALID. */
MUST_CHECK int chart_meta_check(const struct chart_meta *meta, struct err *err);

/* "parent/charts/child": where the chart's files are for templates. */
struct str chart_path(struct arena *arena, const struct chart *chart);
bool chart_is_library(const struct chart *chart);
/* A copy that may be changed (names, dependencies, values) below another parent; files are shared. */
struct chart *chart_copy(struct arena *arena, const struct chart *chart, struct chart *parent);
