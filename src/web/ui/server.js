
// What the server behind the page is asked. The address holds the options of its reports
// before '#', and what is looked at behind it.
const Server = (() => {
	const params = () => new URLSearchParams(location.search);

	async function answer(response) {
		const text = await response.text();
		if (!response.ok)
			throw new Error(text.trim() || `the server answers ${response.status}`);
		return text;
	}

	// The address of a report with the options of this page and some more.
	function url(path, more = {}) {
		const all = params();
		for (const [name, value] of Object.entries(more))
			all.set(name, value);
		return path + (all.size > 0 ? "?" + all : "");
	}

	const text = async (path, more) => answer(await fetch(url(path, more)));
	const json = async (path, more) => JSON.parse(await text(path, more));

	async function post(path, form) {
		return JSON.parse(await answer(await fetch(path, { method: "POST", body: new URLSearchParams(form) })));
	}

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

	return { params, url, text, json, post, go };
})();

// A pattern that the function alone matches.
const exactly = name => "^" + name.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&") + "$";
