/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Signature Version 4, header form, for a request whose body is in memory.
 *
 * Pure: no clock, no sockets, no globals; any thread that has a digest to itself. The three stages
 * are public so that a test can say which one went wrong. What can't be signed for certain is
 * refused, never signed wrongly.
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "base/digest.h"
#include "net/http.h"

#define AWS_SIGV4_KEY_BYTES BASE_DIGEST_BYTES
#define AWS_SIGV4_DAY_LEN 8                            /* of X-Amz-Date: its day */
#define AWS_SIGV4_HEX_SIZE (2 * BASE_DIGEST_BYTES + 1) /* of a digest, its NUL included */
#define AWS_SIGV4_HEADERS_MAX 64                       /* more are refused */
#define AWS_SIGV4_PARAMETERS_MAX 256                   /* likewise, of a query */
#define AWS_SIGV4_CANONICAL_MAX 262144                 /* bytes; likewise */

/* What is signed. Every header given is signed, Host and X-Amz-Date must be among them. */
typedef struct {
    const char *method;
    const char *path;  /* as it stands on the request line; "" means "/" */
    const char *query; /* behind the '?', or NULL */
    const net_http_header_t *headers;
    int header_count;
    const char *payload_hash; /* lower-case hex SHA-256 of the body */
} aws_sigv4_request_t;

/* For whom and when. */
typedef struct {
    const char *access_key_id;
    const char *region;
    const char *service;
    const char *stamp; /* X-Amz-Date */
} aws_sigv4_scope_t;

/* The hex SHA-256 of a body: 1, or 0 when the crypto library fails. */
int aws_sigv4_payload_hash(char hex[AWS_SIGV4_HEX_SIZE], base_digest_t *digest, const char *body,
                           apr_size_t len) __attribute__((warn_unused_result));

/* The signing key of a day: what a client may keep under the name of secret, day, region and
 * service. 1, or 0 when the crypto library fails. A secret itself: wipe it after use. */
int aws_sigv4_key(unsigned char key[AWS_SIGV4_KEY_BYTES], base_digest_t *digest,
                  const char *secret_access_key, const aws_sigv4_scope_t *scope)
    __attribute__((warn_unused_result));

/* Stage 1: the canonical request, from pool. *signed_headers is its list of names. NULL for what is
 * refused: a path that does not begin with '/', a header without a name or with a line break or
 * control character in it, anything above the ceilings. */
const char *aws_sigv4_canonical(const char **signed_headers, const aws_sigv4_request_t *request,
                                apr_pool_t *pool);

/* Stage 2: the string to sign for a canonical request, from pool; NULL when the crypto library
 * fails. */
const char *aws_sigv4_string_to_sign(base_digest_t *digest, const aws_sigv4_scope_t *scope,
                                     const char *canonical, apr_pool_t *pool);

/* Stage 3: the signature in hex: 1, or 0 when the crypto library fails. */
int aws_sigv4_signature(char hex[AWS_SIGV4_HEX_SIZE], base_digest_t *digest,
                        const unsigned char key[AWS_SIGV4_KEY_BYTES], const char *string_to_sign)
    __attribute__((warn_unused_result));

/* All stages: the value of the Authorization header, from pool. NULL as any of them. */
const char *aws_sigv4_authorization(base_digest_t *digest, const aws_sigv4_scope_t *scope,
                                    const unsigned char key[AWS_SIGV4_KEY_BYTES],
                                    const aws_sigv4_request_t *request, apr_pool_t *pool);

#endif
