// The parts of Asio that speak TLS, compiled once; http/server/boost_sources.cpp has the others.
#include <boost/asio/ssl/impl/src.hpp>
