#pragma once

#include <boost/asio/awaitable.hpp>

#include "projections/commands/command_service.hpp"

/// Instantiated in execute.cpp, once for each command that is given here: coroutines cost their compiler dearly.
namespace tally::http {

/// Runs a command and waits for its durable outcome without holding a thread. Errors: the command's, and
/// CommandService's.
template <class Command>
boost::asio::awaitable<projections::Answer<Command>> execute(projections::CommandService& commands,
                                                             core::CommandContext context, Command command);

/// The same for a thread that may wait: never an I/O thread, never the writer's. Errors: as execute().
template <class Command>
projections::Answer<Command> execute_blocking(projections::CommandService& commands, core::CommandContext context,
                                              Command command);

}  // namespace tally::http
