/* known_hosts lines: nothing but a line with the key itself makes a host known. */
#include <assert.h>

#include "repo-server/git/known_hosts.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str lines = str_of((const char *)data, size);
    struct str key = STR("\0\0\0\13ssh-ed25519\0\0\0\4key!");
    AUTO(buf) struct buf line;
    buf_init(&line, 4096);
    known_hosts_put_line(&line, STR("h.example"), 22, lines);
    enum known_hosts_verdict verdict = known_hosts_check(lines, STR("h.example"), 22, key);
    if (verdict == KNOWN_HOSTS_MATCH || verdict == KNOWN_HOSTS_REVOKED) {
        assert(str_find(lines, STR("AAAAC3NzaC1lZDI1NTE5AAAABGtleSE=")) != STR_NONE);
    }
    return 0;
}
