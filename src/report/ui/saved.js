
// The saved page: its data stand in it.
Format.choose(Address.params().get("unit") || "");
runApp(JSON.parse(document.getElementById("profile").textContent), Offline);
