/* What command.c (one attempt's command) and command_check.c (what can be refused before there is
 * one) share. Nobody else includes this. */
#ifndef AB_ENGINE_COMMAND_PARTS_H
#define AB_ENGINE_COMMAND_PARTS_H

#include "base/map.h"
#include "engine/command.h"

/* A profile that rows name, with the words its attempts run. */
struct entry {
	struct profile profile; /* name NULL: none, only the command */
	/* Texts are the profile's or the maker's command's; the lists are the entry's. */
	struct profile_words words, resume_words;
	bool has_task_word; /* {task} or {task_file} is in it */
};

struct command_maker {
	struct command_maker_opts opts;
	char **command; /* --agent-command, split; NULL if not given */
	size_t nr_command;
	struct entry *entries;
	size_t nr_entries, cap_entries;
	struct map by_name; /* name -> entry */
	uint32_t *entry_of_row;
};

void command_start_filling(struct filling *f, const struct command_maker *m, uint32_t row,
    uint32_t n, const char *session);
/* The words of the row's validation command. */
int command_fill_validation(struct filling *f, struct argv *out, struct err *err);
/* The variables that the profile sets. */
int command_env_profile(struct argv *env, const struct command_maker *m, const struct entry *e,
    struct filling *f, struct err *err);
/* Launch has checked the words, but they can have grown since, by the results of parents. */
int command_check_lengths(const struct argv *argv, struct err *err);

#endif
