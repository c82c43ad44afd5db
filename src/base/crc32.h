/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 as of IEEE 802.3, zlib and x-amz-crc32. Pure; any thread. */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include <apr.h>

apr_uint32_t base_crc32(const void *bytes, apr_size_t len);

#endif
