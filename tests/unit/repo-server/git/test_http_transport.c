/* Git over HTTP: what answers of a server become. Whole fetches are end-to-end tests. */
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <git2.h>
#include <git2/sys/transport.h>

#include "repo-server/git/cred.h"
#include "repo-server/git/http_transport.h"
#include "repo-server/git/remote.h"
#include "tests/lib/repo_fixture.h"

/* A server of one connection, which answers with fixed bytes and remembers the request. */
struct server {
    int fd;
    int port;
    const char *answer;
    char request[4096];
    pthread_t thread;
};

static void *serve(void *data)
{
    struct server *s = data;
    int fd = accept(s->fd, NULL, NULL);
    size_t n = 0;
    while (fd >= 0 && n + 1 < sizeof(s->request) && strstr(s->request, "\r\n\r\n") == NULL) {
        ssize_t got = read(fd, s->request + n, sizeof(s->request) - 1 - n);
        if (got <= 0) {
            break;
        }
        n += (size_t)got;
    }
    if (fd >= 0) {
        (void)!write(fd, s->answer, strlen(s->answer));
        (void)close(fd);
    }
    return NULL;
}

static void server_start(struct server *s, const char *answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(address);
    memset(s, 0, sizeof(*s));
    s->answer = answer;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &n), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
}

struct fixture {
    struct repo_fixture repo;
    Belay__Repository request;
    struct repo_url url;
    struct cred cred;
};

/* List the references of http://127.0.0.1:port/x. */
static int list(struct fixture *f, int port, struct err *err)
{
    struct remote_adverts adverts;
    struct str text = arena_printf(f->repo.arena, "http://127.0.0.1:%d/x", port);
    TRY(repo_url_parse(f->repo.arena, text, REPO_URL_NO_FILES, &f->url, err));
    TRY(cred_init(&f->cred, &f->request, &f->url, f->repo.dir, f->repo.arena, err));
    (void)git_transport_unregister("http");
    (void)git_transport_unregister("https");
    TRY(http_transport_register(&f->cred, err));
    return remote_list(&f->cred, f->repo.arena, &adverts, err);
}

#define ADVERT                                                                         \
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n" \
    "Connection: close\r\n\r\n"

static const struct {
    const char *answer;
    enum err_code code;
    const char *text;
} ANSWERS[] = {
    {"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", ERR_UNAUTHENTICATED,
     "authentication required"},
    {"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", ERR_DENIED, "access denied"},
    {"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno", ERR_NOT_FOUND, "repository not found"},
    {"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", ERR_UNAVAILABLE, "come back later"},
    {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", ERR_UNAVAILABLE, "server failed"},
    {"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", ERR_UNAVAILABLE, "server failed"},
    {"HTTP/1.1 204 No\r\n\r\n", ERR_INVALID, "unexpected answer"},
    {"HTTP/1.1 302 No\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", ERR_DENIED,
     "not allowed"},
    {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", ERR_INVALID,
     "not a Git repository"},
    {"nonsense\r\n\r\n", ERR_DENIED, "protocol is not allowed"},
    {"", ERR_UNAVAILABLE, "connection failed"},
    {ADVERT "not packets", ERR_UNAVAILABLE, "failed"},
};

static void tells_answers_apart(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(ANSWERS); i++) {
        struct server s;
        struct err err;
        server_start(&s, ANSWERS[i].answer);
        int rc = list(f, s.port, &err);
        server_stop(&s);
        if (rc != -(int)ANSWERS[i].code || strstr(err.message, ANSWERS[i].text) == NULL) {
            fail_msg("%s\n  gave %s: %s", ANSWERS[i].answer, rc < 0 ? err_code_name(err.code) : "",
                     rc < 0 ? err.message : "success");
        }
    }
}

static void logs_in_with_the_first_request(void **state)
{
    struct fixture *f = *state;
    struct server s;
    struct err err;
    f->request.username = arena_strdup(f->repo.arena, "me");
    f->request.password = arena_strdup(f->repo.arena, "secret");
    server_start(&s, ANSWERS[0].answer);
    ASSERT_ERR(list(f, s.port, &err), ERR_UNAUTHENTICATED, "authentication failed");
    server_stop(&s);
    assert_non_null(strstr(s.request, "Authorization: Basic bWU6c2VjcmV0\r\n"));
    assert_non_null(strstr(s.request, "GET /x/info/refs?service=git-upload-pack "));
    f->request.bearer_token = arena_strdup(f->repo.arena, "token");
    server_start(&s, ANSWERS[0].answer);
    ASSERT_ERR(list(f, s.port, &err), ERR_UNAUTHENTICATED, "authentication failed");
    server_stop(&s);
    assert_non_null(strstr(s.request, "Authorization: Bearer token\r\n"));
}

static void does_not_log_in_at_another_host(void **state)
{
    struct fixture *f = *state;
    struct server other;
    struct server s;
    struct err err;
    f->request.password = arena_strdup(f->repo.arena, "secret");
    server_start(&other, ANSWERS[2].answer);
    struct str redirect = arena_printf(f->repo.arena,
                                       "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n"
                                       "Location: http://localhost:%d/y/info/refs\r\n\r\n",
                                       other.port);
    server_start(&s, redirect.p);
    ASSERT_ERR(list(f, s.port, &err), ERR_NOT_FOUND, "repository not found");
    server_stop(&s);
    server_stop(&other);
    assert_non_null(strstr(s.request, "Authorization:"));
    assert_non_null(strstr(other.request, "GET /y/info/refs "));
    assert_null(strstr(other.request, "Authorization:"));
}

static int setup(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    repo_fixture_init(&f.repo);
    belay__repository__init(&f.request);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    repo_fixture_done(&f->repo);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_answers_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(logs_in_with_the_first_request, setup, teardown),
        cmocka_unit_test_setup_teardown(does_not_log_in_at_another_host, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
