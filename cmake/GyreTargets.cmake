# The three kinds of targets that folders make.

# A folder that is one library: gyre_folder(<name> <sources>...), with its public headers in include/.
function(gyre_folder name)
    if(NOT ARGN)
        set(ARGN ${PROJECT_BINARY_DIR}/empty.c)
        file(WRITE ${ARGN} "typedef int gyre_empty;\n")
    endif()
    add_library(${name} STATIC ${ARGN})
    target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/include)
endfunction()

# A program that sees gyre as its users do: gyre_program(<name> SOURCES <files>... [LIBS <targets>...]), in bin/.
function(gyre_program name)
    cmake_parse_arguments(PARSE_ARGV 1 program "" "" "SOURCES;LIBS")
    add_executable(program_${name} ${program_SOURCES})
    set_target_properties(program_${name} PROPERTIES OUTPUT_NAME ${name})
    target_link_libraries(program_${name} PRIVATE ${program_LIBS})
    if(GYRE_JEMALLOC AND NOT GYRE_SANITIZE)
        # Many a gcc drops a library that nothing names, and before its link-time optimiser ran nothing names malloc.
        target_link_options(program_${name} PRIVATE LINKER:--no-as-needed)
        target_link_libraries(program_${name} PRIVATE PkgConfig::jemalloc)
    endif()
endfunction()

# Each of the files is a program of its own, named after it: gyre_programs(<file>... [LIBS <targets>...]).
function(gyre_programs)
    cmake_parse_arguments(PARSE_ARGV 0 programs "" "" "LIBS")
    foreach(file IN LISTS programs_UNPARSED_ARGUMENTS)
        cmake_path(GET file STEM name)
        gyre_program(${name} SOURCES ${file} LIBS ${programs_LIBS})
    endforeach()
endfunction()
