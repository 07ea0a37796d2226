/* net/tls_files.h - the files of a context, in memory: read at one moment, shared by the context and its
 * copies on other threads, and replaced for all of them at once.
 */
#ifndef GYRE__TLS_FILES_H
#define GYRE__TLS_FILES_H

#include <gyre/tls.h>
#include <stdatomic.h>

/* What stood in one file. */
struct gyre__tls_text {
    char *data; /* NULL: there is no such file */
    size_t len; /* bytes */
};

/* counted, by any thread: what stood in the files of a context. Never changed. */
struct gyre__tls_texts {
    atomic_uint references;            /* files', and those of who builds from it */
    struct gyre__tls_text certificate; /* PEM, with its chain */
    struct gyre__tls_text key;         /* PEM */
    struct gyre__tls_text authorities; /* PEM: whom to trust */
};

/* counted, by any thread: the newest texts. */
struct gyre__tls_files;

/* --- tls_texts.c --- */

/* Reads the files that the settings name. -errno, with the file's name. [new ref] */
int gyre__tls_texts_read(const gyre_tls_context_options *settings, struct gyre__tls_texts **texts);

/* Takes and gives back a reference; unref of NULL does nothing. */
struct gyre__tls_texts *gyre__tls_texts_ref(struct gyre__tls_texts *texts);
void gyre__tls_texts_unref(struct gyre__tls_texts *texts);

/* Frees a text, and leaves nothing of it in memory. */
void gyre__tls_text_clear(struct gyre__tls_text *text);

/* --- tls_files.c --- */

/* Files whose newest texts are these. [new ref] */
struct gyre__tls_files *gyre__tls_files_new(struct gyre__tls_texts *texts);

/* Takes and gives back a reference; unref of NULL does nothing. */
struct gyre__tls_files *gyre__tls_files_ref(struct gyre__tls_files *files);
void gyre__tls_files_unref(struct gyre__tls_files *files);

/* Which texts are the newest, by number. */
unsigned gyre__tls_files_version(const struct gyre__tls_files *files);

/* The newest texts, and their number. [new ref] */
unsigned gyre__tls_files_take(struct gyre__tls_files *files, struct gyre__tls_texts **texts);

/* These are the newest from now on; returns their number. */
unsigned gyre__tls_files_put(struct gyre__tls_files *files, struct gyre__tls_texts *texts);

#endif
