#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The newest mod_auth_openidc that Debian has (sid), built for this machine's httpd from its source, which the
# machine's own mirror has: oidc.sh FOLDER. Nothing of the system changes but for the headers that it
# needs. The last line is the module.
set -eu
mkdir -p "$1/lists/partial"
folder=$(cd "$1" && pwd)
name=libapache2-mod-auth-openidc

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
    grep -v security | head -n 1)
[ -n "$mirror" ] || { echo "no mirror of Debian among the machine's sources" >&2; exit 1; }
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src [signed-by=$key] ${mirror%/} sid main" >"$folder/sid.list"
apt="apt-get -q -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root -o Dir::Etc::sourcelist=$folder/sid.list
    -o Dir::Etc::sourceparts=- -o Dir::State::lists=$folder/lists"

missing=
for package in libcjose-dev libjansson-dev libpcre2-dev libcurl4-openssl-dev apache2-dev autoconf automake \
    libtool pkg-config; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    *" ok installed") ;;
    *) missing="$missing $package" ;;
    esac
done

cd "$folder"
log=$folder/log
{
    $apt update
    version=$(apt-cache -o Dir::Etc::sourcelist="$folder/sid.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$folder/lists" showsrc "$name" | sed -n 's/^Version: //p' | sort -V | tail -n 1)
    if [ "$(cat built 2>/dev/null)" != "$version" ]; then
        [ -z "$missing" ] || DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 install -y \
            --no-install-recommends $missing
        rm -rf source mod_auth_openidc.so "$name"_*
        $apt source --download-only "$name=$version"
        mkdir source
        tar xf "$name"_*.orig.tar.gz -C source --strip-components 1
        cd source
        autoreconf --force --install
        # no cache server is asked, so none is linked
        ./configure --without-hiredis --without-jq
        make -j2
        cp "$(find . -name mod_auth_openidc.so | head -n 1)" ../mod_auth_openidc.so
        cd ..
        echo "$version" >built
    fi
} >"$log" 2>&1 || {
    tail -n 30 "$log"
    exit 1
}
echo "mod_auth_openidc $(cat built)"
echo "$folder/mod_auth_openidc.so"
