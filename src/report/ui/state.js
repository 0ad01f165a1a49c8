
// What is looked at, kept in the address behind '#': the back button and bookmarks work.
const State = (() => {
	const KEYS = { view: "v", show: "p", type: "t", zoom: "z", frame: "f", query: "q", isRegexp: "r",
		group: "g", isFlipped: "u", order: "o", sort: "s", pane: "w", isEven: "e" };

	function create(defaults, changed) {
		let state = { ...defaults };

		function parse(hash) {
			const given = new URLSearchParams(hash.slice(1)), next = { ...defaults };
			for (const [name, key] of Object.entries(KEYS)) {
				if (!given.has(key))
					continue;
				const text = given.get(key);
				next[name] = typeof defaults[name] === "boolean" ? text === "1"
					: typeof defaults[name] === "number" ? Number(text) : text;
			}
			return next;
		}

		function format(of) {
			const out = new URLSearchParams();
			for (const [name, key] of Object.entries(KEYS)) {
				if (of[name] !== defaults[name])
					out.set(key, typeof of[name] === "boolean" ? "1" : of[name]);
			}
			return "#" + out;
		}

		function set(changes, how = "push") {
			state = { ...state, ...changes };
			const hash = format(state);
			if (hash !== (location.hash || "#")) {
				if (how === "push")
					location.hash = hash;
				else
					location.replace(hash);
			}
			changed(state);
		}

		window.addEventListener("hashchange", () => {
			if (format(state) === (location.hash || "#"))
				return;
			state = parse(location.hash);
			changed(state);
		});
		state = parse(location.hash);
		return { set, get now() { return state; } };
	}

	return { create };
})();
