# Installs SDK and library of BUILD into an empty folder, builds CONSUMER against them, and runs it.
set(work ${BUILD}/tests/library_package)
file(REMOVE_RECURSE ${work})

include(${CMAKE_CURRENT_LIST_DIR}/../support/run.cmake)

foreach(component sdk library)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix --component ${component})
endforeach()
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${work}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_PREFIX_PATH=${work}/prefix -DEXAMPLES=${EXAMPLES})
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/embed_node)
if(NOT output MATCHES "total: 6.5\nreminded Ada\n")
  message(FATAL_ERROR "embed_node: ${output}")
endif()
file(REMOVE_RECURSE ${work})
