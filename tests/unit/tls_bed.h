/* tls_bed.h - certificates that are made for a run of the tests, and are gone with it.
 *
 * Each file holds a certificate and its key: "ca.pem" signs "server.pem" (localhost, 127.0.0.1), "www.pem"
 * (www.example.org) and "client.pem"; "alone.pem" (localhost) signs itself.
 */
#ifndef GYRE_TESTS_TLS_BED_H
#define GYRE_TESTS_TLS_BED_H

#include <stddef.h>

/* cmocka's fixtures of a group: make the files in a folder of their own, and remove them. */
int tls_begin_files(void **state);
int tls_end_files(void **state);

/* The path of one of them, or of one that may be made there; the thread's four newest paths are good. */
const char *tls_file(const char *name);

/* Makes `name` anew as a copy of `other`. */
void tls_copy_file(const char *name, const char *other);

/* Makes `name` a file with this text. */
void tls_write_file(const char *name, const char *text);

/* Makes `name` the key of `other`, that a password locks; returns its path. */
const char *tls_lock_file(const char *name, const char *other, const char *password);

#endif
