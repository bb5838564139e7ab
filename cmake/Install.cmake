# Installs the command, the library, the headers, the configs and a CMake package: find_package(spinode).
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/spinode)
set_target_properties(spinode_command PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(TARGETS spinode_command)
install(TARGETS libspinode EXPORT spinode_targets)
install(DIRECTORY include/spinode DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/spinode/configs)
install(EXPORT spinode_targets NAMESPACE spinode:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/spinodeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/spinodeConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/spinodeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/spinodeConfig.cmake ${PROJECT_BINARY_DIR}/spinodeConfigVersion.cmake
  DESTINATION ${package_dir})
