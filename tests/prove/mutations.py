# SPDX-License-Identifier: Apache-2.0
"""The checks of a token and of who may call, each with what takes it out: (what is no longer checked,
file, text that stands there once, text in its place).

A check that stands behind another one for the same thing has two more: what takes the other out, as a
list of (file, text, text), and the tests that then still pass, and are to fail without either.

Not here is is_left() of src/httpd/identity.c. It tells a token from a browser's session under AuthType
auth-openidc, and a session wants a login at a provider, which the suite has none of. Nor is
ap_is_initial_req() of is_lasting(), which keeps a redirect as it is without remembered tokens.
"""

CLAIMS = "src/auth/claims.c"
TOKEN = "src/auth/token.c"
KIDS = "src/auth/kids.c"
IDENTITY = "src/httpd/identity.c"
AMBIENT = "src/httpd/ambient.c"
MEMORY = "src/auth/memory.c"
REMEMBERED = "src/httpd/memory.c"

# What keeps httpd's own error pages from becoming requests of ours.
NO_ERROR_PAGES = [
    ("src/httpd/errors.c", 'ap_custom_response(r, status, " ");', "(void)status;"),
    ("src/httpd/handler.c", "if (r->prev && ap_is_HTTP_ERROR(r->prev->status))", "if (0)"),
]
ERROR_PAGES = ["tests/http/test_auth.py", "-k", "error_document"]

