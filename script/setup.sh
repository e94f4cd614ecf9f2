# What server, test and check share: it brings a bare machine to where they can run. Sourced, not run.
# Each step looks first and does only what is missing, so that it is cheap to come here again.

trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ -n "${GRIDMAP_HOME:-}" ]; then GRIDMAP_HOME=$(realpath -m -- "$GRIDMAP_HOME"); fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8 PYTHONUTF8=1
state=${GRIDMAP_HOME:-$PWD/.gridmap}

# --- words --------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }

die() {
    printf '\n%s: %s\n' "$(basename "$0")" "$1" >&2
    shift
    local line
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

# The last thing a running command said, with the percentage where it gives one (apt's status lines).
latest() {
    tail -n 200 "$1" 2>/dev/null | tr '\r' '\n' | awk -F: '
        /^(dlstatus|pmstatus):/ { said = sprintf("%d %%  %s", $3, $4 $5); next }
        NF { said = $0 }
        END { print substr(said, 1, 70) }'
}

# step TITLE ADVICE COMMAND…: run a long command; tell every second (every 15 where nobody watches)
# how long it has taken and how far it is. When it fails, show its end and what to do about it.
step() {
    local title=$1 advice=$2 log began=$SECONDS ticker code=0
    shift 2
    log=$(mktemp "${TMPDIR:-/tmp}/gridmap-setup.XXXXXX")
    say "→ $title"
    (
        while sleep 1 >/dev/null && kill -0 $$ 2>/dev/null; do
            line="  $((SECONDS - began)) s  $(latest "$log")"
            if [ -t 1 ]; then
                printf '\r\033[K%s' "$line"
            elif (((SECONDS - began) % 15 == 0)); then
                printf '%s\n' "$line"
            fi
        done
    ) &
    ticker=$!
    "$@" >"$log" 2>&1 </dev/null || code=$?
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$code" -ne 0 ]; then
        tail -n 40 "$log" >&2
        die "$title failed (exit code $code)" "$advice" "The whole output: $log"
    fi
    rm -f "$log"
    say "  done in $((SECONDS - began)) s"
}

# --- who ----------------------------------------------------------------------------------------

# `sudo script/server` in a user's checkout: packages are root's business, all the rest is the user's.
become_owner() {
    local owner
    owner=$(stat -c %U .)
    [ "$(id -u)" = 0 ] && [ "$owner" != root ] && [ "$owner" != UNKNOWN ] || return 0
    HOME=$(getent passwd "$owner" | cut -d: -f6) USER=$owner LOGNAME=$owner \
        exec runuser -u "$owner" -- "$PWD/script/$(basename "$0")" "$@"
}

# --- Debian packages ----------------------------------------------------------------------------

usable_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if usable_python "$name"; then command -v "$name" && return; fi
    done
    return 1
}

has_postgis() {
    [ -n "${DATABASE_URL:-}" ] || compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null \
        || { command -v pg_config && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]; } >/dev/null 2>&1
}

# PostgreSQL 15, which the makers use, or else the newest there is.
postgis_package() {
    if apt-cache show postgresql-15-postgis-3 >/dev/null 2>&1; then
        echo postgresql-15-postgis-3
    else
        apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | cut -d' ' -f1 | sort -V | tail -n 1 | grep .
    fi
}

missing_packages() {
    find_python >/dev/null || echo python3-venv
    has_postgis || echo postgis
    command -v bwrap >/dev/null || echo bubblewrap
    [ -n "${GRIDMAP_FONT:-}" ] || compgen -G '/usr/share/fonts/*/noto/NotoSansCJK*' >/dev/null || echo fonts-noto-cjk # signs
    if [ "${1:-}" = tests ]; then
        command -v chromium >/dev/null || echo chromium
        compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null || echo libatomic1 # Playwright's own Node.js needs it
    fi
}

# Another apt may hold dpkg's lock (apt waits for that one) or the lists' lock (it does not: try again).
apt_install() {
    local try postgis
    for try in 1 2 3 4 5 6; do
        if postgis=$(postgis_package); then
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
                -o DPkg::Lock::Timeout=600 -o APT::Status-Fd=1 "${@/#postgis/$postgis}" && return
        fi
        echo "try $try: refreshing apt's lists"
        "${as_root[@]}" apt-get update -o APT::Status-Fd=1 || sleep 10
    done
    return 1
}

packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "this machine lacks: ${missing[*]}" \
        "It has no apt-get (Debian, Ubuntu): install them by its own means, then run this again." \
        "'postgis' means PostgreSQL 15 or newer with PostGIS 3; DATABASE_URL to one elsewhere does as well."
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "this machine lacks: ${missing[*]}" \
            "Ask an administrator for:  apt-get install ${missing[*]/#postgis/postgresql-15-postgis-3}"
        as_root=(sudo)
        sudo -v || die "sudo refused" "Ask an administrator to run:  script/$(basename "$0") --setup-only"
    fi
    step "installing Debian packages: ${missing[*]}" \
        "Is the package mirror reachable (apt-get update)? Is the disk full (df -h)? Then run this again." \
        apt_install "${missing[@]}"
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] || die "still missing after apt-get: ${missing[*]}" \
        "gridmap needs Python 3.11 and PostgreSQL 15 with PostGIS 3, or newer (Debian 12, Ubuntu 24.04)."
}

# --- .venv, node_modules, vendor, translations ----------------------------------------------------

# One set-up of a checkout at a time; the second waits and then finds everything done. Whoever calls
# set_up ends it with unlock_setup.
lock_setup() {
    mkdir -p "$state" 2>/dev/null && { exec 9>>"$state/setup.lock"; } 2>/dev/null \
        || die "cannot write in $state" "It belongs to $(stat -c %U "$state" 2>/dev/null || echo nobody): sudo chown -R $(id -un) '$state'"
    flock -n 9 || { say "waiting for another set-up of this checkout to end …"; flock 9; }
}

unlock_setup() { exec 9>&-; }

fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

# The environment belongs to this folder (its scripts name it), so a moved checkout makes a new one.
python_environment() {
    local wanted=$1 stamp want python
    python=$(find_python)
    if [ "$(cat .venv/gridmap.folder 2>/dev/null)" != "$PWD" ] || ! .venv/bin/python -c '' 2>/dev/null; then
        step "making the Python environment .venv" "Is .venv yours? Remove it and run this again." \
            "$python" -m venv --clear .venv
        printf '%s\n' "$PWD" >.venv/gridmap.folder
    fi
    for stamp in "$wanted" requirements-dev; do # what makers need includes what the product needs
        want=$(fingerprint requirements.txt "$stamp.txt")
        [ "$(cat ".venv/$stamp.sha256" 2>/dev/null)" != "$want" ] || return 0
    done
    step "installing Python packages ($wanted.txt)" \
        "Is the package index reachable? Behind a proxy or with an own mirror: pip config. Then run this again." \
        .venv/bin/python -m pip install --no-input --disable-pip-version-check --progress-bar off -r "$wanted.txt"
    fingerprint requirements.txt "$wanted.txt" >".venv/$wanted.sha256"
}

# Node.js of the machine if it is new enough, otherwise one from the package index. Only npm, biome, tsc
# and the tests of the browser's modules run on it; the product itself does not.
find_node() {
    if node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null; then
        node=node npm=npm
        return
    fi
    node=$PWD/.venv/bin/node npm=$PWD/.venv/bin/npm
    [ -x "$npm" ] || step "installing Node.js into .venv" \
        "Is the package index reachable? Or install Node.js 18 or newer with npm, and run this again." \
        .venv/bin/python -m pip install --no-input --disable-pip-version-check --progress-bar off -r requirements-node.txt
}

