/* An Application as the REST API shows it, for tests of commands. JSON texts. */
#pragma once

#define CLI_APP_SPEC                                                                             \
    "\"spec\":{\"project\":\"default\",\"destination\":{\"server\":\"https://k\",\"namespace\":" \
    "\"ns\"},\"source\":{\"repoURL\":\"https://git\",\"path\":\"p\",\"targetRevision\":\"main\"}}"
#define CLI_APP_META "\"metadata\":{\"name\":\"shop\",\"namespace\":\"argocd\"}"
#define CLI_APP_RESOURCES                                                                    \
    "\"resources\":[{\"kind\":\"Service\",\"namespace\":\"ns\",\"name\":\"web\",\"status\":" \
    "\"Synced\",\"health\":{\"status\":\"Healthy\"}}]"
#define CLI_APP_SHA "0123456789abcdef0123456789abcdef01234567"

/* With a phase of its last operation; its status; anything more, that ends in a comma. */
#define CLI_APP(phase, sync, more)                                                                \
    "{" more CLI_APP_META "," CLI_APP_SPEC ",\"status\":{\"sync\":{\"status\":\"" sync            \
    "\",\"revision\":\"" CLI_APP_SHA "\"},\"health\":{\"status\":\"Healthy\"},"                   \
    "\"operationState\":{\"phase\":\"" phase "\",\"message\":\"all done\",\"startedAt\":"         \
    "\"2026-01-02T03:04:05Z\",\"finishedAt\":\"2026-01-02T03:05:06Z\",\"syncResult\":{"           \
    "\"revision\":\"" CLI_APP_SHA "\",\"resources\":[{\"kind\":\"Service\",\"namespace\":\"ns\"," \
    "\"name\":\"web\",\"status\":\"Synced\",\"message\":\"service/web created\"}]}},"             \
    "\"history\":[{\"id\":4,\"deployedAt\":\"2026-01-02T03:05:06Z\",\"revision\":\"" CLI_APP_SHA  \
    "\",\"source\":{\"repoURL\":\"https://git\",\"targetRevision\":\"main\"},\"initiatedBy\":{"   \
    "\"username\":\"admin\"}}]," CLI_APP_RESOURCES "}}"
