/* The schemas that schemas themselves must satisfy, put together from one table of keywords: which shape each has in
 * which drafts. References to small most definitions are written out, which changes no message. Pure; any thread. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "engine/helm/schema_internal.h"

enum drafts {
    D4 = 1 << 0,
    D6 = 1 << 1,
    D7 = 1 << 2,
    D2019 = 1 << 3,
    D2020 = 1 << 4,
    OLD = D4 | D6 | D7,
    NEW = D2019 | D2020,
    FROM6 = D6 | D7 | NEW,
    FROM7 = D7 | NEW,
    ALL = OLD | NEW,
};

enum {
    CORE = SCHEMA_VOCAB_CORE,
    APPLICATOR = SCHEMA_VOCAB_APPLICATOR,
    UNEVALUATED = SCHEMA_VOCAB_UNEVALUATED,
    VALIDATION = SCHEMA_VOCAB_VALIDATION,
    META_DATA = SCHEMA_VOCAB_META_DATA,
    FORMAT = SCHEMA_VOCAB_FORMAT | SCHEMA_VOCAB_FORMAT_ANNOTATION | SCHEMA_VOCAB_FORMAT_ASSERTION,
    CONTENT = SCHEMA_VOCAB_CONTENT,
    MAIN = 1 << 15, /* in the schema that joins the vocabularies */
};

/* JSON in which @ stands for a reference to any schema, ! and & for lists of schemas and strings. */
#define COUNT   "{'type':'integer','minimum':0}"
#define STRINGS "&"
#define SCHEMAS "!"
#define MAP     "{'type':'object','additionalProperties':@}"
#define SIMPLE  "{'enum':['array','boolean','integer','null','number','object','string']}"
#define TYPES \
    "{'anyOf':[" SIMPLE ",{'type':'array','items':" SIMPLE ",'minItems':1,'uniqueItems':true}]}"
#define STRING  "{'type':'string'}"
#define BOOLEAN "{'type':'boolean'}"
#define NUMBER  "{'type':'number'}"
#define URI     "{'type':'string','format':'uri'}"
#define URI_REF "{'type':'string','format':'uri-reference'}"

struct row {
    const char *keyword;
    unsigned drafts;
    unsigned vocabs;
    const char *shape;
};

