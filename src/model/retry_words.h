/* What a batch that retries says in logs/log.txt, in the words of the second seed, to the letter:
 * people count them by grep. */
#ifndef AB_MODEL_RETRY_WORDS_H
#define AB_MODEL_RETRY_WORDS_H

#include "base/buf.h"
#include "model/task.h"

#include <stddef.h>
#include <stdint.h>

#define RETRY_PHASE_FAILED "=== Phase 4 (RETRY): EXECUTE FAILED SUBTASKS ==="
#define RETRY_PHASE_NEW "=== Phase 4 (RETRY): EXECUTE NEW PLAN ==="
#define RETRY_NONE_FAILED \
	"No failed subtasks found. Creating additional subtasks for missing requirements..."
/* What goes before them, in our own words. */
#define PHASE_PLAN "=== Phase 1: PLAN ==="
#define PHASE_EXECUTE "=== Phase 2: EXECUTE ==="
#define PHASE_SYNTHESIZE "=== Phase 3: SYNTHESIZE ==="
#define PHASE_VALIDATE "=== Phase 3: VALIDATE ==="

/* More ids than this are not listed: ", ..." stands for them. */
#define RETRY_IDS_SHOWN 1000

/* "Found 2 failed subtask(s) to retry: ['step_2', 'step_3']"; `rows` are indexes into `ts`. */
void retry_words_found(const struct tasks *ts, const uint32_t *rows, uint32_t nr, struct buf *out);
/* "Retrying failed subtask: step_2 - Navigate to arXiv..." */
void retry_words_retrying(const struct tasks *ts, const struct task *t, struct buf *out);
/* "Successfully retried subtask: step_2" */
void retry_words_healed(const struct task *t, struct buf *out);
/* "Retry execution complete: 2 subtask(s) retried" */
void retry_words_complete(uint32_t nr, struct buf *out);

#endif
