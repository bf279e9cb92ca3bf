#!/bin/sh
# Make the sample repository unless it is there, then serve.
set -eu
if [ ! -d /srv/git/sample.git ]; then
    work=$(mktemp -d)
    cp -R /sample/. "$work"
    sed -i "s#image: .*#image: $SAMPLE_IMAGE#" "$work/guestbook/deployment.yaml"
    git -C "$work" init -q -b main
    git -C "$work" add .
    git -C "$work" -c user.name=belay -c user.email=belay@example.com commit -q -m 'guestbook'
    git clone -q --bare "$work" /srv/git/sample.git
    rm -rf "$work"
fi
exec lighttpd -D -f /etc/lighttpd/belay.conf