static const struct row ROWS[] = {
    {"id", D4, CORE, STRING},
    {"$id", D6 | D7, CORE, URI_REF},
    {"$id", NEW, CORE, "{'type':'string','format':'uri-reference','pattern':'^[^#]*#?$'}"},
    {"$schema", ALL, CORE, URI},
    {"$ref", D4, CORE, STRING},
    {"$ref", FROM6, CORE, URI_REF},
    {"$comment", FROM7, CORE, STRING},
    {"$anchor", D2019, CORE, "{'type':'string','pattern':'^[A-Za-z][-A-Za-z0-9.:_]*$'}"},
    {"$anchor", D2020, CORE, "{'type':'string','pattern':'^[A-Za-z_][-A-Za-z0-9._]*$'}"},
    {"$recursiveRef", D2019, CORE, URI_REF},
    {"$recursiveRef", D2020, MAIN, URI_REF},
    {"$recursiveAnchor", D2019, CORE, BOOLEAN},
    {"$recursiveAnchor", D2020, MAIN, "{'type':'string','pattern':'^[A-Za-z_][-A-Za-z0-9._]*$'}"},
    {"$dynamicRef", D2020, CORE, URI_REF},
    {"$dynamicAnchor", D2020, CORE, "{'type':'string','pattern':'^[A-Za-z_][-A-Za-z0-9._]*$'}"},
    {"$vocabulary", NEW, CORE,
     "{'type':'object','propertyNames':" URI ",'additionalProperties':" BOOLEAN "}"},
    {"$defs", NEW, CORE, MAP},
    {"definitions", ALL, MAIN, MAP},
    {"dependencies", ALL, MAIN,
     "{'type':'object','additionalProperties':{'anyOf':[@," STRINGS "]}}"},

    {"prefixItems", D2020, APPLICATOR, SCHEMAS},
    {"items", OLD | D2019, APPLICATOR, "{'anyOf':[@," SCHEMAS "]}"},
    {"items", D2020, APPLICATOR, "@"},
    {"additionalItems", D4, APPLICATOR, "{'anyOf':[" BOOLEAN ",@]}"},
    {"additionalItems", D6 | D7 | D2019, APPLICATOR, "@"},
    {"contains", FROM6, APPLICATOR, "@"},
    {"additionalProperties", D4, APPLICATOR, "{'anyOf':[" BOOLEAN ",@]}"},
    {"additionalProperties", FROM6, APPLICATOR, "@"},
    {"properties", ALL, APPLICATOR, MAP},
    {"patternProperties", D4 | D6, APPLICATOR, MAP},
    {"patternProperties", FROM7, APPLICATOR,
     "{'type':'object','additionalProperties':@,'propertyNames':{'format':'regex'}}"},
    {"dependentSchemas", NEW, APPLICATOR, MAP},
    {"propertyNames", FROM6, APPLICATOR, "@"},
    {"if", FROM7, APPLICATOR, "@"},
    {"then", FROM7, APPLICATOR, "@"},
    {"else", FROM7, APPLICATOR, "@"},
    {"allOf", ALL, APPLICATOR, SCHEMAS},
    {"anyOf", ALL, APPLICATOR, SCHEMAS},
    {"oneOf", ALL, APPLICATOR, SCHEMAS},
    {"not", ALL, APPLICATOR, "@"},
    {"unevaluatedItems", D2019, APPLICATOR, "@"},
    {"unevaluatedProperties", D2019, APPLICATOR, "@"},
    {"unevaluatedItems", D2020, UNEVALUATED, "@"},
    {"unevaluatedProperties", D2020, UNEVALUATED, "@"},

    {"type", ALL, VALIDATION, TYPES},
    {"enum", OLD, VALIDATION, "{'type':'array','minItems':1,'uniqueItems':true}"},
    {"enum", NEW, VALIDATION, "{'type':'array'}"},
    {"multipleOf", D4, VALIDATION, "{'type':'number','minimum':0,'exclusiveMinimum':true}"},
    {"multipleOf", FROM6, VALIDATION, "{'type':'number','exclusiveMinimum':0}"},
    {"maximum", ALL, VALIDATION, NUMBER},
    {"minimum", ALL, VALIDATION, NUMBER},
    {"exclusiveMaximum", D4, VALIDATION, BOOLEAN},
    {"exclusiveMinimum", D4, VALIDATION, BOOLEAN},
    {"exclusiveMaximum", FROM6, VALIDATION, NUMBER},
    {"exclusiveMinimum", FROM6, VALIDATION, NUMBER},
    {"maxLength", ALL, VALIDATION, COUNT},
    {"minLength", OLD, VALIDATION, "{'allOf':[" COUNT "]}"},
    {"minLength", NEW, VALIDATION, COUNT},
    {"pattern", ALL, VALIDATION, "{'type':'string','format':'regex'}"},
    {"maxItems", ALL, VALIDATION, COUNT},
    {"minItems", OLD, VALIDATION, "{'allOf':[" COUNT "]}"},
    {"minItems", NEW, VALIDATION, COUNT},
    {"uniqueItems", ALL, VALIDATION, BOOLEAN},
    {"maxContains", NEW, VALIDATION, COUNT},
    {"minContains", NEW, VALIDATION, COUNT},
    {"maxProperties", ALL, VALIDATION, COUNT},
    {"minProperties", OLD, VALIDATION, "{'allOf':[" COUNT "]}"},
    {"minProperties", NEW, VALIDATION, COUNT},
    {"required", ALL, VALIDATION, STRINGS},
    {"dependentRequired", NEW, VALIDATION, "{'type':'object','additionalProperties':" STRINGS "}"},

    {"title", ALL, META_DATA, STRING},
    {"description", ALL, META_DATA, STRING},
    {"readOnly", FROM7, META_DATA, BOOLEAN},
    {"writeOnly", FROM7, META_DATA, BOOLEAN},
    {"deprecated", NEW, META_DATA, BOOLEAN},
    {"examples", FROM7, META_DATA, "{'type':'array'}"},

    {"format", ALL, FORMAT, STRING},

    {"contentMediaType", FROM7, CONTENT, STRING},
    {"contentEncoding", FROM7, CONTENT, STRING},
    {"contentSchema", NEW, CONTENT, "@"},
};

