
// The saved page: its data stand in it.
runApp(JSON.parse(document.getElementById("profile").textContent), Offline);
