# FILE must not compile: one error, which holds the text of its first line, "// expect: text".
# Without FILE: precompiles the SDK's headers for the calls that follow.
foreach(folder ${INCLUDES})
  list(APPEND flags -idirafter ${folder})
endforeach()
if(NOT FILE)
  file(WRITE ${PRECOMPILED} "#include <flowrra/plugin.hpp>\n")
  execute_process(COMMAND ${COMPILER} -std=c++20 ${flags} -x c++-header ${PRECOMPILED} -o ${PRECOMPILED}.gch
    COMMAND_ERROR_IS_FATAL ANY)
  return()
endif()

file(STRINGS ${FILE} first LIMIT_COUNT 1)
string(REPLACE "// expect: " "" expected "${first}")
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${flags} -include ${PRECOMPILED} ${FILE}
  RESULT_VARIABLE status ERROR_VARIABLE output OUTPUT_QUIET)
if(status EQUAL 0)
  message(FATAL_ERROR "it compiled")
endif()
string(FIND "${output}" "${expected}" found)
if(found EQUAL -1)
  message(FATAL_ERROR "the message does not say \"${expected}\":\n${output}")
endif()
string(REGEX MATCHALL "error: " errors "${output}")
list(LENGTH errors count)
if(NOT count EQUAL 1)
  message(FATAL_ERROR "${count} errors instead of 1:\n${output}")
endif()