struct draft {
    enum schema_draft draft;
    unsigned bit; /* enum drafts */
    const char *url;
    const char *reference; /* what @ stands for */
    const char *anchor;    /* what makes the reference find the outermost schema */
    unsigned vocabs;       /* that the main schema joins */
};

static const struct draft DRAFTS[] = {
    {SCHEMA_DRAFT_4, D4, "http://json-schema.org/draft-04/schema", "{'$ref':'#'}",
     "'dependencies':{'exclusiveMaximum':['maximum'],'exclusiveMinimum':['minimum']},", 0},
    {SCHEMA_DRAFT_6, D6, "http://json-schema.org/draft-06/schema", "{'$ref':'#'}", "", 0},
    {SCHEMA_DRAFT_7, D7, "http://json-schema.org/draft-07/schema", "{'$ref':'#'}", "", 0},
    {SCHEMA_DRAFT_2019, D2019, "https://json-schema.org/draft/2019-09/schema",
     "{'$recursiveRef':'#'}", "'$recursiveAnchor':true,",
     CORE | APPLICATOR | VALIDATION | META_DATA | SCHEMA_VOCAB_FORMAT | CONTENT},
    {SCHEMA_DRAFT_2020, D2020, "https://json-schema.org/draft/2020-12/schema",
     "{'$dynamicRef':'#meta'}", "'$dynamicAnchor':'meta',",
     CORE | APPLICATOR | UNEVALUATED | VALIDATION | META_DATA | SCHEMA_VOCAB_FORMAT_ANNOTATION |
         CONTENT},
};

struct vocab {
    const char *name;
    unsigned bit; /* enum schema_vocab */
    unsigned drafts;
};

/* In the order the main schemas join them. */
static const struct vocab VOCABS[] = {
    {"core", SCHEMA_VOCAB_CORE, NEW},
    {"applicator", SCHEMA_VOCAB_APPLICATOR, NEW},
    {"unevaluated", SCHEMA_VOCAB_UNEVALUATED, D2020},
    {"validation", SCHEMA_VOCAB_VALIDATION, NEW},
    {"meta-data", SCHEMA_VOCAB_META_DATA, NEW},
    {"format", SCHEMA_VOCAB_FORMAT, D2019},
    {"format-annotation", SCHEMA_VOCAB_FORMAT_ANNOTATION, D2020},
    {"format-assertion", SCHEMA_VOCAB_FORMAT_ASSERTION, D2020},
    {"content", SCHEMA_VOCAB_CONTENT, NEW},
};

/* ---- which ---- */

static const struct draft *find_draft(enum schema_draft draft)
{
    const struct draft *d = DRAFTS;
    while (d->draft != draft) {
        d++;
    }
    return d;
}

static void cut_scheme(struct str *url)
{
    if (!str_cut_prefix(url, STR("http://"))) {
        (void)str_cut_prefix(url, STR("https://"));
    }
}

