#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An APR that asks the system for every piece of memory of a pool (--enable-pool-debug), so that
# AddressSanitizer and valgrind see writes beyond a piece and into a pool that was cleared: apr.sh
# FOLDER. Built from Debian's own source of the installed version, which the machine's own mirror has:
# it takes the place of the installed library (LD_LIBRARY_PATH) for httpd and for us alike. The last
# line is the folder with the library.
set -eu
folder=$1
version=$(dpkg-query -W -f '${Version}' libapr1)
library=$folder/apr-lib
if [ "$(cat "$library/version" 2>/dev/null)" = "$version" ]; then
    echo "$library"
    exit 0
fi
rm -rf "$folder"
mkdir -p "$folder/lists/partial"
folder=$(cd "$folder" && pwd)
library=$folder/apr-lib

# The machine's sources, as sources of source code, in lists of our own: nothing of the system changes.
for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$folder/$(basename "$file")"
done
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^deb /deb-src /p' >"$folder/machine.list"
apt="apt-get -q -o Dpkg::Use-Pty=0 -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$folder
    -o Dir::State::lists=$folder/lists -o APT::Sandbox::User=root"

cd "$folder"
{
    $apt update
    $apt source "apr=$version"
    cd apr-*/
    ./buildconf
    ./configure --enable-pool-debug=yes --enable-shared --disable-static
    make -j2
    mkdir "$library"
    cp -a .libs/libapr-1.so* "$library"
} >"$folder/log" 2>&1 || {
    tail -n 30 "$folder/log"
    exit 1
}
printf '%s\n' "$version" >"$library/version"
echo "$library"
