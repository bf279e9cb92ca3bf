/* Version, health, settings and the landing page. */
#include "api-server/rest/about.h"

#include <sys/utsname.h>

#include "api-server/api_server.h"
#include "api-server/auth/session.h"
#include "api-server/rest/call.h"
#include "api-server/rest/overrides.h"
#include "common/base/arena.h"
#include "common/rt/daemon.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "version.h"

static struct str platform(struct arena *arena)
{
    struct utsname un;
    if (uname(&un) != 0) {
        return STR("linux");
    }
    return arena_printf(arena, "linux/%s", un.machine);
}

int about_version(struct rest_call *call, struct err *err UNUSED)
{
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "Version", STR("v" BELAY_VERSION));
    if (call->who.logged_in) {
        value_build_field_str(&b, "GitCommit", STR(BELAY_COMMIT));
        value_build_field_str(&b, "Compiler", STR(__VERSION__));
        value_build_field_str(&b, "Platform", platform(call->arena));
    }
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}

int about_health(struct rest_call *call, struct err *err UNUSED)
{
    bool ready = daemon_ready(call->server->daemon);
    struct http_reply reply = {
        .status = ready ? 200 : 503,
        .content_type = "text/plain",
        .body = ready ? STR("ok") : STR("not ready"),
    };
    http_request_reply(call->request, &reply);
    return 0;
}

int about_landing(struct rest_call *call, struct err *err UNUSED)
{
    struct http_reply reply = {
        .status = 200,
        .content_type = "text/html; charset=utf-8",
        .headers = HTTP_HEADERS({STR("x-frame-options"), STR("sameorigin")},
                                {STR("content-security-policy"), STR("frame-ancestors 'self'")}),
        .body = STR("<!doctype html><title>Belay</title><h1>Belay " BELAY_VERSION "</h1>"
                    "<p>This is the API server. Log in with <code>belay login</code>, or see "
                    "<a href=\"api/version\">api/version</a>.</p>\n"),
    };
    http_request_reply(call->request, &reply);
    return 0;
}

int about_settings(struct rest_call *call, struct err *err UNUSED)
{
    struct settings *s = call->server->settings;
    struct str label = settings_value(s, STR("application.instanceLabelKey"));
    struct str method = settings_value(s, STR("application.resourceTrackingMethod"));
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "url", settings_value(s, STR("url")));
    value_build_field_str(&b, "appLabelKey",
                          label.n > 0 ? label : STR("app.kubernetes.io/instance"));
    value_build_field_str(&b, "trackingMethod", method.n > 0 ? method : STR("annotation"));
    value_build_field_bool(&b, "userLoginsDisabled", !session_admin_enabled(s));
    value_build_field_bool(&b, "execEnabled", false);
    if (call->who.logged_in || call->server->config->disable_auth) {
        struct doc *config = settings_config(s);
        value_build_field_str(&b, "controllerNamespace", str_from(call->server->config->ns));
        value_build_field(
            &b, "resourceOverrides",
            overrides_of(call->arena, config != NULL ? value_dig(doc_root(config), "data") : NULL));
    }
    value_build_field_str_opt(&b, "installationID", settings_value(s, STR("installationID")));
    value_build_end(&b);
    rest_reply(call, value_build_finish(&b));
    value_builder_done(&b);
    return 0;
}
