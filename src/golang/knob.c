// process_vm_writev(2), byte by byte.
#include "golang/knob.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/error.h"
#include "golang/process.h"

bool go_knob_open(const struct go_process *process, struct str variable, int32_t offset,
		  size_t size, struct go_knob *out, struct error *err)
{
	struct go_knob knob = { .process = process, .name = variable, .size = size };

	if (process->core != NULL)
		return error_set(err, ERROR_USAGE,
				 "a core file is what was: it cannot be changed");
	if (!go_process_need(process, variable, &knob.address, err))
		return false;
	if (offset < 0)
		return error_set(err, ERROR_UNSUPPORTED, "%.*s cannot be set in %.*s",
				 (int)variable.n, variable.p,
				 (int)process->info.version.n, process->info.version.p);
	knob.address += (uint64_t)offset;
	knob.initial = go_knob_read(&knob);
	*out = knob;
	return true;
}

uint64_t go_knob_read(const struct go_knob *knob)
{
	return go_process_read_number(knob->process, knob->address, knob->size);
}

static bool write_byte(const struct go_knob *knob, size_t index, uint8_t value)
{
	struct iovec local = { &value, 1 };
	struct iovec remote = { (void *)(uintptr_t)(knob->address + index), 1 };

	return process_vm_writev(knob->process->pid, &local, 1, &remote, 1, 0) == 1;
}

bool go_knob_write(const struct go_knob *knob, uint64_t value, struct error *err)
{
	uint64_t now = go_knob_read(knob);

	for (size_t i = 0; i < knob->size; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		if (byte != (uint8_t)(now >> 8 * i) && !write_byte(knob, i, byte))
			return error_set_errno(err, errno, "writing %.*s into process %d",
					       (int)knob->name.n, knob->name.p,
					       knob->process->pid);
	}
	return true;
}
