/* Steering: verbs that go out, and the questions before some of them. Part of ui/control.h. */
#ifndef AB_UI_STEER_H
#define AB_UI_STEER_H

#include "ui/control.h"

void steer_pause(struct control *c, enum intent intent); /* or resumes */
/* INTENT_MORE_JOBS or INTENT_FEWER_JOBS. */
void steer_jobs(struct control *c, enum intent intent);
/* INTENT_SKIP_WAIT, INTENT_RETRY or INTENT_CANCEL of the selected agent or the tagged ones; and of
 * these agents of the shown batch. Cancelling asks, and what is for more than ten. */
void steer_agent(struct control *c, enum intent intent);
void steer_agents(struct control *c, enum intent intent, const uint32_t *agents, size_t nr);
/* Every wait of who listens now. */
void steer_skip_waits(struct control *c);
void steer_stop(struct control *c, enum intent intent);
/* INTENT_SEARCH or INTENT_KEEP: asks for the word. */
void steer_find(struct control *c, enum intent intent);
void steer_command(struct control *c, enum intent intent);

/* Asks: answers go to steer_answer. PROMPT_SURE: y sends what is pending. */
void steer_ask(struct control *c, enum control_prompt prompt, const char *question);
void steer_send_pending(struct control *c);
/* A key while a question waits. */
void steer_answer(struct control *c, int code);
void steer_close_prompt(struct control *c);

#endif
