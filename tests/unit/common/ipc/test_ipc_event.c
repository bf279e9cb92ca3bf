/* Events: order, first contact, restarts, gaps by overload, silence and coming back. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/rand.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_event.h"
#include "common/rt/loop.h"
#include "proto/events.pb-c.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

enum { WAIT_MS = 20000, HEARTBEAT_MS = 40 };

struct fixture {
    struct loop *loop;
    char dir[TMP_DIR_BYTES];
    char url[96];
    struct ipc_pub *pub;
    struct ipc_sub *sub;
    int n_events;
    int n_resync[3];
    int n_up;
    int n_down;
    int last_number; /* of the events' names, to see the order */
    bool gap_told;   /* since the last event */
    int n_unnoticed; /* numbers that were skipped without a resync */
    int n_wanted;
};

static void start_pub(struct fixture *f)
{
    struct err err;
    const struct ipc_pub_options options = {.url = f->url,
                                            .rand = rand_system(),
                                            .heartbeat_type = BELAY__EVENT_TYPE__EVENT_HEARTBEAT,
                                            .heartbeat_ms = HEARTBEAT_MS};
    ASSERT_OK(ipc_pub_new(f->loop, &options, &f->pub, &err));
}

static void on_event(uint32_t type, struct str payload, void *data)
{
    struct fixture *f = data;
    struct err err;
    AUTO(arena) struct arena *arena = arena_new();
    ProtobufCMessage *message;
    assert_int_equal(type, BELAY__EVENT_TYPE__EVENT_TREE_CHANGED);
    ASSERT_OK(ipc_unpack(arena, &belay__app_event__descriptor, payload, &message, &err));
    int number = 0;
    for (const char *p = ((const Belay__AppEvent *)(void *)message)->name; *p != '\0'; p++) {
        number = number * 10 + (*p - '0');
    }
    assert_true(number > f->last_number);
    if (number != f->last_number + 1 && !f->gap_told) {
        f->n_unnoticed++;
    }
    f->last_number = number;
    f->gap_told = false;
    f->n_events++;
}

static void on_resync(enum ipc_resync why, void *data)
{
    struct fixture *f = data;
    f->n_resync[why]++;
    f->gap_told = true;
}

static void on_state(bool up, void *data)
{
    struct fixture *f = data;
    f->n_up += up;
    f->n_down += !up;
}

static void setup_without_pub(struct fixture *f)
{
    *f = (struct fixture){.loop = loop_new()};
    tmp_dir_new(f->dir);
    (void)snprintf(f->url, sizeof(f->url), "ipc://%s/events.sock", f->dir);
}

static void subscribe(struct fixture *f)
{
    static const struct ipc_sub_callbacks CALLBACKS = {on_event, on_resync, on_state};
    struct err err;
    const struct ipc_sub_options options = {.url = f->url,
                                            .heartbeat_type = BELAY__EVENT_TYPE__EVENT_HEARTBEAT,
                                            .heartbeat_ms = HEARTBEAT_MS};
    ASSERT_OK(ipc_sub_new(f->loop, &options, &CALLBACKS, f, &f->sub, &err));
}

static void setup(struct fixture *f)
{
    setup_without_pub(f);
    start_pub(f);
    subscribe(f);
}

static void teardown(struct fixture *f)
{
    ipc_sub_free(f->sub);
    ipc_pub_free(f->pub);
    loop_free(f->loop);
    tmp_dir_remove(f->dir);
}

static void publish(struct fixture *f, int number)
{
    Belay__AppEvent event;
    char name[16];
    belay__app_event__init(&event);
    (void)snprintf(name, sizeof(name), "%d", number);
    event.name = name;
    ipc_pub_send(f->pub, BELAY__EVENT_TYPE__EVENT_TREE_CHANGED, &event.base);
}

static bool first_contact(void *data)
{
    return ((struct fixture *)data)->n_resync[IPC_RESYNC_FIRST] > 0;
}

static bool has_wanted(void *data)
{
    const struct fixture *f = data;
    return f->n_events >= f->n_wanted;
}

static bool is_down(void *data)
{
    return ((struct fixture *)data)->n_down > 0;
}

static bool has_restarted(void *data)
{
    return ((struct fixture *)data)->n_resync[IPC_RESYNC_RESTART] > 0;
}

static bool got_last(void *data)
{
    const struct fixture *f = data;
    return f->last_number >= f->n_wanted || f->gap_told;
}

