
// The row of buttons that choose a view, and the place beside the flame graph where others are shown.
const Tabs = (() => {
	const show = (app, pane) => app.state.set({ pane, frame: app.frameInMind() });

	// `views`: [pane, words, key] each; "" is the flame graph.
	function row(app, views) {
		return make("nav", { id: "tabs", ariaLabel: "Views" }, ...views.map(([pane, words, key]) => {
			const tab = make("button", { title: `${words} (${key})` }, words);
			tab.dataset.pane = pane;
			tab.addEventListener("click", () => show(app, pane));
			return tab;
		}));
	}

	function wire(app, views) {
		document.getElementById("main").after(make("section", { id: "pane", ariaLabel: "View", tabIndex: 0, hidden: true }));
		for (const [pane, words, key] of views)
			app.keys.push({ keys: [key], does: words.toLowerCase(), run: () => show(app, pane) });
	}

	function mark(pane, isPane) {
		document.body.classList.toggle("beside", isPane);
		document.getElementById("pane").hidden = !isPane;
		document.querySelectorAll("[data-pane]").forEach(tab => {
			if (tab.dataset.pane === (isPane ? pane : ""))
				tab.setAttribute("aria-current", "page");
			else
				tab.removeAttribute("aria-current");
		});
	}

	return { make: row, wire, mark };
})();
