// Trying things out on this machine.
#include "source/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "source/doctor_add.h"
#include "target/capability.h"
#include "target/process.h"
#include "target/uprobe.h"

void doctor_facts_deinit(struct doctor_facts *facts)
{
	free(facts->facts);
	arena_deinit(&facts->arena);
	*facts = (struct doctor_facts){ 0 };
}

void doctor_add(struct doctor_facts *facts, enum doctor_state state, struct str topic,
		struct str text, struct str remedy)
{
	facts->facts = table_reserve(facts->facts, &facts->capacity, facts->count + 1,
				     sizeof(*facts->facts));
	facts->facts[facts->count++] = (struct doctor_fact){ state, topic, text, remedy };
}

static void examine_events(struct doctor_facts *facts)
{
	int64_t paranoid = capability_read_settings().perf_event_paranoid;
	int errnum = capability_try_user_events(getpid());
	struct error err;

	facts->can_profile = errnum == 0;
	if (errnum == 0) {
		doctor_add(facts, DOCTOR_WORKS, STR("CPU profiling"),
			   str_format(&facts->arena,
				      "perf events open on our own processes "
				      "(kernel.perf_event_paranoid is %lld)",
				      (long long)paranoid),
			   STR(""));
		return;
	}
	capability_explain_perf(getpid(), errnum, &err);
	doctor_add(facts, DOCTOR_FAILS, STR("CPU profiling"),
		   str_copy(&facts->arena, str_from(err.text)),
		   paranoid > 2 ? STR("sudo sysctl -w kernel.perf_event_paranoid=2")
				: STR(""));
}

static void examine_kernel_frames(struct doctor_facts *facts)
{
	if (!facts->can_profile)
		return;
	if (capability_try_kernel_events(getpid()) == 0)
		doctor_add(facts, DOCTOR_WORKS, STR("kernel frames"),
			   STR("time in the kernel is sampled, with its stacks"),
			   STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("kernel frames"),
			   STR("time in the kernel is not in profiles"),
			   STR("sudo sysctl -w kernel.perf_event_paranoid=1"));
}

static void examine_probes(struct doctor_facts *facts)
{
	int errnum = uprobe_try();

	if (errnum == 0)
		doctor_add(facts, DOCTOR_WORKS, STR("probes"),
			   STR("gctrace --exact and alloctrace PID work for Go programs"),
			   STR(""));
	else if (errnum == EPERM || errnum == EACCES)
		doctor_add(facts, DOCTOR_LIMITED, STR("probes"),
			   STR("gctrace --exact and alloctrace PID need CAP_BPF and "
			       "CAP_PERFMON"),
			   STR("sudo goprof ..."));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("probes"),
			   STR("this kernel has none for gctrace --exact and alloctrace "
			       "PID: they need Linux 5.8 with CONFIG_UPROBE_EVENTS and "
			       "CONFIG_BPF_SYSCALL"),
			   STR(""));
}

static void examine_kernel_names(struct doctor_facts *facts)
{
	CLEANUP_FILE FILE *kallsyms = fopen("/proc/kallsyms", "re");
	unsigned long long address = 0;

	if (kallsyms == NULL)
		doctor_add(facts, DOCTOR_LIMITED, STR("kernel names"),
			   STR("/proc/kallsyms cannot be read"), STR(""));
	else if (fscanf(kallsyms, "%llx", &address) == 1 && address != 0)
		doctor_add(facts, DOCTOR_WORKS, STR("kernel names"),
			   STR("/proc/kallsyms shows addresses"), STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("kernel names"),
			   STR("/proc/kallsyms hides its addresses from us"),
			   STR("sudo sysctl -w kernel.kptr_restrict=0 "
			       "kernel.perf_event_paranoid=1"));
}

static void examine_other_users(struct doctor_facts *facts)
{
	if (!facts->can_profile)
		return;

	int events = capability_try_user_events(1);
	bool may_read = capability_is_held(CAPABILITY_SYS_PTRACE) ||
			capability_try_memory(1) == 0;

	if (events == 0 && may_read)
		doctor_add(facts, DOCTOR_WORKS, STR("other users"),
			   STR("processes of all users can be profiled"), STR(""));
	else
		doctor_add(
			facts, DOCTOR_LIMITED, STR("other users"),
			str_format(&facts->arena,
				   "only our own processes can be profiled (CAP_PERFMON "
				   "%s, CAP_SYS_PTRACE %s)",
				   capability_is_held(CAPABILITY_PERFMON) ? "held"
									  : "missing",
				   capability_is_held(CAPABILITY_SYS_PTRACE) ? "held"
									     : "missing"),
			STR("run goprof with sudo, or sudo setcap "
			    "cap_perfmon,cap_sys_ptrace=ep \"$(command -v goprof)\""));
}

