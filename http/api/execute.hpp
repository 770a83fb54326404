#pragma once

#include <future>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include "http/server/pending.hpp"
#include "projections/commands.hpp"

namespace tally::http::api {

/// Runs a command and waits for its durable outcome without holding a thread.
template <class Command>
boost::asio::awaitable<projections::Answer<Command>> execute(projections::CommandService& commands,
                                                             core::CommandContext context, Command command) {
  auto executor = co_await boost::asio::this_coro::executor;
  auto pending = Pending<Command>::start(commands, executor, std::move(context), std::move(command));
  co_return co_await pending.wait();
}

/// The same for a thread of the long-read pool, which it holds meanwhile. Never on an I/O thread, never on the
/// writer's.
template <class Command>
projections::Answer<Command> execute_blocking(projections::CommandService& commands, core::CommandContext context,
                                              Command command) {
  // Shared with the writer: it may still be inside set_value() when this thread goes on.
  auto promise = std::make_shared<std::promise<projections::Answer<Command>>>();
  auto future = promise->get_future();
  commands.execute(std::move(context), std::move(command),
                   [promise](projections::Answer<Command> answer) { promise->set_value(std::move(answer)); });
  return future.get();
}

}  // namespace tally::http::api