enum schema_draft schema_meta_draft(struct str url)
{
    (void)str_cut_suffix(&url, STR("#"));
    cut_scheme(&url);
    if (str_eq_c(url, "json-schema.org/schema")) {
        return SCHEMA_DRAFT_2020;
    }
    for (size_t i = 0; i < ARRAY_LEN(DRAFTS); i++) {
        struct str known = str_from(DRAFTS[i].url);
        cut_scheme(&known);
        if (str_eq(url, known)) {
            return DRAFTS[i].draft;
        }
    }
    return 0;
}

/* https://json-schema.org/draft/2020-12/ of the draft's main schema */
static struct str folder_of(const struct draft *d)
{
    struct str url = str_from(d->url);
    (void)str_cut_suffix(&url, STR("schema"));
    return url;
}

unsigned schema_meta_vocab(enum schema_draft draft, struct str url)
{
    const struct draft *d = find_draft(draft);
    if (!str_cut_prefix(&url, folder_of(d)) || !str_cut_prefix(&url, STR("vocab/"))) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(VOCABS); i++) {
        if ((VOCABS[i].drafts & d->bit) != 0 && str_eq_c(url, VOCABS[i].name)) {
            return VOCABS[i].bit;
        }
    }
    return 0;
}

/* ---- their text ---- */

/* Definitions that stay references: the problems of a list stand below what refers to it. */
static void put_reference(struct buf *out, const struct draft *d, const char *name)
{
    buf_printf(out, "{\"$ref\":\"#/%s/%s\"}", d->vocabs == 0 ? "definitions" : "$defs", name);
}

static void put_json(struct buf *out, const struct draft *d, const char *shape)
{
    for (; *shape != '\0'; shape++) {
        switch (*shape) {
        case '@':
            put_json(out, d, d->reference);
            break;
        case '!':
            put_reference(out, d, "schemaArray");
            break;
        case '&':
            put_reference(out, d, "stringArray");
            break;
        default:
            buf_put_char(out, *shape == '\'' ? '"' : *shape);
        }
    }
}

static void put_definitions(struct buf *out, const struct draft *d)
{
    put_json(out, d, d->vocabs == 0 ? "'definitions':{" : "'$defs':{");
    put_json(out, d, "'schemaArray':{'type':'array','minItems':1,'items':@},");
    put_json(out, d, "'stringArray':{'type':'array','items':{'type':'string'},");
    put_json(out, d, d->draft == SCHEMA_DRAFT_4 ? "'minItems':1," : "");
    put_json(out, d, "'uniqueItems':true}},");
}

static void put_properties(struct buf *out, const struct draft *d, unsigned vocabs)
{
    const char *comma = "";
    put_json(out, d, "'properties':{");
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        if ((ROWS[i].drafts & d->bit) != 0 && (ROWS[i].vocabs & vocabs) != 0) {
            buf_printf(out, "%s\"%s\":", comma, ROWS[i].keyword);
            put_json(out, d, ROWS[i].shape);
            comma = ",";
        }
    }
    buf_put_char(out, '}');
}

static void put_doc(struct buf *out, const struct draft *d, struct str url, unsigned vocabs)
{
    const char *comma = "";
    buf_printf(out, "{\"$schema\":\"%s\",\"%s\":\"" STR_FMT "\",", d->url,
               d->draft == SCHEMA_DRAFT_4 ? "id" : "$id", STR_ARG(url));
    put_json(out, d, d->anchor);
    put_json(out, d,
             d->draft == SCHEMA_DRAFT_4 ? "'type':'object'," : "'type':['object','boolean'],");
    if ((vocabs & MAIN) != 0 && d->vocabs != 0) {
        put_json(out, d, "'allOf':[");
        for (size_t i = 0; i < ARRAY_LEN(VOCABS); i++) {
            if ((VOCABS[i].bit & d->vocabs) != 0) {
                buf_printf(out, "%s{\"$ref\":\"meta/%s\"}", comma, VOCABS[i].name);
                comma = ",";
            }
        }
        buf_put_c(out, "],");
    }
    put_definitions(out, d);
    put_properties(out, d, vocabs);
    buf_put_char(out, '}');
}

