/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners and addresses say who can connect; the tree of directives says where TLS is on: mod_ssl
 * keeps that to itself, but its SSLEngine stands there, with <IfModule> and Include already
 * resolved. Without SSLEngine mod_ssl goes by the protocol of Listen ("https", also by port 443).
 * mod_tls names the ports themselves (TLSEngine).
 */
#include "httpd/exposure.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include <ap_listen.h>
#include <http_config.h>
#include <http_core.h>
#include <apr_network_io.h>
#include <apr_strings.h>

static int is_loopback(const apr_sockaddr_t *addr)
{
#if APR_HAVE_IPV6
    if (addr->family == APR_INET6)
        return IN6_IS_ADDR_LOOPBACK(&addr->sa.sin6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&addr->sa.sin6.sin6_addr) &&
                addr->sa.sin6.sin6_addr.s6_addr[12] == 127);
#endif
    return addr->family == APR_INET && ntohl(addr->sa.sin.sin_addr.s_addr) >> 24 == 127;
}

static int is_any(const apr_sockaddr_t *addr)
{
#if APR_HAVE_IPV6
    if (addr->family == APR_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&addr->sa.sin6.sin6_addr);
#endif
    return addr->family == APR_INET && addr->sa.sin.sin_addr.s_addr == 0;
}

/* May what comes in at this listener be for this address of a virtual host? */
static int is_match(const server_addr_rec *addr, const ap_listen_rec *listener)
{
    return (addr->host_port == 0 || addr->host_port == listener->bind_addr->port) &&
           (is_any(addr->host_addr) || is_any(listener->bind_addr) ||
            apr_sockaddr_equal(addr->host_addr, listener->bind_addr));
}

/* Does a virtual host take everything that comes in here, so that the main server gets nothing? */
static int is_taken(const ap_listen_rec *listener, const server_rec *servers)
{
    const server_rec *server;
    const server_addr_rec *addr;

    for (server = servers; server; server = server->next) {
        for (addr = server->is_virtual ? server->addrs : NULL; addr; addr = addr->next) {
            if (is_match(addr, listener) &&
                (is_any(addr->host_addr) || !is_any(listener->bind_addr)))
                return 1;
        }
    }
    return 0;
}

/* Can another machine reach the server at this listener? */
static int is_reachable(const server_rec *server, const ap_listen_rec *listener,
                        const server_rec *servers)
{
    const server_addr_rec *addr;

    if (is_loopback(listener->bind_addr))
        return 0;
    if (!server->is_virtual)
        return !is_taken(listener, servers);
    for (addr = server->addrs; addr; addr = addr->next) {
        if (is_match(addr, listener) && !is_loopback(addr->host_addr))
            return 1;
    }
    return 0;
}

/* What SSLEngine says among these directives: its last word, or NULL. */
static const char *engine(const ap_directive_t *node)
{
    const char *word = NULL;

    for (; node; node = node->next) {
        if (!strcasecmp(node->directive, "SSLEngine"))
            word = node->args;
    }
    return word;
}

/* The directives of a virtual host, or NULL. */
static const ap_directive_t *section(const server_rec *server)
{
    const ap_directive_t *node;

    for (node = ap_conftree; node; node = node->next) {
        if (!strcasecmp(node->directive, "<VirtualHost") && server->defn_name &&
            node->line_num == (int)server->defn_line_number &&
            !strcmp(node->filename, server->defn_name))
            return node->first_child;
    }
    return NULL;
}

/* Does mod_tls serve this port? TLSEngine [ADDRESS:]PORT */
static int is_tls_port(apr_port_t port)
{
    const ap_directive_t *node;
    const char *colon;

    for (node = ap_conftree; node; node = node->next) {
        if (strcasecmp(node->directive, "TLSEngine") || !node->args)
            continue;
        colon = strrchr(node->args, ':');
        if (apr_atoi64(colon ? colon + 1 : node->args) == port)
            return 1;
    }
    return 0;
}

static int has_tls(const server_rec *server, const ap_listen_rec *listener)
{
    const char *word = server->is_virtual ? engine(section(server)) : NULL;
    const char *protocol;

    if (!word)
        word = engine(ap_conftree);
    if (word) /* optional (RFC 2817) is the client's choice, and so is what it then sends */
        return strcasecmp(word, "off") != 0;
    protocol = listener->protocol;
    return (protocol && !strcmp(protocol, "https") && ap_find_linked_module("mod_ssl.c")) ||
           is_tls_port(listener->bind_addr->port);
}

int httpd_exposure_is_clear(const server_rec *server, const server_rec *servers)
{
    const ap_listen_rec *listener;

    for (listener = ap_listeners; listener; listener = listener->next) {
        if (is_reachable(server, listener, servers) && !has_tls(server, listener))
            return 1;
    }
    return 0;
}
