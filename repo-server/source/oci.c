/* Tags, page by page, and manifests. As in oci_get.c a call ends in the callback of its last download. */
#include "repo-server/source/oci.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/helm_index.h"
#include "repo-server/source/oci_get.h"
#include "repo-server/source/oci_wire.h"

enum {
    PAGES_MAX = 1000, /* a registry may answer with fewer tags a page than asked for */
};

struct oci_call {
    const struct chart_env *env;
    struct arena *arena;
    struct chart_remote *remote;
    struct str name;
    struct str version; /* "" = tags are wanted */
    struct url page;
    unsigned n_pages;
    VEC(struct helm_version) versions;
    struct oci_get *get;
    oci_done_fn done;
    void *data;
};

int oci_name(struct arena *arena,
             const struct chart_remote *remote,
             struct str chart,
             struct str *ret,
             struct err *err)
{
    struct str path = chart_remote_url(remote)->path;
    (void)str_cut_prefix(&path, STR("/"));
    const char *slash = path.n > 0 && chart.n > 0 ? "/" : "";
    struct str name =
        arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(path), slash, STR_ARG(chart));
    if (!oci_is_name(name)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' cannot be a repository of a registry",
                       STR_ARG(name));
    }
    *ret = name;
    return 0;
}

void oci_url(struct arena *arena,
             const struct chart_remote *remote,
             struct str name,
             const char *kind,
             struct str what,
             struct url *ret)
{
    *ret = *chart_remote_url(remote);
    ret->path =
        arena_printf(arena, "/v2/" STR_FMT "/%s/" STR_FMT, STR_ARG(name), kind, STR_ARG(what));
}

static void finish(struct oci_call *c, struct helm_index *index, const struct err *err)
{
    struct err with_name;
    if (err != NULL) {
        with_name = *err;
        if (c->name.n > 0) {
            (void)err_wrap(&with_name, "OCI repository '" STR_FMT "'", STR_ARG(c->name));
        } else {
            (void)err_wrap(&with_name, "OCI registry '%s'", chart_remote_shown(c->remote));
        }
    }
    c->done(index, err != NULL ? &with_name : NULL, c->data);
    helm_index_unref(index);
    chart_remote_unref(c->remote);
    arena_free(c->arena);
    mem_free(c);
}

static void
request(struct oci_call *c, const struct url *url, const char *accept, chart_get_done_fn done)
{
    struct oci_get_options options = {
        .env = c->env,
        .remote = c->remote,
        .name = c->name,
        .url = url,
        .accept = str_from(accept),
        .coding = CHART_GET_DECODED,
        .max_bytes = LIMIT_OCI_ANSWER_BYTES,
        .timeout_ms = c->env->request_timeout_ms,
    };
    c->get = oci_get_start(&options, done, c);
}

/* The registry's own words are added, but not those of a server it sent us to. */
static int check_answer(struct oci_call *c, const struct chart_answer *answer, struct err *err)
{
    int rc = chart_answer_check(answer, chart_remote_authorization(c->remote).n > 0, err);
    if (rc < 0 && answer->trusted) {
        struct str text = oci_error_text(c->arena, buf_str(answer->body));
        if (text.n > 0) {
            (void)err_wrap(err, STR_FMT, STR_ARG(text));
        }
    }
    return rc;
}

/* ---- tags ---- */

static void on_tags(const struct chart_answer *answer, const struct err *err, void *data);

static int take_tags(struct oci_call *c, const struct chart_answer *answer, struct err *err)
{
    struct oci_tags tags;
    TRY(check_answer(c, answer, err));
    struct str json = arena_str(c->arena, buf_str(answer->body));
    TRY(oci_tags_parse(c->arena, json, &tags, err));
    if (c->versions.n + tags.n > LIMIT_OCI_TAGS) {
        return err_set(err, ERR_LIMIT, "more than %zu tags", LIMIT_OCI_TAGS);
    }
    for (size_t i = 0; i < tags.n; i++) {
        struct helm_version v = {.semver.original = oci_version_of(c->arena, tags.items[i])};
        vec_push_in(c->arena, &c->versions, v);
    }
    return 0;
}

