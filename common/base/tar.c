/* The block format of tar. Headers are 512 bytes with octal numbers (or GNU's base 256); the data follows,
 * filled up to whole blocks; a block of zeros ends the archive. */
#include "common/base/tar.h"

#include "common/base/limits.h"
#include "common/base/num.h"

enum {
    BLOCK_BYTES = 512,
};

/* Where a field is in a header. */
struct field {
    size_t at;
    size_t n;
};

static const struct field NAME = {0, 100};
static const struct field SIZE = {124, 12};
static const struct field CHECKSUM = {148, 8};
static const struct field MAGIC = {257, 6};
static const struct field PREFIX = {345, 155};
enum { TYPE_AT = 156 };

static struct str field_bytes(const char *header, struct field f)
{
    return str_of(header + f.at, f.n);
}

static struct str field_text(const char *header, struct field f)
{
    struct str s = field_bytes(header, f);
    size_t end = str_find_char(s, '\0');
    return end == STR_NONE ? s : str_sub(s, 0, end);
}

/* GNU's form for numbers too large for octal digits: the first bit is set, the rest is big-endian. */
static bool base256(struct str s, uint64_t *ret)
{
    uint64_t v = (unsigned char)s.p[0] & 0x3f;
    if (((unsigned char)s.p[0] & 0x40) != 0) {
        return false; /* negative */
    }
    for (size_t i = 1; i < s.n; i++) {
        if (v >> 55 != 0) {
            return false;
        }
        v = v << 8 | (unsigned char)s.p[i];
    }
    *ret = v;
    return true;
}

static bool field_number(const char *header, struct field f, uint64_t *ret)
{
    struct str s = field_bytes(header, f);
    if (((unsigned char)s.p[0] & 0x80) != 0) {
        return base256(s, ret);
    }
    s = str_trim(field_text(header, f));
    if (s.n == 0) {
        *ret = 0;
        return true;
    }
    return num_digits(s, 8, ret);
}

static bool is_zero(const char *header)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        if (header[i] != '\0') {
            return false;
        }
    }
    return true;
}

/* The sum of all bytes with the checksum itself as blanks; old programs added signed bytes. */
static bool checksum_matches(const char *header)
{
    uint64_t want;
    int64_t is_signed = 0;
    uint64_t is_unsigned = 0;
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        bool inside = i >= CHECKSUM.at && i < CHECKSUM.at + CHECKSUM.n;
        is_unsigned += inside ? ' ' : (unsigned char)header[i];
        is_signed += inside ? ' ' : (signed char)header[i];
    }
    return field_number(header, CHECKSUM, &want) &&
           (want == is_unsigned || (int64_t)want == is_signed);
}

/* ---- pax ---- */

/* One record: "LENGTH KEY=VALUE\n", the length that of the whole record. */
static int pax_record(struct tar_reader *tar, struct str *rest, struct err *err)
{
    struct str digits;
    struct str after;
    struct str key;
    struct str value;
    uint64_t n;
    if (!str_cut(*rest, ' ', &digits, &after) || !num_digits(digits, 10, &n) || n > rest->n ||
        n <= digits.n + 1 || rest->p[n - 1] != '\n') {
        return err_set(err, ERR_INVALID, "tar: invalid extended header");
    }
    after = str_sub(*rest, digits.n + 1, n - 1);
    *rest = str_sub(*rest, n, rest->n);
    if (!str_cut(after, '=', &key, &value)) {
        return err_set(err, ERR_INVALID, "tar: invalid extended header");
    }
    if (str_eq(key, STR("path"))) {
        tar->long_name = value;
    } else if (str_eq(key, STR("size"))) {
        tar->has_pax_size = num_digits(value, 10, &tar->pax_size);
        if (!tar->has_pax_size) {
            return err_set(err, ERR_INVALID, "tar: invalid extended header");
        }
    } else if (str_starts_with(key, STR("GNU.sparse."))) {
        return err_set(err, ERR_UNSUPPORTED, "tar: sparse files are not supported");
    }
    return 0;
}

static int read_pax(struct tar_reader *tar, struct str data, struct err *err)
{
    while (data.n > 0) {
        TRY(pax_record(tar, &data, err));
    }
    return 0;
}

/* ---- entries ---- */

