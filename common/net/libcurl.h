/* libcurl, loaded when it is first needed.
 *
 * It brings some thirty libraries along (Kerberos, LDAP, GnuTLS ...), which took two thirds of the time an offline command of
 * belay needs from start to end. So programs are not linked with it, and what uses it calls through this table, whose
 * functions have libcurl's names without "curl_". */
#pragma once

#include <curl/curl.h>

/* The functions in use. */
#define LIBCURL_FUNCTIONS(X) \
    X(easy_cleanup)          \
    X(easy_getinfo)          \
    X(easy_init)             \
    X(easy_pause)            \
    X(easy_setopt)           \
    X(easy_strerror)         \
    X(global_cleanup)        \
    X(global_init)           \
    X(multi_add_handle)      \
    X(multi_cleanup)         \
    X(multi_info_read)       \
    X(multi_init)            \
    X(multi_remove_handle)   \
    X(multi_setopt)          \
    X(multi_socket_action)   \
    X(multi_strerror)        \
    X(slist_append)          \
    X(slist_free_all)

struct libcurl {
#define LIBCURL_MEMBER(name) typeof(&curl_##name) name;
    LIBCURL_FUNCTIONS(LIBCURL_MEMBER)
#undef LIBCURL_MEMBER
};

/* Loads the library at the first call. Without it (Debian package libcurl4) the process ends, as it would not have begun
 * were it linked. Any thread. */
const struct libcurl *libcurl_get(void);
