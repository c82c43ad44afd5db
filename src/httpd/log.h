/* SPDX-License-Identifier: Apache-2.0 */
/* What we write to httpd's log: the tags, one line per request, the sink for traces.
 *
 * Nobody below this floor logs. A tag is searched for, so it is never reused; README.md has a row
 * with a remedy for each. httpd escapes control bytes in a line and cuts it at 8 KB by itself.
 */
#ifndef HTTPD_LOG_H
#define HTTPD_LOG_H

#include <httpd.h>

#include "base/call.h"
#include "httpd/settings.h"
#include "items/reply.h"

/* Of a request. Level error: no answer could be given. */
#define HTTPD_LOG_INTERNAL "ITEMS1001"    /* error: a fault of ours or of the configuration */
#define HTTPD_LOG_DENIED "ITEMS1002"      /* error: AWS refuses: rights, signature, no table */
#define HTTPD_LOG_UNAVAILABLE "ITEMS1003" /* error: DynamoDB out of reach, or no credentials */
#define HTTPD_LOG_TIMEOUT "ITEMS1004"     /* error: ItemsTimeout is used up */
#define HTTPD_LOG_THROTTLED "ITEMS1005"   /* error: DynamoDB asks us to slow down */
#define HTTPD_LOG_NONSENSE "ITEMS1006"    /* error: the answer is not one of DynamoDB's */
#define HTTPD_LOG_REFUSED "ITEMS1007"     /* debug: the client's mistake, or httpd's own answer */
#define HTTPD_LOG_SERVED "ITEMS1008"      /* debug: served */
#define HTTPD_LOG_TOKEN "ITEMS1009"       /* debug: a token that does not say the right things */
#define HTTPD_LOG_SIGNATURE "ITEMS1010"   /* info: one that does, refused by mod_auth_openidc */
#define HTTPD_LOG_NO_TOKEN "ITEMS1011"    /* error: mod_auth_openidc keeps the token to itself */
#define HTTPD_LOG_UNTRUSTED "ITEMS1012"   /* error: the endpoint's certificate is refused */

/* Of the watch on an issuer's keys. */
#define HTTPD_LOG_KEYS_OUT "ITEMS1021"   /* error: no key is known, the key set can't be had: 503 */
#define HTTPD_LOG_KEYS_STALE "ITEMS1022" /* warning: it can't be had, known keys stay in use */
#define HTTPD_LOG_KEYS_BACK "ITEMS1023"  /* notice: it is there again */

/* Of a start. */
#define HTTPD_LOG_CONFIG "ITEMS1101"         /* emerg: the configuration can't work; no start */
#define HTTPD_LOG_CHILD "ITEMS1102"          /* error: a child can't serve a table: 503 */
#define HTTPD_LOG_NO_CREDENTIALS "ITEMS1103" /* warning: no AWS credentials: 503 */
#define HTTPD_LOG_RANDOM_KEY "ITEMS1104"     /* notice: page tokens under a random key */
#define HTTPD_LOG_PUBLIC "ITEMS1105"         /* notice: a table is served to anybody */
#define HTTPD_LOG_CLEAR "ITEMS1106"          /* warning: tokens and items travel in clear */
#define HTTPD_LOG_UNWATCHED "ITEMS1121"      /* warning: an issuer's keys can't be watched */

/* How a request went, as a word for ITEMS_OUTCOME and for the log: "ok", "refused" (the client's
 * mistake) or the kind of the error. Static text. */
const char *httpd_log_outcome(const items_reply_t *reply);

/* The one line of a request, when all is known. */
void httpd_log_request(request_rec *r, const items_reply_t *reply, const base_call_t *call,
                       const httpd_settings_t *settings);

/* The line of a request that httpd or another module of it answered with an error, in our shape:
 * the client has a request id, and whoever looks for it finds something. Why is told by whoever
 * refused it. */
void httpd_log_own(request_rec *r, const items_reply_t *reply, const httpd_settings_t *settings);

/* Let the call's trace events go to r's log, as far as its LogLevel wants them. */
void httpd_log_listen(base_call_t *call, request_rec *r);

#endif