static int take_data(struct tar_reader *tar, uint64_t size, struct str *ret, struct err *err)
{
    if (size > tar->rest.n) {
        return err_set(err, ERR_INVALID, "tar: unexpected end");
    }
    size_t whole = ((size_t)size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    *ret = str_sub(tar->rest, 0, (size_t)size);
    tar->rest = str_sub(tar->rest, MIN(whole, tar->rest.n), tar->rest.n);
    return 0;
}

static struct str entry_name(struct tar_reader *tar, const char *header)
{
    struct str name = field_text(header, NAME);
    struct str prefix = field_text(header, PREFIX);
    if (tar->long_name.p != NULL) {
        return tar->long_name;
    }
    if (!str_eq(field_bytes(header, MAGIC), STR("ustar\0")) || prefix.n == 0) {
        return name;
    }
    return arena_printf(tar->arena, STR_FMT "/" STR_FMT, STR_ARG(prefix), STR_ARG(name));
}

static enum tar_type entry_type(char flag, struct str name)
{
    if (flag == '5' || (flag == '\0' && str_ends_with(name, STR("/")))) {
        return TAR_DIR;
    }
    return flag == '0' || flag == '\0' || flag == '7' ? TAR_FILE : TAR_OTHER;
}

/* Links and devices have no data, whatever their size says. */
static bool has_data(char flag)
{
    return flag < '1' || flag > '6';
}

static bool is_about_next(char flag)
{
    return flag == 'x' || flag == 'g' || flag == 'L' || flag == 'K' || flag == 'X';
}

/* Headers about the next entry. Returns 1 for those. */
static int read_meta(struct tar_reader *tar, char flag, struct str data, struct err *err)
{
    if (!is_about_next(flag)) {
        return 0;
    }
    if (data.n > LIMIT_ARCHIVE_HEADER_BYTES) {
        return err_set(err, ERR_LIMIT, "tar: a header is larger than %zu bytes",
                       (size_t)LIMIT_ARCHIVE_HEADER_BYTES);
    }
    if (flag == 'x' || flag == 'X') {
        TRY(read_pax(tar, data, err));
    } else if (flag == 'L') {
        size_t end = str_find_char(data, '\0');
        tar->long_name = str_sub(data, 0, end == STR_NONE ? data.n : end);
    }
    return 1;
}

/* The header at the start of what is left: 1, or 0 at the end. */
static int check_header(struct tar_reader *tar, uint64_t *ret_size, struct err *err)
{
    const char *header = tar->rest.p;
    if (tar->rest.n < BLOCK_BYTES || is_zero(header)) {
        return 0;
    }
    if (!checksum_matches(header) || !field_number(header, SIZE, ret_size)) {
        return err_set(err, ERR_INVALID, "tar: invalid header");
    }
    if (++tar->n_entries > LIMIT_ARCHIVE_ENTRIES) {
        return err_set(err, ERR_LIMIT, "tar: more than %d entries", LIMIT_ARCHIVE_ENTRIES);
    }
    if (header[TYPE_AT] == 'S') {
        return err_set(err, ERR_UNSUPPORTED, "tar: sparse files are not supported");
    }
    return 1;
}

/* One header with its data. 1: an entry, 2: only something about the next one, 0: the end. */
static int read_one(struct tar_reader *tar, struct tar_entry *ret, struct err *err)
{
    uint64_t size;
    struct str data = STR_EMPTY;
    int rc = check_header(tar, &size, err);
    if (rc <= 0) {
        return rc;
    }
    const char *header = tar->rest.p;
    char flag = header[TYPE_AT];
    tar->rest = str_sub(tar->rest, BLOCK_BYTES, tar->rest.n);
    if (has_data(flag)) {
        TRY(take_data(tar, !is_about_next(flag) && tar->has_pax_size ? tar->pax_size : size, &data,
                      err));
    }
    rc = read_meta(tar, flag, data, err);
    if (rc != 0) {
        return rc < 0 ? rc : 2;
    }
    struct str name = entry_name(tar, header);
    *ret = (struct tar_entry){.type = entry_type(flag, name), .name = name, .data = data};
    tar->long_name = (struct str){NULL, 0};
    tar->has_pax_size = false;
    return 1;
}

int tar_next(struct tar_reader *tar, struct tar_entry *ret, struct err *err)
{
    int rc;
    do {
        rc = read_one(tar, ret, err);
    } while (rc == 2);
    return rc;
}
