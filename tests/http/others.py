# SPDX-License-Identifier: Apache-2.0
"""A server whose virtual hosts know who is asking in other ways than by mod_auth_openidc."""

import os
import subprocess

import certs
import httpd
import pools
import process
from cryptography.x509.oid import ExtendedKeyUsageOID
from world import World

SCOPED = (
    "ItemsScope GET items/read items/admin\nItemsScope POST,PUT items/write items/admin\n"
)


# Who may come in elsewhere, by what mod_auth_openidc finds in a token.
AWAY = {
    "user": "Require user user-1\n",
    "claim": "Require claim level:high\n",
    "notclaim": "<RequireAll>\nRequire valid-user\nRequire not claim blocked:1\n</RequireAll>\n",
    "env": "Require env REDIRECT_OIDC_CLAIM_level\n",
    "notenv": "<RequireAll>\nRequire valid-user\nRequire not env REDIRECT_OIDC_CLAIM_blocked\n</RequireAll>\n",
    "header": "Require expr \"req('X-Level') == 'high'\"\n",
    "basic": "AuthType Basic\nAuthBasicProvider file\nAuthUserFile users\nRequire valid-user\n",
    "open": "Require all granted\n",
}

USERS = "AuthBasicProvider file\nAuthUserFile users\n"


class Inner(World):
    """Redirects and sub-requests that would take a user along."""

    MODULES = (*World.MODULES, "rewrite", "include", "dir", "negotiation")

    def _describe(self):
        self.pool = pools.Pool(self.emulator.authority.issue("keyset"))
        self.url = self.backend("items").url
        self._describe_inner()
        self._describe_remembered()

    def _describe_inner(self):
        """Directives of the outer places; the hosts that need no other module."""
        inner = (
            '<LocationMatch "^/(old|pages)/">\nAuthType Basic\nAuthName items\n' + USERS
            + "Require valid-user\n</LocationMatch>\n"
            "<Directory docs>\nOptions +IncludesNoExec\nSetOutputFilter INCLUDES\n"
            "RewriteEngine On\nRewriteRule ^old/(.*)$ /items/$1 [END]\n</Directory>\n"
        )
        for page in ("page.shtml", "pages/page.shtml"):
            path = os.path.join(self.folder, "docs", page)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as out:
                out.write('<!--#include virtual="/items/known" -->')
        self.site("inner", "Basic", USERS, directives=inner)
        self.site("publicbasic", "Basic", USERS, identity="ItemsPublic On\n")
        self.host("publicopenidc", self.url, identity="ItemsPublic On\n")
        # mod_auth_openidc takes over whoever is known, and says that it was a token.
        self.host("innertaken", self.url, directives=inner, identity="ItemsIssuer none\n")
        self.host("inneropenidc", self.url, directives=inner, identity=self.pool.identity())
        # The outer place goes by the same pool's tokens, but by mod_auth_openidc's word alone.
        token = httpd.location_config("/old") + httpd.location_config("/pages")
        self.host("innersame", self.url, directives=token + inner[inner.index("<Directory"):],
                  identity=self.pool.identity())
        return inner

    def _describe_remembered(self):
        """The same twice, without and with ItemsTokenMemory; the answers tell whether there were claims."""
        ways = (  # what the other places log is their own business
            "LogLevel auth_openidc:crit auth_basic:crit include:crit negotiation:crit\n"
            "ErrorDocument 404 /items/known\n"
            "<Directory docs>\nRewriteEngine On\nRewriteRule ^old/(.*)$ /items/$1 [END]\n</Directory>\n"
            "<Directory docs/pages>\nOptions +IncludesNoExec\nSetOutputFilter INCLUDES\n</Directory>\n"
            "<Directory docs/index>\nDirectoryIndex /items/known\n</Directory>\n"
            "<Directory docs/fall>\nFallbackResource /items/known\n</Directory>\n"
            "<Directory docs/maps>\nSetHandler type-map\n</Directory>\n"
            '<LocationMatch "^/items/moved$">\nRewriteEngine On\nRewriteRule ^ /items/known [END]\n'
            "</LocationMatch>\n"
        )
        for name in ("index", "fall", "maps"):
            os.mkdir(os.path.join(self.folder, "docs", name))
        with open(os.path.join(self.folder, "docs", "maps", "map.var"), "w", encoding="ascii") as out:
            out.write("URI: ../items/known\nContent-Type: application/json\n")
        place = httpd.location_config().replace(
            "</Location>", 'Header always set X-Claim "%{OIDC_CLAIM_sub}e"\n</Location>')
        outer = '<LocationMatch "^/(?!items)">\n%s</LocationMatch>\n'
        token = "".join(httpd.location_config().splitlines(True)[1:-1])
        for name, who in (
            ("open", ""), ("basic", f"AuthType Basic\nAuthName items\n{USERS}Require valid-user\n"),
            ("token", token), ("mixed", token.replace("oauth20", "auth-openidc")),
        ):
            for memory in ("", "ItemsTokenMemory 60s\n"):
                self.host(f"way{name}{'memory' if memory else ''}", self.url, location=place,
                          directives=memory + ways + outer % who, identity=self.pool.identity())

        self._describe_away(place)

    def _describe_away(self, place):
        """Redirects from /items to places where more is asked of a token than a user."""
        token = "".join(httpd.location_config().splitlines(True)[1:5])
        ways = ""
        for name, require in AWAY.items():
            page = os.path.join(self.folder, "docs", "away", name, "page.html")
            os.makedirs(os.path.dirname(page))
            with open(page, "w", encoding="ascii") as out:
                out.write("secret name")
            ways += (
                f'<LocationMatch "^/items/away-{name}$">\nRewriteEngine On\n'
                f"RewriteRule ^ /away/{name}/page.html [END]\n"
                'RequestHeader set X-Level "%{OIDC_CLAIM_level}e"\n</LocationMatch>\n'
                f'<Location "/away/{name}">\n{token}{require}</Location>\n'
            )
        for memory in ("", "ItemsTokenMemory 60s\n"):
            self.host(f"away{'memory' if memory else ''}", self.url, location=place,
                      directives=memory + ways, identity=self.pool.identity())

    def site(self, name, auth_type, more, *, require="valid-user", directives="", identity=None):
        self.host(
            name, self.url, identity=identity or "ItemsIssuer none\n", directives=directives,
            location=f'<Location "/items">\nAuthType {auth_type}\nAuthName items\n{more}'
            f"Require {require}\n</Location>\n",
        )


