/* Amounts as people type them. All return -1 for what is no amount, or more than options hold
 * (model/options.h); fractions and a unit behind the number are taken. */
#ifndef AB_CLI_AMOUNTS_H
#define AB_CLI_AMOUNTS_H

/* A number without sign, hex, inf or nan; *end is what follows it. */
int parse_number(const char *s, double *out, const char **end);
/* 90, 1.5, 15m, 4h, 2d: seconds. */
int parse_seconds(const char *s, double *out);
/* 5, 0.50, $20: dollars. */
int parse_money(const char *s, double *out);
/* 2000000, 200k, 1.5M, 1G: thousands, millions, milliards. */
int parse_count(const char *s, double *out);
/* 512M, 1.5G, 4096: bytes; units of 1024. */
int parse_size(const char *s, double *out);

#endif
