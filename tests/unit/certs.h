/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests of TLS, made anew: an authority, one below it, and servers of all kinds.
 */
#ifndef CERTS_H
#define CERTS_H

#include "unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* A key and its certificate. */
typedef struct {
    EVP_PKEY *key;
    X509 *cert;
} certs_pair_t;

typedef struct {
    const char *common_name;
    const char *alt_name; /* "DNS:db.test", or NULL */
    const char *usage;    /* extendedKeyUsage, NULL: none said */
    int is_authority;
    long from_s; /* validity, seconds from now */
    long until_s;
} certs_wish_t;

static inline void certs_extend(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    ck_assert_ptr_nonnull(extension);
    ck_assert_int_eq(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* issuer NULL: self-signed. */
static inline certs_pair_t certs_make(const certs_wish_t *wish, const certs_pair_t *issuer)
{
    static long serial = 1;
    certs_pair_t pair = {EVP_EC_gen("P-256"), X509_new()};
    X509_NAME *name = X509_get_subject_name(pair.cert);

    ck_assert_ptr_nonnull(pair.key);
    X509_set_version(pair.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(pair.cert), serial++);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)wish->common_name,
                               -1, -1, 0);
    X509_set_issuer_name(pair.cert, issuer ? X509_get_subject_name(issuer->cert) : name);
    X509_gmtime_adj(X509_getm_notBefore(pair.cert), wish->from_s);
    X509_gmtime_adj(X509_getm_notAfter(pair.cert), wish->until_s);
    X509_set_pubkey(pair.cert, pair.key);
    certs_extend(pair.cert, NID_basic_constraints,
                 wish->is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (wish->alt_name)
        certs_extend(pair.cert, NID_subject_alt_name, wish->alt_name);
    if (wish->usage)
        certs_extend(pair.cert, NID_ext_key_usage, wish->usage);
    ck_assert_int_gt(X509_sign(pair.cert, issuer ? issuer->key : pair.key, EVP_sha256()), 0);
    return pair;
}

static inline void certs_free(certs_pair_t *pair)
{
    EVP_PKEY_free(pair->key);
    X509_free(pair->cert);
}

/* A certificate as a PEM file that an exit of the test leaves to the caller to remove. */
static inline void certs_write(const certs_pair_t *pair, const char *path)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(PEM_write_X509(file, pair->cert), 1);
    fclose(file);
}

/* A server's context with that leaf, and the intermediate behind it unless NULL. */
static inline SSL_CTX *certs_server(const certs_pair_t *leaf, const certs_pair_t *chain)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    ck_assert_ptr_nonnull(context);
    ck_assert_int_eq(SSL_CTX_use_certificate(context, leaf->cert), 1);
    ck_assert_int_eq(SSL_CTX_use_PrivateKey(context, leaf->key), 1);
    if (chain)
        ck_assert_int_eq(SSL_CTX_add1_chain_cert(context, chain->cert), 1);
    return context;
}

#endif
