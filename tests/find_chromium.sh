#!/bin/sh
# Prints the path of a Chromium for the browser tests; installs Debian's where that is allowed, else says how to get one.
# The headless shell draws the same pages for less than half the CPU time: it has no window, and so draws none.
set -eu
for name in ${LENSDOC_CHROMIUM:-} chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name"; then exit 0; fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq >&2
    for name in chromium-headless-shell chromium; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$name" fonts-dejavu-core >/dev/null 2>&1 \
            && command -v "$name" && exit 0
    done
fi
echo "The browser tests need Chromium: sudo apt-get install chromium, or set LENSDOC_CHROMIUM to the path of one." >&2
exit 1
