
// What the server behind the page is asked.
const Server = (() => {
	async function answer(response) {
		const text = await response.text();
		if (!response.ok)
			throw new Error(text.trim() || `the server answers ${response.status}`);
		return text;
	}

	// The address of a report with the options of this page and some more.
	function url(path, more = {}) {
		const all = Address.params();
		for (const [name, value] of Object.entries(more))
			all.set(name, value);
		return path + (all.size > 0 ? "?" + all : "");
	}

	const text = async (path, more) => answer(await fetch(url(path, more)));
	const json = async (path, more) => JSON.parse(await text(path, more));

	async function post(path, form) {
		return JSON.parse(await answer(await fetch(path, { method: "POST", body: new URLSearchParams(form) })));
	}

	return { url, text, json, post };
})();