/* 1 = there is another page. */
static int next_page(struct oci_call *c, const struct chart_answer *answer, struct err *err)
{
    struct str link = oci_link_next(answer->headers);
    if (link.p == NULL) {
        return 0;
    }
    struct url next;
    TRY_IN(url_resolve(c->arena, &c->page, link, &next, err), err, "link to the next page");
    if (!chart_remote_same_server(&c->page, &next)) {
        return err_set(err, ERR_DENIED, "the next page of tags is on another server");
    }
    if (++c->n_pages >= PAGES_MAX) {
        return err_set(err, ERR_LIMIT, "more than %d pages of tags", PAGES_MAX);
    }
    c->page = next;
    return 1;
}

static void on_tags(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct oci_call *c = data;
    struct err err;
    if (failed != NULL) {
        finish(c, NULL, failed);
        return;
    }
    int rc = take_tags(c, answer, &err);
    if (rc == 0) {
        rc = next_page(c, answer, &err);
    }
    if (rc < 0) {
        finish(c, NULL, &err);
    } else if (rc == 1) {
        request(c, &c->page, "", on_tags);
    } else {
        finish(c, helm_index_from_versions(c->name, c->versions.items, c->versions.n), NULL);
    }
}

/* ---- manifests ---- */

static int take_manifest(struct oci_call *c,
                         const struct chart_answer *answer,
                         struct helm_version *ret,
                         struct err *err)
{
    struct oci_chart_layer layer;
    char hex[DIGEST_SHA256_HEX_BYTES];
    TRY(check_answer(c, answer, err));
    struct str json = buf_str(answer->body);
    struct str stated = http_header_find(answer->headers, STR("Docker-Content-Digest"));
    digest_sha256_hex(json, hex);
    if (oci_cut_digest(&stated) && !str_eq_c(stated, hex)) {
        return err_set(err, ERR_UNAVAILABLE, "the manifest has not the digest the registry states");
    }
    TRY(oci_manifest_parse(c->arena, json, &layer, err));
    if ((uint64_t)layer.size_bytes > LIMIT_CHART_ARCHIVE_BYTES) {
        return err_set(err, ERR_LIMIT, "the chart is larger than %zu bytes",
                       LIMIT_CHART_ARCHIVE_BYTES);
    }
    *ret = (struct helm_version){
        .semver.original = c->version, .digest = layer.digest, .url = STR_EMPTY};
    return 0;
}

static void on_manifest(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct oci_call *c = data;
    struct helm_version version;
    struct err err;
    if (failed != NULL) {
        finish(c, NULL, failed);
    } else if (take_manifest(c, answer, &version, &err) < 0) {
        (void)err_wrap(&err, "version '" STR_FMT "'", STR_ARG(c->version));
        finish(c, NULL, &err);
    } else {
        finish(c, helm_index_from_versions(c->name, &version, 1), NULL);
    }
}

/* ---- the registry itself ---- */

static void on_welcome(const struct chart_answer *answer, const struct err *failed, void *data)
{
    struct oci_call *c = data;
    struct err err;
    if (failed != NULL) {
        finish(c, NULL, failed);
    } else if (check_answer(c, answer, &err) < 0) {
        finish(c, NULL, &err);
    } else {
        finish(c, helm_index_from_versions(STR_EMPTY, NULL, 0), NULL);
    }
}

/* ---- life ---- */

struct oci_call *oci_start(const struct chart_env *env,
                           struct chart_remote *remote,
                           struct str name,
                           struct str version,
                           oci_done_fn done,
                           void *data)
{
    struct oci_call *c = MEM_NEW(struct oci_call);
    struct url url;
    c->env = env;
    c->arena = arena_new();
    c->remote = chart_remote_ref(remote);
    c->name = arena_str(c->arena, name);
    c->version = arena_str(c->arena, version);
    c->done = done;
    c->data = data;
    if (name.n == 0) {
        url = *chart_remote_url(remote);
        url.path = STR("/v2/");
        request(c, &url, "", on_welcome);
    } else if (version.n > 0) {
        oci_url(c->arena, remote, c->name, "manifests", oci_tag_of(c->arena, c->version), &url);
        request(c, &url, OCI_ACCEPT_MANIFEST, on_manifest);
    } else {
        oci_url(c->arena, remote, c->name, "tags", STR("list"), &c->page);
        c->page.query = STR("n=1000");
        request(c, &c->page, "", on_tags);
    }
    return c;
}

void oci_cancel(struct oci_call *call)
{
    oci_get_cancel(call->get);
}
