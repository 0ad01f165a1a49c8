// Encode, compress, write.
#include "recorder/write.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pages.h"
#include "base/writer.h"
#include "profile/recording_encode.h"
#include "profile/recording_kinds.h"
#include "recorder/heap_dump.h"
#include "recorder/state.h"
#include "recorder/talk.h"
#include "recorder/text.h"
#include "recorder/threads.h"

enum { HEADER_SIZE = 64, PATH_SIZE = 1024 };

// libdeflate's memory. The size stands in front of what is handed out.
static void *take_pages(size_t size)
{
	char *block = pages_map(size + HEADER_SIZE);

	if (block == NULL)
		return NULL;
	memcpy(block, &size, sizeof(size));
	return block + HEADER_SIZE;
}

static void give_pages(void *block)
{
	size_t size;

	if (block == NULL)
		return;
	memcpy(&size, (char *)block - HEADER_SIZE, sizeof(size));
	pages_unmap((char *)block - HEADER_SIZE, size + HEADER_SIZE);
}

// Large profiles are packed less well, but in a fraction of the time.
static int level_of(size_t size)
{
	return size > 16 << 20 ? 1 : 6;
}

static bool compress(struct str plain, struct writer *out, struct error *err)
{
	struct libdeflate_compressor *compressor;
	size_t bound, size;
	char *block;

	libdeflate_set_memory_allocator(take_pages, give_pages);
	compressor = libdeflate_alloc_compressor(level_of(plain.n));
	if (compressor == NULL)
		return error_set(err, ERROR_SYSTEM, "no memory to compress in");
	bound = libdeflate_gzip_compress_bound(compressor, plain.n);
	block = pages_map(bound);
	size = block == NULL ? 0
			     : libdeflate_gzip_compress(compressor, plain.p, plain.n,
							block, bound);
	writer_bytes(out, block, size);
	pages_unmap(block, bound);
	libdeflate_free_compressor(compressor);
	if (size == 0 || out->errnum != 0)
		return error_set(err, ERROR_SYSTEM, "no memory to compress in");
	return true;
}