class Others(Inner):
    MODULES = (*Inner.MODULES, "auth_digest", "ssl", "oauth2", "socache_shmcb")

    def _describe(self):
        self.tls_port = process.free_port()
        self.pool = pools.Pool(self.emulator.authority.issue("keyset"))
        self.stranger = pools.Pool(self.emulator.authority.issue("strangerkeyset"))
        self.url = self.backend("items").url
        # <Location> of each AuthType, and what is known of it in the environment
        with open(os.path.join(self.folder, "digests"), "w", encoding="ascii") as out:
            secret = subprocess.run(
                ["openssl", "md5", "-r"], input=b"joe:items:secret", capture_output=True, check=True
            ).stdout.decode().split()[0]
            out.write(f"joe:items:{secret}\n")
        self.site("basic", "Basic", USERS)
        self.site("digest", "Digest", "AuthDigestProvider file\nAuthUserFile digests\n")
        # Nothing of it is ever asked, so nobody is known.
        self.site("unasked", "Basic", USERS, require="all granted")
        self.site("unaskeddigest", "Digest", "AuthUserFile digests\n", require="all granted")
        self.site("unaskedgssapi", "GSSAPI", "", require="all granted")
        self.site("unaskedform", "form", "", require="all granted")
        self.site("unaskedodd", '"a b"', "", require="all granted")
        self.host("nothing", self.url, identity="ItemsIssuer none\n", location="")
        self.site("jane", "Basic", USERS, require="user jane")
        # mod_rewrite in a <Location> runs behind authentication.
        scopes = (
            "RewriteEngine On\n"
            'RewriteCond "%{REMOTE_USER}" "^joe$"\n'
            'RewriteRule "" "-" [E=ITEMS_SCOPES:items/read]\n'
        )
        self.site("scoped", "Basic", USERS + scopes,
                  directives=SCOPED + "ItemsScopeVariable ITEMS_SCOPES\n")
        self.site("unscoped", "Basic", USERS,
                  directives=SCOPED + "ItemsScopeVariable ITEMS_SCOPES\n")
        inner = self._describe_inner()
        self.site("innertoken", "oauth2", self.oauth2(), directives=inner,
                  identity=self.pool.identity())
        self.site("innerambient", "oauth2", self.oauth2(), directives=inner)
        self._describe_oauth2()
        self._describe_tls()

    def oauth2(self, passing="headers=false&remote_user_claim=sub", accept="header"):
        """mod_oauth2 for the tests' own pool, whose authority it can't be told: it takes the system's."""
        return (
            f"OAuth2TokenVerify jwks_uri {self.pool.url} "
            '"verify.cache=items&verify.exp=required&jwks_uri.ssl_verify=false"\n'
            f"OAuth2AcceptTokenIn {accept}\n"
            f'OAuth2TargetPass "{passing}"\n'
        )

    def _describe_oauth2(self):
        """mod_oauth2, the successor of mod_auth_openidc's resource server."""
        tokens = self.pool.identity()
        for name, more in (
            ("tokens", {}),
            ("scopedtokens", {"directives": SCOPED}),
            ("logged", {"directives": "LogLevel items:debug\n"}),
        ):
            self.site(name, "oauth2", self.oauth2(), identity=tokens, **more)
        claim = 'Header always set X-Claim "%{OAUTH2_CLAIM_sub}e"\n'
        self.site("memory", "oauth2", self.oauth2() + claim, identity=tokens, directives=
                  "ItemsTokenMemory 60s\n")
        self.site("kept", "oauth2", self.oauth2("headers=false&envvars=false&remote_user_claim=sub"),
                  identity=tokens)
        self.site("renamed", "oauth2", self.oauth2("prefix=MY_&remote_user_claim=sub"),
                  identity=tokens)
        self.site("unaskedtokens", "oauth2", self.oauth2(), identity=tokens, require="all granted")
        # AuthType auth-openidc is both modules', and mod_oauth2 is asked first.
        self.site("mixed", "auth-openidc", self.oauth2() + "OIDCOAuthAcceptTokenAs header\n"
                  "OIDCPassClaimsAs environment\n", identity=tokens)
        self.site("mixedmemory", "auth-openidc", self.oauth2(), identity=tokens,
                  directives="ItemsTokenMemory 60s\n")
        self.site("inquery", "oauth2", self.oauth2(accept="query"), identity=tokens)
        self.site("incookie", "oauth2", self.oauth2(accept="cookie"), identity=tokens)
        # Another place goes by the tokens of somebody who uses our pool's name.
        outer = self.oauth2().replace(self.pool.url, self.stranger.url).replace(
            "verify.cache=items&", "")
        for name, identity in (("strangers", tokens), ("strangersambient", None)):
            self.site(name, "oauth2", self.oauth2(), identity=identity, directives=
                      '<Location "/pages/">\nAuthType oauth2\nAuthName items\n' + outer
                      + "Require valid-user\n</Location>\n<Directory docs>\n"
                      "Options +IncludesNoExec\nSetOutputFilter INCLUDES\n</Directory>\n")
        # Nobody has said how tokens are to be verified.
        self.site("unverified", "oauth2", "", identity=tokens)
        # Tokens that are mod_oauth2's business alone.
        self.site("ambient", "oauth2", self.oauth2())
        self.site("ambientscoped", "oauth2", self.oauth2(),
                  directives=SCOPED + "ItemsScopeVariable OAUTH2_CLAIM_scope\n")
        self.site("ambientscp", "oauth2", self.oauth2(),
                  directives=SCOPED + "ItemsScopeVariable OAUTH2_CLAIM_scp\n")
        self.site("unaskedambient", "oauth2", self.oauth2(), require="all granted")

    def _describe_tls(self):
        """Client certificates."""
        authority = self.emulator.authority
        crt, key = authority.issue("others", names=("*.test",))
        self.good = authority.issue("client", names=("joe",), usage=ExtendedKeyUsageOID.CLIENT_AUTH)
        stranger = certs.Authority(self.folder, "stranger")
        self.bad = stranger.issue("badclient", names=("joe",), usage=ExtendedKeyUsageOID.CLIENT_AUTH)
        with open(os.path.join(self.folder, "dns"), "w", encoding="ascii") as out:
            out.write("/CN=joe:$apr1$items$8PVE3BTezvMxBRNs3gChb.\n")
        tls = (
            f"SSLEngine on\nSSLCertificateFile {crt}\nSSLCertificateKeyFile {key}\n"
            f"SSLCACertificateFile {authority.file}\n"
        )
        tokens = self.pool.identity()
        for name, verify, location, *identity in (
            ("certified", "SSLVerifyClient optional\nSSLUserName SSL_CLIENT_S_DN_CN\n", ""),
            ("required", "SSLVerifyClient require\nSSLUserName SSL_CLIENT_S_DN_CN\n", ""),
            ("publiccertified", "SSLVerifyClient optional\n", "", "ItemsPublic On\n"),
            # whoever made the certificate
            ("anyca", "SSLVerifyClient optional_no_ca\nSSLUserName SSL_CLIENT_S_DN_CN\n", ""),
            ("anycaoauth2", "SSLVerifyClient optional_no_ca\nSSLUserName SSL_CLIENT_S_DN_CN\n",
             '<Location "/items">\nAuthType oauth2\nRequire all granted\n</Location>\n'),
            # an administrator who lets clients write the variable that mod_oauth2 sets
            ("anycaenv", "SSLVerifyClient optional_no_ca\nSSLUserName SSL_CLIENT_S_DN_CN\n"
             'SetEnvIf X-Token "(.+)" OAUTH2_CLAIM_access_token=$1\n', ""),
            ("nameless", "SSLVerifyClient require\n", ""),
            ("faked", "SSLVerifyClient optional\nSSLOptions +FakeBasicAuth\n",
             '<Location "/items">\nAuthType Basic\nAuthName items\nAuthBasicProvider file\n'
             "AuthUserFile dns\nRequire valid-user\n</Location>\n"),
            ("certscoped", "SSLVerifyClient require\nSSLUserName SSL_CLIENT_S_DN_CN\n"
             "SSLOptions +StdEnvVars\nItemsScope GET joe\nItemsScopeVariable SSL_CLIENT_S_DN_CN\n",
             ""),
            # tokens where a certificate names a user, verified or not
            ("certoidc", "SSLVerifyClient optional_no_ca\nSSLUserName SSL_CLIENT_S_DN_CN\n",
             httpd.location_config(), tokens),
            ("certtokens", "SSLVerifyClient optional_no_ca\nSSLUserName SSL_CLIENT_S_DN_CN\n",
             f'<Location "/items">\nAuthType oauth2\n{self.oauth2()}Require valid-user\n</Location>\n',
             tokens),
            ("certunasked", "SSLVerifyClient optional_no_ca\nSSLUserName SSL_CLIENT_S_DN_CN\n",
             '<Location "/items">\nAuthType oauth2\nRequire all granted\n</Location>\n', tokens),
        ):
            self.hosts.append(
                f"<VirtualHost 127.0.0.1:{self.tls_port}>\nServerName {name}.test\n"
                f"ItemsTable items\nItemsEndpoint {self.url}\n"
                f"{identity[0] if identity else 'ItemsIssuer none' + chr(10)}{tls}{verify}{location}</VirtualHost>\n"
            )
        # mod_oauth2 remembers a token, not by whose keys it was verified: a cache of our own.
        self.hosts.insert(0, 'OAuth2Cache shm "name=items"\nOAuth2Cache shm "name=others"\n')
        self.hosts.insert(0, f"Listen 127.0.0.1:{self.tls_port}\nSSLSessionCache shmcb:run/sessions(65536)\n")

    def stop(self):
        self.stranger.close()
        return super().stop()
