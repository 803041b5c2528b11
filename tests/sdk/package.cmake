# Builds CONSUMER in an empty folder, WAY installed: against what `cmake --install` put into a folder, WAY subdirectory:
# with the tree SOURCE in it; then runs its tasks with the programs that were installed, or those of BUILD.
cmake_minimum_required(VERSION 3.25)
set(work ${BUILD}/tests/package_${WAY})
file(REMOVE_RECURSE ${work})

include(${CMAKE_CURRENT_LIST_DIR}/../support/run.cmake)

set(flowrra ${BUILD}/bin/flowrra)
set(settings -DFLOWRRA_SOURCE=${SOURCE})
set(targets consumer)
if(WAY STREQUAL "installed")
  foreach(component sdk programs)
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix --component ${component})
  endforeach()
  set(flowrra ${work}/prefix/bin/flowrra)
  set(settings -DCMAKE_PREFIX_PATH=${work}/prefix)
  set(targets consumer consumer_test)
endif()

run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${work}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_C_COMPILER=${C} ${settings})
run(${CMAKE_COMMAND} --build ${work}/build --target ${targets})
if("consumer_test" IN_LIST targets)
  run(${work}/build/consumer_test)
endif()

# A sample copied out of the tree is a project of its own.
if(WAY STREQUAL "installed")
  file(COPY ${SOURCE}/sample-plugins/hello-c DESTINATION ${work})
  run(${CMAKE_COMMAND} -S ${work}/hello-c -B ${work}/copied -G ${GENERATOR} -DCMAKE_C_COMPILER=${C} ${settings})
  run(${CMAKE_COMMAND} --build ${work}/copied)
  run(${flowrra} plugin check ${work}/copied/plugins/hello-c.so)
endif()

foreach(task "consumer.add;2;3;5" "consumer.shout;hi;hi!")
  list(POP_BACK task expected)
  execute_process(COMMAND ${flowrra} exec --plugins ${work}/build/plugins/consumer.so ${task}
    WORKING_DIRECTORY ${work} OUTPUT_VARIABLE result ERROR_VARIABLE errors RESULT_VARIABLE status
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0 OR NOT result MATCHES "${expected}")
    message(FATAL_ERROR "flowrra exec ${task}: ${status} ${result}\n${errors}")
  endif()
endforeach()
file(REMOVE_RECURSE ${work})
