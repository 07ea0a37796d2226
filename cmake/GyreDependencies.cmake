# What gyre stands on. Every package comes from the distribution; llhttp is shipped as generated C without a .pc file.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(uv REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(ck REQUIRED IMPORTED_TARGET ck)
pkg_check_modules(openssl REQUIRED IMPORTED_TARGET openssl)

if(GYRE_PROGRAMS)
    if(GYRE_JEMALLOC)
        pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
    endif()

    set(GYRE_LLHTTP_ROOT "/usr/share" CACHE PATH "Where llhttp/{api,http,llhttp}.c and include/llhttp/llhttp.h are")
    add_library(llhttp STATIC
        ${GYRE_LLHTTP_ROOT}/llhttp/api.c
        ${GYRE_LLHTTP_ROOT}/llhttp/http.c
        ${GYRE_LLHTTP_ROOT}/llhttp/llhttp.c)
    target_include_directories(llhttp SYSTEM
        PUBLIC ${GYRE_LLHTTP_ROOT}/include/llhttp
        PRIVATE ${GYRE_LLHTTP_ROOT}/include)
    # Only the strict half checks the line ends of chunks.
    target_compile_definitions(llhttp PRIVATE LLHTTP_STRICT_MODE=1)
    target_compile_options(llhttp PRIVATE -w)
endif()

if(GYRE_TESTS)
    pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
endif()
