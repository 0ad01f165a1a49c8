"use strict";

// Values, shares and names as people read them.
const Format = (() => {
	const TIME = { nanoseconds: 1, microseconds: 1e3, milliseconds: 1e6, seconds: 1e9 };
	const TIME_STEPS = [["h", 3600e9], ["min", 60e9], ["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];
	const BYTES = { byte: 1, bytes: 1, kilobytes: 2 ** 10, megabytes: 2 ** 20, gigabytes: 2 ** 30 };
	const BYTE_STEPS = [["PiB", 2 ** 50], ["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20],
		["KiB", 2 ** 10], ["B", 1]];
	const COUNT_UNITS = new Set(["", "count", "objects", "samples"]);

	function digits(value) {
		const size = Math.abs(value);
		const places = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
		return value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
	}

	function stepped(value, steps) {
		if (value === 0)
			return "0";
		const size = Math.abs(value);
		const [unit, factor] = steps.find(step => size >= step[1]) || steps[steps.length - 1];
		return digits(value / factor) + " " + unit;
	}

	// Units that values are shown in where the reader has chosen one, by pprof's names.
	const CHOSEN = { ns: [TIME, 1], us: [TIME, 1e3], ms: [TIME, 1e6], s: [TIME, 1e9], min: [TIME, 60e9],
		B: [BYTES, 1], kB: [BYTES, 2 ** 10], MB: [BYTES, 2 ** 20], GB: [BYTES, 2 ** 30] };
	let chosen = "";

	function value(number, unit) {
		const [table, factor] = CHOSEN[chosen] || [{}, 1];
		if (unit in table)
			return digits(number * table[unit] / factor) + " " + chosen;
		if (unit in TIME)
			return stepped(number * TIME[unit], TIME_STEPS);
		if (unit in BYTES)
			return stepped(number * BYTES[unit], BYTE_STEPS);
		return digits(number) + (COUNT_UNITS.has(unit) ? "" : " " + text(unit));
	}

	function percent(part, whole) {
		if (whole === 0)
			return "0%";
		const share = 100 * part / whole, size = Math.abs(share);
		if (size === 0 || size >= 99.995)
			return Math.round(share) + "%";
		return size < 0.01 ? "<0.01%" : share.toFixed(2) + "%";
	}

	// Names come from files of strangers: no line breaks, and nothing that turns the
	// direction of the text around them.
	function text(name) {
		return name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ")
			.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
	}

	// Cuts what stands in balanced brackets: parameters, template arguments.
	function withoutBrackets(name, open, close) {
		let kept = "", depth = 0;
		for (const c of name) {
			if (c === open)
				depth++;
			if (depth === 0)
				kept += c;
			if (c === close && depth > 0)
				depth--;
		}
		return depth === 0 ? kept.trim() : name;
	}

	// From the full name to its last part: what still fits is shown.
	function shorter(full) {
		const name = text(full);
		const names = [name];
		const add = next => next && next.length < names[names.length - 1].length && names.push(next);
		if (name.length > 400)
			names[0] = name.slice(0, 400) + "…";
		if (name.includes("::") || /\)( const)?$/.test(name) && !name.includes(".(")) {
			let bare = name;
			if (!bare.startsWith("("))
				add(bare = withoutBrackets(bare.replace("(anonymous namespace)", "{anon}"), "(", ")"));
			if (!bare.startsWith("<") && !/operator/.test(bare))
				add(bare = withoutBrackets(bare, "<", ">"));
			bare = bare.split(/ (?=[^ ]*::)/).pop();
			add(bare);
			const parts = bare.split("::");
			add(parts.slice(-2).join("::"));
			add(parts[parts.length - 1]);
			return names;
		}
		const last = name.slice(name.lastIndexOf("/") + 1);
		add(last);
		const generic = last.replace(/\[[^\]]*\]/g, "");
		add(generic);
		const dot = generic.indexOf(".");
		if (dot > 0 && /^[A-Za-z_]\w*\.[(\w]/.test(generic))
			add(generic.slice(dot + 1));
		return names;
	}

	function base(path) {
		return path.slice(path.lastIndexOf("/") + 1);
	}

	// The units there are for values of a unit.
	function unitsFor(unit) {
		return Object.keys(CHOSEN).filter(name => unit in CHOSEN[name][0]);
	}

	return { unitsFor, choose: unit => { chosen = unit; }, value, percent, text, shorter, base, count: digits };
})();
