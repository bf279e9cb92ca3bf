/* An API server in memory on the test's own loop: discovery, a store of objects, watches.
 *
 * It keeps resourceVersions, answers conflicts and finalizers as a real one does, and fails where a test
 * says so. It does not default, validate or select by labels, and runs no controllers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_cluster;
struct loop;
struct value;

/* Listens on a free port of the loopback interface. Kinds: those of the table in fake_cluster.c. */
struct fake_cluster *fake_cluster_new(struct loop *loop);
/* Ends the watches and runs the loop until the server is gone. NULL is fine. */
void fake_cluster_free(struct fake_cluster *fc);
/* "http://127.0.0.1:PORT" */
const char *fake_cluster_url(const struct fake_cluster *fc);
/* Writes dir/kubeconfig, which leads to it. */
void fake_cluster_kubeconfig(const struct fake_cluster *fc, const char *dir);

/* A kind that comes and goes, as with a CRD: example.org/v1 Widget, namespaced. */
void fake_cluster_set_widgets(struct fake_cluster *fc, bool served);

/* The minor version the server says it has (30 until then), and its OpenAPI v2 document: a static string. */
void fake_cluster_set_types(struct fake_cluster *fc, int minor, const char *openapi);

/* As somebody else does it: create or replace from YAML, merge a patch, make it gone. */
void fake_cluster_put(struct fake_cluster *fc, const char *yaml);
void fake_cluster_patch(
    struct fake_cluster *fc, const char *kind, const char *ns, const char *name, const char *yaml);
void fake_cluster_remove(struct fake_cluster *fc,
                         const char *kind,
                         const char *ns,
                         const char *name);
/* NULL = there is none. Valid until the next change. */
const struct value *
fake_cluster_get(const struct fake_cluster *fc, const char *kind, const char *ns, const char *name);

/* Requests of the log ("METHOD path?query body") that contain both texts. */
size_t fake_cluster_count(const struct fake_cluster *fc, const char *part, const char *other);
void fake_cluster_forget_log(struct fake_cluster *fc);
const char *fake_cluster_log(const struct fake_cluster *fc);

/* The next n requests that contain the text fail with this status and reason; 0 ends it. The fault before
 * is forgotten. */
void fake_cluster_fail(
    struct fake_cluster *fc, const char *part, unsigned n, int status, const char *reason);
/* What a pod, in whatever namespace, wrote: lines with times. Static strings; of a few pods. */
void fake_cluster_set_log(struct fake_cluster *fc, const char *pod, const char *text);
/* Watches tell no news of this kind until it is another one, or NULL: then all of it. A static string. */
void fake_cluster_hold_events(struct fake_cluster *fc, const char *kind);
/* Break off every watch; they come again. */
void fake_cluster_break_watches(struct fake_cluster *fc);
size_t fake_cluster_n_watches(const struct fake_cluster *fc, const char *kind);