static void events_arrive_in_order_after_first_contact(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    assert_true(loop_run_until(f.loop, first_contact, &f, WAIT_MS));
    assert_int_equal(f.n_up, 1);
    f.n_wanted = 200;
    for (int i = 1; i <= f.n_wanted; i++) {
        publish(&f, i);
    }
    assert_true(loop_run_until(f.loop, has_wanted, &f, WAIT_MS));
    assert_int_equal(f.n_resync[IPC_RESYNC_FIRST], 1);
    assert_int_equal(f.n_resync[IPC_RESYNC_GAP], 0);
    teardown(&f);
}

static void silence_is_noticed_and_a_new_publisher_means_resync(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    assert_true(loop_run_until(f.loop, first_contact, &f, WAIT_MS));
    ipc_pub_free(f.pub);
    assert_true(loop_run_until(f.loop, is_down, &f, WAIT_MS));
    start_pub(&f);
    assert_true(loop_run_until(f.loop, has_restarted, &f, WAIT_MS));
    assert_int_equal(f.n_up, 2);
    f.n_wanted = 1;
    publish(&f, 1);
    assert_true(loop_run_until(f.loop, has_wanted, &f, WAIT_MS));
    assert_int_equal(f.n_resync[IPC_RESYNC_FIRST], 1);
    teardown(&f);
}

/* Takes connections and drops them at once, as a process does that is killed while it begins. */
struct dropper {
    pthread_t thread;
    int fd;
    atomic_bool stop;
    atomic_int n;
};

static void *run_dropper(void *data)
{
    struct dropper *d = data;
    while (!atomic_load(&d->stop)) {
        int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            (void)close(fd);
            (void)atomic_fetch_add(&d->n, 1);
        }
    }
    return NULL;
}

static void dropper_start(struct dropper *d, const char *url)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = url + strlen("ipc://");
    assert_true(strlen(path) < sizeof(to.sun_path));
    memcpy(to.sun_path, path, strlen(path));
    *d = (struct dropper){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    assert_int_equal(bind(d->fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(listen(d->fd, 16), 0);
    assert_int_equal(pthread_create(&d->thread, NULL, run_dropper, d), 0);
}

static void dropper_stop(struct dropper *d, const char *url)
{
    atomic_store(&d->stop, true);
    assert_int_equal(pthread_join(d->thread, NULL), 0);
    (void)close(d->fd);
    assert_int_equal(unlink(url + strlen("ipc://")), 0);
}

static bool was_dropped(void *data)
{
    return atomic_load(&((struct dropper *)data)->n) > 0;
}

static void a_publisher_that_dies_at_once_is_not_given_up(void **state UNUSED)
{
    struct fixture f;
    struct dropper dropper;
    setup_without_pub(&f);
    dropper_start(&dropper, f.url);
    subscribe(&f);
    assert_true(loop_run_until(f.loop, was_dropped, &dropper, WAIT_MS));
    dropper_stop(&dropper, f.url);
    start_pub(&f);
    assert_true(loop_run_until(f.loop, first_contact, &f, WAIT_MS));
    teardown(&f);
}

/* More than any queue on the way holds, while the subscriber does not read. */
static void lost_events_are_never_unnoticed(void **state UNUSED)
{
    struct fixture f;
    setup(&f);
    assert_true(loop_run_until(f.loop, first_contact, &f, WAIT_MS));
    f.gap_told = false;
    f.n_wanted = 20000;
    for (int i = 1; i <= f.n_wanted; i++) {
        publish(&f, i);
    }
    while (!got_last(&f)) {
        assert_true(loop_run_until(f.loop, got_last, &f, WAIT_MS));
    }
    int n_before = f.n_events; /* all that is still on its way */
    do {
        n_before = f.n_events;
        (void)loop_run_until(f.loop, is_down, &f, 3 * HEARTBEAT_MS);
    } while (f.n_events != n_before);
    assert_int_equal(f.n_unnoticed, 0);
    assert_true(f.n_events == f.n_wanted || f.n_resync[IPC_RESYNC_GAP] > 0);
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_arrive_in_order_after_first_contact),
        cmocka_unit_test(silence_is_noticed_and_a_new_publisher_means_resync),
        cmocka_unit_test(a_publisher_that_dies_at_once_is_not_given_up),
        cmocka_unit_test(lost_events_are_never_unnoticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
