#!/bin/sh
# Installs Debian packages by name, where it may: as root, on Debian. Elsewhere it exits with 1 and changes nothing.
set -eu

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -qx 'ID=debian' /etc/os-release || exit 1

echo "Installing Debian's $*"
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -q -o DPkg::Lock::Timeout=120 "$@" </dev/null 2>&1; }
if ! log=$(apt update && apt install --yes --no-install-recommends "$@"); then
    printf '%s\n' "$log" >&2
    exit 1
fi
