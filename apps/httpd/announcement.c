/* httpd/announcement.c - the line at the start. */
#include "httpd/announcement.h"
#include <stdio.h>

static const char *plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

static void write_shards(FILE *file, const struct options *options)
{
    unsigned shards = (unsigned)gyre_shard_count();
    const gyre_cpus cpus = options->cpus;
    char quota[40] = "no quota";

    if (cpus.quota > 0)
        snprintf(quota, sizeof quota, "a quota of %.2g", cpus.quota);
    fprintf(file, "%u shard%s (%s%u CPU%s, %s)\n", shards, plural(shards),
            options->shards ? "as asked; " : "", cpus.affinity, plural(cpus.affinity), quota);
}

char *announcement(const struct options *options, const struct listening *listening)
{
    char *line = NULL;
    size_t size;
    FILE *file = open_memstream(&line, &size);

    if (!file)
        return NULL;
    fprintf(file, "gyre-httpd: ");
    for (int i = 0; i < listening->count; i++)
        fprintf(file, "%s%s", i ? " and " : "", listening->places[i].where);
    fprintf(file, ", ");
    write_shards(file, options);
    fclose(file);
    return line;
}
