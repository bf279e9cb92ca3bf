/* Refresh of one application: fetch, compare, decide on automated sync, write. Loop thread only. */
#pragma once

struct pass;

/* Decides whether and how far to refresh, does it, and ends the pass. */
void refresh_begin(struct pass *pass);
