# The version that outputs carry: the release, and the commit it was configured from when there is one.
set(version_text ${PROJECT_VERSION})
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} describe --always --dirty --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    string(APPEND version_text "+${commit}")
  endif()
endif()
set(version_source ${PROJECT_BINARY_DIR}/version.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.cpp.in ${version_source} @ONLY)
