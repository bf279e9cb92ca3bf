/* struct mailbox: the only way onto the loop thread from another thread.
 *
 * A message is a struct mail embedded in the object it is about; posting allocates nothing.  The
 * loop side takes the whole mailbox at each wake-up, because uv_async_send() coalesces. */
#pragma once

#include "common/base/list.h"

struct loop;
struct mailbox;
struct mail;

typedef void (*mail_fn)(struct mail *mail);

struct mail {
    struct list node; /* private */
    mail_fn fn;       /* called on the loop thread; may free the object the mail is in */
};

/* Loop thread only. */
struct mailbox *mailbox_new(struct loop *loop);
/* Messages in it are delivered before this returns.  No thread may post any more: stop (and join or
 * drain) the senders first.  Loop thread only, not from a message's function.  NULL is fine. */
void mailbox_free(struct mailbox *mailbox);

/* For senders that could not be stopped: what they post from now on is dropped, and the memory stays, for
 * ever.  Loop thread only. */
void mailbox_abandon(struct mailbox *mailbox);

/* Any thread.  The mail belongs to the mailbox until mail->fn is called; messages of one thread
 * arrive in order. */
void mailbox_post(struct mailbox *mailbox, struct mail *mail);
