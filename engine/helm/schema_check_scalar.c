/* Rules for strings and numbers. */
#include "common/base/utf8.h"
#include "common/regex/regex.h"
#include "engine/helm/schema_check_internal.h"

static int check_pattern(struct schema_frame *f, struct err *err)
{
    struct regex_span span;
    struct regex_job job = {.arena = f->set->arena,
                            .budget = f->set->budget,
                            .regex = f->node->pattern,
                            .text = value_str(f->value)};
    int found = regex_find(&job, &span, err);
    TRY(found);
    if (found == 1) {
        return 0;
    }
    struct str got = schema_shown(f, job.text);
    struct str want = schema_shown(f, f->node->pattern_text);
    return schema_add(f, err, STR_FMT " does not match pattern " STR_FMT, STR_ARG(got),
                      STR_ARG(want));
}

int schema_check_string(struct schema_frame *f, struct err *err)
{
    int64_t min = f->node->count[SCHEMA_MIN_LENGTH];
    int64_t max = f->node->count[SCHEMA_MAX_LENGTH];
    if (min >= 0 || max >= 0) {
        size_t n = utf8_count(value_str(f->value));
        TRY(budget_steps(f->set->budget, 1 + n / 64, err));
        if (min >= 0 && (int64_t)n < min) {
            TRY(schema_add_count(f, "minLength", n, min, err));
        }
        if (max >= 0 && (int64_t)n > max) {
            TRY(schema_add_count(f, "maxLength", n, max, err));
        }
    }
    return f->node->pattern != NULL ? check_pattern(f, err) : 0;
}

static bool
holds(enum schema_bound which, const struct schema_number *n, const struct schema_number *bound)
{
    switch (which) {
    case SCHEMA_MINIMUM:
        return schema_number_cmp(n, bound) >= 0;
    case SCHEMA_MAXIMUM:
        return schema_number_cmp(n, bound) <= 0;
    case SCHEMA_EXCLUSIVE_MINIMUM:
        return schema_number_cmp(n, bound) > 0;
    case SCHEMA_EXCLUSIVE_MAXIMUM:
        return schema_number_cmp(n, bound) < 0;
    case SCHEMA_MULTIPLE_OF:
        return schema_number_is_multiple(n, bound);
    case SCHEMA_BOUND_COUNT:
        break;
    }
    return true;
}

int schema_check_number(struct schema_frame *f, struct err *err)
{
    static const char *const NAMES[] = {"minimum", "maximum", "exclusiveMinimum",
                                        "exclusiveMaximum", "multipleOf"};
    struct schema_number n = {.is_set = false};
    for (size_t i = 0; i < SCHEMA_BOUND_COUNT; i++) {
        const struct schema_number *bound = f->node->bound[i];
        if (bound == NULL) {
            continue;
        }
        n = n.is_set ? n : schema_number_of_instance(f->set->arena, f->value);
        TRY(budget_steps(f->set->budget, 1 + bound->digits.n / 64, err));
        if (!holds((enum schema_bound)i, &n, bound)) {
            struct str got = schema_shown_number(f, n.f);
            struct str want = schema_shown_number(f, bound->f);
            TRY(schema_add(f, err, "%s: got " STR_FMT ", want " STR_FMT, NAMES[i], STR_ARG(got),
                           STR_ARG(want)));
        }
    }
    return 0;
}