static bool write_all(int fd, struct str bytes, struct error *err)
{
	while (bytes.n > 0) {
		ssize_t written = write(fd, bytes.p, bytes.n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_set_errno(err, errno, "writing the profile");
		bytes = str_after(bytes, (size_t)written);
	}
	return true;
}

static bool encode_recorded(const struct recording *recording, struct str name,
			    struct writer *plain, struct error *err)
{
	struct recording_encode_options options = {
		.profile = recording_find_profile(name),
		.now_ns = state_now_ns(),
		.missing = atomic_load(&recorder.unrecorded),
	};

	if (options.profile == NULL) {
		options.profile = recording_custom_profile();
		options.name = name;
	}
	if (!recording_encode(recording, &options, plain))
		return error_set(err, ERROR_SYSTEM, "no memory to write the profile");
	return true;
}

static bool encode(const struct recording *recording, struct str name,
		   struct writer *plain, struct error *err)
{
	const struct recording_profile *profile = recording_find_profile(name);
	struct recording *seen;
	bool is_encoded;

	if (profile != NULL && profile->kind == RECORDING_THREADS) {
		seen = threads_take();
		if (seen == NULL)
			return error_set(err, ERROR_SYSTEM,
					 "no memory to look at the threads");
		is_encoded = encode_recorded(seen, name, plain, err);
		threads_free(seen);
		return is_encoded;
	}
	if (recording == NULL)
		return error_set(err, ERROR_NOT_FOUND,
				 "no profile has been started in this process");
	return encode_recorded(recording, name, plain, err);
}

static bool write_recorded_text(const struct recording *recording,
				const struct write_text *wish, struct writer *out,
				struct error *err)
{
	if (text_write(recording, wish->profile, wish->name, wish->level, out))
		return true;
	return error_set(err, ERROR_SYSTEM, "no memory to write the profile");
}

bool write_text_to_writer(const struct write_text *wish,
			  const struct recording *recording, struct writer *out,
			  struct error *err)
{
	struct recording *seen;
	bool is_written;

	if (wish->profile->kind != RECORDING_THREADS && recording == NULL)
		return error_set(err, ERROR_NOT_FOUND,
				 "no profile has been started in this process");
	if (wish->profile->kind != RECORDING_THREADS)
		return write_recorded_text(recording, wish, out, err);
	seen = threads_take();
	if (seen == NULL)
		return error_set(err, ERROR_SYSTEM, "no memory to look at the threads");
	is_written = write_recorded_text(seen, wish, out, err);
	threads_free(seen);
	return is_written;
}

bool write_to_writer(struct str name, const struct recording *recording,
		     struct writer *out, struct error *err)
{
	struct writer plain = writer_to_pages();
	bool is_written = encode(recording, name, &plain, err) &&
			  compress(writer_contents(&plain), out, err);

	writer_deinit(&plain);
	return is_written;
}

bool write_to_fd(struct str name, int fd, struct error *err)
{
	struct writer packed = writer_to_pages();
	bool is_written = write_to_writer(name, state_recording(), &packed, err) &&
			  write_all(fd, writer_contents(&packed), err);

	writer_deinit(&packed);
	return is_written;
}

bool write_expand_path(struct str path, char *out, size_t size)
{
	ptrdiff_t at = str_find(path, STR("%p"));
	int length;

	if (at == STR_NOT_FOUND)
		length = snprintf(out, size, "%.*s", (int)path.n, path.p);
	else
		length = snprintf(out, size, "%.*s%d%.*s", (int)at, path.p, getpid(),
				  (int)(path.n - (size_t)at - 2), path.p + at + 2);
	return length > 0 && (size_t)length < size;
}

// Pipes and devices keep their names.
static bool write_to_special(const char *path, write_fn *write_fd, const void *context,
			     struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_written;

	if (fd < 0)
		return error_set_errno(err, errno, "%s", path);
	is_written = write_fd(fd, context, err);
	close(fd);
	return is_written;
}

bool write_file(struct str path, write_fn *write_fd, const void *context,
		struct error *err)
{
	char final[PATH_SIZE], temporary[PATH_SIZE + 32];
	struct stat status;
	bool is_written;
	int fd;

	if (!write_expand_path(path, final, sizeof(final)))
		return error_set(err, ERROR_USAGE, "the path is too long");
	if (stat(final, &status) == 0 && !S_ISREG(status.st_mode))
		return write_to_special(final, write_fd, context, err);
	snprintf(temporary, sizeof(temporary), "%s.%d.tmp", final, getpid());
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return error_set_errno(err, errno, "%s", final);
	is_written = write_fd(fd, context, err);
	close(fd);
	if (is_written && rename(temporary, final) != 0)
		is_written = error_set_errno(err, errno, "%s", final);
	if (!is_written)
		unlink(temporary);
	return is_written;
}

static bool write_named(int fd, const void *name, struct error *err)
{
	return write_to_fd(*(const struct str *)name, fd, err);
}

bool write_to_file(struct str name, struct str path, struct error *err)
{
	return write_file(path, write_named, &name, err);
}

// A forked child does not write over what its parent writes, and a vforked one, which is
// in its parent's memory, not at all.
static bool is_ours(const struct settings_output *output)
{
	return getpid() == recorder.pid &&
	       (!recorder.is_forked ||
		str_find(output->path, STR("%p")) != STR_NOT_FOUND);
}

static bool write_output(const struct settings_output *output, uint64_t sp,
			 struct error *err)
{
	if (str_equal(output->name, STR("heapdump")))
		return heap_dump_write_file(output->path, HEAP_DUMP_CONTENTS, sp, err);
	if (str_equal(output->name, STR("heappointers")))
		return heap_dump_write_file(output->path, HEAP_DUMP_POINTERS, sp, err);
	return write_to_file(output->name, output->path, err);
}

void write_outputs(uint64_t sp)
{
	struct error err;

	for (size_t i = 0; i < recorder.settings.output_count; i++) {
		const struct settings_output *output = &recorder.settings.outputs[i];

		if (is_ours(output) && !write_output(output, sp, &err))
			talk("%.*s: %s", (int)output->path.n, output->path.p, err.text);
	}
}
