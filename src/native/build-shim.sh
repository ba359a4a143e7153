#!/usr/bin/env bash
# usage: build-shim.sh PATH/libLibTorchSharp.so OUTPUT-FOLDER
# Writes libstdcxx.so.6 and a libLibTorchSharp.so that uses it, only where the system's libstdc++ lacks GLIBCXX_3.4.32.
set -euo pipefail
source=$1 out=$2
system=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ { print $NF; exit }')
[ -n "$system" ] || system=$(${CXX:-g++} -print-file-name=libstdc++.so.6)
if grep -q 'GLIBCXX_3\.4\.32' "$system"; then rm -f "$out"/libstdcxx.so.6; exit 0; fi

mkdir -p "$out"
exec 9>"$out/lock"
flock 9
if [ -f "$out/libLibTorchSharp.so" ] && [ "$out/libLibTorchSharp.so" -nt "$source" ] && [ "$out/libLibTorchSharp.so" -nt "${BASH_SOURCE[0]}" ]; then exit 0; fi

if ! command -v "${CXX:-g++}" >/dev/null; then
  echo "error: $system lacks GLIBCXX_3.4.32, which TorchSharp needs; install a C++ compiler (apt-get install g++) or use Debian 13 / Ubuntu 24.04" >&2
  exit 1
fi
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Every version node that the system's libstdc++ defines, empty, and the missing one with its one symbol.
{
  readelf -V --wide "$system" | awk '/Version definition section/ { on = 1 } /Version needs section/ { on = 0 } on && /Name: (GLIBCXX|CXXABI)/ { sub(/.*Name: /, ""); sub(/ .*/, ""); print $0 " { };" }'
  echo 'GLIBCXX_3.4.32 { global: _ZSt21ios_base_library_initv; local: *; };'
} > "$work/versions.map"
cat > "$work/shim.cpp" <<'CPP'
#include <ios>
namespace std { void ios_base_library_init() { static ios_base::Init init; } }
CPP
"${CXX:-g++}" -shared -fPIC -O2 -Wl,--version-script="$work/versions.map" -Wl,-soname,libstdcxx.so.6 -Wl,--no-as-needed \
  -o "$work/libstdcxx.so.6" "$work/shim.cpp"
# Same length, so nothing in the file moves.
sed 's/libstdc++\.so\.6/libstdcxx.so.6/g' "$source" > "$work/libLibTorchSharp.so"
chmod 755 "$work"/*.so*
mv "$work/libstdcxx.so.6" "$out/libstdcxx.so.6"
mv "$work/libLibTorchSharp.so" "$out/libLibTorchSharp.so"
