/* The OpenPGP keys of argocd-gpg-keys-cm: one entry for each, under its id.
 *
 * The config map is read and written each time, so that who adds a key finds it at once. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

/* All, without their data; keyID: this one. */
MUST_CHECK int gpg_keys_list(struct rest_call *call, struct err *err);
/* One, with its data. */
MUST_CHECK int gpg_keys_get(struct rest_call *call, struct err *err);
/* Those of keyData; what is there already is skipped, or with upsert=true replaced. */
MUST_CHECK int gpg_keys_create(struct rest_call *call, struct err *err);
/* keyID. */
MUST_CHECK int gpg_keys_delete(struct rest_call *call, struct err *err);