MUTATIONS = [
    # Claims.
    ("iss", CLAIMS, "if (!is_text(&found[ISS], rules->issuer, pool))", "if (0)"),
    ("client_id and aud", CLAIMS,
     "if (!is_client(&found[CLIENT_ID], &found[AUD], rules->clients, pool))", "if (0)"),
    ("token_use", CLAIMS, 'if (!is_text(&found[TOKEN_USE], "access", pool))', "if (0)"),
    ("that exp is there, and a number", CLAIMS, "return AUTH_CLAIMS_EXPIRY;", "expires = now + 60;"),
    ("that exp has not passed", CLAIMS, "if (expires <= now)", "if (0)"),
    ("that exp is the end, not the last second", CLAIMS, "if (expires <= now)", "if (expires < now)"),
    ("nbf", CLAIMS, "if (!is_past(&found[NBF], now))", "if (0)"),
    ("iat", CLAIMS, "if (!is_past(&found[IAT], now))", "if (0)"),
    ("that nbf and iat have passed", CLAIMS, "is_time(&seconds, member) && seconds <= now",
     "is_time(&seconds, member)"),
    ("that nbf and iat are numbers", CLAIMS, "(is_time(&seconds, member) && seconds <= now)",
     "(!is_time(&seconds, member) || seconds <= now)"),
    ("sub", CLAIMS, "    if (!sub)\n        return AUTH_CLAIMS_SUBJECT;", "    if (!sub)\n        sub = \"\";"),
    ("that sub is not empty", CLAIMS, "!bytes || len < 1 || len > AUTH_CLAIMS_SUB_MAX",
     "!bytes || len > AUTH_CLAIMS_SUB_MAX"),
    ("the length of sub", CLAIMS, "!bytes || len < 1 || len > AUTH_CLAIMS_SUB_MAX",
     "!bytes || len < 1"),
    ("control characters in sub", CLAIMS, "if (c < ' ' || c == 0x7f)", "if (c == 0x7f)"),
    ("DEL in sub", CLAIMS, "if (c < ' ' || c == 0x7f)", "if (c < ' ')"),
    ("the whole of iss and token_use: a beginning does", CLAIMS,
     "bytes && len == strlen(wanted) && !memcmp(bytes, wanted, len)",
     "bytes && len <= strlen(wanted) && !memcmp(bytes, wanted, len)"),
    ("the end of iss and token_use: more may follow", CLAIMS,
     "bytes && len == strlen(wanted) && !memcmp(bytes, wanted, len)",
     "bytes && len >= strlen(wanted) && !memcmp(bytes, wanted, strlen(wanted))"),
    ("the whole of a client or scope: a beginning does", CLAIMS,
     "if (strlen(word) == len && !memcmp(word, bytes, len))",
     "if (len <= strlen(word) && !memcmp(word, bytes, len))"),
    ("the end of a client or scope: more may follow", CLAIMS,
     "if (strlen(word) == len && !memcmp(word, bytes, len))",
     "if (len >= strlen(word) && !memcmp(word, bytes, strlen(word)))"),
    ("what else is in an array", CLAIMS, "return base_scan_end(&scan) && found;", "return found;"),
    ("that client_id is no array", CLAIMS, "if (may_be_array && member->kind == BASE_SCAN_ARRAY)",
     "if (member->kind == BASE_SCAN_ARRAY)"),
    ("that client_id or aud is there", CLAIMS,
     "client_id->kind == BASE_SCAN_BAD && aud->kind == BASE_SCAN_BAD)", "0)"),
    ("client_id beside aud", CLAIMS,
     "if (client_id->kind != BASE_SCAN_BAD && !is_for(client_id, 0, clients, pool))", "if (0)"),
    ("aud beside client_id", CLAIMS,
     "return aud->kind == BASE_SCAN_BAD || is_for(aud, 1, clients, pool);", "return 1;"),
    ("that times are numbers", CLAIMS, "if (member->kind != BASE_SCAN_NUMBER || ", "if ("),
    ("how long times are", CLAIMS,
     "member->kind != BASE_SCAN_NUMBER || member->value.len > DIGITS_MAX",
     "member->kind != BASE_SCAN_NUMBER"),
    ("that times are digits alone", CLAIMS, "if (c < '0' || c > '9')", "if (0)"),
    # The three parts, the header, the payload.
    ("the length of a token", TOKEN, "if (len > AUTH_TOKEN_MAX)", "if (0)"),
    ("an empty header", TOKEN, "first == text || ", ""),
    ("an empty payload", TOKEN, "second == first + 1 || ", ""),
    ("an empty signature", TOKEN, "second + 1 == end ||", ""),
    ("a fourth part", TOKEN, "memchr(second + 1, '.', (size_t)(end - second - 1)))", "0)"),
    ("that the signature is base64url", TOKEN,
     "!base_hash_base64url_decode(&signature_len, second + 1, (apr_size_t)(end - second - 1),\n"
     "                                    pool))", "0)"),
    ("alg", TOKEN, "if (members[ALG].kind != BASE_SCAN_STRING ||", "if (0 &&"),
    ("kid", TOKEN, "return token->kid ? AUTH_TOKEN_GOOD : AUTH_TOKEN_KID;", "return AUTH_TOKEN_GOOD;"),
    ("that kid is not empty", TOKEN, "len < 1 || len > AUTH_TOKEN_KID_MAX", "len > AUTH_TOKEN_KID_MAX"),
    ("the length of kid", TOKEN, "len < 1 || len > AUTH_TOKEN_KID_MAX", "len < 1"),
    ("blanks in kid", TOKEN, "if (bytes[i] <= ' ' || bytes[i] >= 0x7f)", "if (bytes[i] >= 0x7f)"),
    ("DEL in kid", TOKEN, "if (bytes[i] <= ' ' || bytes[i] >= 0x7f)", "if (bytes[i] <= ' ')"),
    ("typ", TOKEN, "if (members[TYP].kind != BASE_SCAN_BAD && members[TYP].kind != BASE_SCAN_STRING)",
     "if (0)"),
    *[(name, TOKEN, '{.name = "%s"}' % name, '{.name = "no-%s"}' % name)
      for name in ("crit", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "b64")],
    ("members that stand twice", TOKEN, "if (is_repeated(names, ++seen))", "if (is_repeated(names, ++seen) && 0)"),
    ("that header and payload are JSON", TOKEN, "return !scan.why;", "return 1;"),
    ("what follows header and payload", TOKEN, "    base_scan_end(&scan);\n    return !scan.why;",
     "    return !scan.why;"),
    ("odd numbers and U+0000 in a header", TOKEN, " || !auth_token_is_portable(text, len))", ")"),
    ("odd numbers and U+0000 in a payload", CLAIMS, "if (!auth_token_is_portable(payload, len))", "if (0)"),
    ("U+0000", TOKEN, '!memcmp(pos, "\\\\u0000", 6))', "0)"),
    ("numbers out of range", TOKEN, "if (!is_portable_number(&number, pos, end))",
     "if (!is_portable_number(&number, pos, end) && 0)"),
    ("how long a fraction is", TOKEN, "if (pos - text > 64)", "if (0)"),
    ("how long an exponent is", TOKEN, "return pos - exponent <= 2;", "return 1;"),
    ("that a payload is JSON", CLAIMS, "if (!auth_token_read(found, COUNT, payload, len, pool))",
     "if (auth_token_read(found, COUNT, payload, len, pool), 0)"),
    # The issuer's keys.
    ("that a key is RSA", KIDS, '!is(&key, "kty", "RSA")', "0"),
    ("that a key says what it is", KIDS, '!is(&key, "kty", "RSA")', '!may_be(&key, "kty", "RSA")'),
    ("that a key is for signatures", KIDS, '!may_be(&key, "use", "sig")', "0"),
    ("that a key is for RS256", KIDS, '!may_be(&key, "alg", "RS256")', "0"),
    ("the modulus of a key", KIDS, '!is_base64url(&key, "n", pool)', "0"),
    ("the exponent of a key", KIDS, '!is_base64url(&key, "e", pool)', "0"),
    ("how long a key is", KIDS, "text->len > KEY_MAX || ", ""),
    ("the id of a key", KIDS, "if (!bytes || !auth_token_is_kid(bytes, len))", "if (!bytes)"),
    ("ids that stand twice", KIDS, " ||\n        find(set, kid.bytes, kid.len) >= 0)", ")"),
    ("the whole of an id", KIDS, "set->kids[i].len == len && !memcmp(set->kids[i].bytes, kid, len)",
     "set->kids[i].len >= len && !memcmp(set->kids[i].bytes, kid, len)"),
    ("how many keys there are", KIDS, "if (set->count == AUTH_KIDS_MAX)", "if (set->count == AUTH_KIDS_MAX - 1)"),
    ("that there is a key for us", KIDS, 'set->count ? NULL : "no key for RS256 in the key set"', "NULL"),
    ("the status of a key set", KIDS, "if (response.status != 200)", "if (0)"),
    ("unknown key ids", IDENTITY, "if (key == HTTPD_KEYS_UNKNOWN)", "if (0)"),
    ("that the issuer's keys are known", IDENTITY, "if (key == HTTPD_KEYS_UNAVAILABLE) {", "if (0) {"),
    # Whose token, and where from.
    ("the scheme", IDENTITY, '!credentials || strncasecmp(credentials, "Bearer ", 7)', "!credentials"),
    ("the claims' verdict", IDENTITY, "if (says != AUTH_CLAIMS_GOOD)", "if (0)"),
    ("a token in front of mod_auth_openidc", IDENTITY, "if (identity->why) {",
     "if (identity->why && 0) {"),
    ("that there is a token, in front of mod_auth_openidc", IDENTITY, "    if (!token) {\n",
     "    if (!token)\n        return DECLINED;\n    if (0) {\n"),
    ("what mod_auth_openidc writes into the log", IDENTITY, "    silence(r, verifier);\n", ""),
    ("the administrator's level", IDENTITY,
     " || (conf->module_levels && conf->module_levels[module->module_index] >= 0)", ""),
    ("that authentication was not left out", IDENTITY,
     "return (r->prev &&\n"
     "            (r->prev->per_dir_config == r->per_dir_config || r->prev->user == r->user)) ||\n"
     "           (r->main && r->main->user == r->user);", "return 0;", NO_ERROR_PAGES, ERROR_PAGES),
    ("a user that another request's authentication has named", IDENTITY,
     "(r->prev->per_dir_config == r->per_dir_config || r->prev->user == r->user)",
     "(r->prev->per_dir_config == r->per_dir_config)"),
    ("a user that the page around has", IDENTITY, "(r->main && r->main->user == r->user)", "0"),
    ("the same for a token", IDENTITY, "is_left(verifier, r->ap_auth_type) &&\n           !is_inherited(r);",
     "is_left(verifier, r->ap_auth_type);", NO_ERROR_PAGES, ERROR_PAGES),
    ("the same for a user", IDENTITY, "!is_inherited(r) && httpd_ambient_has_user(r)",
     "httpd_ambient_has_user(r)",
     NO_ERROR_PAGES, ERROR_PAGES),
    ("that judged and verified are the same bytes", IDENTITY, " || strcmp(identity->token, token))", ")"),
    ("that it was judged good", IDENTITY, "!identity || identity->why || strcmp", "!identity || strcmp",
     [(IDENTITY, "if (identity->why) {", "if (identity->why && 0) {")],
     ["tests/http/test_tokens.py", "-k", "test_bad_tokens and token_use"]),
    ("scopes", IDENTITY, ": auth_claims_has_scope(&identity->claims, asked->scopes, r->pool)))", ": 1))"),
    ("methods without a scope", IDENTITY, "    if (asked && (ambient ?", "    if (!asked || (ambient ?"),
    ("that there is a user", AMBIENT, "return r->user && r->user[0] && is_proven(r);", "return is_proven(r);"),
    ("that the user has a name", AMBIENT, "return r->user && r->user[0] && ", "return r->user && "),
    ("who named the user", AMBIENT, "r->user[0] && is_proven(r);", "r->user[0];"),
    ("that a certificate was verified", AMBIENT, 'return verdict && !strcmp(verdict, "SUCCESS");', "return 1;"),
    ("that a certificate's type is not enough", AMBIENT,
     "if (r->ap_auth_type && strcasecmp(r->ap_auth_type, CERTIFICATE_TYPE))", "if (r->ap_auth_type)"),
    ("whose token it is", AMBIENT, "return type && !strcasecmp(type, HTTPD_AMBIENT_OAUTH2) && token && token[0];",
     "return token && token[0];"),
    ("scopes of a user", AMBIENT, "return held && auth_claims_names_scope(held, wanted, r->pool);",
     "return 1;"),
    ("that only OPTIONS is open", IDENTITY, "r->method_number == M_OPTIONS && ", ""),
    ("a token in the query that is logged", IDENTITY, "                *pos = '*';", "                continue;"),
    # Remembered tokens.
    ("tokens bound to a certificate", IDENTITY, " && !identity->claims.is_bound &&", " &&"),
    ("that remembered bytes were verified", IDENTITY, "if (token && !strcmp(token, identity->token))", "if (1)"),
    ("what stands in the sections", REMEMBERED, "!sections || httpd_sections_why(sections)", "!sections"),
    ("headers that mod_auth_openidc takes away", REMEMBERED, "!memory || has_lookalike(r) ||", "!memory ||"),
    ("how long a token is remembered", MEMORY, "slot.until <= (apr_uint64_t)now || ", ""),
    ("the AuthType of a remembered token", MEMORY, "{how, strlen(how) + 1},", '{"", 1},'),
    ("the sections of a remembered token", MEMORY, "{where, strlen(where) + 1},", '{"", 1},'),
    ("the end of a remembered token", MEMORY, "{token, strlen(token)},", "{token, strlen(token) - 1},"),
]
