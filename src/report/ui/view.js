
// Trees to draw: the profile from its root, from its leaves, or around one function. A view
// is a set of columns in preorder; box i holds the boxes up to end[i].
const View = (() => {
	const bySize = (a, b) => b.weight - a.weight;

	// Collects what falls into one box of the next level.
	function bucket(buckets, frame) {
		let group = buckets.get(frame);
		if (group === undefined) {
			group = { frame, weight: 0, value: 0, self: 0, inlining: 0, small: 0, nodes: [], weights: [], values: [] };
			buckets.set(frame, group);
		}
		return group;
	}

	// Below the nodes of a group: their children, equal functions merged.
	function callees(profile, sums) {
		const { tree } = profile;
		return group => {
			const buckets = new Map();
			for (const node of group.nodes) {
				for (let i = node + 1; i < tree.end[node]; i = tree.end[i]) {
					const below = bucket(buckets, tree.frame[i]);
					below.nodes.push(i);
					below.weight += sums.weight[i];
					below.value += sums.value[i];
					below.self += sums.self[i];
					below.inlining |= tree.inlining[i];
					below.small += tree.small[i];
				}
			}
			return [...buckets.values()].filter(below => below.weight > 0);
		};
	}

	// Above them: each node carries what it brought from the leaf (or the chosen function).
	function callers(profile, least) {
		const { tree } = profile;
		return group => {
			const buckets = new Map();
			group.nodes.forEach((node, k) => {
				const parent = tree.parent[node];
				if (parent === 0)
					return;
				const above = bucket(buckets, tree.frame[parent]);
				above.nodes.push(parent);
				above.weights.push(group.weights[k]);
				above.values.push(group.values[k]);
				above.weight += group.weights[k];
				above.value += group.values[k];
				above.inlining |= tree.inlining[parent];
			});
			return heap([...buckets.values()], least);
		};
	}

	// Groups too small to see become one.
	function heap(groups, least) {
		const small = groups.filter(group => group.weight < least);
		if (small.length < 2)
			return groups;
		const rest = groups.filter(group => group.weight >= least);
		const one = bucket(new Map(), Model.SMALL);
		for (const group of small) {
			one.weight += group.weight;
			one.value += group.value;
			one.small += Math.max(1, group.small);
		}
		return rest.concat(one);
	}

	function byName(profile) {
		const name = group => group.frame < 0 ? "\uffff" : profile.frames.name[group.frame];
		return (a, b) => name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;
	}

	function assemble(rootGroup, expand, compare) {
		const view = { parent: [], frame: [], weight: [], value: [], self: [], inlining: [],
			small: [], depth: [], x: [], end: [], deepest: [], count: 0 };
		const stack = [[rootGroup, -1]], used = [];
		while (stack.length > 0) {
			const [group, parent] = stack.pop(), i = view.count++;
			view.parent.push(parent);
			view.frame.push(group.frame);
			view.weight.push(group.weight);
			view.value.push(group.value);
			view.self.push(group.self);
			view.inlining.push(group.inlining);
			view.small.push(group.small);
			view.depth.push(parent < 0 ? 0 : view.depth[parent] + 1);
			view.x.push(parent < 0 ? 0 : used[parent]);
			used.push(view.x[i]);
			if (parent >= 0)
				used[parent] += group.weight;
			if (group.frame === Model.SMALL)
				continue;
			const groups = expand(group).sort(compare);
			for (let k = groups.length; k-- > 0;)
				stack.push([groups[k], i]);
		}
		close(view);
		return view;
	}

	function close(view) {
		for (let i = view.count - 1; i >= 0; i--) {
			view.end[i] = Math.max(view.end[i] || 0, i + 1);
			view.deepest[i] = Math.max(view.deepest[i] || 0, view.depth[i]);
			const parent = view.parent[i];
			if (parent < 0)
				continue;
			view.end[parent] = Math.max(view.end[parent] || 0, view.end[i]);
			view.deepest[parent] = Math.max(view.deepest[parent] || 0, view.deepest[i]);
		}
	}

	// values and weights: what each node brings.
	function group(frame, nodes, values, weights, sums) {
		const one = { frame, weight: 0, value: 0, self: 0, inlining: 0, small: 0, nodes, values, weights };
		nodes.forEach((node, k) => {
			one.weight += weights[k];
			one.value += values[k];
			one.self += sums.self[node];
		});
		return one;
	}

	function topDown(profile, type, order) {
		const sums = profile.sums(type), compare = order === "name" ? byName(profile) : bySize;
		return assemble(group(Model.ROOT, [0], [sums.value[0]], [sums.weight[0]], sums), callees(profile, sums), compare);
	}

	function inverted(profile, type, order) {
		const { tree } = profile, sums = profile.sums(type), leaves = [];
		for (let i = 1; i < tree.count; i++) {
			if (sums.selfWeight[i] > 0)
				leaves.push(i);
		}
		const values = leaves.map(i => sums.self[i]), weights = leaves.map(i => sums.selfWeight[i]);
		const least = sums.weight[0] / profile.share;
		const up = callers(profile, least), root = group(Model.ROOT, leaves, values, weights, sums);
		const compare = order === "name" ? byName(profile) : bySize;
		return assemble(root, of => of === root ? leavesByFrame(profile, root, least) : up(of), compare);
	}

	function leavesByFrame(profile, root, least) {
		const { tree } = profile, buckets = new Map();
		root.nodes.forEach((node, k) => {
			const leaf = bucket(buckets, tree.frame[node]);
			leaf.nodes.push(node);
			leaf.weights.push(root.weights[k]);
			leaf.values.push(root.values[k]);
			leaf.weight += root.weights[k];
			leaf.value += root.values[k];
			leaf.self += root.values[k];
			leaf.inlining |= tree.inlining[node];
			leaf.small += tree.small[node];
		});
		return heap([...buckets.values()], least);
	}

	// Where the function is entered first, so that its recursion counts once.
	function entries(tree, frame) {
		const nodes = [];
		for (let i = 1; i < tree.count;) {
			if (tree.frame[i] === frame)
				nodes.push(i);
			i = tree.frame[i] === frame ? tree.end[i] : i + 1;
		}
		return nodes;
	}

	// Two trees with the same root: what leads to the function, what it leads to.
	function sandwich(profile, type, order, frame) {
		const sums = profile.sums(type), nodes = entries(profile.tree, frame);
		const values = nodes.map(node => sums.value[node]), weights = nodes.map(node => sums.weight[node]);
		const compare = order === "name" ? byName(profile) : bySize;
		const least = sums.weight[0] / profile.share;
		return {
			callers: assemble(group(frame, nodes, values, weights, sums), callers(profile, least), compare),
			callees: assemble(group(frame, nodes, values, weights, sums), callees(profile, sums), compare),
		};
	}

	return { topDown, inverted, sandwich };
})();
