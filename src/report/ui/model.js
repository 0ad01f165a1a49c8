
// The profile as the page holds it: columns decoded from the data block.
const Model = (() => {
	const ROOT = -2, SMALL = -1;
	const KIND_KERNEL = 1, KIND_UNNAMED = 2;
	const CODES = new Uint8Array(128);
	[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]
		.forEach((c, i) => { CODES[c.charCodeAt(0)] = i; });

	// Reads varints of five bits a character; see flame_data.h.
	function reader(column) {
		let at = 0;
		function number() {
			let value = 0, factor = 1;
			for (;;) {
				const digit = CODES[column.charCodeAt(at++)];
				value += (digit & 31) * factor;
				if (digit < 32)
					return value;
				factor *= 32;
			}
		}
		function signed() {
			const value = number();
			return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
		}
		return { number, signed };
	}

	// One value of each type; those that are multiples of the first are not stored.
	function readValues(from, types, columns, row) {
		types.forEach((type, t) => {
			columns[t][row] = type.times ? columns[0][row] * type.times : from.signed();
		});
	}

	const columns = (types, count) => types.map(() => new Float64Array(count));

	function decodeFrames(data, strings) {
		const from = reader(data.frames), count = data.frameCount;
		const frames = { count, name: [], file: [], module: [], first: [], last: [], kind: [],
			flat: columns(data.types, count), cum: columns(data.types, count) };
		for (let i = 0; i < count; i++) {
			frames.name.push(strings[from.number()]);
			frames.file.push(strings[from.number()]);
			frames.module.push(strings[from.number()]);
			frames.first.push(from.number());
			frames.last.push(frames.first[i] + from.number());
			frames.kind.push(from.number());
			readValues(from, data.types, frames.flat, i);
			readValues(from, data.types, frames.cum, i);
		}
		return frames;
	}

	function decodeTree(data) {
		const from = reader(data.nodes), count = data.nodeCount + 1;
		const tree = { count, parent: new Int32Array(count), frame: new Int32Array(count),
			small: new Int32Array(count), inlining: new Uint8Array(count),
			end: new Int32Array(count), self: columns(data.types, count) };
		tree.frame[0] = ROOT;
		readValues(reader(data.root), data.types, tree.self, 0);
		for (let i = 1, before = 0; i < count; i++) {
			const head = from.number();
			let parent = before;
			for (let up = Math.floor(head / 16); up > 0; up--)
				parent = tree.parent[parent];
			tree.parent[i] = parent;
			tree.inlining[i] = head >> 1 & 3;
			const subject = from.number();
			tree.frame[i] = head & 8 ? SMALL : subject;
			tree.small[i] = head & 8 ? subject : 0;
			if (head & 1)
				readValues(from, data.types, tree.self, i);
			before = i;
		}
		for (let i = count - 1; i >= 0; i--) {
			tree.end[i] = Math.max(tree.end[i], i + 1);
			if (i > 0)
				tree.end[tree.parent[i]] = Math.max(tree.end[tree.parent[i]], tree.end[i]);
		}
		return tree;
	}

	// What each node has alone. Of a difference (base: the base's column, factor: what it is
	// scaled by) the value is after - before and the weight after + before, so that both
	// can be told from a box.
	function selfColumns(self, base, factor) {
		if (base === null)
			return { self, selfWeight: self.map(Math.abs) };
		const value = self.map((difference, i) => difference + (1 - factor) * base[i]);
		return { self: value, selfWeight: self.map((difference, i) => Math.abs(difference + base[i]) + Math.abs(factor * base[i])) };
	}

	// Sums over each subtree: values keep their sign, weights make the widths. Shares are of
	// the whole; of a difference that is the base.
	function sums(tree, columnsOf, isDiff) {
		const { self, selfWeight } = columnsOf, value = self.slice(), weight = selfWeight.slice();
		for (let i = tree.count - 1; i > 0; i--) {
			value[tree.parent[i]] += value[i];
			weight[tree.parent[i]] += weight[i];
		}
		const before = (weight[0] - value[0]) / 2;
		return { self, selfWeight, value, weight, whole: isDiff ? before || weight[0] : value[0] };
	}

	const total = column => column.reduce((all, value) => all + value, 0);

	// `refine` makes other frames and another tree of these, where there are filters.
	function decode(data, refine = (_, frames, tree) => ({ frames, tree })) {
		const { frames, tree } = refine(data, decodeFrames(data, data.strings), decodeTree(data));
		const types = data.types.filter(type => !type.base), isDiff = types.length < data.types.length;
		const own = { flat: frames.flat.slice(), cum: frames.cum.slice() };
		let factors = types.map(() => 1), cache = [];

		// Whether the base is scaled to the same total; true when that is a change.
		function normalise(isOn) {
			const wanted = types.map((_, t) => {
				const before = isDiff && isOn ? total(tree.self[types.length + t]) : 0;
				return before > 0 ? (total(tree.self[t]) + before) / before : 1;
			});
			if (wanted.every((factor, t) => factor === factors[t]))
				return false;
			factors = wanted;
			cache = [];
			types.forEach((_, t) => {
				for (const name of ["flat", "cum"])
					frames[name][t] = own[name][t].map((value, i) => value + (1 - factors[t]) * own[name][types.length + t][i]);
			});
			return true;
		}

		const baseOf = t => isDiff ? tree.self[types.length + t] : null;
		return { ...data, types, allTypes: data.types, frames, tree, isDiff, normalise,
			sums: t => cache[t] || (cache[t] = sums(tree, selfColumns(tree.self[t], baseOf(t), factors[t]), isDiff)) };
	}

	// What the matching frames have with everything below them (nothing twice), and alone.
	function matchTotals(profile, type, matches, from = 0) {
		const { tree } = profile, { value, self } = profile.sums(type);
		let total = 0, own = 0, boxes = 0;
		for (let i = from, covered = 0; i < tree.end[from]; i++) {
			if (tree.frame[i] < 0 || !matches[tree.frame[i]])
				continue;
			boxes++;
			own += self[i];
			if (i >= covered) {
				total += value[i];
				covered = tree.end[i];
			}
		}
		return { total, own, boxes };
	}

	return { ROOT, SMALL, KIND_KERNEL, KIND_UNNAMED, reader, readValues, columns, decode, matchTotals };
})();
