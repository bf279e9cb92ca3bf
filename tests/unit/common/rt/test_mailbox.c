/* The mailbox: many threads post at once; everything arrives, once, in each thread's order. */
#include <pthread.h>

#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/mailbox.h"
#include "tests/lib/check.h"

enum { N_THREADS = 4, N_EACH = 2000 };

struct letter {
    struct mail mail;
    struct fixture *fixture;
    int thread;
    int number;
};

struct fixture {
    struct loop *loop;
    struct mailbox *mailbox;
    struct letter *letters;
    int next[N_THREADS];
    int n_arrived;
};

static void on_letter(struct mail *mail)
{
    struct letter *letter = CONTAINER_OF(mail, struct letter, mail);
    struct fixture *f = letter->fixture;
    assert_true(loop_on_thread(f->loop));
    assert_int_equal(letter->number, f->next[letter->thread]);
    f->next[letter->thread]++;
    f->n_arrived++;
}

struct sender {
    struct fixture *fixture;
    int thread;
};

static void *send_all(void *data)
{
    struct sender *sender = data;
    for (int i = 0; i < N_EACH; i++) {
        struct letter *letter = &sender->fixture->letters[sender->thread * N_EACH + i];
        letter->mail.fn = on_letter;
        letter->fixture = sender->fixture;
        letter->thread = sender->thread;
        letter->number = i;
        mailbox_post(sender->fixture->mailbox, &letter->mail);
    }
    return NULL;
}

static void start_senders(struct fixture *f, struct sender *senders, pthread_t *threads)
{
    f->loop = loop_new();
    f->mailbox = mailbox_new(f->loop);
    f->letters = mem_calloc(N_THREADS * N_EACH, sizeof(*f->letters));
    for (int i = 0; i < N_THREADS; i++) {
        senders[i] = (struct sender){f, i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]), 0);
    }
}

static void join_senders(pthread_t *threads)
{
    for (int i = 0; i < N_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static bool all_arrived(void *data)
{
    return ((struct fixture *)data)->n_arrived == N_THREADS * N_EACH;
}

static void everything_arrives_once_and_in_order(void **state UNUSED)
{
    struct fixture f = {.loop = NULL};
    struct sender senders[N_THREADS];
    pthread_t threads[N_THREADS];
    start_senders(&f, senders, threads);
    assert_true(loop_run_until(f.loop, all_arrived, &f, 20000));
    join_senders(threads);
    mailbox_free(f.mailbox);
    loop_free(f.loop);
    mem_free(f.letters);
}

static void freeing_delivers_what_is_left(void **state UNUSED)
{
    struct fixture f = {.loop = NULL};
    struct sender senders[N_THREADS];
    pthread_t threads[N_THREADS];
    start_senders(&f, senders, threads);
    join_senders(threads);
    mailbox_free(f.mailbox);
    assert_true(all_arrived(&f));
    loop_free(f.loop);
    mem_free(f.letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_arrives_once_and_in_order),
        cmocka_unit_test(freeing_delivers_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
