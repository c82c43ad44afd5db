/* SPDX-License-Identifier: Apache-2.0 */
/* request_rec to items_request_t, items_reply_t to the wire. */
#ifndef HTTPD_HANDLER_H
#define HTTPD_HANDLER_H

#include <httpd.h>

/* The handler hook: DECLINED for what is not ours, else r is answered, errors included. */
int httpd_handler_run(request_rec *r);

#endif
