/* Included before everything else (Makefile): calls that write beyond a buffer or keep hidden state do
 * not compile. The system's headers come first, for they declare what is banned here. */
#ifndef AB_BASE_BANNED_H
#define AB_BASE_BANNED_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BANNED(call) call##_is_banned__see_base_banned_h

/* snprintf, or a struct buf (base/buf.h) */
#undef strcpy
#define strcpy(to, from) BANNED(strcpy)
#undef strcat
#define strcat(to, from) BANNED(strcat)
#undef strncpy
#define strncpy(to, from, n) BANNED(strncpy)
#undef strncat
#define strncat(to, from, n) BANNED(strncat)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(to, format, ap) BANNED(vsprintf)

/* strcspn, or task_next_word (model/task.h) */
#undef strtok
#define strtok(s, ends) BANNED(strtok)

/* localtime_r and its like; base/clock.h */
#undef localtime
#define localtime(t) BANNED(localtime)
#undef gmtime
#define gmtime(t) BANNED(gmtime)
#undef ctime
#define ctime(t) BANNED(ctime)
#undef asctime
#define asctime(t) BANNED(asctime)

#endif
