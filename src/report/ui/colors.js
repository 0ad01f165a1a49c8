
// Colours by package, or what comes nearest to one; kernel, unnamed and heaped frames have
// their own.
const Colors = (() => {
	const SLOTS = 10;

	// "std" of C++ and Rust, "net/http" of Go; of C the source file within the program, else
	// the library.
	function groupOf({ frames, program }, frame) {
		if (frames.kind[frame] === Model.KIND_KERNEL)
			return "kernel";
		if (frames.kind[frame] === Model.KIND_UNNAMED)
			return "no name";
		const name = frames.name[frame], slash = name.search(/[(\[<{ ]/);
		const plain = slash > 0 ? name.slice(0, slash) : name;
		const go = /^((?:[^\s:]*\/)?[A-Za-z_][\w%-]*(?:\.v\d+)?)\.[(\w]/.exec(name);
		if (go && !plain.includes("::") && !/\.(so|c|h|cc|cpp)\b/.test(name))
			return go[1];
		if (plain.includes("::"))
			return plain.replace(/^<*(&|mut |dyn )*/, "").split("::")[0];
		const module = Format.base(frames.module[frame]);
		return module === program && Format.base(frames.file[frame]) || module || "program";
	}

	function assign(profile, type) {
		const { frames } = profile, weights = new Map(), groups = [];
		for (let i = 0; i < frames.count; i++) {
			groups[i] = groupOf(profile, i);
			weights.set(groups[i], (weights.get(groups[i]) || 0) + Math.abs(frames.flat[type][i]));
		}
		const order = [...weights.keys()].sort((a, b) => weights.get(b) - weights.get(a) || (a < b ? -1 : 1));
		const slots = new Map([["kernel", "--kernel"], ["no name", "--unnamed"]]);
		let next = 0;
		for (const name of order) {
			if (!slots.has(name))
				slots.set(name, next < SLOTS ? "--c" + next++ : "--other");
		}
		return { groups, order, weights, slots };
	}

	function parse(color) {
		const value = parseInt(color.trim().slice(1), 16);
		return [value >> 16 & 255, value >> 8 & 255, value & 255];
	}

	function mix(color, other, share) {
		const part = color.map((c, i) => Math.round(c + (other[i] - c) * share));
		return `rgb(${part[0]} ${part[1]} ${part[2]})`;
	}

	// WCAG's relative luminance: 0 to 1.
	function luminance(color) {
		const [r, g, b] = color.map(c => c / 255).map(c => c <= 0.04 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	}

	function hash(name) {
		let value = 7;
		for (let i = 0; i < Math.min(name.length, 200); i++)
			value = value * 31 + name.charCodeAt(i) | 0;
		return (value ^ value >>> 15) >>> 0;
	}

	// Fills by frame, slightly different within a group so that neighbours stand apart.
	function palette(profile, groups) {
		const style = getComputedStyle(document.documentElement);
		const color = name => style.getPropertyValue(name).trim();
		const dark = parse(color("--ink-dark")), light = parse(color("--ink-light"));
		const fills = [], inks = [], slots = new Map();
		for (const slot of groups.slots.values())
			slots.set(slot, parse(color(slot)));
		for (let i = 0; i < profile.frames.count; i++) {
			const fill = slots.get(groups.slots.get(groups.groups[i]));
			const step = (hash(profile.frames.name[i]) % 7 - 3) / 3;
			fills.push(mix(fill, step < 0 ? [0, 0, 0] : [255, 255, 255], Math.abs(step) * 0.14));
			inks.push(mix(luminance(fill) > 0.2 ? dark : light, [0, 0, 0], 0));
		}
		const names = ["page", "text", "soft", "accent", "mark", "mark-text", "thin", "small",
			"kernel", "other", "less", "more"];
		const named = Object.fromEntries(names.map(name => [name, color("--" + name)]));
		const shades = name => [0.3, 0.55, 0.8, 1].map(share => mix(parse(color("--other")), parse(color(name)), share));
		return { fills, inks, ...named, lessShades: shades("--less"), moreShades: shades("--more") };
	}

	return { assign, palette };
})();
