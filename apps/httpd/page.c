/* httpd/page.c - the page and the header fields that keep it to itself. */
#include "httpd/page.h"
#include "httpd/site.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { HASH = 32, HASH_TEXT = 45 /* in base64 */ };

/* The hash of what stands between two tags. */
static bool hash_between(const char *html, size_t len, const char *open, const char *close,
                         char text[HASH_TEXT])
{
    const char *begin = memmem(html, len, open, strlen(open));
    const char *end = begin ? memmem(begin, (size_t)(html + len - begin), close, strlen(close)) : NULL;
    unsigned char hash[EVP_MAX_MD_SIZE];

    if (!end)
        return false;
    begin += strlen(open);
    if (!EVP_Digest(begin, (size_t)(end - begin), hash, NULL, EVP_sha256(), NULL))
        return false;
    EVP_EncodeBlock((unsigned char *)text, hash, HASH);
    return true;
}

bool page_policy(const char *html, size_t len, char policy[PAGE_POLICY_SIZE])
{
    char style[HASH_TEXT], script[HASH_TEXT];

    if (!hash_between(html, len, "<style>", "</style>", style) ||
        !hash_between(html, len, "<script>", "</script>", script))
        return false;
    snprintf(policy, PAGE_POLICY_SIZE,
             "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; connect-src 'self'; "
             "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
             style, script);
    return true;
}

int page_handler(http_request *request, void *arg)
{
    static _Thread_local char policy[PAGE_POLICY_SIZE];
    size_t len = (size_t)(page_html_end - page_html);

    if (!policy[0] && !page_policy(page_html, len, policy))
        return gyre_error_set(GYRE_ERUNTIME, "the page has no style or script");
    http_set_header(request, "Content-Security-Policy", policy);
    http_set_header(request, "X-Content-Type-Options", "nosniff");
    http_set_header(request, "Referrer-Policy", "no-referrer");
    http_set_header(request, "Cache-Control", "no-cache");
    return http_respond(request, 200, "text/html; charset=utf-8", page_html, len);
}
