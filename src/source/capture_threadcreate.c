// Counts threads by stack.
#include "source/capture_threadcreate.h"

#include "base/error.h"
#include "golang/code.h"
#include "golang/count_text.h"
#include "golang/process.h"
#include "golang/profile_code.h"
#include "golang/threadcreate.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "source/capture.h"

enum { STACK_MAX = 32 };

struct threads_profile {
	struct threadcreate_visitor visitor;
	struct profile_builder builder;
	struct profile_code code;
};

static void add_to_profile(struct threadcreate_visitor *visitor,
			   const struct go_point *const *points, size_t count)
{
	struct threads_profile *self = (struct threads_profile *)visitor;
	uint32_t locations[STACK_MAX + 1];
	size_t kept = 0;
	int64_t one = 1;

	for (size_t i = 0; i < count && i < STACK_MAX; i++) {
		uint32_t row = profile_code_location(&self->code, points[i]);

		if (row != PROFILE_NONE && points[i]->role != GO_ROLE_GOEXIT)
			locations[kept++] = row;
	}
	if (kept == 0)
		locations[kept++] =
			profile_code_named(&self->code, STR("[no stack recorded]"));
	profile_builder_add(&self->builder,
			    profile_builder_stack(&self->builder, locations, kept), 0,
			    &one);
}

bool capture_threadcreate_profile(struct capture_target *target,
				  const struct capture_options *options,
				  struct capture_notes *notes, struct profile **out,
				  struct error *err)
{
	struct threads_profile self = { .visitor = { add_to_profile } };
	struct profile *profile = profile_create();
	bool is_read;

	(void)options;
	(void)notes;
	profile_builder_init(&self.builder, profile);
	profile_builder_add_type(&self.builder, STR("threadcreate"), STR("count"));
	profile->period = 1;
	profile->period_type = profile->types[0];
	profile_code_init(&self.code, target->go, &self.builder);
	is_read = threadcreate_read(target->go, &self.visitor, err);
	profile_code_deinit(&self.code);
	profile_builder_deinit(&self.builder);
	if (!is_read) {
		profile_destroy(profile);
		return error_wrap(err, "process %d", target->pid);
	}
	*out = profile;
	return true;
}

struct threads_text {
	struct threadcreate_visitor visitor;
	struct count_text text;
};

static void add_to_text(struct threadcreate_visitor *visitor,
			const struct go_point *const *points, size_t count)
{
	struct threads_text *self = (struct threads_text *)visitor;

	count_text_add(&self->text, points, count, (struct go_label_list){ NULL, 0 });
}

bool capture_threadcreate_text(struct capture_target *target,
			       const struct capture_options *options,
			       struct capture_notes *notes,
			       const struct capture_text_request *request,
			       struct error *err)
{
	struct threads_text self = {
		.visitor = { add_to_text },
		.text = { .process = target->go },
	};
	bool is_read;

	(void)options;
	(void)notes;
	if (request->text == CAPTURE_JSON)
		return error_set(
			err, ERROR_USAGE,
			"threadcreate has no JSON of its own: leave out --debug");
	is_read = threadcreate_read(target->go, &self.visitor, err);
	if (is_read)
		count_text_write(&self.text, STR("threadcreate"), request->w);
	else
		error_wrap(err, "process %d", target->pid);
	count_text_deinit(&self.text);
	return is_read;
}
