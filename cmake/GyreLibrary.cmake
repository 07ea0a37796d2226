# libgyre: the objects of the three folders in one library, as installed. Inside the tree, apps, perf and tests link it as gyre::gyre.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(gyre_objects
    $<TARGET_OBJECTS:gyre_executor> $<TARGET_OBJECTS:gyre_framework> $<TARGET_OBJECTS:gyre_shard>)
set(gyre_include_folders
    ${PROJECT_SOURCE_DIR}/executor/include/ ${PROJECT_SOURCE_DIR}/framework/include/ ${PROJECT_SOURCE_DIR}/shard/include/)

# The three things that both forms of the library have in common.
function(gyre_common name)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME gyre LINKER_LANGUAGE C)
    target_include_directories(${name} INTERFACE
        "$<BUILD_INTERFACE:${gyre_include_folders}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    target_link_libraries(${name} PRIVATE PkgConfig::uv PkgConfig::ck PkgConfig::openssl Threads::Threads ${CMAKE_DL_LIBS} m)
endfunction()

add_library(gyre STATIC ${gyre_objects})
add_library(gyre::gyre ALIAS gyre)
set_target_properties(gyre PROPERTIES EXPORT_NAME static)
gyre_common(gyre)
install(TARGETS gyre EXPORT gyreStatic ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

add_library(gyre_shared SHARED ${gyre_objects})
set_target_properties(gyre_shared PROPERTIES
    EXPORT_NAME gyre VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/gyre.map)
target_link_options(gyre_shared PRIVATE "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/gyre.map")
gyre_common(gyre_shared)
install(TARGETS gyre_shared EXPORT gyreShared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

install(DIRECTORY ${gyre_include_folders} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(gyre_package ${CMAKE_INSTALL_LIBDIR}/cmake/gyre)
install(EXPORT gyreShared NAMESPACE gyre:: DESTINATION ${gyre_package})
install(EXPORT gyreStatic NAMESPACE gyre:: DESTINATION ${gyre_package})
configure_package_config_file(cmake/gyreConfig.cmake.in gyreConfig.cmake INSTALL_DESTINATION ${gyre_package})
write_basic_package_version_file(gyreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gyreConfig.cmake ${PROJECT_BINARY_DIR}/gyreConfigVersion.cmake
    DESTINATION ${gyre_package})

configure_file(cmake/gyre.pc.in gyre.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gyre.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
