/* Argo CD's SourceIntegrityCheckResult: its fields have capitals in JSON. */
#include "api-server/rest/integrity.h"

#include "common/base/str.h"
#include "common/value/value_build.h"

#define CHECK_NAME "GIT/GPG"

/* Problems are told with their check in front, which stands beside them here. */
static struct str without_check(const char *problem)
{
    struct str text = str_from(problem);
    (void)str_cut_prefix(&text, STR(CHECK_NAME ": ")); /* it is there */
    return text;
}

void integrity_build(struct value_builder *b,
                     const char *signature_field,
                     const Belay__IntegrityResult *result)
{
    if (result == NULL) {
        return;
    }
    value_build_field_str(b, signature_field, str_from(result->signature));
    value_build_field_map(b, "sourceIntegrityResult");
    value_build_field_list(b, "Checks");
    value_build_map(b);
    value_build_field_str(b, "Name", STR(CHECK_NAME));
    value_build_field_list(b, "Problems");
    for (size_t i = 0; i < result->n_problems; i++) {
        value_build_str(b, without_check(result->problems[i]));
    }
    value_build_end(b);
    value_build_end(b);
    value_build_end(b);
    value_build_end(b);
}