/* The rows of the schema at a URL; 0 = there is none. */
static unsigned vocabs_at(const struct draft *d, struct str url)
{
    struct str folder = folder_of(d);
    cut_scheme(&folder);
    cut_scheme(&url);
    if (!str_cut_prefix(&url, folder)) {
        return 0;
    }
    if (str_eq_c(url, "schema")) {
        return d->vocabs == 0 ? ~0U : (unsigned)MAIN;
    }
    if (d->vocabs == 0 || !str_cut_prefix(&url, STR("meta/"))) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(VOCABS); i++) {
        if ((VOCABS[i].drafts & d->bit) != 0 && str_eq_c(url, VOCABS[i].name)) {
            return VOCABS[i].bit;
        }
    }
    return 0;
}

int schema_meta_doc(struct arena *arena, struct str url, const struct value **ret, struct err *err)
{
    struct str path = url;
    cut_scheme(&path);
    bool is_latest = str_eq_c(path, "json-schema.org/schema");
    url = is_latest ? str_from(find_draft(SCHEMA_DRAFT_2020)->url) : url;
    for (size_t i = 0; i < ARRAY_LEN(DRAFTS); i++) {
        unsigned vocabs = vocabs_at(&DRAFTS[i], url);
        if (vocabs != 0) {
            AUTO(buf) struct buf text;
            buf_init(&text, LIMIT_MIB);
            put_doc(&text, &DRAFTS[i], url, vocabs);
            return value_from_json(arena, buf_str(&text), NULL, ret, err);
        }
    }
    return 0;
}

/* ---- as something to check with ---- */

static int
compile_url(struct schema_set *set, struct str url, struct schema_node **ret, struct err *err)
{
    struct schema_root *root;
    TRY(schema_root_get(set, url, &root, err));
    return schema_compile(set, root, STR_EMPTY, ret, err);
}

/* A schema that joins those of the vocabularies a custom schema of schemas names. */
static int join_vocabs(struct schema_set *meta,
                       const struct schema_dialect *dialect,
                       struct schema_node **ret,
                       struct err *err)
{
    const struct draft *d = find_draft(dialect->draft);
    struct schema_node *node = ARENA_NEW(meta->arena, struct schema_node);
    struct schema_nodes *all = &node->group[SCHEMA_ALL_OF];
    struct str folder = folder_of(d);
    *node = (struct schema_node){.draft = d->draft, .resource = node};
    all->items = arena_calloc(meta->arena, ARRAY_LEN(VOCABS), sizeof(struct schema_node *));
    for (size_t i = 0; i < SCHEMA_COUNT_COUNT; i++) {
        node->count[i] = -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(VOCABS); i++) {
        if ((VOCABS[i].bit & dialect->vocabs) != 0) {
            struct str url =
                arena_printf(meta->arena, STR_FMT "meta/%s", STR_ARG(folder), VOCABS[i].name);
            TRY(compile_url(meta, url, &all->items[all->n++], err));
        }
    }
    if (d->draft == SCHEMA_DRAFT_2020) {
        node->dynamic_anchor = STR("meta");
        vec_push_in(meta->arena, &node->dynamic,
                    ((struct schema_dynamic){.name = STR("meta"), .node = node}));
    }
    *ret = node;
    return 0;
}

int schema_meta_node(struct schema_set *set,
                     const struct schema_dialect *dialect,
                     struct schema_node **ret,
                     struct err *err)
{
    if (set->meta == NULL) {
        set->meta = ARENA_NEW(set->arena, struct schema_set);
        schema_set_init(set->meta, set->arena, set->budget, set->opts, set->report);
        set->meta->is_meta = true;
        set->meta->owner = set;
    }
    if (dialect->vocabs != 0) {
        return join_vocabs(set->meta, dialect, ret, err);
    }
    return compile_url(set->meta, str_from(find_draft(dialect->draft)->url), ret, err);
}
