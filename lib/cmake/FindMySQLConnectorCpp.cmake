# SPDX-License-Identifier: Apache-2.0
# MySQL Connector/C++ 1.1 (Debian ships no CMake package for it): target MySQLConnectorCpp::MySQLConnectorCpp.
find_path(MySQLConnectorCpp_INCLUDE_DIR cppconn/driver.h)
find_library(MySQLConnectorCpp_LIBRARY mysqlcppconn)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MySQLConnectorCpp REQUIRED_VARS MySQLConnectorCpp_LIBRARY
                                                                  MySQLConnectorCpp_INCLUDE_DIR)
if(MySQLConnectorCpp_FOUND AND NOT TARGET MySQLConnectorCpp::MySQLConnectorCpp)
  add_library(MySQLConnectorCpp::MySQLConnectorCpp SHARED IMPORTED)
  set_target_properties(
    MySQLConnectorCpp::MySQLConnectorCpp
    PROPERTIES IMPORTED_LOCATION ${MySQLConnectorCpp_LIBRARY}
               INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${MySQLConnectorCpp_INCLUDE_DIR})
endif()
