#!/bin/bash
# Symbolizes 100,000 addresses of a large C++ file with inlined calls, peers interleaved:
# goprof's index cold (one thread, all threads) and from its cache, addr2line, eu-addr2line,
# llvm-addr2line. ROUNDS (default 3) runs each; TARGET names another file with DWARF.
# eu-addr2line and llvm-addr2line get SAMPLE addresses only (default 2000) and are scaled.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
rounds=${ROUNDS:-3}
sample=${SAMPLE:-2000}
out=$BUILD/bench/symbolize-data
mkdir -p "$out"
make -s "$BUILD/bench/symbolize" >&2
ours=$BUILD/bench/symbolize

# 16 units of standard library templates, each with names of its own.
build_target() {
	for i in $(seq 16); do
		cat >"$out/unit$i.cc" <<-END
			#include <algorithm>
			#include <functional>
			#include <map>
			#include <regex>
			#include <string>
			#include <unordered_map>
			#include <vector>
			template <int N> struct item { std::string name; double value[N]; };
			template <int N> static int work(const std::string &text) {
				std::map<std::string, item<N>> known;
				std::unordered_map<int, std::vector<item<N>>> groups;
				std::regex words("([a-z]+)[0-9]*" + text);
				for (std::sregex_iterator m(text.begin(), text.end(), words), e; m != e; ++m) {
					known[m->str()].value[0] += 1;
					groups[(int)m->length()].push_back(known[m->str()]);
				}
				std::vector<std::function<int(int)>> steps;
				for (auto &g : groups)
					steps.push_back([&g](int x) { return x + (int)g.second.size(); });
				std::sort(groups[0].begin(), groups[0].end(),
					[](const auto &a, const auto &b) { return a.value[0] < b.value[0]; });
				int sum = 0;
				for (auto &s : steps)
					sum += s(N);
				return sum;
			}
			int unit$i(const std::string &text) {
				return work<$((i * 8 + 1))>(text) + work<$((i * 8 + 2))>(text) +
				       work<$((i * 8 + 3))>(text) + work<$((i * 8 + 4))>(text);
			}
		END
	done
	{
		echo '#include <string>'
		for i in $(seq 16); do echo "int unit$i(const std::string &);"; done
		echo 'int main(int, char **argv) { int sum = 0;'
		for i in $(seq 16); do echo "sum += unit$i(argv[0]);"; done
		echo 'return sum & 1; }'
	} >"$out/main.cc"
	echo "compiling 17 units, once" >&2
	ls "$out"/*.cc | xargs -P "$(nproc)" -I{} sh -c 'g++ -g -gdwarf-4 -O2 -c {} -o {}.o'
	g++ -o "$out/target" "$out"/*.cc.o
}

target=${TARGET:-$out/target}
[ -e "$target" ] || build_target
addresses=$out/addresses-$(basename "$target")
[ -s "$addresses" ] || readelf --debug-dump=decodedline "$target" 2>/dev/null |
	grep -o '\s0x[0-9a-f]\{3,\}' | sort -u | shuf -n 100000 --random-source=<(yes) >"$addresses"
head -n "$sample" "$addresses" >"$addresses.sample"
count=$(wc -l <"$addresses")

# run NAME INPUT COMMAND...: appends its seconds to NAME's file. All write their text to
# /dev/null: what the file system does with 65 MB is not what is compared.
run() {
	local name=$1 input=$2 start end
	shift 2
	start=$(date +%s.%N)
	"$@" <"$input" >/dev/null 2>&1 || true
	end=$(date +%s.%N)
	echo "$start $end" | awk '{ printf "%.4f\n", $2 - $1 }' >>"$out/$name.seconds"
}

rm -f "$out"/*.seconds
for _ in $(seq "$rounds"); do
	rm -f "$out/cache.symbols"
	run cold-1 "$addresses" "$ours" "$target" -j 1
	run cold "$addresses" "$ours" "$target"
	run cold-cache "$addresses" "$ours" "$target" -c "$out/cache.symbols"
	run cached "$addresses" "$ours" "$target" -c "$out/cache.symbols"
	run addr2line "$addresses" addr2line -ifa -e "$target"
	for peer in eu-addr2line llvm-addr2line; do
		command -v $peer >/dev/null || continue
		run $peer "$addresses.sample" $peer -ifa -e "$target"
	done
done

echo "$count addresses of $target ($(stat -c %s "$target") bytes), $rounds rounds; seconds"
for name in cold-1 cold cold-cache cached addr2line eu-addr2line llvm-addr2line; do
	[ -s "$out/$name.seconds" ] || continue
	case $name in eu-* | llvm-*) scale="$count $sample" ;; *) scale="1 1" ;; esac
	sort -g "$out/$name.seconds" | awk -v name=$name -v scale="$scale" '
		{ v[NR] = $1 }
		END { split(scale, s); print name, v[1], v[int((NR + 1) / 2)], s[1] / s[2] }'
done | awk '{ row[NR] = $1; min[$1] = $2; median[$1] = $3; scale[$1] = $4 }
	END {
		printf "%-16s %9s %9s %14s %14s\n", "", "min", "median", "x goprof cold", "x goprof cached"
		for (i = 1; i <= NR; i++) {
			n = row[i]
			printf "%-16s %9.3f %9.3f %14.1f %14.1f%s\n", n, min[n], median[n],
				scale[n] * median[n] / median["cold"],
				scale[n] * median[n] / median["cached"],
				(scale[n] > 1) ? "  (scaled, see above)" : ""
		}
	}'

"$ours" "$target" <"$addresses" >"$out/cold.out"
addr2line -ifa -e "$target" <"$addresses" >"$out/addr2line.out" 2>/dev/null

# How often we say what addr2line says. It takes names that DWARF does not have from the
# symbol table, with the suffixes of clones; those names are not compared.
paste -d '\t' <(awk '/^0x/ && NR > 1 { print "" } { printf "%s|", $0 }' "$out/cold.out") \
	<(awk '/^0x/ && NR > 1 { print "" } { sub(/ \(discriminator.*/, ""); printf "%s|", $0 }' \
		"$out/addr2line.out") | awk -F '\t' '
	{
		all++
		n = split($1, a, "|"); m = split($2, b, "|"); same = n == m
		if (a[2] == "??") { unnamed++; next }
		for (i = 2; i <= n && same; i++)
			if (a[i] != b[i] && !(i % 2 == 0 && (a[i] !~ /^_Z/ || index(b[i], a[i] ".") == 1)))
				same = 0
		equal += same
	}
	END { printf "agreement with addr2line: %.3f%% of %d addresses in a function, %d outside\n",
		100 * equal / (all - unnamed), all - unnamed, unnamed }'
