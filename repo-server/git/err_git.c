/* Conversion of libgit2's errors. Its codes say little about the network, so a table of its messages (of
 * versions 1.5 to 1.9) tells apart what users must tell apart. */
#include "repo-server/git/err_git.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <git2.h>

static const char *last_message(void)
{
    const git_error *last = git_error_last();
    return last != NULL && last->message != NULL ? last->message : "unknown failure";
}

static enum err_code code_of(int git_rc)
{
    switch (git_rc) {
    case GIT_ENOTFOUND:
        return ERR_NOT_FOUND;
    case GIT_EEXISTS:
        return ERR_EXISTS;
    case GIT_EAMBIGUOUS:
    case GIT_EINVALIDSPEC:
        return ERR_INVALID;
    case GIT_ELOCKED:
        return ERR_CONFLICT;
    case GIT_EAUTH:
        return ERR_UNAUTHENTICATED;
    case GIT_ECERTIFICATE:
        return ERR_DENIED;
    case GIT_EUSER:
        return ERR_CANCELED;
    default:
        return ERR_INTERNAL;
    }
}

int err_from_git_at(struct err *err, int git_rc, const char *origin, const char *fmt, ...)
{
    char what[ERR_MESSAGE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, ap); /* cut is fine */
    va_end(ap);
    int rc = err_set_at(err, code_of(git_rc), origin, "%s: %s", what, last_message());
    err->system_code = git_rc;
    return rc;
}

/* The first row whose text is in libgit2's message decides. */
static const struct {
    const char *part;
    enum err_code code;
    const char *text;
} REMOTE_ERRORS[] = {
    {"failed to resolve address", ERR_UNAVAILABLE, "host name cannot be resolved"},
    {"failed to connect", ERR_UNAVAILABLE, "host cannot be reached"},
    {"could not connect", ERR_UNAVAILABLE, "host cannot be reached"},
    {"timed out", ERR_TIMEOUT, "no answer in time"},
    {"authentication required", ERR_UNAUTHENTICATED, "authentication failed"},
    {"not an SSH key", ERR_UNAUTHENTICATED, "authentication failed"},
    {"Username/PublicKey combination invalid", ERR_UNAUTHENTICATED, "authentication failed"},
    {"authenticate SSH session", ERR_UNAUTHENTICATED, "authentication failed"},
    {"SSH authentication methods", ERR_UNAUTHENTICATED, "authentication failed"},
    {"Unable to extract public key", ERR_UNAUTHENTICATED, "SSH private key cannot be read"},
    {"Permission denied", ERR_DENIED, "access denied"},
    {"does not appear to be a git repository", ERR_NOT_FOUND, "repository not found"},
    {"Repository not found", ERR_NOT_FOUND, "repository not found"},
    {"repository not found", ERR_NOT_FOUND, "repository not found"},
    {"could not find repository", ERR_NOT_FOUND, "repository not found"},
    {"failed to resolve path", ERR_NOT_FOUND, "repository not found"},
    {"unexpected disconnection", ERR_UNAVAILABLE, "connection was closed"},
    {"early EOF", ERR_UNAVAILABLE, "connection was closed"},
    {"remote hung up", ERR_UNAVAILABLE, "connection was closed"},
};

int err_from_git_remote(struct err *err, int git_rc, const char *shown)
{
    const char *message = last_message();
    enum err_code code = code_of(git_rc);
    const char *text = code == ERR_UNAUTHENTICATED ? "authentication failed" : "failed";
    const git_error *last = git_error_last();
    if (code == ERR_INTERNAL && last != NULL &&
        (last->klass == GIT_ERROR_NET || last->klass == GIT_ERROR_SSH ||
         last->klass == GIT_ERROR_SSL || last->klass == GIT_ERROR_HTTP)) {
        code = ERR_UNAVAILABLE;
    }
    for (size_t i = 0; i < ARRAY_LEN(REMOTE_ERRORS); i++) {
        if (strstr(message, REMOTE_ERRORS[i].part) != NULL) {
            code = REMOTE_ERRORS[i].code;
            text = REMOTE_ERRORS[i].text;
            break;
        }
    }
    int rc = err_set(err, code, "repository '%s': %s: %s", shown, text, message);
    err->system_code = git_rc;
    return rc;
}
