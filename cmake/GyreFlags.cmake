# How everything here is compiled: C11 with GNU extensions, warnings, sanitizers, link-time optimisation.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# Asserts stay on everywhere, so no build type may bring -DNDEBUG.
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")

add_compile_definitions(_GNU_SOURCE=)
add_compile_options("$<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-pedantic;-Wno-unused-parameter;-fno-semantic-interposition>")
if(GYRE_WERROR)
    add_compile_options("$<$<COMPILE_LANGUAGE:C>:-Werror>")
endif()

if(GYRE_SANITIZE)
    add_compile_options(-fsanitize=${GYRE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${GYRE_SANITIZE})
endif()

# ThreadSanitizer cannot see what ck does in assembly: see the head of ck_tsan.h.
if(GYRE_SANITIZE MATCHES "thread")
    add_compile_definitions(CK_USE_CC_BUILTINS=1)
    add_compile_options("$<$<COMPILE_LANGUAGE:C>:SHELL:-include ${PROJECT_SOURCE_DIR}/framework/base/ck_tsan.h>")
endif()

if(GYRE_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()

if(GYRE_LTO)
    include(CheckIPOSupported)
    check_ipo_supported(LANGUAGES C)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        # Fat objects: an installed libgyre.a must also link without the optimiser of this very gcc.
        set(CMAKE_C_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
    endif()
endif()
