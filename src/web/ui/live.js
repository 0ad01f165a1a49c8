
// Processes, and profiles taken of them at a click.
const Live = (() => {
	const LINES_MAX = 500;
	let state = null, timer = 0;

	const note = words => make("p", { className: "note" }, words);

	async function refresh(box, wanted) {
		try {
			state = await Server.json("/api/state");
		} catch (error) {
			box.replaceChildren(make("p", { className: "note warn" }, `The server does not answer: ${error.message}`));
			return;
		}
		const mine = state.recordings.filter(one => one.isRunning || one.isDumped || one.error !== "" || one.id === wanted);
		box.replaceChildren(...mine.map(one => row(one, () => refresh(box, wanted))));
		const done = state.recordings.find(one => one.id === wanted && one.profile > 0);
		if (done)
			return Address.go({ p: done.profile, b: null });
		clearTimeout(timer);
		if (mine.some(one => one.isRunning || one.isDumped && one.url === ""))
			timer = setTimeout(() => refresh(box, wanted), 400);
	}

	// A dump that is there: its pages are made when they are asked for.
	function dumped(one, again) {
		const save = make("a", { className: "button", href: `/api/dump?id=${one.id}`, download: "" }, "Save the file");
		const look = make("button", {}, "Look into it");
		look.addEventListener("click", () => Server.post("/api/open", { id: one.id }).then(again, error => look.after(` ${error.message}`)));
		const open = make("a", { className: "button", href: one.url, target: "_blank" }, "Open its pages");
		return make("li", {}, `Heap dump of process ${one.pid}`, one.url === "" ? look : open, save);
	}

	// A share where it is known when it will be over.
	function progress(one) {
		if (one.kind === "heapdump")
			return `${one.elapsed.toFixed(1)} s, ${Format.value(one.bytes, "bytes")} written`;
		const samples = one.samples > 0 ? `, ${Format.count(one.samples)} samples` : "";
		return one.seconds === 0 ? `${one.elapsed.toFixed(1)} s`
			: `${Math.min(100, Math.floor(100 * one.elapsed / one.seconds))}% (${one.elapsed.toFixed(0)} of ${one.seconds} s${samples})`;
	}

	function row(one, again) {
		const words = `${one.kind} of process ${one.pid}`;
		if (one.isDumped && one.error === "")
			return dumped(one, again);
		if (!one.isRunning)
			return one.error === "" ? make("li", {}, `${words}: done`) : make("li", { className: "warn" }, `${words}: ${one.error}`);
		const act = (label, how, title) => {
			const button = make("button", { title }, label);
			button.addEventListener("click", () => Server.post("/api/cancel", { id: one.id, how }).then(again, again));
			return button;
		};
		const bar = make("progress", { max: one.seconds || 1, ariaLabel: words });
		if (one.seconds > 0)
			bar.value = Math.min(one.seconds, one.elapsed);
		return make("li", {}, bar, ` ${words}: ${progress(one)} `,
			...(one.kind === "heapdump" ? [] : [act("Stop and show", "stop", "End now, with what there is")]), act("Cancel", "cancel", "Throw it away"));
	}

	// Text that is read once, again every second, or as its lines come; into a box below.
	function reader(pid, process) {
		const view = make("section", { className: "reading", ariaLive: "off", hidden: true });
		let stop = () => {};
		const begin = (name, run) => {
			stop();
			const control = new AbortController(), text = make("pre", { className: "text" });
			const close = make("button", {}, "Close");
			stop = () => { control.abort(); view.hidden = true; };
			close.addEventListener("click", () => stop());
			view.replaceChildren(make("h3", {}, name, " ", close), text);
			view.hidden = false;
			run(text, control.signal).catch(error => control.signal.aborted || text.append(error.message));
		};
		const button = (name, title, run) => {
			const made = make("button", { title }, name);
			made.dataset.read = name;
			made.addEventListener("click", () => begin(name, (text, signal) => run(name, text, signal)));
			return made;
		};
		async function again(kind, text, signal) {
			while (!signal.aborted && text.isConnected) {
				text.textContent = await Server.text("/api/numbers", { pid, kind });
				await new Promise(done => setTimeout(done, 2000));
			}
		}
		async function follow(kind, text, signal) {
			const answer = await fetch(Server.url("/api/stream", { pid, kind }), { signal });
			if (!answer.ok)
				throw new Error(await answer.text());
			const from = answer.body.pipeThrough(new TextDecoderStream()).getReader(), lines = [];
			text.append("Lines come as things happen …");
			for (let piece = await from.read(), rest = ""; !piece.done && text.isConnected; piece = await from.read()) {
				const parts = (rest + piece.value).split("\n");
				rest = parts.pop();
				lines.push(...parts);
				text.textContent = lines.slice(-LINES_MAX).join("\n");
				view.scrollTop = view.scrollHeight;
			}
		}
		const titles = { memory: "What its resident memory is made of, every two seconds", memstats: "Its runtime.MemStats, every two seconds",
			gctrace: "A line for each collection, as it ends", schedtrace: "A line a second: its threads and processors" };
		return make("div", {}, make("div", { className: "take" },
			...process.numbers.map(one => button(one.name, titles[one.name], again)),
			...process.streams.map(one => button(one.name, titles[one.name], follow))), view);
	}

	function taker(pid, process, box) {
		const { kinds } = process;
		const seconds = make("input", { type: "number", min: 1, max: 600, value: "10", ariaLabel: "Seconds", className: "seconds" });
		const isChange = make("input", { type: "checkbox", id: "change" });
		const lasts = kind => ["cpu", "wall"].includes(kind) || isChange.checked && kind !== "heapdump";
		const says = make("span", { className: "warn", role: "alert" });
		const take = async kind => {
			says.textContent = "";
			try {
				const { id } = await Server.post("/api/capture", { pid, kind, seconds: lasts(kind) ? seconds.value : 0 });
				refresh(box, id);
			} catch (error) {
				says.textContent = error.message;
			}
		};
		const buttons = kinds.map(kind => {
			const button = make("button", { title: `Take a ${kind.name} profile` }, kind.name);
			button.dataset.kind = kind.name;
			button.addEventListener("click", () => take(kind.name));
			return button;
		});
		if (process.givesDump)
			buttons.push(dumper(take));
		return make("div", { className: "take" }, ...buttons, make("label", {}, " for ", seconds, " seconds"),
			kinds.some(kind => !lasts(kind.name)) ? make("label", { title: "Otherwise these are taken at once, with all since the program began" },
				isChange, " of heap, block and the like: what changes in that time") : "", says);
	}

	function dumper(take) {
		const button = make("button", { className: "quiet", title: "All objects and what keeps them. The process is made to copy itself, for which it stands still some milliseconds" },
			"heap dump (pauses it for a moment)");
		button.dataset.dump = "";
		button.addEventListener("click", () => take("heapdump"));
		return button;
	}

	function table(found, show) {
		const rows = found.processes.map(one => {
			const open = make("button", { className: "name" }, make("bdi", {}, Format.text(one.name)));
			open.addEventListener("click", () => show(one));
			open.disabled = !one.canRecord;
			open.title = one.canRecord ? "What this process can give" : "The kernel does not let this user measure it: goprof doctor says why";
			return make("tr", {}, make("td", { className: "number" }, String(one.pid)), make("td", {}, open),
				make("td", { className: "number" }, one.cpuSeconds.toFixed(1) + " s"), make("td", { className: "number" }, String(one.threads)));
		});
		const head = make("thead", {}, make("tr", {}, ...["PID", "Name", "CPU so far", "Threads"].map(words => make("th", {}, words))));
		return make("table", { className: "processes" }, head, make("tbody", {}, ...rows));
	}

	async function one(pid, box, into) {
		const process = await Server.json("/api/process", { pid });
		into.replaceChildren(make("h2", {}, make("bdi", {}, Format.text(process.name)), ` (process ${pid})`),
			note(process.what),
			make("h3", {}, "Take a profile"), taker(pid, process, box), make("h3", {}, "Watch"), reader(pid, process));
	}

	async function show(given, into) {
		const box = make("ul", { className: "recordings", ariaLive: "polite" }), top = make("div", {}), list = make("div", {});
		into.append(make("h1", {}, given.pid ? "Live process" : "Processes on this machine"), top, box, list);
		if (given.pid) {
			await one(given.pid, box, top).catch(error => top.append(make("p", { className: "warn" }, error.message)));
		} else {
			const found = await Server.json("/api/processes");
			list.append(note("Choose a process; its command line and environment are not shown."),
				table(found, chosen => one(chosen.pid, box, top).catch(error => top.replaceChildren(make("p", { className: "warn" }, error.message)))));
		}
		refresh(box, 0);
	}

	// Takes one profile after the other and shows each as it comes; the address says so.
	async function repeat(given, says, name) {
		const seconds = Math.min(60, Math.max(1, Number(Address.params().get("live"))));
		try {
			const { id } = await Server.post("/api/capture", { pid: given.pid, kind: "cpu", seconds });
			for (;;) {
				const one = (await Server.json("/api/state")).recordings.find(other => other.id === id);
				if (!one || one.error !== "")
					throw new Error(one ? one.error : "the recording was thrown away");
				says.textContent = one.isRunning ? `next in ${Math.max(0, seconds - one.elapsed).toFixed(0)} s` : "";
				if (one.profile > 0)
					return replaceBy(one.profile, name());
				await new Promise(done => setTimeout(done, 500));
			}
		} catch (error) {
			says.textContent = `not refreshed: ${error.message}`;
		}
		return undefined;
	}

	// Refreshing leaves no trail for the back button.
	function replaceBy(profile, name) {
		const all = Address.params(), hash = new URLSearchParams(location.hash.slice(1));
		all.set("p", profile);
		hash.delete("z");
		hash.delete("f");
		if (name !== "")
			hash.set("n", name);
		location.replace("/?" + all + (hash.size > 0 ? "#" + hash : ""));
	}

	function refreshing(given, name) {
		const isOn = Address.params().has("live"), says = make("small", { id: "next-in", ariaLive: "off" });
		const button = make("button", { id: "refresh", title: "Take a profile of 5 seconds again and again, and show the newest", ariaPressed: String(isOn) }, "Refresh");
		button.addEventListener("click", () => Address.go({ live: isOn ? null : "5" }));
		if (isOn)
			repeat(given, says, name);
		return [says, button];
	}

	const title = one => `${one.id}. ${Format.text(one.title) || "profile"}`;

	// Any other of the profiles taken, as what was before.
	function comparing(given, now, name) {
		const select = make("select", { id: "base", ariaLabel: "Compare with", title: "Show what changed since another profile" },
			new Option("compare with …", ""), ...given.profiles.filter(one => String(one.id) !== now)
				.map(one => new Option("since " + title(one), one.id)));
		select.value = Address.params().get("b") || "";
		select.addEventListener("change", () => Address.go({ p: now, b: select.value || null }, name()));
		return given.profiles.length > 1 ? [select] : [];
	}

	// The profiles taken so far, and more of them.
	function bar(given, name) {
		const select = make("select", { id: "profiles", ariaLabel: "Profile" },
			...given.profiles.map(one => new Option(title(one), one.id)));
		const now = Address.params().get("p") || String(given.profiles[given.profiles.length - 1].id);
		select.value = now;
		select.addEventListener("change", () => Address.go({ p: select.value, b: null }));
		const more = make("button", { id: "more", title: "Take another profile (p)" }, "Take another");
		const dialog = make("dialog", { id: "live", ariaLabel: "Live processes" });
		document.body.append(dialog);
		more.addEventListener("click", () => {
			const close = make("button", { className: "close", ariaLabel: "Close" }, "×");
			close.addEventListener("click", () => dialog.close());
			dialog.replaceChildren(close);
			dialog.showModal();
			show(given, dialog);
		});
		dialog.addEventListener("close", () => clearTimeout(timer));
		return make("span", { className: "group" }, ...(given.pid ? refreshing(given, name) : []), select, ...comparing(given, now, name), more);
	}

	return { show, bar };
})();
