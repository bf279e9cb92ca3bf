/* The mailbox: a list under a mutex, and a uv_async_t that says that there is something in it.
 *
 * The mutex is held for list operations only, never while a message's function runs. */
#include "common/rt/mailbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/rt/loop.h"

struct mailbox {
    struct loop *loop;
    uv_async_t async;
    pthread_mutex_t mutex; /* of mails */
    struct list mails;
    bool abandoned;
};

static void deliver(void *data)
{
    struct mail *mail = data;
    mail->fn(mail);
}

/* The whole box at once; what arrives meanwhile wakes us again. */
static void drain(struct mailbox *mailbox)
{
    struct list batch;
    struct list *node;
    list_init(&batch);
    (void)pthread_mutex_lock(&mailbox->mutex); /* an initialised, error-free mutex: cannot fail */
    while ((node = list_pop(&mailbox->mails)) != NULL) {
        list_push(&batch, node);
    }
    (void)pthread_mutex_unlock(&mailbox->mutex);
    while ((node = list_pop(&batch)) != NULL) {
        loop_call(mailbox->loop, "mail", deliver, CONTAINER_OF(node, struct mail, node));
    }
}

static void on_async(uv_async_t *async)
{
    drain(async->data);
}

struct mailbox *mailbox_new(struct loop *loop)
{
    ASSERT_LOOP(loop);
    struct mailbox *mailbox = MEM_NEW(struct mailbox);
    mailbox->loop = loop;
    list_init(&mailbox->mails);
    (void)pthread_mutex_init(&mailbox->mutex, NULL); /* never fails on Linux */
    int rc = uv_async_init(loop_uv(loop), &mailbox->async, on_async);
    if (rc != 0) { /* no descriptor for the loop's eventfd: at start only, nothing can go on */
        (void)fprintf(stderr, "mailbox: %s\n", uv_strerror(rc));
        abort();
    }
    mailbox->async.data = mailbox;
    return mailbox;
}

static void on_closed(uv_handle_t *handle)
{
    struct mailbox *mailbox = handle->data;
    (void)pthread_mutex_destroy(&mailbox->mutex);
    mem_free(mailbox);
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL) {
        return;
    }
    ASSERT_LOOP(mailbox->loop);
    drain(mailbox);
    uv_close((uv_handle_t *)&mailbox->async, on_closed);
}

void mailbox_abandon(struct mailbox *mailbox)
{
    ASSERT_LOOP(mailbox->loop);
    (void)pthread_mutex_lock(&mailbox->mutex);
    mailbox->abandoned = true;
    (void)pthread_mutex_unlock(&mailbox->mutex);
    uv_close((uv_handle_t *)&mailbox->async, NULL);
}

void mailbox_post(struct mailbox *mailbox, struct mail *mail)
{
    (void)pthread_mutex_lock(&mailbox->mutex);
    if (mailbox->abandoned) {
        (void)pthread_mutex_unlock(&mailbox->mutex);
        return;
    }
    bool was_empty = list_empty(&mailbox->mails);
    list_push(&mailbox->mails, &mail->node);
    if (was_empty) { /* under the lock: the loop side cannot drain and close the handle in between */
        (void)uv_async_send(&mailbox->async); /* fails only on a handle of another type */
    }
    (void)pthread_mutex_unlock(&mailbox->mutex);
}
