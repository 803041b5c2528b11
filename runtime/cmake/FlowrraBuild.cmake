# What every target of the tree shares: warnings, sanitizers, and the function that makes a layer.

add_library(flowrra_flags INTERFACE)
target_compile_options(flowrra_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wconversion>)
if(FLOWRRA_SANITIZE)
  add_compile_options(-fsanitize=${FLOWRRA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FLOWRRA_SANITIZE})
endif()

if(FLOWRRA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Static archives for third-party code where Debian has them: shared libraries alone cost a command 3-4 ms to start.
# Sets <var> to the archive's path, or to the plain library where there is no archive; that is then in the global
# property FLOWRRA_SHARED_ONLY.
function(flowrra_find_static var archive plain)
  find_library(${var} NAMES ${archive} ${plain} REQUIRED)
  if(NOT ${var} MATCHES "\\.a$")
    set_property(GLOBAL APPEND PROPERTY FLOWRRA_SHARED_ONLY ${plain})
  endif()
endfunction()

# flowrra_split_debug(<program>): its debug information stands in PROGRAM.debug, where debuggers look for it. A program that is
# started for each task starts faster, too: a file that the linker has written here and there stands in the system's cache in
# single pages, and is mapped page by page; one that is written at a stretch is not.
function(flowrra_split_debug name)
  if(FLOWRRA_SANITIZE)
    return()
  endif()
  set(program $<TARGET_FILE:${name}>)
  add_custom_command(
    TARGET ${name}
    POST_BUILD
    COMMAND ${CMAKE_OBJCOPY} --only-keep-debug ${program} ${program}.debug
    COMMAND ${CMAKE_OBJCOPY} --strip-debug --add-gnu-debuglink=${program}.debug ${program} ${program}.stripped
    COMMAND ${CMAKE_COMMAND} -E rename ${program}.stripped ${program}
    VERBATIM)
  set_property(TARGET ${name} APPEND PROPERTY ADDITIONAL_CLEAN_FILES ${program}.debug)
endfunction()

# flowrra_layer(<name> [DIR dir] [LAYERS lower layers…] [LIBS third-party…])
#
# A layer is one folder of runtime/ and one static library. Its headers are reached through an include root that holds
# this folder only, so a source can include the layers it links and no other: an upward include does not compile.
function(flowrra_layer name)
  cmake_parse_arguments(arg "" "DIR" "LAYERS;LIBS" ${ARGN})
  if(NOT arg_DIR)
    set(arg_DIR ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/runtime/${arg_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_main\\.cpp$")
  set(root ${PROJECT_BINARY_DIR}/layers/${name})
  get_filename_component(parent ${root}/${arg_DIR} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/runtime/${arg_DIR} ${root}/${arg_DIR} SYMBOLIC)

  add_library(flowrra_${name} STATIC ${sources})
  target_include_directories(flowrra_${name} PUBLIC ${root})
  list(TRANSFORM arg_LAYERS PREPEND flowrra_)
  target_link_libraries(flowrra_${name} PUBLIC ${arg_LAYERS} PRIVATE flowrra_flags ${arg_LIBS})
endfunction()

# flowrra_texts(<name> <folder> <extension>): the folder's files as constants of the C++ header <name>/texts.hpp, in
# namespace texts, named as the files. It is made anew when one of them has changed.
function(flowrra_texts name folder extension)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.${extension})
  set(header "#pragma once\n#include <string_view>\nnamespace texts {\n")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(constant ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND header "inline constexpr std::string_view ${constant} = R\"~~~(${text})~~~\";\n")
  endforeach()
  string(APPEND header "}  // namespace texts\n")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/texts/${name}/texts.hpp CONTENT "${header}" @ONLY)
endfunction()
