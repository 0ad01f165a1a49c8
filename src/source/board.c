// A sealed memory file; recordings are copied before they are read, because a process may
// still be writing to its own.
#include "source/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/pages.h"
#include "base/writer.h"
#include "binary/symbolize.h"
#include "profile/label_edit.h"
#include "profile/merge.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "profile/quality.h"
#include "profile/recording.h"
#include "profile/recording_encode.h"
#include "profile/recording_kinds.h"

enum { RECORDINGS_MAX = 4096 };

bool board_open(struct board *out, struct error *err)
{
	struct board board = {
		.fd = memfd_create("goprof recordings", MFD_CLOEXEC | MFD_ALLOW_SEALING),
		.size = RECORDING_BOARD_SIZE +
			(size_t)RECORDINGS_MAX * RECORDING_SIZE_DEFAULT,
	};

	if (board.fd < 0 || ftruncate(board.fd, (off_t)board.size) != 0 ||
	    fcntl(board.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
		error_set_errno(err, errno, "making memory for recordings");
		if (board.fd >= 0)
			close(board.fd);
		return false;
	}
	board.head = mmap(NULL, RECORDING_BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  board.fd, 0);
	if (board.head == MAP_FAILED) {
		close(board.fd);
		return error_set_errno(err, errno, "making memory for recordings");
	}
	recording_board_init(board.head, RECORDINGS_MAX, RECORDING_SIZE_DEFAULT);
	*out = board;
	return true;
}

void board_close(struct board *board)
{
	munmap(board->head, RECORDING_BOARD_SIZE);
	close(board->fd);
	board->fd = -1;
}

void board_path(const struct board *board, char path[BOARD_PATH_SIZE])
{
	snprintf(path, BOARD_PATH_SIZE, "/proc/%d/fd/%d", getpid(), board->fd);
}

static size_t claimed(const struct board *board)
{
	size_t count = atomic_load(&board->head->claimed);

	return count < RECORDINGS_MAX ? count : RECORDINGS_MAX;
}

size_t board_missed_count(const struct board *board)
{
	return atomic_load(&board->head->claimed) - claimed(board);
}

// A copy of what is used of one recording.
struct copy {
	struct recording *recording;
	size_t size;
};

static off_t place_of(size_t i)
{
	return RECORDING_BOARD_SIZE + (off_t)(i * (size_t)RECORDING_SIZE_DEFAULT);
}

static bool read_at(int fd, off_t from, void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got =
			pread(fd, (char *)bytes + done, size - done, from + (off_t)done);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

// Reads what was ever written into zeroed memory: most of a recording never is.
static bool read_written(int fd, off_t from, void *bytes, size_t size)
{
	off_t at = from, limit = from + (off_t)size;

	while (at < limit) {
		off_t start = lseek(fd, at, SEEK_DATA), end;

		if (start < 0 || start >= limit)
			return start >= limit || errno == ENXIO;
		end = lseek(fd, start, SEEK_HOLE);
		if (end < 0 || end > limit)
			end = limit;
		if (!read_at(fd, start, (char *)bytes + (start - from),
			     (size_t)(end - start)))
			return false;
		at = end;
	}
	return true;
}

// False where no process has finished claiming that place.
static bool copy_recording(const struct board *board, size_t i, struct copy *out)
{
	struct recording head;
	struct copy copy = { .size = RECORDING_SIZE_DEFAULT };
	uint64_t used;

	if (!read_at(board->fd, place_of(i), &head, sizeof(head)) || head.pid == 0)
		return false;
	used = head.buckets_end;
	if (used > copy.size)
		used = copy.size;
	copy.recording = pages_map(copy.size);
	if (copy.recording == NULL)
		arena_out_of_memory(copy.size);
	if (read_written(board->fd, place_of(i), copy.recording, used) &&
	    recording_is_valid(copy.recording, copy.size)) {
		*out = copy;
		return true;
	}
	pages_unmap(copy.recording, copy.size);
	return false;
}

size_t board_process_count(const struct board *board)
{
	size_t count = 0;

	for (size_t i = 0; i < claimed(board); i++) {
		struct recording head;

		count += read_at(board->fd, place_of(i), &head, sizeof(head)) &&
			 head.pid != 0;
	}
	return count;
}

static bool decode(const struct recording *recording, struct str name,
		   struct profile **out, struct error *err)
{
	struct recording_encode_options options = {
		.profile = recording_find_profile(name),
		.name = name,
		.now_ns = (uint64_t)clock_date_ns(),
	};
	struct writer plain = writer_to_memory();
	bool is_decoded;

	if (options.profile == NULL)
		options.profile = recording_custom_profile();
	is_decoded =
		recording_encode(recording, &options, &plain)
			? proto_decode(writer_contents(&plain), out, err)
			: error_set(err, ERROR_SYSTEM, "no memory to read a recording");
	writer_deinit(&plain);
	return is_decoded;
}

static void symbolize(struct profile *profile, uint32_t pid)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct symbolize_options options = { .pid = pid, .no_kernel = true };

	symbolize_profile(profile, &options, &arena);
	profile_quality_parse(profile);
	profile_quality_count_frames(profile);
}

static void label_process(struct profile *profile, const struct recording *recording)
{
	char pid[16];
	struct str program = recording_text(recording, recording->program);

	snprintf(pid, sizeof(pid), "%u", recording->pid);
	label_edit_set(profile, STR("pid"), str_from(pid));
	label_edit_set(profile, STR("process"), str_basename(program));
}

// The profiles of all processes that have samples; of one that has none, if all are so.
struct gathering {
	struct profile **profiles;
	size_t count, capacity;
};

static void gather(struct gathering *gathering, struct profile *profile)
{
	if (gathering->count == 1 && gathering->profiles[0]->sample_count == 0) {
		profile_destroy(gathering->profiles[0]);
		gathering->count = 0;
	}
	if (gathering->count > 0 && profile->sample_count == 0) {
		profile_destroy(profile);
		return;
	}
	gathering->profiles =
		table_reserve(gathering->profiles, &gathering->capacity,
			      gathering->count + 1, sizeof(*gathering->profiles));
	gathering->profiles[gathering->count++] = profile;
}

static bool read_all(const struct board *board, struct str name,
		     struct gathering *gathering, struct error *err)
{
	bool has_several = board_process_count(board) > 1;

	for (size_t i = 0; i < claimed(board); i++) {
		struct copy copy;
		struct profile *profile;
		bool is_decoded;

		if (!copy_recording(board, i, &copy))
			continue;
		is_decoded = decode(copy.recording, name, &profile, err);
		if (is_decoded) {
			symbolize(profile, copy.recording->pid);
			if (has_several)
				label_process(profile, copy.recording);
			gather(gathering, profile);
		}
		pages_unmap(copy.recording, copy.size);
		if (!is_decoded)
			return false;
	}
	return gathering->count > 0 ||
	       error_set(err, ERROR_NOT_FOUND, "nothing was recorded");
}

bool board_read(const struct board *board, struct str name, struct profile **out,
		struct error *err)
{
	struct gathering gathering = { 0 };
	bool is_read = read_all(board, name, &gathering, err);

	if (is_read) {
		is_read = merge_take(gathering.profiles, gathering.count, out, err);
	} else {
		for (size_t i = 0; i < gathering.count; i++)
			profile_destroy(gathering.profiles[i]);
	}
	free(gathering.profiles);
	return is_read;
}
