/* test_http_route.c - the tree of routes. */
#include "http/method.h"
#include "http/route.h"
#include "unit.h"

static struct http_node root;

static int handler(http_request *request, void *arg)
{
    return 0;
}

static int add(const char *method, const char *pattern)
{
    return http__route_add(&root, (unsigned)http__method_number(method), pattern, handler,
                           (void *)(uintptr_t)pattern, NULL);
}

static struct http_match find(const char *method, const char *path)
{
    struct http_match match;

    http__route_find(&root, (unsigned)http__method_number(method), path,
                     (struct http_slice){0, (uint16_t)strlen(path)}, &match);
    return match;
}

/* The path leads to the pattern, with these parameters, each followed by a space. */
static void assert_leads(const char *path, const char *pattern, const char *params)
{
    struct http_match match = find("GET", path);
    char text[200] = "";

    assert_non_null(match.endpoint);
    assert_string_equal(match.endpoint->arg, pattern);
    for (unsigned i = 0; i < match.endpoint->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s=%.*s ", match.endpoint->names[i],
                 match.params[i].len, path + match.params[i].at);
    assert_string_equal(text, params);
}

static int clear(void **state)
{
    http__route_clear(&root);
    return 0;
}

static void finds_literals(void **state)
{
    add("GET", "/");
    add("GET", "/a");
    add("GET", "/a/b");
    add("GET", "/ab");
    add("GET", "/c/");
    assert_leads("/", "/", "");
    assert_leads("/a", "/a", "");
    assert_leads("/a/b", "/a/b", "");
    assert_leads("/ab", "/ab", "");
    assert_leads("/c/", "/c/", "");
    assert_null(find("GET", "/b").node);
    assert_null(find("GET", "/a/").node);
    assert_null(find("GET", "/a/b/c").node);
    assert_null(find("GET", "/c").node);
    assert_null(find("GET", "//").node);
    assert_null(find("GET", "*").node);
}

static void finds_parameters(void **state)
{
    add("GET", "/user/:id");
    add("GET", "/user/:name/posts/:post");
    add("GET", "/:any");
    assert_leads("/user/5", "/user/:id", "id=5 ");
    assert_leads("/user/5/posts/6", "/user/:name/posts/:post", "name=5 post=6 ");
    assert_leads("/user", "/:any", "any=user ");
    assert_leads("/%2f", "/:any", "any=%2f ");
    assert_null(find("GET", "/user/").node);
    assert_null(find("GET", "/user/5/posts").node);
}

static void literals_go_first_but_not_into_dead_ends(void **state)
{
    add("GET", "/:a/x");
    add("GET", "/lit/y");
    add("GET", "/lit/:b");
    assert_leads("/lit/y", "/lit/y", "");
    assert_leads("/lit/z", "/lit/:b", "b=z ");
    assert_leads("/other/x", "/:a/x", "a=other ");
    add("GET", "/lit/y/z");
    add("GET", "/:a/y/w");
    assert_leads("/lit/y/w", "/:a/y/w", "a=lit ");
    assert_leads("/lit/x", "/lit/:b", "b=x ");
}

static void a_rest_takes_what_nothing_else_does(void **state)
{
    add("GET", "/file/*path");
    add("GET", "/file/a/b");
    add("GET", "/file/:one/c");
    add("GET", "/:user/x/*rest");
    assert_leads("/file/", "/file/*path", "path= ");
    assert_leads("/file/a", "/file/*path", "path=a ");
    assert_leads("/file/a/b", "/file/a/b", "");
    assert_leads("/file/a/b/", "/file/*path", "path=a/b/ ");
    assert_leads("/file/a/c", "/file/:one/c", "one=a ");
    assert_leads("/file/a/c/d", "/file/*path", "path=a/c/d ");
    assert_leads("/file//", "/file/*path", "path=/ ");
    assert_leads("/me/x/y/z", "/:user/x/*rest", "user=me rest=y/z ");
    assert_null(find("GET", "/file").node);
    assert_null(find("GET", "/me/x").node);
    add("GET", "/*all");
    assert_leads("/", "/*all", "all= ");
    assert_leads("/me/x", "/*all", "all=me/x ");
}

static void methods_share_a_path(void **state)
{
    char allow[100];

    add("POST", "/a");
    assert_null(find("HEAD", "/a").endpoint);
    assert_null(find("GET", "/a").endpoint);
    http__route_allow(find("GET", "/a").node, allow, sizeof allow);
    assert_string_equal(allow, "POST");
    add("GET", "/a");
    assert_ptr_equal(find("HEAD", "/a").endpoint, find("GET", "/a").endpoint);
    assert_int_not_equal(find("POST", "/a").endpoint, find("GET", "/a").endpoint);
    http__route_allow(find("GET", "/a").node, allow, sizeof allow);
    assert_string_equal(allow, "GET, HEAD, POST");
    add("HEAD", "/a");
    assert_int_not_equal(find("HEAD", "/a").endpoint, find("GET", "/a").endpoint);
    http__route_allow(find("GET", "/a").node, allow, sizeof allow);
    assert_string_equal(allow, "HEAD, GET, POST");
    http__route_allow(find("GET", "/a").node, allow, 6);
    assert_string_equal(allow, "HEAD,");
}

static void refuses_what_is_no_route(void **state)
{
    assert_int_equal(add("GET", "a"), GYRE_EVALUE);
    assert_int_equal(add("GET", ""), GYRE_EVALUE);
    assert_int_equal(add("GET", "/:"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/:/a"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/:a/:b/:c/:d/:e/:f/:g/:h/:i"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/:a/:b/:c/:d/:e/:f/:g/:h"), 0);
    assert_leads("/1/2/3/4/5/6/7/8", "/:a/:b/:c/:d/:e/:f/:g/:h", "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 ");
    assert_int_equal(add("GET", "/*"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/*/a"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/*a/"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/*a/b"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/*a"), 0);
    assert_int_equal(add("GET", "/*b"), GYRE_EVALUE);
    assert_int_equal(add("GET", "/a/:b"), 0);
    assert_int_equal(add("GET", "/a/:c"), GYRE_EVALUE);
    assert_int_equal(add("POST", "/a/:c"), 0);
}

static void knows_methods(void **state)
{
    assert_int_equal(http__method_number("BREW"), -1);
    assert_int_equal(http__method_number("get"), -1);
    assert_int_equal(http__method_number("CONNECT"), -1);
    assert_int_equal(http__method_number("PRI"), -1);
    assert_int_equal(http__method_number(""), -1);
    assert_string_equal(http__method_name((unsigned)http__method_number("PATCH")), "PATCH");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(finds_literals, clear),
        cmocka_unit_test_teardown(finds_parameters, clear),
        cmocka_unit_test_teardown(literals_go_first_but_not_into_dead_ends, clear),
        cmocka_unit_test_teardown(a_rest_takes_what_nothing_else_does, clear),
        cmocka_unit_test_teardown(methods_share_a_path, clear),
        cmocka_unit_test_teardown(refuses_what_is_no_route, clear),
        cmocka_unit_test(knows_methods),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
