// Source: the print statements of schedtrace in src/runtime/proc.go, Go 1.19 to 1.27.
#include "golang/scheddetail_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "golang/scheddetail.h"
#include "golang/schedtrace.h"
#include "golang/schedtrace_text.h"

// Before it, what is not there was -1, and flags of the scheduler were numbers.
enum { MINOR_NIL = 20 };

static void write_id(const struct schedtrace_line *line, int64_t id, struct writer *w)
{
	if (id == SCHEDDETAIL_NONE && line->minor >= MINOR_NIL)
		writer_text(w, "nil");
	else
		writer_i64(w, id);
}

static const char *bool_text(bool value)
{
	return value ? "true" : "false";
}

static void write_flag(const struct schedtrace_line *line, int32_t flag, struct writer *w)
{
	if (line->minor >= MINOR_NIL)
		writer_text(w, bool_text(flag != 0));
	else
		writer_i64(w, flag);
}

static void write_sched(const struct schedtrace_line *line, struct writer *w)
{
	schedtrace_text_head(line, w);
	writer_text(w, " gcwaiting=");
	write_flag(line, line->gc_waiting, w);
	writer_format(w, " nmidlelocked=%d stopwait=%d sysmonwait=",
		      line->idle_locked_threads, line->stop_wait);
	write_flag(line, line->sysmon_wait, w);
	writer_char(w, '\n');
}

static void write_processor(const struct schedtrace_line *line, int i, int64_t thread,
			    struct writer *w)
{
	const struct schedtrace_processor *p = &line->processors[i];

	writer_format(w, "  P%d: status=%u schedtick=%u syscalltick=%u m=", i, p->status,
		      line->ticks[i], p->syscall_tick);
	write_id(line, thread, w);
	writer_format(w, " runqsize=%u gfreecnt=%d timerslen=%" PRId64 "\n",
		      line->queues[i], p->free_goroutines, p->timers);
}

static void write_thread(const struct schedtrace_line *line,
			 const struct scheddetail_thread *m, struct writer *w)
{
	writer_format(w, "  M%" PRId64 ": p=", m->id);
	write_id(line, m->processor, w);
	writer_text(w, " curg=");
	write_id(line, m->current_goroutine, w);
	writer_format(w,
		      " mallocing=%d throwing=%u preemptoff=%.*s locks=%d dying=%d "
		      "spinning=%s blocked=%s lockedg=",
		      m->mallocing, m->throwing, (int)m->preempt_off.n, m->preempt_off.p,
		      m->locks, m->dying, bool_text(m->is_spinning),
		      bool_text(m->is_blocked));
	write_id(line, m->locked_goroutine, w);
	writer_char(w, '\n');
}

static void write_goroutine(const struct schedtrace_line *line,
			    const struct scheddetail_goroutine *g, struct writer *w)
{
	writer_format(w, "  G%" PRIu64 ": status=%u(%.*s) m=", g->id, g->status,
		      (int)g->wait_reason.n, g->wait_reason.p);
	write_id(line, g->thread, w);
	writer_text(w, " lockedm=");
	write_id(line, g->locked_thread, w);
	writer_char(w, '\n');
}

void scheddetail_text_lines(const struct schedtrace_line *line,
			    const struct scheddetail *detail, struct writer *w)
{
	write_sched(line, w);
	for (int i = 0; i < line->processor_count; i++)
		write_processor(line, i, detail->processor_threads[i], w);
	for (size_t i = 0; i < detail->thread_count; i++)
		write_thread(line, &detail->threads[i], w);
	for (size_t i = 0; i < detail->goroutine_count; i++)
		write_goroutine(line, &detail->goroutines[i], w);
}

static void json_id(struct json *j, const char *key, int64_t id)
{
	json_key(j, key);
	if (id == SCHEDDETAIL_NONE)
		json_null(j);
	else
		json_i64(j, id);
}

static void json_processor(struct json *j, const struct schedtrace_line *line, int i,
			   int64_t thread)
{
	const struct schedtrace_processor *p = &line->processors[i];

	json_object_begin(j);
	json_key_i64(j, "id", i);
	json_key_i64(j, "status", p->status);
	json_key_i64(j, "schedtick", line->ticks[i]);
	json_key_i64(j, "syscalltick", p->syscall_tick);
	json_id(j, "m", thread);
	json_key_i64(j, "runqsize", line->queues[i]);
	json_key_i64(j, "gfreecnt", p->free_goroutines);
	json_key_i64(j, "timerslen", p->timers);
	json_object_end(j);
}

static void json_thread(struct json *j, const struct scheddetail_thread *m)
{
	json_object_begin(j);
	json_key_i64(j, "id", m->id);
	json_id(j, "p", m->processor);
	json_id(j, "curg", m->current_goroutine);
	json_key_i64(j, "mallocing", m->mallocing);
	json_key_i64(j, "throwing", m->throwing);
	json_key_string(j, "preemptoff", m->preempt_off);
	json_key_i64(j, "locks", m->locks);
	json_key_i64(j, "dying", m->dying);
	json_key_bool(j, "spinning", m->is_spinning);
	json_key_bool(j, "blocked", m->is_blocked);
	json_id(j, "lockedg", m->locked_goroutine);
	json_object_end(j);
}

static void json_goroutine(struct json *j, const struct scheddetail_goroutine *g)
{
	json_object_begin(j);
	json_key_i64(j, "id", (int64_t)g->id);
	json_key_i64(j, "status", g->status);
	json_key_string(j, "waitreason", g->wait_reason);
	json_id(j, "m", g->thread);
	json_id(j, "lockedm", g->locked_thread);
	json_object_end(j);
}

static void json_flags(struct json *j, const struct schedtrace_line *line)
{
	json_key_bool(j, "gcwaiting", line->gc_waiting != 0);
	json_key_i64(j, "nmidlelocked", line->idle_locked_threads);
	json_key_i64(j, "stopwait", line->stop_wait);
	json_key_bool(j, "sysmonwait", line->sysmon_wait != 0);
}

void scheddetail_text_json(const struct schedtrace_line *line,
			   const struct scheddetail *detail, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	schedtrace_text_members(line, &j);
	json_flags(&j, line);
	json_key(&j, "p");
	json_array_begin(&j);
	for (int i = 0; i < line->processor_count; i++)
		json_processor(&j, line, i, detail->processor_threads[i]);
	json_array_end(&j);
	json_key(&j, "m");
	json_array_begin(&j);
	for (size_t i = 0; i < detail->thread_count; i++)
		json_thread(&j, &detail->threads[i]);
	json_array_end(&j);
	json_key(&j, "g");
	json_array_begin(&j);
	for (size_t i = 0; i < detail->goroutine_count; i++)
		json_goroutine(&j, &detail->goroutines[i]);
	json_array_end(&j);
	json_object_end(&j);
	writer_char(w, '\n');
}
