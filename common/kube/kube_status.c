/* What the API server's failures mean.
 *
 * The reason of a Status says more than the HTTP status: 409 is "exists" or "conflict", 422 and 400 are
 * both "invalid".  A server in trouble, or a proxy before it, answers without a Status: then the HTTP
 * status decides. */
#include "common/kube/kube_status.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/value/value.h"

static const struct {
    const char *reason;
    enum err_code code;
} REASONS[] = {
    {"Unauthorized", ERR_UNAUTHENTICATED},
    {"Forbidden", ERR_DENIED},
    {"NotFound", ERR_NOT_FOUND},
    {"AlreadyExists", ERR_EXISTS},
    {"Conflict", ERR_CONFLICT},
    {"Expired", ERR_CONFLICT},
    {"Gone", ERR_CONFLICT},
    {"Invalid", ERR_INVALID},
    {"BadRequest", ERR_INVALID},
    {"ServerTimeout", ERR_TIMEOUT},
    {"Timeout", ERR_TIMEOUT},
    {"TooManyRequests", ERR_UNAVAILABLE},
    {"ServiceUnavailable", ERR_UNAVAILABLE},
    {"MethodNotAllowed", ERR_UNSUPPORTED},
    {"NotAcceptable", ERR_UNSUPPORTED},
    {"UnsupportedMediaType", ERR_UNSUPPORTED},
    {"RequestEntityTooLarge", ERR_LIMIT},
    {"InternalError", ERR_INTERNAL},
    {"StorageReadError", ERR_INTERNAL},
};

static enum err_code code_of(int http_status, struct str reason)
{
    for (size_t i = 0; i < ARRAY_LEN(REASONS); i++) {
        if (str_eq_c(reason, REASONS[i].reason)) {
            return REASONS[i].code;
        }
    }
    return err_code_from_http(http_status);
}

bool kube_status_is(const struct value *v)
{
    return str_eq_c(value_dig_str(v, "kind"), "Status") &&
           str_eq_c(value_dig_str(v, "apiVersion"), "v1");
}

/* " (spec.replicas: must be positive; ...)" for fields the message does not name already. */
static void put_causes(struct buf *out, const struct value *causes, struct str message)
{
    size_t n = 0;
    VALUE_FOREACH(causes, cause) {
        struct str field = value_dig_str(cause, "field");
        struct str text = value_dig_str(cause, "message");
        if (text.n == 0 || str_find(message, text) != STR_NONE) {
            continue;
        }
        buf_put_c(out, n++ == 0 ? " (" : "; ");
        if (field.n > 0) {
            buf_put(out, field);
            buf_put_c(out, ": ");
        }
        buf_put(out, text);
    }
    if (n > 0) {
        buf_put_char(out, ')');
    }
}

/* The first line of a body that is no Status, cut. */
static struct str first_line(struct str body)
{
    body = str_trim(body);
    size_t end = str_find_char(body, '\n');
    return str_sub(body, 0, MIN(end == STR_NONE ? body.n : end, (size_t)200));
}

int kube_status_to_err(
    int http_status, const struct value *status, struct str body, struct str what, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES); /* err_set_at() cuts at a character */
    struct str message = value_dig_str(status, "message");
    if (message.n == 0) {
        message = first_line(body);
    }
    if (message.n > 0) {
        buf_put(&text, message);
        put_causes(&text, value_dig(status, "details", "causes"), message);
    } else {
        buf_printf(&text, "the server answered with HTTP status %d", http_status);
    }
    enum err_code code = code_of(http_status, value_dig_str(status, "reason"));
    (void)err_set(err, code, STR_FMT ": " STR_FMT, STR_ARG(what), STR_ARG(buf_str(&text)));
    err->system_code = http_status;
    return -(int)code;
}

bool kube_err_is_answer(const struct err *err)
{
    return err->system_code >= 400; /* curl's codes and errno end below */
}

/* What the server asks for in milliseconds, or -1. Dates are not used by API servers. */
static int64_t asked_delay_ms(const struct kube_outcome *outcome)
{
    int64_t seconds = value_int(value_dig(outcome->body, "details", "retryAfterSeconds"), -1);
    uint64_t digits = 0;
    if (num_digits(str_trim(outcome->retry_after), 10, &digits) && digits <= INT32_MAX) {
        seconds = (int64_t)digits;
    }
    return seconds >= 0 && seconds <= INT32_MAX ? seconds * 1000 : -1;
}

/* The server did not process it: whatever it was may be sent again. */
static bool is_unprocessed(int status, int64_t asked_ms)
{
    return status == 429 || (status >= 500 && asked_ms >= 0);
}

/* Trouble that may be over soon. */
static bool is_passing(int status)
{
    return status == 0 || status == 500 || status == 502 || status == 503 || status == 504;
}

int64_t kube_status_retry_ms(enum kube_repeat repeat, const struct kube_outcome *outcome)
{
    if (repeat == KUBE_REPEAT_NEVER || outcome->n_attempts >= KUBE_ATTEMPTS_MAX) {
        return -1;
    }
    int64_t asked_ms = asked_delay_ms(outcome);
    bool again = is_unprocessed(outcome->status, asked_ms) ||
                 (repeat == KUBE_REPEAT_IDEMPOTENT && is_passing(outcome->status));
    if (!again || asked_ms > KUBE_RETRY_AFTER_MAX_MS) {
        return -1;
    }
    return MAX(asked_ms, outcome->backoff_ms);
}
