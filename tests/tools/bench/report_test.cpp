#include "tools/bench/report.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tally;

namespace {

tools::LoadResult hundred_answers() {
  tools::LoadResult result;
  result.answers = 100;
  result.seconds = 2;
  result.latency_micros = {10, 20};
  return result;
}

}  // namespace

TEST_CASE("report: what the server used for one answer stands beside the rate", "[tools][bench]") {
  tools::Report report;
  report.add("refresh", 64, hundred_answers(), tools::ProcessUse{std::chrono::milliseconds{20}, 150, 275});
  CHECK_THAT(report.to_text(), Catch::Contains("cpu us/req") && Catch::Contains("200.0") && Catch::Contains("1.50") &&
                                   Catch::Contains("2.75"));
  const auto json = boost::json::parse(report.to_json());
  const auto& row = json.at("loads").at(0).as_object();
  CHECK(row.at("requests_per_second").as_double() == 50);
  CHECK(row.at("server_processor_micros_per_request").as_double() == 200);
  CHECK(row.at("server_reads_per_request").as_double() == 1.5);
  CHECK(row.at("server_writes_per_request").as_double() == 2.75);
}

TEST_CASE("report: of a server that is not ours, and of no answers, no cost is told", "[tools][bench]") {
  tools::Report report;
  report.add("nginx", 64, hundred_answers());
  report.add("nothing", 1, {}, tools::ProcessUse{std::chrono::milliseconds{20}, 1, 1});
  CHECK_FALSE(report.loads[0].cost);
  CHECK_FALSE(report.loads[1].cost);
  const auto json = boost::json::parse(report.to_json());
  CHECK_FALSE(json.at("loads").at(0).as_object().contains("server_reads_per_request"));
  const std::string text = report.to_text();
  const auto line = text.substr(text.find("nginx"), text.find("nothing") - text.find("nginx"));
  CHECK_THAT(line, Catch::EndsWith("-         -          -\n"));
}

TEST_CASE("report: a table without rows is not shown", "[tools][bench]") {
  tools::Report report;
  report.attacks.push_back({"guessing", "sign in"});
  CHECK_THAT(report.to_text(), Catch::StartsWith("attack ") && !Catch::Contains("operation"));
}
