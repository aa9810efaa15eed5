#!/bin/sh
# Sees to the browser that the browser test drives: installs Chromium and fonts where it may, else says what will be skipped.
# It never fails: every other test runs without a browser.
set -u

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
sh "$(dirname "$0")/debian.sh" chromium fonts-noto-cjk fonts-noto-color-emoji && exit 0
echo "No Chromium here: the browser test will be skipped (on Debian: apt-get install chromium)."
exit 0