browser_libraries() {
    local want scope=(--omit=dev)
    want=$(fingerprint package-lock.json script/charts.mjs)
    if [ "${1:-}" = tests ]; then scope=(); fi
    if [ "$(cat node_modules/gridmap.all 2>/dev/null)" != "$want" ] \
        && { [ "${1:-}" = tests ] || [ "$(cat node_modules/gridmap.product 2>/dev/null)" != "$want" ]; }; then
        find_node
        step "installing browser libraries (package-lock.json)" \
            "Is the npm registry reachable? Behind a proxy or with an own mirror: npm config. Then run this again." \
            "$npm" ci --ignore-scripts --no-audit --no-fund "${scope[@]}"
        printf '%s\n' "$want" | tee node_modules/gridmap.product >/dev/null
        if [ "${1:-}" = tests ]; then printf '%s\n' "$want" >node_modules/gridmap.all; fi
        rm -rf gridmap/static/vendor
    fi
    [ -d gridmap/static/vendor ] || vendor
}

# What browsers load lies under a name with its version, so that it may be cached for ever.
vendor() {
    local new="$state/vendor.new" echarts leaflet maplibre qrcode
    rm -rf "$new"
    maplibre=$new/maplibre-gl-$(library_version maplibre-gl)
    leaflet=$new/leaflet-$(library_version leaflet)
    qrcode=$new/qrcode-generator-$(library_version qrcode-generator)
    echarts=$new/echarts-$(library_version echarts)
    mkdir -p "$echarts" "$maplibre" "$leaflet" "$qrcode"
    cp node_modules/maplibre-gl/dist/maplibre-gl{,-shared,-worker}.mjs \
        node_modules/maplibre-gl/LICENSE.txt "$maplibre"
    cp -r node_modules/leaflet/dist/{leaflet.js,leaflet.css,images} node_modules/leaflet/LICENSE "$leaflet"
    cp node_modules/qrcode-generator/dist/qrcode.js "$qrcode" # its licence stands in its head
    # One file of the parts that are drawn with: half of the whole library.
    node_modules/@esbuild/*/bin/esbuild script/charts.mjs --bundle --minify --format=esm --charset=utf8 \
        --legal-comments=none --log-level=warning --outfile="$echarts/echarts.mjs"
    cp node_modules/echarts/{LICENSE,NOTICE} "$echarts"
    # The source maps are not served, and Django's hashed static files stop at a name they cannot find.
    sed -i '/^\/\/# sourceMappingURL=/d' "$maplibre"/*.mjs "$leaflet/leaflet.js"
    mkdir -p gridmap/static
    mv "$new" gridmap/static/vendor
}

library_version() { sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "node_modules/$1/package.json" | head -n 1; }

translations() {
    local source
    for source in locale/*/LC_MESSAGES/*.po; do
        [ -e "$source" ] || continue
        [ "${source%.po}.mo" -nt "$source" ] || .venv/bin/pybabel -q compile -i "$source" -o "${source%.po}.mo" \
            || die "cannot compile $source" "Mend the line it names, and run this again."
    done
}

# set_up [tests]: everything but the database. It ends holding the set-up's lock.
set_up() {
    packages "$@"
    become_owner "${arguments[@]}"
    if [ -z "${GRIDMAP_SECRET_KEY:-}" ]; then export GRIDMAP_DEBUG=${GRIDMAP_DEBUG:-1}; fi
    lock_setup
    if [ "${1:-}" = tests ]; then python_environment requirements-dev; else python_environment requirements; fi
    browser_libraries "$@"
    translations
}

# --- the private cluster --------------------------------------------------------------------------

# Who uses the cluster through a script holds a shared lock; the last to leave stops it, if a script started it.
database_up() {
    [ -z "${DATABASE_URL:-}" ] || return 0
    exec 8>>"$state/users.lock"
    flock -s 8
    private_cluster=1
    local ran=1
    .venv/bin/python gridmap/cluster.py status >/dev/null || ran=
    .venv/bin/python gridmap/cluster.py start >/dev/null \
        || die "the private database did not start (see above)" "Its log: $state/postgres.log"
    [ -n "$ran" ] || cluster_pid >"$state/started-by-script"
}

cluster_pid() { .venv/bin/python gridmap/cluster.py status | head -n 1; }

database_down() {
    [ -n "${private_cluster:-}" ] || return 0
    private_cluster=
    if flock -n -x 8 && [ "$(cat "$state/started-by-script" 2>/dev/null)" = "$(cluster_pid)" ]; then
        .venv/bin/python gridmap/cluster.py stop >/dev/null || true
    fi
    exec 8>&-
}
