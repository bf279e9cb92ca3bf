/* The repo-server tries. Without credentials in the query those count that the server would use for the URL. */
#include "api-server/rest/repository_test.h"

#include "api-server/api_server.h"
#include "api-server/auth/rbac.h"
#include "api-server/rest/call.h"
#include "common/base/arena.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/settings/settings.h"
#include "proto/repo.pb-c.h"

static const struct {
    const char *param;
    size_t member; /* a char * of the repository */
    bool secret;   /* a way to log in */
} TEXTS[] = {
    {"type", offsetof(Belay__Repository, type), false},
    {"proxy", offsetof(Belay__Repository, proxy), false},
    {"noProxy", offsetof(Belay__Repository, no_proxy), false},
    {"username", offsetof(Belay__Repository, username), true},
    {"password", offsetof(Belay__Repository, password), true},
    {"bearerToken", offsetof(Belay__Repository, bearer_token), true},
    {"sshPrivateKey", offsetof(Belay__Repository, ssh_private_key), true},
    {"tlsClientCertData", offsetof(Belay__Repository, tls_client_cert), true},
    {"tlsClientCertKey", offsetof(Belay__Repository, tls_client_key), true},
};

static const struct {
    const char *param;
    size_t member; /* a protobuf_c_boolean of it */
} FLAGS[] = {
    {"insecure", offsetof(Belay__Repository, insecure)},
    {"enableOci", offsetof(Belay__Repository, enable_oci)},
    {"forceHttpBasicAuth", offsetof(Belay__Repository, force_basic_auth)},
    {"insecureOciForceHttp", offsetof(Belay__Repository, insecure_oci_force_http)},
};

static const char *const UNSUPPORTED[] = {"githubAppPrivateKey", "gcpServiceAccountKey",
                                          "useAzureWorkloadIdentity"};

static char **text_of(Belay__Repository *repo, size_t i)
{
    return (char **)(void *)((char *)repo + TEXTS[i].member);
}

static bool brings_login(const struct rest_call *call)
{
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        any = any || (TEXTS[i].secret && rest_query(call, TEXTS[i].param).n > 0);
    }
    return any;
}

static int take_query(struct rest_call *call, Belay__Repository *repo, struct err *err)
{
    bool login = brings_login(call);
    for (size_t i = 0; i < ARRAY_LEN(UNSUPPORTED); i++) {
        struct str value = rest_query(call, UNSUPPORTED[i]);
        if (value.n > 0 && !str_eq_c(value, "false")) {
            return err_set(err, ERR_UNSUPPORTED, "credentials by %s are not supported",
                           UNSUPPORTED[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        struct str value = rest_query(call, TEXTS[i].param);
        if (value.n > 0 || (login && TEXTS[i].secret)) {
            *text_of(repo, i) = ipc_string(call->arena, value);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(FLAGS); i++) {
        if (rest_query_bool(call, FLAGS[i].param, false)) {
            *(protobuf_c_boolean *)(void *)((char *)repo + FLAGS[i].member) = true;
        }
    }
    return 0;
}

/* That the repository does not let us in says nothing of the user's own session. */
static void on_tested(const ProtobufCMessage *message UNUSED, const struct err *failed, void *data)
{
    struct rest_call *call = data;
    if (failed == NULL) {
        rest_reply_empty(call);
        return;
    }
    struct err err = *failed;
    if (err.code == ERR_UNAUTHENTICATED || err.code == ERR_DENIED) {
        err.code = ERR_INVALID;
    }
    rest_reply_err(call, &err);
}

int repository_test(struct rest_call *call, struct err *err)
{
    struct str url = rest_param(call, 0);
    struct str project = rest_query(call, "project");
    Belay__TestRepositoryRequest msg;
    Belay__Repository repo;
    belay__test_repository_request__init(&msg);
    settings_repository(call->server->settings, call->arena, url, project, &repo);
    TRY(take_query(call, &repo, err));
    msg.repo = &repo;
    struct ipc_call_options options = {
        .method = BELAY__REPO_METHOD__REPO_TEST_REPOSITORY,
        .name = "TestRepository",
        .request = &msg.base,
        .reply = &belay__empty__descriptor,
        .timeout_ms = call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
        .route_key = url,
        .principal = arena_str(call->arena, call->who.username).p,
    };
    (void)ipc_client_call(call->server->repo_server, &options, on_tested, call);
    return 0;
}
