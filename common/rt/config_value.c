/* Texts of settings to typed values: one row per type.  Pure. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/num.h"
#include "common/base/str.h"
#include "common/rt/config_internal.h"

static int parse_str(struct arena *arena, struct str text, void *field, struct err *err UNUSED)
{
    *(const char **)field = arena_str(arena, text).p;
    return 0;
}

static int append_list(struct arena *arena, struct str text, struct config_list *list)
{
    size_t n = list->n;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == ',';
    }
    const char **items = arena_calloc(arena, n + 1, sizeof(*items));
    for (size_t i = 0; i < list->n; i++) {
        items[i] = list->items[i];
    }
    list->items = items;
    struct str part;
    while (str_next(&text, ',', &part)) {
        part = str_trim(part);
        if (part.n > 0) {
            list->items[list->n++] = arena_str(arena, part).p;
        }
    }
    return 0;
}

static int parse_list(struct arena *arena, struct str text, void *field, struct err *err UNUSED)
{
    struct config_list list = {NULL, 0};
    TRY(append_list(arena, text, &list));
    *(struct config_list *)field = list;
    return 0;
}

/* As Go's strconv.ParseBool, which reads these settings in Argo CD. */
static int parse_bool(struct arena *arena UNUSED, struct str text, void *field, struct err *err)
{
    static const struct {
        const char *text;
        bool value;
    } WORDS[] = {
        {"1", true},    {"t", true},      {"T", true},      {"TRUE", true},
        {"true", true}, {"True", true},   {"0", false},     {"f", false},
        {"F", false},   {"FALSE", false}, {"false", false}, {"False", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_eq_c(text, WORDS[i].text)) {
            *(bool *)field = WORDS[i].value;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "'" STR_FMT "' is not true or false", STR_ARG(text));
}

static int parse_int(struct arena *arena UNUSED, struct str text, void *field, struct err *err)
{
    return num_parse_int(text, field, err);
}

static int parse_float(struct arena *arena UNUSED, struct str text, void *field, struct err *err)
{
    double value;
    if (!num_parse_float(text, &value) || !isfinite(value)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a number", STR_ARG(text));
    }
    *(double *)field = value;
    return 0;
}

static int parse_duration(struct arena *arena UNUSED, struct str text, void *field, struct err *err)
{
    return clock_parse_duration(text, field, err);
}

/* Whole numbers with the suffixes of Kubernetes quantities. */
static int parse_bytes(struct arena *arena UNUSED, struct str text, void *field, struct err *err)
{
    static const struct {
        struct str suffix;
        int64_t factor;
    } UNITS[] = {
        {{"Ki", 2}, (int64_t)1 << 10},
        {{"Mi", 2}, (int64_t)1 << 20},
        {{"Gi", 2}, (int64_t)1 << 30},
        {{"Ti", 2}, (int64_t)1 << 40},
        {{"k", 1}, 1000},
        {{"M", 1}, 1000000},
        {{"G", 1}, 1000000000},
        {{"T", 1}, 1000000000000},
    };
    struct str digits = text;
    int64_t factor = 1;
    for (size_t i = 0; i < ARRAY_LEN(UNITS) && factor == 1; i++) {
        if (str_cut_suffix(&digits, UNITS[i].suffix)) {
            factor = UNITS[i].factor;
        }
    }
    int64_t n;
    if (num_parse_int(digits, &n, err) < 0 || __builtin_mul_overflow(n, factor, &n)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a number of bytes, as 512Mi or 1G",
                       STR_ARG(text));
    }
    *(int64_t *)field = n;
    return 0;
}

static const struct {
    const char *name;
    int (*parse)(struct arena *arena, struct str text, void *field, struct err *err);
    size_t size;
} TYPES[CONFIG_TYPE_COUNT] = {
    [CONFIG_STR] = {"string", parse_str, sizeof(char *)},
    [CONFIG_LIST] = {"list", parse_list, sizeof(struct config_list)},
    [CONFIG_BOOL] = {"bool", parse_bool, sizeof(bool)},
    [CONFIG_INT] = {"int", parse_int, sizeof(int64_t)},
    [CONFIG_FLOAT] = {"float", parse_float, sizeof(double)},
    [CONFIG_DURATION] = {"duration", parse_duration, sizeof(int64_t)},
    [CONFIG_BYTES] = {"bytes", parse_bytes, sizeof(int64_t)},
};

const char *config_type_name(enum config_type type)
{
    assert(type < CONFIG_TYPE_COUNT);
    return TYPES[type].name;
}

size_t config_value_size(const struct config_row *row)
{
    return TYPES[row->type].size;
}

static int check_range(const struct config_row *row, const void *field, struct err *err)
{
    if (row->min >= row->max || row->type == CONFIG_STR || row->type == CONFIG_LIST ||
        row->type == CONFIG_BOOL) {
        return 0;
    }
    double value =
        row->type == CONFIG_FLOAT ? *(const double *)field : (double)*(const int64_t *)field;
    if (value >= row->min && value <= row->max) {
        return 0;
    }
    if (row->type == CONFIG_DURATION) {
        char min[CLOCK_DURATION_BYTES];
        char max[CLOCK_DURATION_BYTES];
        clock_format_duration((int64_t)row->min, min);
        clock_format_duration((int64_t)row->max, max);
        return err_set(err, ERR_INVALID, "must be from %s to %s", min, max);
    }
    return err_set(err, ERR_INVALID, "must be from %.15g to %.15g", row->min, row->max);
}

int config_value_parse(struct arena *arena,
                       const struct config_row *row,
                       struct str text,
                       void *field,
                       struct err *err)
{
    union {
        const char *s;
        struct config_list list;
        bool b;
        int64_t i;
        double f;
    } value;
    assert(row->type < CONFIG_TYPE_COUNT);
    memset(&value, 0, sizeof(value));
    TRY(TYPES[row->type].parse(arena, text, &value, err));
    TRY(check_range(row, &value, err));
    memcpy(field, &value, TYPES[row->type].size);
    return 0;
}

int config_value_append(struct arena *arena,
                        const struct config_row *row,
                        struct str text,
                        void *field,
                        struct err *err)
{
    if (row->type != CONFIG_LIST) {
        return config_value_parse(arena, row, text, field, err);
    }
    return append_list(arena, text, field);
}

static bool list_equal(const struct config_list *a, const struct config_list *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool config_value_equal(const struct config_row *row, const void *a, const void *b)
{
    if (row->type == CONFIG_STR) {
        return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
    }
    if (row->type == CONFIG_LIST) {
        return list_equal(a, b);
    }
    return memcmp(a, b, TYPES[row->type].size) == 0;
}
