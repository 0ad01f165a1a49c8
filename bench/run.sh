#!/bin/sh
# All figures of the README, one after the other; each line says how to repeat it alone.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
export BUILD

echo "== bench/viewer.py: reports on large profiles"
bench/viewer.py
echo "== bench/web.py: the flame graph in the browser"
bench/web.py
echo "== bench/recording.py: what recording costs the program"
bench/recording.py
echo "== bench/heapdump.py: reading and taking heap dumps"
bench/heapdump.py
echo "== bench/symbolize.sh: names and lines of many addresses"
bench/symbolize.sh
echo "== bench/goroutines.py: 100,000 goroutines from outside and by the program itself"
bench/goroutines.py
echo "== bench/go_readings.py: heap and block profiles of Go programs with many records"
bench/go_readings.py
echo "== bench/recorder.py: what libgoprof costs the program it is in"
bench/recorder.py
echo "== bench/recorder_servers.py: throughput of redis, nginx and PostgreSQL with libgoprof in them"
bench/recorder_servers.py
echo "== bench/alloctrace.py: recording every allocation and free"
bench/alloctrace.py
echo "== bench/alloctrace_go.py: probes on every allocation of a Go program"
bench/alloctrace_go.py
echo "== bench/leakcheck.py: the leak check at exit"
bench/leakcheck.py
echo "== bench/locks.py: what libgoprof adds to a free lock"
bench/locks.py
echo "== bench/unwind: nanoseconds a frame"
make -s BUILD="$BUILD" "$BUILD/bench/unwind"
"$BUILD/bench/unwind"
