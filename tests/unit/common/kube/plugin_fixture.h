/* Credential plugins for tests: programs in sh, and their end. */
#pragma once

#include "common/kube/kube_config.h"
#include "common/rt/loop.h"
#include "tests/lib/check.h"

#define PLUGIN_V1 "client.authentication.k8s.io/v1"

enum { PLUGIN_WAIT_MS = 20 * 1000 };

static const char *const PLUGIN_ENVIRON[] = {"PATH=/usr/bin:/bin", NULL};

/* args are borrowed. */
static inline struct kube_exec plugin_fixture(const struct str *args, size_t n_args)
{
    return (struct kube_exec){
        .command = STR("sh"),
        .args = args,
        .n_args = n_args,
        .api_version = STR(PLUGIN_V1),
        .install_hint = STR("get it from the shop"),
    };
}

static inline void plugin_fixture_count(uv_handle_t *handle, void *data)
{
    size_t *n = data;
    *n += handle->type == UV_PROCESS || handle->type == UV_NAMED_PIPE ? 1 : 0;
}

static inline bool plugin_fixture_is_reaped(void *data)
{
    size_t n = 0;
    uv_walk(loop_uv(data), plugin_fixture_count, &n);
    return n == 0;
}

/* Until a killed process is gone and its pipes are closed. */
static inline void plugin_fixture_wait_reaped(struct loop *loop)
{
    assert_true(loop_run_until(loop, plugin_fixture_is_reaped, loop, PLUGIN_WAIT_MS));
}
