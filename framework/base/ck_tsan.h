#include <ck_pr.h>
