/* httpd/page.h - the page at "/": one file of HTML with its style and script, part of the program. */
#ifndef HTTPD_PAGE_H
#define HTTPD_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Its bytes. */
extern const char page_html[], page_html_end[];

enum { PAGE_POLICY_SIZE = 512 };

/* Writes the Content-Security-Policy of a page: nothing may run or be loaded but the one <style> and the one
 * <script> that stand in it, known by their hashes, and this server's answers. False: it has none of them. */
bool page_policy(const char *html, size_t len, char policy[PAGE_POLICY_SIZE]);

#endif
