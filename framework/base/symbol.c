/* base/symbol.c - an address to the name of its function, by the dynamic linker and by the file's own table.
 */
#include "base/symbol.h"
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What is known of an address. */
struct place {
    char name[96];     /* its function, "" for unknown */
    uintptr_t inside;  /* bytes from the start of the function, or of the file */
    const char *where; /* the file, NULL for unknown */
};

/* The optimiser's suffixes (".constprop.0") say nothing to a reader. */
static void set_name(struct place *place, const char *name, uintptr_t inside)
{
    snprintf(place->name, sizeof place->name, "%.*s", (int)(*name ? 1 + strcspn(name + 1, ".") : 0), name);
    place->inside = inside;
}

#ifdef __linux__
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 32 };

/* The symbols of one loaded file; stays for the life of the process. */
struct table {
    const void *base;          /* where the file is loaded */
    const ElfW(Sym) * symbols; /* NULL: it has none */
    size_t count;              /* of them */
    const char *names;         /* their names */
    size_t names_size;         /* bytes of them */
    bool moved;                /* addresses count from the base */
};

static struct table tables[MOST_FILES];
static size_t tables_known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The program is found under its own name even when it was started by a relative one. */
static const char *path_of(const Dl_info *file)
{
    Dl_info program;

    if (dladdr((const void *)getauxval(AT_PHDR), &program) && program.dli_fbase == file->dli_fbase)
        return "/proc/self/exe";
    return file->dli_fname;
}

static const char *map(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    void *memory = MAP_FAILED;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
        *size = (size_t)status.st_size;
        memory = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}

/* A section's bytes, NULL when they are not all in the file. */
static const void *bytes_of(const char *file, size_t size, const ElfW(Shdr) * section)
{
    bool inside = section->sh_offset <= size && section->sh_size <= size - section->sh_offset;

    return inside ? file + section->sh_offset : NULL;
}

static void take_symbols(struct table *table, const char *file, size_t size, const ElfW(Shdr) * sections,
                         const ElfW(Shdr) * section)
{
    const ElfW(Shdr) *names = &sections[section->sh_link];

    table->names = bytes_of(file, size, names);
    table->names_size = names->sh_size;
    table->count = section->sh_size / sizeof(ElfW(Sym));
    table->symbols = table->names ? bytes_of(file, size, section) : NULL;
}

static void read_file(struct table *table, const char *file, size_t size)
{
    const ElfW(Ehdr) *head = (const void *)file;
    const ElfW(Shdr) * sections;
    bool whole = size >= sizeof *head && !memcmp(head->e_ident, ELFMAG, SELFMAG) && head->e_shoff <= size &&
                 head->e_shnum * sizeof *sections <= size - head->e_shoff;

    if (!whole)
        return;
    sections = (const void *)(file + head->e_shoff);
    table->moved = head->e_type == ET_DYN;
    for (int i = 0; i < head->e_shnum; i++)
        if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < head->e_shnum)
            take_symbols(table, file, size, sections, &sections[i]);
}

static const struct table *know(const Dl_info *file)
{
    struct table *table = &tables[tables_known];
    const char *bytes;
    size_t size;

    if (tables_known == MOST_FILES)
        return NULL;
    tables_known++;
    table->base = file->dli_fbase;
    bytes = map(path_of(file), &size);
    if (bytes)
        read_file(table, bytes, size);
    return table;
}

static const struct table *table_of(const Dl_info *file)
{
    for (size_t i = 0; i < tables_known; i++)
        if (tables[i].base == file->dli_fbase)
            return &tables[i];
    return know(file);
}

static bool covers(const ElfW(Sym) * symbol, uintptr_t address)
{
    return ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && address >= symbol->st_value &&
           address < symbol->st_value + (symbol->st_size ? symbol->st_size : 1);
}

static void look_in(const struct table *table, uintptr_t address, struct place *place)
{
    uintptr_t base = table->moved ? (uintptr_t)table->base : 0;

    for (size_t i = 0; table->symbols && i < table->count; i++) {
        const ElfW(Sym) *symbol = &table->symbols[i];

        if (covers(symbol, address - base) && symbol->st_name < table->names_size) {
            set_name(place, table->names + symbol->st_name, address - base - symbol->st_value);
            return;
        }
    }
}

static void look_in_file(const Dl_info *file, uintptr_t address, struct place *place)
{
    const struct table *table;

    pthread_mutex_lock(&lock);
    table = table_of(file);
    if (table)
        look_in(table, address, place);
    pthread_mutex_unlock(&lock);
}

#else

static void look_in_file(const Dl_info *file, uintptr_t address, struct place *place)
{
}

#endif

static void find(uintptr_t address, struct place *place)
{
    Dl_info info;

    *place = (struct place){.inside = address};
    if (!dladdr((const void *)address, &info) || !info.dli_fbase)
        return;
    place->where = info.dli_fname;
    place->inside = address - (uintptr_t)info.dli_fbase;
    look_in_file(&info, address, place);
    if (!*place->name && info.dli_sname)
        set_name(place, info.dli_sname, address - (uintptr_t)info.dli_saddr);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

void gyre__symbol(uintptr_t address, char *name, size_t size)
{
    struct place place;

    find(address, &place);
    if (*place.name && place.inside == 0)
        snprintf(name, size, "%s", place.name);
    else if (*place.name || place.where)
        snprintf(name, size, "%s+0x%zx", *place.name ? place.name : last_part(place.where),
                 (size_t)place.inside);
    else
        snprintf(name, size, "0x%zx", (size_t)address);
}
