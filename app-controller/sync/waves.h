/* Order inside a sync: waves from annotations, rank of kinds.  Pure. */
#pragma once

#include "common/base/str.h"

struct value;

#define WAVE_ANNOTATION "argocd.argoproj.io/sync-wave"

/* argocd.argoproj.io/sync-wave, else helm.sh/hook-weight, else 0 (also when it is no number). */
int wave_of(const struct value *obj);

/* Position of the kind in the order of creation (Namespace first); unknown kinds come last. */
int wave_kind_rank(struct str kind);
