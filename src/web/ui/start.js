
// Begins: asks for the state and the data, then runs the page on them.
(async () => {
	const main = document.getElementById("main");

	function tell(...content) {
		document.body.classList.add("beside");
		main.after(make("section", { id: "pane", tabIndex: 0 }, ...content));
	}

	let state;
	try {
		state = await Server.json("/api/state");
	} catch (error) {
		tell(make("p", { className: "note warn" }, error.message));
		return;
	}
	const link = (id, words, path, title) => make("a", { id, className: "button", href: Server.url(path), download: "", title }, words);
	const site = { labels: () => Server.json("/api/labels"), isServed: true,
		ends: [link("share", "Share", "/share", "Save this as one HTML file that needs no server (S)"),
			link("download", "Download", "/download", "Save the profile, filtered as shown (profile.pb.gz)")] };
	const title = document.querySelector(".title"), tools = document.querySelector(".tools");
	if (state.profiles.length === 0) {
		document.body.classList.add("bare");
		tell();
		await Live.show(state, document.getElementById("pane"));
		return;
	}
	const { text, error } = await Server.text("/api/flame").then(given => ({ text: given }), thrown => ({ error: thrown }));
	if (error) {
		title.after(Filters.row(state, () => "", [], site));
		tell(make("p", { className: "note warn" }, error.message));
		return;
	}
	performance.mark("fetched");
	const data = JSON.parse(text);
	data.hasChips = true;
	Format.choose(Address.params().get("unit") || "");
	runApp(data, {
		start(app) {
			const name = () => app.frameInMind() >= 0 ? app.profile.frames.name[app.frameInMind()] : "";
			Panes.start(app);
			title.after(Panes.tabs());
			tools.after(Filters.row(state, name, app.profile.types, site));
			Filters.menu(app, state);
			if (state.isLive)
				document.getElementById("tabs").append(Live.bar(state, name));
			const click = id => () => document.getElementById(id).click();
			Filters.keys(app, state);
			app.keys.push({ keys: ["S"], does: "save as one file to share", run: click("share") });
			if (state.isLive)
				app.keys.push({ keys: ["p"], does: "take another profile", run: click("more") });
		},
		apply: Panes.apply,
	});
	performance.mark("shown");
})();