// Reading memory is needed by the checks for replaced files alone, so this only limits.
static void examine_ptrace(struct doctor_facts *facts)
{
	int64_t scope = capability_read_settings().ptrace_scope;

	if (scope <= 0 || capability_is_held(CAPABILITY_SYS_PTRACE))
		doctor_add(facts, DOCTOR_WORKS, STR("process memory"),
			   STR("memory of our own processes can be read"), STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("process memory"),
			   str_format(&facts->arena,
				      "memory of running processes is closed to us "
				      "(kernel.yama.ptrace_scope is %lld)",
				      (long long)scope),
			   STR("sudo sysctl -w kernel.yama.ptrace_scope=0"));
}

static void examine_rings(struct doctor_facts *facts)
{
	enum { USUAL_KB = 516 };
	int64_t mlock_kb = capability_read_settings().perf_event_mlock_kb;

	if (mlock_kb >= USUAL_KB || geteuid() == 0)
		doctor_add(
			facts, DOCTOR_WORKS, STR("ring buffers"),
			geteuid() == 0
				? STR("no limit of locked memory for root")
				: str_format(&facts->arena,
					     "%lld kB a CPU (kernel.perf_event_mlock_kb)",
					     (long long)mlock_kb),
			STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("ring buffers"),
			   str_format(&facts->arena,
				      "only %lld kB a CPU: samples may be lost at high "
				      "rates",
				      (long long)mlock_kb),
			   STR("sudo sysctl -w kernel.perf_event_mlock_kb=516"));
}

static void examine_sandbox(struct doctor_facts *facts)
{
	bool is_container = access("/.dockerenv", F_OK) == 0 ||
			    access("/run/.containerenv", F_OK) == 0;

	if (!is_container && !capability_is_filtered())
		return;
	doctor_add(facts, facts->can_profile ? DOCTOR_WORKS : DOCTOR_LIMITED,
		   STR("sandbox"),
		   str_format(&facts->arena,
			      "we run in a sandbox (container: %s, seccomp "
			      "filter: %s)",
			      is_container ? "yes" : "no",
			      capability_is_filtered() ? "yes" : "no"),
		   facts->can_profile ? STR("")
				      : STR("start the container with --cap-add PERFMON "
					    "--cap-add SYS_PTRACE"));
}

static bool is_in_path(const char *program)
{
	struct str rest = str_from(getenv("PATH")), folder;

	while (str_cut(&rest, ':', &folder)) {
		CLEANUP_ARENA struct arena arena = { 0 };
		struct str path =
			str_format(&arena, "%.*s/%s", (int)folder.n, folder.p, program);

		if (access(str_terminated(&arena, path), X_OK) == 0)
			return true;
	}
	return false;
}

static void examine_programs(struct doctor_facts *facts)
{
	static const char *const browsers[] = { "xdg-open", "sensible-browser", "firefox",
						"chromium", "google-chrome" };
	const char *browser = getenv("BROWSER");

	for (size_t i = 0; i < sizeof(browsers) / sizeof(*browsers) && browser == NULL;
	     i++) {
		if (is_in_path(browsers[i]))
			browser = browsers[i];
	}
	if (is_in_path("dot"))
		doctor_add(facts, DOCTOR_WORKS, STR("graphs"),
			   STR("graphviz is installed: -svg, -png and -pdf work"),
			   STR(""));
	else
		doctor_add(facts, DOCTOR_LIMITED, STR("graphs"),
			   STR("graphviz is not installed: -dot works, pictures of it do "
			       "not"),
			   STR("sudo apt-get install graphviz"));
	doctor_add(
		facts, browser != NULL ? DOCTOR_WORKS : DOCTOR_LIMITED, STR("browser"),
		browser != NULL
			? str_format(&facts->arena, "pages are opened by %s", browser)
			: STR("none found: flame graph pages are files that any browser "
			      "opens"),
		STR(""));
}

void doctor_examine_machine(struct doctor_facts *facts)
{
	examine_events(facts);
	examine_kernel_frames(facts);
	examine_probes(facts);
	examine_kernel_names(facts);
	examine_other_users(facts);
	examine_ptrace(facts);
	examine_rings(facts);
	examine_sandbox(facts);
	examine_programs(facts);
}
