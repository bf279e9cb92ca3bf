/* The registry of functions: the families' tables, looked up by name. */
#include "engine/template/func.h"

static const struct tfunc_table *const TABLES[] = {
    NULL, /* one line for each family that exists, with a comment: so the formatter leaves it alone */
    &TFUNCS_CORE,     /* text/template's own */
    &TFUNCS_HELM,     /* running templates */
    &TFUNCS_STRING,   /* strings */
    &TFUNCS_CASE,     /* upper and lower case */
    &TFUNCS_REGEX,    /* regular expressions */
    &TFUNCS_PATH,     /* paths */
    &TFUNCS_URL,      /* URLs */
    &TFUNCS_SEMVER,   /* versions */
    &TFUNCS_MATH,     /* numbers, types, defaults */
    &TFUNCS_LIST,     /* lists */
    &TFUNCS_DICT,     /* dicts */
    &TFUNCS_DATE,     /* times */
    &TFUNCS_ENCODING, /* YAML, JSON, TOML */
    &TFUNCS_CRYPTO,   /* keys, random texts */
};

static size_t table_count(void)
{
    return sizeof(TABLES) / sizeof(TABLES[0]);
}

const struct tmethod *tmethod_find(const struct tclass *class, struct str name)
{
    for (const struct tmethod *m = class->methods; m != NULL && m->name != NULL; m++) {
        if (str_eq_c(name, m->name)) {
            return m;
        }
    }
    return NULL;
}

const struct tfunc *tfunc_at(size_t i)
{
    for (size_t t = 0; t < table_count(); t++) {
        if (TABLES[t] == NULL) {
            continue;
        }
        if (i < TABLES[t]->n) {
            return &TABLES[t]->rows[i];
        }
        i -= TABLES[t]->n;
    }
    return NULL;
}

const struct tfunc *tfunc_find(struct str name)
{
    const struct tfunc *f;
    for (size_t i = 0; (f = tfunc_at(i)) != NULL; i++) {
        if (str_eq_c(name, f->name)) {
            return f;
        }
    }
    return NULL;
}
