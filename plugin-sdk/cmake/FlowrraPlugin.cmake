# flowrra_add_plugin(<name> SOURCES <files…> [LIBS <libraries…>] [OUTPUT_DIRECTORY <folder>])
#
# Builds the plugin <folder>/<name>.so from C or C++ sources; the folder is plugins/ in the build tree unless said
# otherwise. Nothing but flowrra_plugin_entry is exported, and inline singletons stay the plugin's own: two plugins in
# one host cannot touch each other's.
function(flowrra_add_plugin name)
  cmake_parse_arguments(arg "" "OUTPUT_DIRECTORY" "SOURCES;LIBS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "flowrra_add_plugin(${name}): wants SOURCES <files…> [LIBS <libraries…>]")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()

  set(sdk flowrra::sdk_c)
  foreach(source ${arg_SOURCES})
    if(NOT source MATCHES "\\.[ch]$")
      set(sdk flowrra::sdk)
    endif()
  endforeach()

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${sdk} ${arg_LIBS})
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".so"
    LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  target_link_options(${name} PRIVATE -Wl,--version-script=${exports})
  set_target_properties(${name} PROPERTIES LINK_DEPENDS ${exports})
  # A missing symbol is an error now rather than when a host loads the plugin. Sanitizers leave theirs to the program.
  if(NOT FLOWRRA_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
