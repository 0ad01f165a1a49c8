// Adding facts, for the files that find them.
#pragma once

#include "source/doctor.h"

// Texts must live as long as the facts.
void doctor_add(struct doctor_facts *facts, enum doctor_state state, struct str topic,
		struct str text, struct str remedy);
