
// Begins: asks for the state and the data, then runs the page on them.
(async () => {
	const main = document.getElementById("main");

	function tell(...content) {
		document.body.classList.add("beside");
		main.after(make("section", { id: "pane", tabIndex: 0 }, ...content));
	}

	// A name in the address, from a page with other options, becomes a function of this one.
	function findSelection(data) {
		const hash = new URLSearchParams(location.hash.slice(1)), name = hash.get("n");
		if (name === null)
			return;
		const frames = Model.decode(data).frames.name, frame = frames.indexOf(name);
		hash.delete("n");
		if (frame >= 0)
			hash.set("f", frame);
		history.replaceState(null, "", location.pathname + location.search + (hash.size > 0 ? "#" + hash : ""));
	}

	let state;
	try {
		state = await Server.json("/api/state");
	} catch (error) {
		tell(make("p", { className: "note warn" }, error.message));
		return;
	}
	const title = document.querySelector(".title"), tools = document.querySelector(".tools");
	if (state.profiles.length === 0) {
		document.body.classList.add("bare");
		tell();
		await Live.show(state, document.getElementById("pane"));
		return;
	}
	const { text, error } = await Server.text("/api/flame").then(given => ({ text: given }), thrown => ({ error: thrown }));
	if (error) {
		title.after(Filters.row(state, () => ""));
		tell(make("p", { className: "note warn" }, error.message));
		return;
	}
	performance.mark("fetched");
	const data = JSON.parse(text);
	data.hasChips = true;
	Format.choose(Server.params().get("unit") || "");
	findSelection(data);
	runApp(data, {
		start(app) {
			const name = () => app.frameInMind() >= 0 ? app.profile.frames.name[app.frameInMind()] : "";
			Panes.start(app);
			title.after(Panes.tabs());
			tools.after(Filters.row(state, name, app.profile.types));
			Filters.menu(app, state);
			if (state.isLive)
				document.getElementById("tabs").append(Live.bar(state, name));
			const click = id => () => document.getElementById(id).click();
			app.keys.push({ keys: ["x"], does: "type a filter", run: () => document.getElementById("filter").focus() },
				{ keys: ["l"], does: "labels: filter and group by", run: () => document.querySelector("#labels summary").click() },
				{ keys: ["m"], does: "menu of the function", run: () => app.frameInMind() >= 0 && Filters.open(app, state, app.frameInMind(), innerWidth / 3, innerHeight / 3) },
				{ keys: ["S"], does: "save as one file to share", run: click("share") });
			if (state.isLive)
				app.keys.push({ keys: ["p"], does: "take another profile", run: click("more") });
		},
		apply: Panes.apply,
	});
	performance.mark("shown");
})();
