/* base/check.h - a caller's mistake ends the program with a sentence, in release builds too. */
#ifndef GYRE__CHECK_H
#define GYRE__CHECK_H

/* Prints "gyre: <sentence> (file:line)" and aborts. */
_Noreturn void gyre__abort(const char *file, int line, const char *sentence);

/* Aborts with the sentence unless `condition` holds. */
#define GYRE__CHECK(condition, sentence) ((condition) ? (void)0 : gyre__abort(__FILE__, __LINE__, sentence))

#endif
