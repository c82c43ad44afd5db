/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a server can be reached from other machines without TLS.
 *
 * httpd has no question to ask for that before there is a connection, so it is read from what
 * was configured. In doubt the answer is no: this is for a warning, nothing depends on it.
 */
#ifndef HTTPD_EXPOSURE_H
#define HTTPD_EXPOSURE_H

#include <httpd.h>

/* For post_config, when the listeners are known. servers: the main server and its virtual hosts. */
int httpd_exposure_is_clear(const server_rec *server, const server_rec *servers);

#endif
