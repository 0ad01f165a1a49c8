
// The page's address: before '#' what the reports leave out, behind it what is looked at.
const Address = (() => {
	const params = () => new URLSearchParams(location.search);

	// Another set of options: another page, which keeps what is looked at. The number of a
	// selected function means nothing there, so it goes by its name.
	function go(changes, name = "") {
		const all = params(), hash = new URLSearchParams(location.hash.slice(1));
		for (const [key, value] of Object.entries(changes)) {
			if (value === null)
				all.delete(key);
			else
				all.set(key, value);
		}
		hash.delete("z");
		hash.delete("f");
		if (name !== "")
			hash.set("n", name);
		location.assign(location.pathname + (all.size > 0 ? "?" + all : "") + (hash.size > 0 ? "#" + hash : ""));
	}

	// A name in the address, from a page with other options, becomes a function of this one.
	function findSelection(names) {
		const hash = new URLSearchParams(location.hash.slice(1)), name = hash.get("n");
		if (name === null)
			return;
		const frame = names.indexOf(name);
		hash.delete("n");
		if (frame >= 0)
			hash.set("f", frame);
		history.replaceState(null, "", location.pathname + location.search + (hash.size > 0 ? "#" + hash : ""));
	}

	return { params, go, findSelection };
})();

// A pattern that the function alone matches.
const exactly = name => "^" + name.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&") + "$";
