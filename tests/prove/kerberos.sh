#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian's Kerberos programs in a folder of our own: kerberos.sh FOLDER. Installed as packages they would
# be services of this machine.
set -eu
mkdir -p "$1"
cd "$1"
[ ! -x root/usr/sbin/krb5kdc ] || exit 0
{
    for package in krb5-kdc krb5-admin-server krb5-user libkdb5-10 libkadm5srv-mit12 libkadm5clnt-mit12 \
        libgssrpc4 libverto1 libverto-libev1 libev4; do
        apt-get -q -o APT::Sandbox::User=root download "$package"
    done
    for file in *.deb; do
        dpkg -x "$file" root
    done
    dpkg-query -W libapache2-mod-auth-gssapi || DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o Dpkg::Use-Pty=0 install -y --no-install-recommends libapache2-mod-auth-gssapi
} >log 2>&1 || {
    tail -n 20 log
    exit 1
}
