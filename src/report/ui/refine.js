
// The filters of the address, applied by a saved page to the tree and labels that stand in
// it, in the order and meaning of the reports: labels become frames, stacks are kept or
// dropped, frames are removed. What is drawn as one box can only be kept or dropped whole.
const Refine = (() => {
	const NAMES = ["f", "i", "h", "s", "sf"], LABELS = ["tf", "ti", "tr"];
	let parts = null, kept = null, problems = [];

	function compile(key, text) {
		try {
			return text === null || text === "" ? null : new RegExp(text.replace(/^\(\?i\)/, ""), text.startsWith("(?i)") ? "iu" : "u");
		} catch {
			problems.push(`${Filters.kinds[key][0]} is not a pattern that this page understands: ${Format.text(text)}`);
			return null;
		}
	}

	// What each node has of each list of labels; without labels, what it has itself.
	function decodeParts(data, tree) {
		if (!data.labels) {
			const all = { count: tree.count, node: Int32Array.from({ length: tree.count }, (_, i) => i), set: new Int32Array(tree.count), values: tree.self };
			return { ...all, keys: [], left: [], sets: [[]] };
		}
		const { partCount: count, keys, left, sets } = data.labels, from = Model.reader(data.labels.parts);
		const all = { count, node: new Int32Array(count), set: new Int32Array(count), values: Model.columns(data.types, count), keys, left, sets };
		for (let i = 0, node = 0; i < count; i++) {
			node += from.number();
			all.node[i] = node;
			all.set[i] = from.number();
			Model.readValues(from, data.types, all.values, i);
		}
		return all;
	}

	// The key and value texts of a list of labels.
	function pairsOf(set) {
		const numbers = parts.sets[set], pairs = [];
		for (let k = 0; k < numbers.length; k += 2)
			pairs.push([parts.keys[numbers[k]].key, parts.keys[numbers[k]].values[numbers[k + 1]]]);
		return pairs;
	}

	// With a key any pattern matches any of its values; without, each some "key:value".
	function labelTest(kind, text) {
		const cut = text.indexOf("="), key = text.slice(0, Math.max(0, cut)), rest = text.slice(cut + 1);
		if (/^:?-?\d/.test(rest)) {
			if (rest.includes(":"))
				problems.push(`${Filters.kinds[kind][0]}: ranges of numbers need the server`);
			return pairs => pairs.some(([name, value]) => (cut < 0 || name === key) && value === rest);
		}
		const patterns = rest.split(",").map(piece => compile(kind, piece) || /(?:)/);
		return cut >= 0 ? pairs => pairs.some(([name, value]) => name === key && patterns.some(one => one.test(value)))
			: pairs => patterns.every(one => pairs.some(([name, value]) => one.test(`${name}:${value}`)));
	}

	// Which lists of labels stay, and the name of the frame that each begins with.
	function judgeSets(wanted) {
		const focus = wanted.has("tf") && labelTest("tf", wanted.get("tf")), ignore = wanted.has("ti") && labelTest("ti", wanted.get("ti"));
		return parts.sets.map((_, set) => {
			const pairs = pairsOf(set), root = wanted.get("tr");
			return { isKept: (!focus || focus(pairs)) && !(ignore && ignore(pairs)),
				root: wanted.has("tr") ? pairs.filter(([key]) => key === root).map(([, value]) => value).join(",") : null };
		});
	}

	function withFrame(frames, name, file) {
		frames.name.push(name);
		frames.file.push(file);
		frames.module.push("");
		frames.first.push(0);
		frames.last.push(0);
		frames.kind.push(0);
		return frames.count++;
	}

	// By frame: whether the pattern matches its name, its file or its program.
	function matching(frames, pattern) {
		const test = text => pattern.test(text);
		return pattern && Uint8Array.from(frames.name, (name, i) => test(name) || test(frames.file[i]) || test(frames.module[i]));
	}

	// By node: whether it or one above it is among the frames.
	function below(tree, frames) {
		const found = new Uint8Array(tree.count);
		for (let i = 1; frames && i < tree.count; i++)
			found[i] = found[tree.parent[i]] || tree.frame[i] >= 0 && frames[tree.frame[i]];
		return found;
	}

	// Nodes as they come, put in preorder at the end.
	function builder(columns) {
		const nodes = { parent: [-1], frame: [Model.ROOT], small: [0], inlining: [0], self: columns.map(() => [0]) }, ids = new Map();
		function child(parent, frame) {
			const key = parent + " " + frame;
			let id = ids.get(key);
			if (id === undefined) {
				ids.set(key, id = nodes.parent.length);
				nodes.parent.push(parent);
				nodes.frame.push(frame);
				nodes.small.push(0);
				nodes.inlining.push(0);
				nodes.self.forEach(column => column.push(0));
			}
			return id;
		}
		function finish() {
			const count = nodes.parent.length, below = Array.from({ length: count }, () => []), order = [], place = new Int32Array(count);
			for (let i = 1; i < count; i++)
				below[nodes.parent[i]].push(i);
			for (const waiting = [0]; waiting.length > 0;) {
				const node = waiting.pop();
				place[node] = order.push(node) - 1;
				waiting.push(...below[node].reverse());
			}
			const take = (Kind, column) => Kind.from(order, node => column[node]);
			const tree = { count, parent: Int32Array.from(order, node => node === 0 ? 0 : place[nodes.parent[node]]), frame: take(Int32Array, nodes.frame),
				small: take(Int32Array, nodes.small), inlining: take(Uint8Array, nodes.inlining), end: new Int32Array(count),
				self: nodes.self.map(column => take(Float64Array, column)) };
			for (let i = count - 1; i >= 0; i--) {
				tree.end[i] = Math.max(tree.end[i], i + 1);
				tree.end[tree.parent[i]] = Math.max(tree.end[tree.parent[i]], tree.end[i]);
			}
			return tree;
		}
		return { nodes, child, finish };
	}

	// Flat and cum of the frames, recursion counted once.
	function sumFrames(frames, tree) {
		const active = new Int32Array(frames.count), open = [];
		frames.flat = tree.self.map(() => new Float64Array(frames.count));
		frames.cum = tree.self.map(() => new Float64Array(frames.count));
		const sums = tree.self.map(own => {
			const all = own.slice();
			for (let i = tree.count - 1; i > 0; i--)
				all[tree.parent[i]] += all[i];
			return all;
		});
		for (let i = 1; i < tree.count; i++) {
			const frame = tree.frame[i];
			while (open.length > 0 && tree.end[open[open.length - 1]] <= i)
				active[tree.frame[open.pop()]]--;
			if (frame < 0)
				continue;
			tree.self.forEach((own, t) => {
				frames.flat[t][frame] += own[i];
				frames.cum[t][frame] += active[frame] > 0 ? 0 : sums[t][i];
			});
			active[frame]++;
			open.push(i);
		}
	}

	function rebuild(frames, tree, wanted, sets) {
		const roots = new Map([[null, null]]);
		for (const { root } of sets)
			if (!roots.has(root))
				roots.set(root, withFrame(frames, root || "<unknown>", wanted.get("tr")));
		const [focus, ignore, hide, show, from] = NAMES.map(key => matching(frames, compile(key, wanted.get(key))));
		const isFocused = below(tree, focus), isIgnored = below(tree, ignore), isBegun = below(tree, from);
		const isShown = frame => !(hide && hide[frame]) && !(show && !show[frame]);
		const { nodes, child, finish } = builder(tree.self), targets = new Map();

		function targetOf(root, frame, node) {
			const known = targets.get(root) || targets.set(root, new Int32Array(tree.count).fill(-1)).get(root), path = [];
			const hasBegun = frame !== null && from && from[frame];
			if (known[0] < 0)
				known[0] = frame !== null && isShown(frame) && (!from || hasBegun) ? child(0, frame) : 0;
			for (let i = node; known[i] < 0; i = tree.parent[i])
				path.push(i);
			while (path.length > 0) {
				const i = path.pop(), above = known[tree.parent[i]], own = tree.frame[i];
				const isIn = (own >= 0 ? isShown(own) : !show) && (!from || hasBegun || isBegun[i]);
				known[i] = isIn ? child(above, own) : above;
				if (isIn) {
					nodes.small[known[i]] += tree.small[i];
					nodes.inlining[known[i]] |= tree.inlining[i];
				}
			}
			return known[node];
		}

		const has = (flags, own, frame) => own || frame !== null && flags[frame];
		kept = new Uint8Array(parts.count);
		for (let k = 0; k < parts.count; k++) {
			const { isKept, root } = sets[parts.set[k]], node = parts.node[k], frame = roots.get(root);
			if (!isKept || focus && !has(focus, isFocused[node], frame) || ignore && has(ignore, isIgnored[node], frame) || from && !has(from, isBegun[node], frame))
				continue;
			const target = targetOf(root, frame, node);
			if (target === 0 && node > 0)
				continue;
			kept[k] = 1;
			nodes.self.forEach((column, t) => { column[target] += parts.values[t][k]; });
		}
		const made = finish();
		sumFrames(frames, made);
		return { frames, tree: made };
	}

	function apply(data, frames, tree) {
		const wanted = new URLSearchParams([...Address.params()].filter(([key, value]) => value !== "" && (NAMES.includes(key) || LABELS.includes(key))));
		parts = decodeParts(data, tree);
		kept = null;
		problems = [];
		if (wanted.size === 0)
			return { frames, tree };
		const made = rebuild(frames, tree, wanted, judgeSets(wanted));
		data.isRefined = true;
		data.notes = [...data.notes, ...problems];
		if (data.heaped > 0)
			data.notes.push(`filtered in this page: functions in boxes that are drawn as one take no part`);
		return made;
	}

	// What the labels sum up to in a column, as /api/labels tells it.
	function labels(type) {
		const sums = parts.keys.map(({ values }) => new Float64Array(values.length)), value = parts.values[type];
		let total = 0;
		for (let k = 0; k < parts.count; k++) {
			if (kept && !kept[k])
				continue;
			const numbers = parts.sets[parts.set[k]];
			total += value[k];
			for (let at = 0; at < numbers.length; at += 2)
				sums[numbers[at]][numbers[at + 1]] += value[k];
		}
		const notes = parts.left.map(({ key, count }) => `${Format.text(key)}: ${Format.count(count)} values, too many for a saved page, so they are not in it.`);
		const listed = parts.keys.map(({ key, values }, k) => ({ key, values: values.map((text, v) => ({ text, value: sums[k][v] }))
			.filter(one => one.value !== 0).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)) })).map(one => ({ ...one, count: one.values.length }));
		return { total, notes, labels: listed.filter(one => one.count > 0).sort((a, b) => a.key < b.key ? -1 : 1) };
	}

	return { apply, labels };
})();
